"""A word in Latin letters read letter by letter: which Arabic words it can stand for, and what the letters alone make of it.

lexicons/arabizi_letters.csv says what a Latin letter, or two or three, can be in a region, and what each reading costs. A word that is
known is found by its consonants and taken where its letters cost little. Where none is, the letters alone decide, and they are a guess:
s, t, d, z, h stand for two Arabic letters each and the plainer one is taken; a short vowel is not written, and which one is long is told
by doubling (ee, oo, ou) and by where it stands in the word.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import product
from typing import NamedTuple

from curation.dialect.lexicon import entries, folded
from curation.lexicons import load

VOWELS = frozenset("aeiouâàéèêîïôû")
WEAK = str.maketrans("", "", "اويءهة")  # what a word is not looked for by: vowels, hamza, and ه which may be ة
CLASSES = str.maketrans("ضذظزطصح", "ددددتسه")  # one for the letters that one Latin letter stands for
ARABIC = re.compile(r"[ء-يچگپڤ]{2,}")
YOU_OR_SHE = re.compile(r"^((?:ma?)?(?:b[ei]?|ha|7a))tt")  # bttkallem: there the two are two
# Origin of the two: the open half of benchmarks/arabizi_words_gold.csv.
DEAREST, DEAREST_A_LETTER = 2.0, 0.6  # what a known word may cost, and more for each letter
COMMON = 2  # more for a word that is not of the lexicons of dialect


class Letter(NamedTuple):
    """A way to read one or more Latin letters."""

    arabic: str
    where: str  # first, inner, last; "" anywhere
    cost: int


@cache
def table(region: str) -> dict[str, tuple[Letter, ...]]:
    """What each Latin letter can be; what a region says itself of a letter goes before what all say."""
    rows = [row for row in load("arabizi_letters") if row["region"] in ("*", region)]
    found: dict[str, dict[tuple[str, str], Letter]] = {}
    for row in sorted(rows, key=lambda row: row["region"] == "*"):
        letter = Letter(row["arabic"], row["where"], int(row["cost"]))
        has_another = any(known.cost == 0 for known in found.get(row["latin"], {}).values())
        if row["region"] == "*" and letter.cost == 0 and has_another and row["latin"][0] not in VOWELS:
            letter = letter._replace(cost=1)
        found.setdefault(row["latin"], {}).setdefault((letter.arabic, letter.where), letter)
    return {latin: tuple(letters.values()) for latin, letters in found.items()}


@cache
def _units(region: str) -> re.Pattern[str]:
    at_the_end = {latin for latin, letters in table(region).items() if all(letter.where == "last" for letter in letters)}
    each = {latin: re.escape(latin) + ("$" if latin in at_the_end else "") for latin in table(region)}
    if region in ("EGY", "LEV"):  # where th and dh are seldom one: 3andaha typed 3andha, rag3etha
        each |= {latin: rf"{latin}(?!a$)" for latin in ("th", "dh")}
    longest_first = (each[latin] for latin in sorted(each, key=len, reverse=True))
    return re.compile(rf"({'|'.join(longest_first)})(?:(?<=[^aeiou'])\1)?")  # a doubled consonant is one


def units(word: str, region: str) -> list[str]:
    """The Latin letters that are read as one, in their order: n, dd, sh, ou. Empty where a letter is in no table."""
    word = YOU_OR_SHE.sub(r"\1tet", word)
    found = [match[0] for match in _units(region).finditer(word)]
    return found if "".join(found) == word else []


def readings(letters: list[str], i: int, region: str) -> list[Letter]:
    """What the i-th unit can be where it stands."""
    where = [name for name, here in (("first", i == 0), ("last", i == len(letters) - 1)) if here] or ["inner"]
    unit = letters[i] if letters[i] in table(region) else letters[i][: len(letters[i]) // 2]  # dd
    options = [letter for letter in table(region)[unit] if letter.where in ("", *where)]
    if where == ["inner"] and letters[i] in "aiou":
        long = _is_long(letters, i, region)
        return [letter._replace(cost=letter.cost + (bool(letter.arabic) != long)) for letter in options]
    if "last" in where and (letters[-2:] == ["h", "a"] or (letters[-2:] == ["n", "a"] and len(letters) > 2 and not _is_vowel(letters[-3]))):
        return [letter for letter in options if letter.arabic == "ا"]  # hers, ours: rasha, chefna
    return options


def cost(options: Sequence[Sequence[Letter]], arabic: str) -> int | None:
    """What the cheapest way costs to read each unit as one of its options so that they make this word, None where there is none."""
    best = {0: 0}
    for letters in options:
        after: dict[int, int] = {}
        for place, so_far in best.items():
            for letter in letters:
                if arabic.startswith(letter.arabic, place):
                    end, price = place + len(letter.arabic), so_far + letter.cost
                    if after.get(end, price) >= price:
                        after[end] = price
        best = after
    return best.get(len(arabic))


def keys(letters: Sequence[str], options: Sequence[Sequence[Letter]]) -> set[str]:
    """By which consonants an Arabic word that the letters stand for can be found."""
    each = ({key(letter.arabic) for letter in of} if not _is_vowel(unit) else {""} for unit, of in zip(letters, options, strict=True))
    return {_undoubled("".join(chosen)) for chosen in product(*each)}


@cache
def key(arabic: str) -> str:
    """The consonants of an Arabic word, those that Latin letters do not tell apart made one."""
    return _undoubled(arabic.translate(WEAK).translate(CLASSES))


def _undoubled(text: str) -> str:
    return re.sub(r"(.)\1+", r"\1", text)


@cache
def known_words(region: str) -> dict[str, tuple[tuple[str, int], ...]]:
    """By consonants, the Arabic words of the word lists, folded, each with what it costs more: nothing where it is of a dialect's list."""
    costs: dict[str, int] = {}
    dialects = (region,) if region else ("EGY", "LEV", "GLF", "IRQ", "MGR")
    own = (word for dialect in dialects for entry in entries(dialect) for word in entry.words)
    marked = (row["form"] for row in load("dialect_words") if row["dialect"] in (*dialects, "MSA"))
    medical = (row["phrase"] for row in load("severity_cues"))
    for more, forms in (0, own), (0, marked), (1, medical), (COMMON, (row["word"] for row in load("common_words"))):
        for word in _words(forms):
            costs.setdefault(word, more)
    found: dict[str, list[tuple[str, int]]] = {}
    for word, more in costs.items():
        found.setdefault(key(word), []).append((word, more))
    return {consonants: tuple(words) for consonants, words in found.items()}


