"""The words of Arabizi as people type them (lexicons/arabizi_words.csv), what a change by them is called, and which region they tell."""

import re
from collections.abc import Iterable
from functools import cache

from curation.dialect.lexicon import folded
from curation.lexicons import load
from curation.schema import SPOKEN

BY_LETTERS = "arabizi_letters"
ALL = "all"
MARKED = 3.0  # votes of a word that tells its region in Arabic letters too; another of that region alone has one


@cache
def lexicon() -> dict[str, dict[str, str]]:
    """For each word its Arabic by region, "all" among them."""
    found: dict[str, dict[str, str]] = {}
    for row in load("arabizi_words"):
        for region in row["region"].split():
            found.setdefault(row["word"], {}).setdefault(region, row["arabic"])
    return found


@cache
def mine() -> frozenset[str]:
    """Words that are something of mine."""
    return frozenset(row["word"] for row in load("arabizi_words") if row["note"].startswith("my "))


def rules() -> set[str]:
    """What a change can be refused by."""
    return {BY_LETTERS, *(rule_of(word) for word in lexicon())}


def rule_of(word: str) -> str:
    """The rule of a row of the lexicon."""
    return f"arabizi_word {word}"


def region_of(words: Iterable[str]) -> str | None:
    """Where the Arabizi is from, by the words of one region or of few; None where nothing says, or two are as likely."""
    votes: dict[str, float] = dict.fromkeys(SPOKEN, 0.0)
    for word in sorted(set(words)):
        regions = lexicon().get(word) or lexicon().get(_without_front(word), {})
        for region in regions if "all" not in regions else ():
            votes[region] += (MARKED if folded(regions[region]) in _marked(region) else 1) / len(regions)
    (second, _), (most, best) = sorted((votes[region], region) for region in SPOKEN)[-2:]
    return best if most > second else None


def _without_front(word: str) -> str:
    """What is left of a word without w (and) or l (the) in front."""
    return re.sub(r"^(?:w|ou)?(?:[ea]?l)?(?=.{3})", "", word)


@cache
def _marked(region: str) -> frozenset[str]:
    """The words that tell a dialect in Arabic letters."""
    return frozenset(folded(row["form"]) for row in load("dialect_words") if row["dialect"] == region)
