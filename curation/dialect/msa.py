"""`normalise_dialect`: the words of a text's own dialect in MSA, conservatively; everything else stays as it is.

Whole words only, from left to right, the longest entry first, with what is written onto a word carried over (inflection.py). Entries
are rows of lexicons/msa_words.csv. Not a translation: what no entry names stays dialect, and what can be read in two ways stays too.
Every change says where it was made and by which entry. A text whose numbers, Latin words or negations would not be the same afterwards
keeps all of its words.
"""

import re
from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import NamedTuple

import pyarrow as pa

from curation.dialect.inflection import CIRCUMFIX, Reading, Readings, readings
from curation.dialect.lexicon import condition, folded

CHANGES = pa.list_(
    pa.struct({"start": pa.int64(), "end": pa.int64(), "form": pa.string(), "msa": pa.string(), "rule": pa.string()}.items())
)
WORD = re.compile(r"[^\W\d_]+")
NUMBER = re.compile(r"\d+(?:[.,٫/]\d+)*")
LATIN = re.compile(r"[A-Za-z]+")
DIALECTS = ("EGY", "LEV", "GLF", "IRQ", "MGR")
# What makes a word or a phrase a negative one, in the dialects and in MSA; there ما is one only where it was written for ما.
DENIES = re.compile(
    r"(?:^|\s)[وف]?(?:ما\w*|مش|مو|موش|مهو|مهوب|موب|مب|مهب|مكو|مني|بلا|بلاش|بدون|دون|من غير|لا|لاباس|لم|لن|ولا|غير|عدم|ليس\w*|لست\w*|لسنا|فش"
    r"|م(?:قدر|بعرف|بقدر|بدي|حدا?|دري|كاين|نعرف|عاد|عند\w*)|مفي\w*|ما?\w+شي?|(?:ب|عند)\w+ش)(?=\s|$)"
)
MSA_DENIES = re.compile(r"(?:^|\s)[وف]?[بل]?(?:لا|ألا|لم|لن|غير|عدم|دون|بدون|بلا|ليس\w*|لست\w*|لسنا)(?=\s|$)")
# Behind these, ما is no negation: بعد ما, كل ما.
BEFORE_MA = frozenset(
    [
        "بعد",
        "قبل",
        "كبل",
        "گبل",
        "كل",
        "مثل",
        "متل",
        "زي",
        "وقت",
        "وكت",
        "وگت",
        "يوم",
        "حتي",
        "لحد",
        "لين",
        "الين",
        "الي",
        "لغايه",
        "لبين",
        "حسب",
        "علي",
        "قد",
        "كد",
        "گد",
        "قدر",
        "اول",
        "طول",
        "بدل",
        "منين",
        "كيف",
        "حيث",
        "وين",
        "عن",
        "من",
        "مع",
        "عقب",
        "عكب",
        "عگب",
        "كثر",
        "كتر",
        "ساعه",
        "ورا",
        "وره",
        "مورا",
    ]
)
_MA = re.compile(rf"(?:^|(?<=\s))[وف]?(?:(?:{'|'.join(sorted(BEFORE_MA))}) ما\w*|غير ما|[قگك]بل لا)(?=\s|$)")
# What looks like a negation and is none, or is none in MSA.
NOT_JUDGED = frozenset(
    [
        "ماما",
        "ماطيشه",
        "ماكله",
        "ما بارد",
        "ما سخون",
        "بطنه ماشيه",
        "بطني ماشيه",
        "متغاشي",
        "باش",
        "بيش",
        "بلش",
        "بلش معي",
        "باديش",
        "بقديش",
        "بقداش",
        "بهرش",
        "بيترعش",
        "بتترعش",
        "بايش تنصحوني",
        "بوش تنصحوني",
        "ولا شي",
        "ع الفاضي",
        "عالفاضي",
        "غير حل",
        "غير دكتور",
        "غير شي",
        "غير علاج",
        "اذا ما عليك امر",
        "اذا ماعليك امر",
        "اذا ماكو زحمه",
        "بلا زحمه",
        "بلا زحمه عليك",
        "ليسر",
        "ليسري",
        "ولالا",
    ]
)


class Change(NamedTuple):
    """Characters [start, end) of the text before, what stood there, what stands there now, and the entry that says so."""

    start: int
    end: int
    form: str
    msa: str
    rule: str


