"""What is kept of each key so that few pairs have to be compared: bands of MinHash, a byte of each minimum, a bitmap of the shingles.

Bands as in Leskovec, Rajaraman, Ullman, Mining of Massive Datasets, chapter 3: a pair of Jaccard similarity s shares one of b bands of r
minima with probability 1 - (1 - s^r)^b. The minima are of `x * odd (mod 2^32)` over mixed hashes, one odd number a permutation: a
multiplication and a minimum over each key's stretch are all that a shingle costs, and both vectorise.

The bitmap filter is that of Sandes, Teodoro and Melo, Bitmap filter: speeding up exact set similarity joins with bitwise operations, 2020:
two sets differ in at least as many members as their bitmaps in bits.
"""

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from curation.duplicates.shingles import Block, Hashes, Rows, mixed, salts
from curation.duplicates.similarity import CHARACTERS, WORDS, Shingles
from curation.params import DuplicatesParams

DEVIATIONS = 2.6  # a normal variable is lower in one case of 200
BITS = 12  # of a hash, which say what bit of a bitmap stands for it: 4,096 for the 200 shingles of a usual key, 512 bytes
NOTHING = np.uint32(0xFFFFFFFF)  # in place of the hashes of a key that has no shingle of some kind
LOOKED_AT = 1024  # pairs at a time: what is gathered for them lies in a core's second-level cache

_kept = threading.local()


@dataclass(frozen=True)
class Sketches:
    """`bands` (bands, rows), `minima` and `bitmaps` (rows, bytes); `sizes`: how many shingles a row has, repeated ones included."""

    bands: Hashes
    minima: NDArray[np.uint8]
    bitmaps: NDArray[np.uint8]
    sizes: Rows
    permutations: int
    seed: int

    @staticmethod
    def of_nothing(rows: int, params: DuplicatesParams) -> "Sketches":
        bands, sizes = np.empty((params.bands, rows), np.uint32), np.empty(rows, np.int64)
        minima = np.zeros((rows, -(-params.permutations // 8) * 8), np.uint8)
        return Sketches(bands, minima, np.empty((rows, (1 << BITS) // 8), np.uint8), sizes, params.permutations, params.seed)

    def fill(self, first: int, block: Block, shingles: Shingles) -> None:
        """The rows of a block, which begin at row `first`."""
        kinds = [(*block.characters(shingles.characters, CHARACTERS), shingles.characters)]
        if shingles.words:
            kinds.append((*block.words(shingles.words, WORDS), shingles.words))
        rows = len(block.lengths)
        here = slice(first, first + rows)
        self.sizes[here] = sum(count for _, _, count, _ in kinds)
        hashes, stretches = _stretches(kinds)
        self.bitmaps[here] = _bitmaps(hashes, stretches, rows)
        lowest = _minima(hashes, stretches, self.permutations, self.seed, rows)
        self.minima[here, : self.permutations] = lowest.T
        of_band = lowest.reshape(len(self.bands), -1, rows)
        bands = np.zeros((len(self.bands), rows), np.uint32)
        for i in range(of_band.shape[1]):
            bands = mixed(bands ^ of_band[:, i], i)
        self.bands[:, here] = bands

    def promising(self, a: Rows, b: Rows, threshold: float) -> NDArray[np.bool_]:
        """Whether a pair may reach the threshold: its bitmaps allow it, and what its minima estimate is too low in one pair of 200."""
        parts = [slice(i, i + LOOKED_AT) for i in range(0, len(a), LOOKED_AT)]
        return np.concatenate([np.empty(0, bool), *(self._promising(a[part], b[part], threshold) for part in parts)])

    def _promising(self, a: Rows, b: Rows, threshold: float) -> NDArray[np.bool_]:
        n = self.permutations
        least = n * threshold - DEVIATIONS * math.sqrt(n * threshold * (1 - threshold))
        same = _ones(self.minima.take(a, 0) == self.minima.take(b, 0)) - (self.minima.shape[1] - n)
        found = same >= least
        a, b = a[found], b[found]
        sizes = self.sizes[a] + self.sizes[b]
        # Two bits may stand for shingles that are not there, one of each kind.
        apart = _ones(self.bitmaps.take(a, 0) ^ self.bitmaps.take(b, 0)) - 2
        found[found] = sizes - apart >= threshold * (sizes + apart) - 1e-6
        return found


def _ones(rows: NDArray[np.bool_] | NDArray[np.uint8]) -> Rows:
    """How many bits of each row are set; a row is of so many times 8 bytes."""
    return np.bitwise_count(rows.view(np.uint64)).sum(axis=1, dtype=np.int64)


def _stretches(kinds: Sequence[tuple[Hashes, Rows, Rows, int]]) -> tuple[Hashes, Rows]:
    """The hashes of all kinds in one array, and where each row's begin, kind by kind; a row's reach to the next one's.

    What stands between two rows, runs over the end of a key, becomes one more of the first row's own: no minimum changes by that.
    """
    every, starts, before = [], [], 0
    for found, first, count, width in kinds:
        hashes = np.append(found, np.full(width - 1, NOTHING))
        between = np.append(first[1:], len(hashes)) - (first + count)
        places = np.arange(between.sum()) + np.repeat(first + count - (np.cumsum(between) - between), between)
        hashes[places] = np.repeat(np.where(count > 0, hashes[first], NOTHING), between)
        every.append(hashes)
        starts.append(first + before)
        before += len(hashes)
    return np.concatenate(every), np.concatenate(starts)


def _bitmaps(hashes: Hashes, starts: Rows, rows: int) -> NDArray[np.uint8]:
    """(rows, bytes): the bit of each hash, which is its highest BITS bits as a number, is set."""
    bits = _cleared(rows << BITS)
    of = np.tile(np.arange(rows) << BITS, len(starts) // rows)
    bits[np.repeat(of, np.diff(starts, append=len(hashes))) + (hashes >> np.uint32(32 - BITS))] = True
    return np.packbits(bits).reshape(rows, -1)


def _cleared(size: int) -> NDArray[np.bool_]:
    """So many times false, in memory that the thread keeps: new memory would cost a page fault for every row."""
    if len(getattr(_kept, "bits", ())) < size:
        _kept.bits = np.empty(size, bool)
    bits: NDArray[np.bool_] = _kept.bits[:size]
    bits[:] = False
    return bits


def _minima(hashes: Hashes, starts: Rows, permutations: int, seed: int, rows: int) -> Hashes:
    """(permutations, rows). `hashes` become their products in turn, in place: that is half the memory to go through."""
    lowest = np.empty((permutations, rows), np.uint32)
    for i, factor in enumerate(_factors(permutations, seed)):
        np.multiply(hashes, factor, out=hashes)
        np.minimum.reduce(np.minimum.reduceat(hashes, starts).reshape(-1, rows), out=lowest[i])
    return lowest


@lru_cache(maxsize=8)
def _factors(permutations: int, seed: int) -> list[np.uint32]:
    """Each permutation's odd number, divided (mod 2^32) by the one before it."""
    odd = [1, *(number | 1 for number in salts(seed, permutations))]
    return [np.uint32(number * pow(before, -1, 1 << 32) & 0xFFFFFFFF) for before, number in pairwise(odd)]
