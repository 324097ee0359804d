"""Which Latin words of a text in Arabizi are none: numbers with their units, codes, English, French, names of drugs. They are left alone.

lexicons/latin_words.csv lists them. A word of neither list is judged by its letters: how much more often groups of three occur in the one
list than in the other.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable
from functools import cache, lru_cache

from curation.lexicons import load

LETTER = "a-zà-öø-ÿœ"
# Not looked into: placeholders, hashtags, handles, links and addresses.
ZONES = re.compile(r"\[[A-Z_]+\]|[#@]\w+|https?://\S+|www\.\S+|\S+@\S+\.\S+")
TOKEN = re.compile(
    rf"(?<!\w)(?:['’`](?=[3679]))?[{LETTER}0-9](?:[{LETTER}0-9]|['’`](?=[{LETTER}0-9]))*(?:(?<=[3679])['’`])?(?!\w)", re.IGNORECASE
)
PLAIN_APOSTROPHE = str.maketrans("’`", "''")
UNIT = (
    "mg|mgs|ml|mls|mcg|ug|gr?|grs|kgs?|kilos?|iu|ui|u|cm|mm|m|l|dl|cc|k|x|fois|times?|h|hr|hrs|hours?|heures?|min|mins|mn|s|sec|d|days?|"
    "j|jrs?|jours?|w|wks?|weeks?|sem|semaines?|mois|months?|y|yr|yrs|years?|ans?|am|pm|st|nd|rd|th|er|[eéè]re|[eéè]me|e|tabs?|caps?|amps?|"
    "cps?|tr|dh|le|egp|sar|dt|da|"
    # days, weeks, months, years, hours, times, pills in Arabizi, written onto their number
    "sa3a|sa3t|sa3aat|sa3at|swaye3|yo[ou]*m|yom[ae]i?n|[aie]y+[ae]m|ti+y+[ae]m|[aeiou]sbo*u?3|[ae]sab[ei]+3|sh[ae]?h[ae]?r|ch+a?r|[sc]hh?o*u?h?o*u?r|"
    "ashhor|sana|sne+n|s[ei]ni+n|se?ne+n|3am|mar+[ae]t?|mer+at|7ab+[ae]t?|7o?[ou]*bo*u?b|melly|milli"
)
DOSE = re.compile(rf"\d+(?:{UNIT})")
# Letters that a number follows in a code: b12, l5, vitd3, omega3, covid19.
CODE = re.compile(
    r"(?:[a-z]|vit[a-z]?|vitamin[ea]?|omega|covid|cov|sars|hpv|ft|spo|po|co|pco|coq|hco|cd|il|ca|ps|mp|type|phase|grade|stade|stage|hba|rh|nb|no)"
    r"\d+[a-z]?"
)
LETTER_UNITS = frozenset(("g", "l", "h", "m", "x", "k", "u", "j", "kg", "cc"))
CODES = frozenset(("h2o", "g6pd", "p53", "b2b", "5fu", "7up", "t3t4", "5ht"))
ENOUGH_LETTERS = re.compile(rf"[{LETTER}].*[{LETTER}]|^[2-9][aeiou][2-9]$")  # 6a7, not a7
DIGITS = re.compile(r"\d+")
LETTER_DIGITS = re.compile(r"([235-9])\1?|[235-9]{2}(?=.)")  # 3, and behind a letter 77; two that differ inside a word only: e23od
# What French elides before a word, and what Arabizi writes onto a longer one: l'eau, lpanadol.
FRONT = re.compile(rf"(?:[ldjcnsmt]|qu)'(?P<elided>[{LETTER}]+)|(?:w|ou)?(?:[aei]?l|[bfd]l?|[bf]el)(?P<written>[{LETTER}]{{5,}})")
FOREIGN = 1.0  # log odds above which it is left alone; left out of the counts in turn, 95 % of drugs are and 93 % of Arabizi is not


def tokens(text: str) -> list[tuple[int, int, str]]:
    """Where words with a Latin letter stand, zones aside, and what they are in small letters with plain apostrophes."""
    closed = [match.span() for match in ZONES.finditer(text)]
    return [
        (match.start(), match.end(), typed(match[0]))
        for match in TOKEN.finditer(text)
        if any(c.isalpha() for c in match[0]) and not any(a < match.end() and match.start() < b for a, b in closed)
    ]


def typed(word: str) -> str:
    """Small letters, none more than twice, plain apostrophes, and those of 3' 6' 7' 9' behind their digit."""
    plain = re.sub(r"([^\W\d_])\1{2,}", r"\1\1", word.lower().translate(PLAIN_APOSTROPHE))
    return re.sub(r"(?<![3679])'([3679])", r"\1'", plain)


def is_unit(word: str, before: str, behind: str) -> bool:
    """Whether a short word is the unit of a number, by what stands before and behind it: g/l, 480 g."""
    return len(word) <= 2 and (
        before[-1:] == "/" or behind[:1] == "/" or (word in LETTER_UNITS and re.search(r"\d ?$", before) is not None)
    )


def is_measure(word: str, before: str) -> bool:
    """Whether a word is a number with its unit or a code, and none typed with digits. `before` is what stands before it."""
    runs = list(DIGITS.finditer(word))
    if not runs:
        return False
    if word[0].isdigit() and re.search(r"\d[.,/-]$", before):
        return True  # what follows the point of 0.5mg
    letters = word.rstrip("0123456789")
    if DOSE.fullmatch(word) or CODE.fullmatch(word) or word in CODES or (len(letters) > 3 and kind(letters)):
        return True  # augmentin2 too
    return not ENOUGH_LETTERS.search(word) or not all(
        (len(run[0]) == 1 or run.start() > 0) and LETTER_DIGITS.match(word, run.start(), run.end() + 1) for run in runs
    )


@cache
def kinds() -> dict[str, str]:
    """english, french or drug, by word."""
    return {row["word"]: row["kind"] for row in load("latin_words")}


def kind(word: str) -> str:
    """The kind of a listed word, also behind its article, and of a plural; "" where it is not listed."""
    listed = kinds()
    front = FRONT.fullmatch(word)
    for form in (word, (front["elided"] or front["written"]) if front else "", word.removesuffix("s") if len(word) > 5 else ""):
        if form in listed:
            return listed[form]
    return ""


@lru_cache(100_000)
def looks_foreign(word: str) -> bool:
    """Whether the letters of a word are rather those of English, French and drugs than of Arabizi."""
    weights = _weights()
    return sum(weights.get(group, 0.0) for group in groups(word)) > FOREIGN


@cache
def _weights() -> dict[str, float]:
    return weights((row["word"] for row in load("latin_words")), (row["word"] for row in load("arabizi_words")))


def weights(theirs: Iterable[str], ours: Iterable[str]) -> dict[str, float]:
    """For each group of three letters the log of how much more frequent it is in `theirs`, one added to each count; each word once."""
    counts = [Counter(group for word in set(words) for group in groups(word)) for words in (theirs, ours)]
    both = sorted(counts[0].keys() | counts[1].keys())
    foreign, own = (count.total() + len(both) for count in counts)
    return {group: math.log((counts[0][group] + 1) / foreign) - math.log((counts[1][group] + 1) / own) for group in both}


def groups(word: str) -> list[str]:
    """Three letters each, the word's beginning and end counted as one."""
    padded = f"^{word}$"
    return [padded[i : i + 3] for i in range(len(padded) - 2)]