def _words(texts: Iterable[str]) -> Iterable[str]:
    return (word for text in texts for word in ARABIC.findall(folded(text)))


def known(word: str, region: str) -> str | None:
    """The known Arabic word that the Latin one most likely stands for, ة and ى as its last vowel tells; None where none is near."""
    letters = units(word, region)
    if len(letters) < 2:
        return None
    options = [readings(letters, i, region) for i in range(len(letters))]
    dearest = DEAREST + DEAREST_A_LETTER * len(letters)
    near = (found for consonants in keys(letters, options) for found in known_words(region).get(consonants, ()))
    priced = ((cost(options, arabic), more, arabic) for arabic, more in near)
    found = [(price + more, len(arabic), arabic) for price, more, arabic in priced if price is not None and price <= dearest]
    return _unfolded(min(found)[2], letters) if found else None


def _unfolded(arabic: str, letters: list[str]) -> str:
    """The last letter as it is spelled: ه behind a, e is ة; ي that is said a is ى."""
    vowel = letters[-1] if letters[-1] != "h" else letters[-2]
    if (arabic[-1] == "ه" and vowel[0] in "ae") or vowel in ("iye", "iyye", "ia"):
        return arabic[:-1] + "ة" if arabic[-1] == "ه" else arabic
    return arabic[:-1] + "ى" if arabic[-1] == "ي" and vowel == "a" else arabic


def by_letters(word: str, region: str) -> str | None:
    """What the letters alone make of a word; None where one is in no table."""
    letters = units(word, region)
    if not letters:
        return None
    written = "".join(min(readings(letters, i, region), key=lambda letter: letter.cost).arabic for i in range(len(letters)))
    return _unfolded(written, letters) if written else None


def _is_long(letters: list[str], i: int, region: str) -> bool:
    """Whether a single vowel inside a word is a long one, by where it stands: 7amel, ketab, shohor, tabib, 7arara, not sokkar."""
    unit, behind = letters[i], len(letters) - i - 1
    doubled = letters[i + 1] not in table(region)
    if unit == "e" or doubled or (behind >= 2 and not _is_vowel(letters[i + 1]) and not _is_vowel(letters[i + 2])):
        return False  # or a closed syllable
    if region == "MGR":
        return True  # a short vowel is e there, or not written
    before = [letter for letter in letters[:i] if _is_vowel(letter)]
    after = [letter for letter in letters[i + 1 :] if _is_vowel(letter)]
    if behind == 1:  # the last syllable, a consonant behind
        if unit != "a":
            return bool(before) or unit != "u"
        if i >= 2 and _is_vowel(letters[i - 2]):
            return before[-1] != "a"  # ketab, not balad
        is_verb = letters[0] in ("b", "y", "n", "m", "a", "e", "i") or letters[:2] in (["t", "e"], ["t", "i"])
        return not before or letters[-1] == "n" or not is_verb  # ta3ban, not bashrab, maktab
    if not before:
        return unit == "a" and after == ["e"] and not _is_vowel(letters[-1])  # 7amel
    return len(after) == 1 and letters[-1][0] in "aei" and letters[0] != "a"  # 7arara, tabiba, 3elagi


def _is_vowel(unit: str) -> bool:
    return unit[0] in VOWELS
