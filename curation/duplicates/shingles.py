"""The hashes of a block of keys: of their runs of characters, runs of words, numbers.

One pass of a polynomial's prefix sums serves every width: the hash of a run is the difference of two sums, divided by the base's power
where it begins (Karp, Rabin 1987; modulo 2^32 an odd base has an inverse). Everything is 32 bits wide, which is what vectorises. Two
different shingles have one hash in 4 billion.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint32]
Rows = NDArray[np.int64]

HALF, LOW = np.uint64(32), np.uint64(0xFFFFFFFF)  # two numbers of 32 bits in one of 64
BASE = 0x9E3779B1  # 2^32 over the golden ratio, made odd
BLANK, FIRST_DIGIT, LAST_DIGIT = 32, 46, 57  # of a number too: . and /, which stand in a key only between digits


@dataclass(frozen=True)
class Block:
    """Some keys as code points one after the other: where each starts, its length, and the prefix sums of their polynomial."""

    codes: Hashes
    starts: Rows
    lengths: Rows
    sums: Hashes

    @staticmethod
    def of(utf8: memoryview | bytes, lengths: Rows) -> "Block":
        codes = np.frombuffer(str(utf8, "utf-8").encode("utf-32-le"), np.uint32)
        powers, _ = _powers(_room(len(codes)))
        sums = np.zeros(len(codes) + 1, np.uint32)
        np.cumsum(codes * powers[: len(codes)], dtype=np.uint32, out=sums[1:])
        return Block(codes, np.cumsum(lengths) - lengths, lengths, sums)

    def runs(self, starts: Rows, ends: Rows) -> Hashes:
        """The hashes of the characters from each of `starts` to before each of `ends`."""
        _, inverses = _powers(_room(len(self.codes)))
        return (self.sums[ends] - self.sums[starts]) * inverses[starts]

    def characters(self, width: int, salt: int) -> tuple[Hashes, Rows, Rows]:
        """Hashes of the runs of `width` characters from every place; those of row i are `hashes[first[i]:first[i] + count[i]]`.

        Runs that reach over the end of a key stand between those of two rows. A key shorter than `width` has none.
        """
        places = max(len(self.codes) - width + 1, 0)
        _, inverses = _powers(_room(len(self.codes)))
        hashes = (self.sums[width:] - self.sums[:places]) * inverses[:places]
        return mixed(hashes, salt), self.starts, np.maximum(self.lengths - width + 1, 0)

    def words(self, width: int, salt: int) -> tuple[Hashes, Rows, Rows]:
        """The same for runs of `width` words, blanks between them included."""
        is_first = np.zeros(len(self.codes) + 1, bool)
        is_first[1:] = self.codes == BLANK
        is_first[self.starts[self.lengths > 0]] = True
        begins = np.flatnonzero(is_first[:-1])
        first = np.searchsorted(begins, self.starts)
        last = np.searchsorted(begins, self.starts + self.lengths)  # one past the row's last word
        ends = np.append(begins[1:] - 1, len(self.codes))
        filled = last > first
        ends[last[filled] - 1] = (self.starts + self.lengths)[filled]
        count = np.maximum(last - first - width + 1, 0)
        whole = max(len(begins) - width + 1, 0)
        # A run over the end of a key would end before the last words of that key: its hash is no matter, nobody asks for it.
        return mixed(self.runs(begins[:whole], ends[width - 1 :][:whole]), salt), first, count

    def numbers(self) -> tuple[Hashes, Rows]:
        """The hashes of the numbers, decimal points and slashes included (`2.5`, `140/90`), and the row of each."""
        places = np.flatnonzero((self.codes >= FIRST_DIGIT) & (self.codes <= LAST_DIGIT))
        rows = np.searchsorted(self.starts + self.lengths, places, side="right")
        new = np.ones(len(places), bool)
        new[1:] = (places[1:] != places[:-1] + 1) | (rows[1:] != rows[:-1])
        begins = np.flatnonzero(new)
        ends = places[np.append(begins[1:], len(places)) - 1] + 1 if len(places) else places
        return mixed(self.runs(places[begins], ends), 0), rows[begins]


def mixed(numbers: Hashes, salt: int) -> Hashes:
    """Every bit of the input moves every bit of the output: lowbias32 (C. Wellons, Prospecting for hash functions, 2018)."""
    x = numbers ^ np.uint32(salt)
    x ^= x >> np.uint32(16)
    x *= np.uint32(0x7FEB352D)
    x ^= x >> np.uint32(15)
    x *= np.uint32(0x846CA68B)
    x ^= x >> np.uint32(16)
    return x


def salts(seed: int, n: int) -> Sequence[int]:
    """`n` numbers of 32 bits out of a seed, the same on every machine and version."""
    with np.errstate(over="ignore"):
        return mixed(mixed(np.arange(n, dtype=np.uint32), seed & 0xFFFFFFFF), 0x5BD1E995).tolist()


def _room(n: int) -> int:
    """Powers are kept for blocks of up to 2^k characters."""
    return 1 << max(n, 1 << 16).bit_length()


@lru_cache(maxsize=8)
def _powers(n: int) -> tuple[Hashes, Hashes]:
    """The first `n` powers of BASE and of its inverse, modulo 2^32."""
    both = []
    for base in (BASE, pow(BASE, -1, 1 << 32)):
        powers = np.full(n, base, np.uint32)
        powers[0] = 1
        both.append(np.cumprod(powers, dtype=np.uint32))
    return both[0], both[1]