def to_msa(text: str, dialect: str | None, refused: Collection[str] = ()) -> tuple[str, list[Change]]:
    """The text with the entries of `dialect` but those `refused` (by their `rule`), and the changes. Other dialects pass through."""
    if dialect not in DIALECTS:
        return text, []
    known = readings(dialect)
    plain = folded(text)
    words = WORD.findall(plain)
    if not any(map(known.__getitem__, words)) and "ما" not in words:
        return text, []
    places = [match.span() for match in WORD.finditer(plain)]
    changes: list[Change] = []
    i = 0
    while i < len(words):
        length, reading = _at(known, plain, words, places, i, refused)
        if reading is not None:
            start, end = places[i][0], places[i + length - 1][1]
            if text[start:end] != reading.msa:
                changes.append(Change(start, end, text[start:end], reading.msa, reading.entry.rule))
        i += length
    return applied(text, changes), changes


def checked(text: str, dialect: str | None, refused: Collection[str] = ()) -> tuple[str, list[Change], bool]:
    """`to_msa`, and whether the check failed: then the text is as it was, and no change is left."""
    normalised, changes = to_msa(text, dialect, refused)
    return (normalised, changes, False) if kept(text, changes) else (text, [], True)


def applied(text: str, changes: Sequence[Change]) -> str:
    """The text after the changes."""
    pieces, position = [], 0
    for change in changes:
        pieces += [text[position : change.start], change.msa]
        position = change.end
    return "".join((*pieces, text[position:]))


def reverted(text: str, changes: Sequence[Change]) -> str:
    """The text before the changes, out of the text after them."""
    pieces, position, moved = [], 0, 0
    for change in changes:
        start = change.start + moved
        pieces += [text[position:start], change.form]
        position = start + len(change.msa)
        moved += len(change.msa) - (change.end - change.start)
    return "".join((*pieces, text[position:]))


def kept(text: str, changes: Sequence[Change]) -> bool:
    """Whether numbers and Latin words (units and drugs among them) stand as before, and each change denies where it denied before."""
    after = applied(text, changes)
    same = NUMBER.findall(text) == NUMBER.findall(after) and LATIN.findall(text) == LATIN.findall(after)
    return same and all(denies_alike(change.form, change.msa) for change in changes)


@lru_cache(100_000)
def denies_alike(form: str, msa: str) -> bool:
    """Whether a word or a phrase of a dialect denies just where its MSA does."""
    plain = folded(form)
    if plain in NOT_JUDGED:
        return True
    denied = DENIES.search(_MA.sub(" ", plain)) is not None
    return denied == (MSA_DENIES.search(msa) is not None or (denied and msa.removeprefix("و").removeprefix("ف").startswith("ما ")))


def _at(
    known: Readings, text: str, words: list[str], places: list[tuple[int, int]], i: int, refused: Collection[str]
) -> tuple[int, Reading | None]:
    """How many words from the i-th on are taken, and what they are; one word and None where nothing is."""
    longest: list[tuple[int, Reading]] = []
    for reading in known[words[i]]:
        length = len(reading.entry.words)
        if longest and reading.rank < longest[0][1].rank:
            break
        if _stands(reading, text, words, places, i, length) and reading.entry.rule not in refused:
            longest.append((length, reading))
    if not longest and words[i] in ("ما", "وما", "فما") and i + 1 < len(words) and _blank(text, places, i):
        longest = _denied(known, words, i, refused)
    if len({reading.msa for _, reading in longest}) != 1:
        return 1, None
    return longest[0]


def _stands(reading: Reading, text: str, words: list[str], places: list[tuple[int, int]], i: int, length: int) -> bool:
    """Whether the other words of the entry follow, blanks alone between them, and its condition holds."""
    _, *others = reading.entry.words
    if words[i + 1 : i + length] != others or not all(_blank(text, places, at) for at in range(i, i + length - 1)):
        return False
    return not reading.entry.condition or condition(reading.entry.condition)(words, i, i + length)


def _denied(known: Readings, words: list[str], i: int, refused: Collection[str]) -> list[tuple[int, Reading]]:
    """ما before a verb that the lexicon has: with ش behind it as one word with it, in the other dialects the imperfect as it is."""
    if i > 0 and words[i - 1] in BEFORE_MA:
        return []
    conjunction, verb = words[i][:-2], words[i + 1]
    if known.dialect in CIRCUMFIX and verb.endswith(("ش", "شي")):
        return [(2, r._replace(msa=conjunction + r.msa)) for r in known[f"ما{verb}"] if _is_verb(r, refused)]
    found = [r for r in known[verb] if _is_verb(r, refused)]
    return [(2, r._replace(msa=f"{conjunction}{'لا' if r.entry.part_of_speech == 'verb' else 'ما'} {r.msa}")) for r in found]


def _is_verb(reading: Reading, refused: Collection[str]) -> bool:
    return reading.entry.part_of_speech in ("verb", "perfect") and not reading.entry.condition and reading.entry.rule not in refused


def _blank(text: str, places: list[tuple[int, int]], i: int) -> bool:
    """Whether between the i-th word and the next there is one blank and nothing else."""
    return text[places[i][1] : places[i + 1][0]] == " "
