"""What single words say about names: one table from a folded word to its meanings, as bits, so that a text costs one look-up a word.

Sources: lexicons/given_names.csv and common_words.csv; the cue words stand in cues.py.
"""

import re
from functools import cache

from curation.lexicons import load
from curation.privacy.cues import BINDERS, CUE_WORDS, NO_FAMILY_NAME

# Given names by how sure a word alone is one; the note of given_names.csv tells them apart.
PLAIN, SELDOM, WORD_TOO = 1, 2, 4
TITLE, SURE, RELATIVE, KUNYA, VOCATIVE, BINDER, COMMON, DOCTOR_D = 8, 16, 32, 64, 128, 256, 512, 1024
APP_WORD, ID_WORD, STREET_WORD = 2048, 4096, 8192  # see cues.py: words that let other rules be tried
GIVEN = PLAIN | SELDOM | WORD_TOO
CUES = TITLE | SURE | RELATIVE | KUNYA | VOCATIVE
BITS = {
    "title": TITLE,
    "sure": SURE,
    "relative": RELATIVE,
    "kunya": KUNYA,
    "vocative": VOCATIVE,
    "app": APP_WORD,
    "id": ID_WORD,
    "street": STREET_WORD,
}

# Words whose spelling tells what folding hides: with ى a name and with ي a word, or the other way round.
SPELT = dict.fromkeys(("منى", "ليلى", "هدى", "سلمى"), PLAIN) | dict.fromkeys(
    ("على", "عدى", "تآمر", "اليأس", "يأمن", "للأ", "ربي", "مهدئ", "مهديء", "هادئ"), COMMON
)
MOST_KEPT = 300_000  # words learnt; a dump of a million comments has about that many

_FOLDING = str.maketrans("أإآٱةىؤئ", "ااااهيوي", "\u0640\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652")
_PROCLITIC = re.compile(r"^(?:[وف]?(?:بال|لل|ال|كال|عال|هال)|[وف]?[بلك]|[وف])(?=\w{3})")
_WRITTEN_ON = re.compile(r"(?:ال|بال|فال|لل|[فل])(?=\w{3})")
NISBA = re.compile(r"ال\w{3,}ي$")  # الشمري: a family name even where it is a frequent word
VERB = re.compile(
    r"(?:بي|بت|كي|كت|هي|هت|حي|حت|سي|ست|ما|مش|عم)\w{2}|(?:تلي|الي|تلنا|لها|تني|وني|يني|تنا|لهم|تله|\w{2}لي|\w{2}تو|كم|هم|نها|وها|تها)$"
)  # كتبتلي is no family name


def fold_name(word: str) -> str:
    """A name in one spelling: hamza, ة and ى folded, vowel signs off, lower case."""
    return word.translate(_FOLDING).lower()


@cache
def given_names() -> dict[str, int]:
    """Every listed given name, folded, and whether it is PLAIN, SELDOM another word, or as often a WORD_TOO."""
    tiers = {"": PLAIN, "also a word, seldom": SELDOM}
    names: dict[str, int] = {}
    for row in load("given_names"):
        name, tier = fold_name(row["name"]), tiers.get(row["note"], WORD_TOO)
        names[name] = max(names.get(name, 0), tier)  # of two spellings that fold into one, the doubtful one speaks
    return names


@cache
def common_words() -> frozenset[str]:
    """Frequent words of Arabic texts, folded: what stands here is taken for no family name."""
    return frozenset(row["word"] for row in load("common_words"))


@cache
def _table() -> dict[str, int]:
    table = dict.fromkeys(common_words(), COMMON)
    meanings = [(name, tier) for name, tier in given_names().items()]
    meanings += [(fold_name(word), BITS[kind]) for kind, words in CUE_WORDS.items() for word in words.split()]
    meanings += [(word, BINDER) for word in BINDERS] + [("د", DOCTOR_D)]
    for word, bits in meanings:
        table[word] = table.get(word, 0) | bits
    return table


def meaning(folded: str) -> tuple[int, int]:
    """The bits of a folded word, and how many letters of another word are written onto its front: ومحمد, للدكتورة."""
    table = _table()
    bits = table.get(folded)
    if bits and bits != COMMON:
        return bits, 0
    match = _PROCLITIC.match(folded) if len(folded) > 3 and folded[0] in "اوفبلكعه" else None
    if match is None:
        return bits or 0, 0
    rest = table.get(folded[match.end() :], 0)
    proclitic = match.group()
    if rest & (APP_WORD | ID_WORD | STREET_WORD):
        return rest & ~(GIVEN | CUES | COMMON) | (bits or 0), 0
    if rest & (TITLE | RELATIVE) or (rest & (SURE | KUNYA) and proclitic in ("و", "ف", "ال")):
        return rest & CUES, match.end()
    person = rest & PLAIN and not proclitic.endswith("ال") and proclitic != "ك" and len(folded) - match.end() > 3
    if person and (not bits or (proclitic in ("و", "ل") and folded != "لدينا")):  # among frequent words, "and" and "for" a person
        return rest & GIVEN, match.end()
    return bits or 0, 0


def look_up(raw: str) -> tuple[str, int, int]:
    """Folded spelling, bits and letters of another word in front, of a word as it is written."""
    folded = fold_name(raw)
    bits, front = meaning(folded) if raw not in SPELT else (SPELT[raw], 0)
    if front and bits & GIVEN:
        return folded[front:], bits, front
    return folded, bits, 0


class _Meanings(dict[str, tuple[str, int, int]]):
    """`look_up`, learnt as texts come."""

    def __missing__(self, raw: str) -> tuple[str, int, int]:
        found = look_up(raw)
        if len(self) < MOST_KEPT:
            self[raw] = found
        return found


MEANINGS = _Meanings()


def is_family(folded: str) -> bool:
    """A word that is no common word, nor one with something written onto its front; after a name, و is "and"."""
    common = common_words()
    if len(folded) < 3 or folded[0] == "و" or folded in common or folded in NO_FAMILY_NAME:
        return False
    return folded[0] not in "ابفل" or _stem(folded) not in common


def _stem(folded: str) -> str:
    """Without the words written onto the front, so that `بالمستشفى` is known as common. ب alone begins names: بوزيد, بنجلون."""
    match = _WRITTEN_ON.match(folded)
    return folded[match.end() :] if match else folded
