"""Patterns of words and numbers in texts, tried only at words that they can begin with and that have a word of their end behind them.

Which words these are is asked once of each distinct word; a regular expression that goes through every text is ten times as dear.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curation.severity.wording import plain
from curation.text.words import Flags, Places, Words

Told = tuple[str, float]  # what a number is of, and the number


class Search(NamedTuple):
    """A pattern and what its matches `tell`. It begins with a blank or the text.

    Its first word begins as `opens` says, and one at most `within` words behind as `closes` says, or itself: RE2 expressions.
    """

    pattern: re.Pattern[str]
    tell: Callable[[re.Match[str]], Iterable[Told]]
    opens: str
    closes: str
    within: int


def find_matches(
    con: duckdb.DuckDBPyConnection, texts: duckdb.DuckDBPyRelation, words: Words, searches: Sequence[Search], needed: str
) -> Iterator[tuple[int, Search, re.Match[str]]]:
    """The number of the text, the search and the match, as the pattern's `finditer` has them in each text with a word that is `needed`."""
    signs = tuple(dict.fromkeys((needed, *(sign for search in searches for sign in (search.opens, search.closes)))))
    places = dict(zip(signs, _places(words, signs), strict=True))
    looked_at = np.zeros(len(words.counts), bool)
    looked_at[words.texts[places[needed]]] = True
    tried = [_near(places[search.opens], places[search.closes], search.within) for search in searches]
    tried = [at[looked_at[words.texts[at]]] for at in tried]
    some = np.unique(words.texts[np.concatenate(tried)])
    keys = con.from_arrow(texts.project("key").to_arrow_table().take(pa.array(some))).project(plain("key")).to_arrow_table()[0]
    key_of = dict(zip(some.tolist(), keys.to_pylist(), strict=True))
    behind = np.concatenate(
        [np.zeros(1, np.int64), np.cumsum(pc.utf8_length(words.vocabulary).to_numpy()[words.numbers] + 1, dtype=np.int64)]
    )
    for search, at in zip(searches, tried, strict=True):
        of = words.texts[at]
        blank = np.maximum(behind[at] - behind[words.first[of]] - 1, 0)
        last, end = -1, 0
        for text, begin in zip(of.tolist(), blank.tolist(), strict=True):
            if text != last:
                last, end = text, 0
            if begin >= end and (match := search.pattern.match(key_of[text], begin)):
                end = match.end()
                yield text, search, match


def _places(words: Words, signs: Sequence[str]) -> list[Places]:
    """Where words stand that begin as each sign says."""
    some = np.flatnonzero(_match(words.vocabulary, "|".join(signs)))
    known = words.vocabulary.take(pa.array(some))
    of_word = np.zeros(len(words.vocabulary), np.int64)
    for i, sign in enumerate(signs):
        of_word[some] |= _match(known, sign).astype(np.int64) << i
    at = np.flatnonzero(of_word[words.numbers])
    found = of_word[words.numbers[at]]
    return [at[found >> i & 1 == 1] for i in range(len(signs))]


def _match(words: pa.Array, sign: str) -> Flags:
    return pc.match_substring_regex(words, f"^(?:{sign})").to_numpy(zero_copy_only=False).astype(bool)


def _near(places: Places, others: Places, within: int) -> Places:
    """The places that have one of the others at most so many words behind them; that it may be in the next text does no harm."""
    following = np.append(others, np.iinfo(np.int64).max)[np.searchsorted(others, places)]
    return places[following - places <= within]
