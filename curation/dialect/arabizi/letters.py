"""A word in Latin letters read letter by letter, by lexicons/arabizi_letters.csv: what one, or two or three, can be, and what that costs.

The letters alone are a guess: s, t, d, z, h stand for two Arabic letters each, and the plainer one is taken; a short vowel is not written,
and which one is long is told by doubling (ee, oo, ou) and by where it stands in the word. How often that is right: docs/dialect.md.
"""

import re
from functools import cache
from typing import NamedTuple

from curation.lexicons import load

VOWELS = frozenset("aeiouâàéèêîïôû")
YOU_OR_SHE = re.compile(r"^((?:ma?)?(?:b[ei]?|ha|7a))tt")  # bttkallem: there the two are two


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
            letter = letter._replace(cost=1)  # the region's own goes before it
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
    if "last" in where and (letters[-2:] == ["h", "a"] or (letters[-2:] == ["n", "a"] and len(letters) > 2 and not is_vowel(letters[-3]))):
        return [letter for letter in options if letter.arabic == "ا"]  # hers, ours: rasha, chefna
    return options


def spelt_out(arabic: str, letters: list[str]) -> str:
    """The last letter as it is spelled: ه behind a, e is ة; ي that is said a is ى."""
    vowel = letters[-2] if letters[-1] == "h" and len(letters) > 1 else letters[-1]
    if (arabic[-1] == "ه" and vowel[0] in "ae") or vowel in ("iye", "iyye", "ia"):
        return arabic[:-1] + "ة" if arabic[-1] == "ه" else arabic
    return arabic[:-1] + "ى" if arabic[-1] == "ي" and vowel == "a" else arabic


def by_letters(word: str, region: str) -> str | None:
    """What the letters alone make of a word; None where one is in no table."""
    letters = units(word, region)
    if not letters:
        return None
    written = "".join(min(readings(letters, i, region), key=lambda letter: letter.cost).arabic for i in range(len(letters)))
    return spelt_out(written, letters) if written else None


def _is_long(letters: list[str], i: int, region: str) -> bool:
    """Whether a single vowel inside a word is a long one, by where it stands: 7amel, ketab, shohor, tabib, 7arara, not sokkar."""
    unit, behind = letters[i], len(letters) - i - 1
    doubled = letters[i + 1] not in table(region)
    if unit == "e" or doubled or (behind >= 2 and not is_vowel(letters[i + 1]) and not is_vowel(letters[i + 2])):
        return False  # or a closed syllable
    if region == "MGR":
        return True  # a short vowel is e there, or not written
    before = [letter for letter in letters[:i] if is_vowel(letter)]
    after = [letter for letter in letters[i + 1 :] if is_vowel(letter)]
    if behind == 1:  # the last syllable, a consonant behind
        if unit != "a":
            return bool(before) or unit != "u"
        if i >= 2 and is_vowel(letters[i - 2]):
            return before[-1] != "a"  # ketab, not balad
        is_verb = letters[0] in ("b", "y", "n", "m", "a", "e", "i") or (letters[0] == "t" and letters[1] != "a")
        return not before or letters[-1] == "n" or not is_verb  # ta3ban, not bashrab, maktab
    if not before:
        return unit == "a" and after == ["e"] and not is_vowel(letters[-1])  # 7amel
    return len(after) == 1 and letters[-1][0] in "aei" and letters[0] != "a"  # 7arara, tabiba, 3elagi


def is_vowel(unit: str) -> bool:
    """Whether a unit is a vowel, of one letter or more."""
    return unit[0] in VOWELS
