"""Words in Latin letters read as the lists' Arabic words: "sadri" is صدري, "btwga3ny" بتوجعني, so that lists hold for Arabizi.

Both sides become the consonants that Arabizi writes: vowels go, each Arabic letter stands for all the signs that are written for it.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import product

import numpy as np
import pyarrow as pa

from curation.text.words import Numbers

# Signs of more than one letter first. Two spellings of one sound become one sign; 9 and g are read as each of their letters.
SOUNDS = (
    ("7'", "x"), ("3'", "G"), ("9'", "d"), ("6'", "d"), ("kh", "x"), ("ch", "S"), ("sh", "S"), ("gh", "G"), ("th", "t"), ("dh", "d"),
    ("2", ""), ("5", "x"), ("8", "G"), ("7", "h"), ("6", "t"), ("ph", "f"), ("j", "g"), ("z", "d"), ("p", "b"), ("v", "f"), ("4", "S"),
    ("$", "S"),
)  # fmt: skip
LETTERS = {
    "ا": ("",), "ب": ("b",), "ت": ("t",), "ث": ("t", "s"), "ج": ("g",), "ح": ("h",), "خ": ("x",), "د": ("d",), "ذ": ("d",), "ر": ("r",),
    "ز": ("d",), "س": ("s",), "ش": ("S",), "ص": ("s", "9"), "ض": ("d",), "ط": ("t",), "ظ": ("d",), "ع": ("3", ""), "غ": ("G",),
    "ف": ("f",), "ق": ("9", "q", "g", "k", ""), "ك": ("k",), "ل": ("l",), "م": ("m",), "ن": ("n",), "ه": ("h", ""), "و": ("w", ""),
    "ي": ("y", ""), "ء": ("",),
}  # fmt: skip
LATIN = re.compile("^[a-z0-9'$]*[a-z][a-z0-9'$]*$")
VOWELS = str.maketrans("", "", "aeiouéèêàâîïôûç")
DOUBLED = re.compile(r"(.)\1+")
BEFORE, BEHIND = ("w", "f", "b", "l", "k"), ("ny", "n", "h", "y", "w", "k", "hm", "t")  # written onto words, as in Arabic
SHORTEST = 3  # consonants of a word that is read so; two ("dm") are many other words
MOST = 24  # readings of one Arabic word


def reading(vocabulary: pa.Array, parts: pa.Array) -> Numbers:
    """For each word of the vocabulary the number of the Arabic part that it spells, or -1."""
    known = _skeletons(tuple(parts.to_pylist()))
    return np.array(
        [_read(word, known) if word and word.isascii() and LATIN.match(word) else -1 for word in vocabulary.to_pylist()], np.int32
    )


@lru_cache(maxsize=4)
def _skeletons(parts: tuple[str, ...]) -> dict[str, int]:
    """Each way to write a part's consonants, with its number; of parts that are written alike, the one that is written so first."""
    found: dict[str, int] = {}
    ranked = sorted((rank, number, sign) for number, part in enumerate(parts) for rank, sign in enumerate(_written(part)))
    for _, number, sign in ranked:
        found.setdefault(sign, number)
    return found


def _written(part: str) -> Iterable[str]:
    if not part or any(letter not in LETTERS for letter in part):
        return []
    ways = ["".join(way) for way in _first(product(*(LETTERS[letter] for letter in part)), MOST)]
    return list(dict.fromkeys(DOUBLED.sub(r"\1", way) for way in ways if len(way) >= SHORTEST or len(part) <= 3))


def _first(ways: Iterable[tuple[str, ...]], most: int) -> Iterable[tuple[str, ...]]:
    return (way for _, way in zip(range(most), ways, strict=False))


@lru_cache(maxsize=1 << 17)  # the words of a block are read for one list and then for the other
def _sign(word: str) -> str:
    for written, sound in SOUNDS:
        word = word.replace(written, sound)
    return DOUBLED.sub(r"\1", word.translate(VOWELS))


def _read(word: str, known: dict[str, int]) -> int:
    for tried in _bare(_sign(word)):
        if tried in known:
            return known[tried]
    return -1


def _bare(sign: str) -> Iterable[str]:
    """The word, then without an ending, without what is written onto its front, without both."""
    yield sign
    short = [sign[: -len(end)] for end in BEHIND if sign.endswith(end) and len(sign) - len(end) >= SHORTEST - 1]
    yield from short
    for word in (sign, *short):
        if word[:1] in BEFORE and len(word) > SHORTEST:
            yield word[1:]
