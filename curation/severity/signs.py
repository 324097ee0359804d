"""Words that numbers go with, looked for once in each distinct word: so a text is searched only for what it can hold."""

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curation.text.words import Flags, Places, Words

ONTO = r"[وفبل]?(?:ال)?"  # written onto the words of a pattern


def begins(words: str) -> str:
    """The sign that one of a pattern's `words` stands in a text, the last where it is several."""
    return f"{ONTO}(?:{'|'.join(word.rpartition(' ')[2] for word in words.split('|'))})"


def bits(wanted: Iterable[str], signs: tuple[str, ...]) -> int:
    """The number that says that a text has all signs `wanted`."""
    return sum(1 << signs.index(sign) for sign in wanted)


def signs_in(words: Words, signs: tuple[str, ...]) -> Places:
    """Which `signs` each text has, a bit for each, the first the lowest. A sign is an RE2 expression of how a word begins."""
    some = np.flatnonzero(_match(words.vocabulary, "|".join(signs)))
    known = words.vocabulary.take(pa.array(some))
    of_word = np.zeros(len(words.vocabulary), np.int64)
    for i, sign in enumerate(signs):
        of_word[some] |= _match(known, sign).astype(np.int64) << i
    found = np.zeros(len(words.counts), np.int64)
    worded = np.flatnonzero(words.counts)
    if len(worded):
        found[worded] = np.bitwise_or.reduceat(of_word[words.numbers], words.first[worded])
    return found


def _match(words: pa.Array, sign: str) -> Flags:
    return pc.match_substring_regex(words, f"^(?:{sign})").to_numpy(zero_copy_only=False).astype(bool)
