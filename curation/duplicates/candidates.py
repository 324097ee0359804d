"""Which pairs of keys are worth comparing: those that fall into one bucket of MinHash bands, or share a sampled long run.

Bands as in Leskovec, Rajaraman, Ullman, Mining of Massive Datasets, chapter 3: a pair of Jaccard similarity s shares one of b bands of r
minima with probability 1 - (1 - s^r)^b. The minima are of `x * odd (mod 2^32)` over mixed hashes, one odd number a permutation: a
multiplication and a minimum over each key's stretch are all that a shingle costs, and both vectorise.
"""

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from curation.duplicates.shingles import HALF, LOW, Block, Hashes, Rows, mixed, salts
from curation.duplicates.similarity import CHARACTERS, WORDS, Shingles

Sketches = NDArray[np.uint8]

MOST_NEIGHBOURS = 32  # in a bucket each key is compared with so many that follow it: keys that are all alike connect through those
DEVIATIONS = 2.6  # a normal variable is lower in one case of 200
QUOTED_RUN = 32  # characters of a run that a quotation shares with its source
QUOTED_SAMPLE = 8  # one run in so many is looked at, chosen by its hash: a quotation of 100 characters has 9 of them
MOST_QUOTED = 16  # a run that stands in more keys is a stock phrase, and no sign that one key quotes another


def minima(block: Block, shingles: Shingles, permutations: int, count: int, seed: int) -> tuple[Hashes, Sketches]:
    """Bands (count, rows) and sketches (rows, permutations), a byte a permutation.

    Rows of a great Jaccard similarity have the same number in some band, and most bytes of their sketches in common. Rows without shingles
    get what means nothing.
    """
    found = [block.characters(shingles.characters, CHARACTERS)]
    if shingles.words:
        found.append(block.words(shingles.words, WORDS))
    hashes, bounds = _stretches(found)
    product, rows = np.empty_like(hashes), len(block.lengths)
    lowest = np.empty((permutations, rows), np.uint32)
    for i, odd in enumerate(salts(seed, permutations)):
        np.multiply(hashes, np.uint32(odd | 1), out=product)
        np.minimum.reduce(np.minimum.reduceat(product, bounds)[::2].reshape(-1, rows), out=lowest[i])
    of_band = lowest.reshape(count, -1, rows)
    bands = np.zeros((count, rows), np.uint32)
    for i in range(of_band.shape[1]):
        bands = mixed(bands ^ of_band[:, i], i)
    return bands, lowest.T.astype(np.uint8)


def promising(sketches: Sketches, a: Rows, b: Rows, threshold: float) -> NDArray[np.bool_]:
    """Whether sketches say that a pair may reach the threshold: what they estimate is off by as much in one pair of 2,000 at most."""
    n = sketches.shape[1]
    least = n * threshold - DEVIATIONS * math.sqrt(n * threshold * (1 - threshold))
    return np.count_nonzero(sketches[a] == sketches[b], axis=1) >= least


def quoted_runs(block: Block) -> tuple[Hashes, Rows]:
    """The hashes of the sampled long runs of a block, and the row of each."""
    hashes, first, count = block.characters(QUOTED_RUN, CHARACTERS)
    places = np.flatnonzero(hashes % np.uint32(QUOTED_SAMPLE) == 0)
    rows = np.searchsorted(first, places, side="right") - 1
    inside = places < first[rows] + count[rows]
    return hashes[places[inside]], rows[inside]


def neighbours(codes: Hashes, rows: Rows | None = None) -> Iterator[tuple[Rows, Rows]]:
    """Pairs (lower row, higher row) of one code, first those next to each other, at most MOST_NEIGHBOURS for each row."""
    packed = codes.astype(np.uint64) << HALF
    packed |= np.arange(len(codes), dtype=np.uint64) if rows is None else rows.astype(np.uint64)
    packed.sort()
    code, row = (packed >> HALF).astype(np.uint32), (packed & LOW).astype(np.int64)
    left = np.arange(len(code))
    for step in range(1, MOST_NEIGHBOURS + 1):
        left = left[: np.searchsorted(left, len(code) - step)]
        left = left[code[left] == code[left + step]]
        if not len(left):
            return
        yield row[left], row[left + step]


def _stretches(found: list[tuple[Hashes, Rows, Rows]]) -> tuple[Hashes, Rows]:
    """Hashes of all kinds in one array, and bounds for `reduceat`: even stretches are the rows', kind by kind, odd ones stand between.

    A row without a shingle of some kind has the greatest hash there instead.
    """
    nothing = np.array([0xFFFFFFFF], np.uint32)
    hashes = np.concatenate([part for kind, _, _ in found for part in (kind, nothing)] + [nothing])
    bounds, before = [], 0
    for kind, first, count in found:
        first = np.where(count > 0, first, len(kind))
        bounds.append(np.stack([first, first + np.maximum(count, 1)], axis=1) + before)
        before += len(kind) + 1
    return hashes, np.concatenate(bounds).ravel()
