"""Which pairs of keys are worth comparing: those that fall into one bucket of MinHash bands, or share a sampled long run.

Bands as in Leskovec, Rajaraman, Ullman, Mining of Massive Datasets, chapter 3: a pair of Jaccard similarity s shares one of b bands of r
minima with probability 1 - (1 - s^r)^b. The minima are of `x * odd (mod 2^32)` over mixed hashes, one odd number a permutation: a
multiplication and a minimum over each key's stretch are all that a shingle costs, and both vectorise.
"""

from collections.abc import Iterator

import numpy as np

from curation.duplicates.shingles import Block, Hashes, Rows, mixed, salts
from curation.duplicates.similarity import CHARACTERS, WORDS, Shingles

MOST_NEIGHBOURS = 32  # in a bucket each key is compared with so many that follow it: keys that are all alike connect through those
QUOTED_RUN = 32  # characters of a run that a quotation shares with its source
QUOTED_SAMPLE = 8  # one run in so many is looked at, chosen by its hash: a quotation of 100 characters has 9 of them
MOST_QUOTED = 16  # a run that stands in more keys is a stock phrase, and no sign that one key quotes another


def bands(block: Block, shingles: Shingles, permutations: int, count: int, seed: int) -> Hashes:
    """(count, rows): rows of a great Jaccard similarity have the same number in some band. Rows without shingles get what means nothing."""
    found = [block.characters(shingles.characters, CHARACTERS)]
    if shingles.words:
        found.append(block.words(shingles.words, WORDS))
    stretches = [_stretches(*each) for each in found]
    codes = np.zeros((count, len(block.lengths)), np.uint32)
    for i, odd in enumerate(salts(seed, permutations)):
        lowest = [np.minimum.reduceat(hashes * np.uint32(odd | 1), bounds)[::2] for hashes, bounds in stretches]
        band = i // (permutations // count)
        codes[band] = mixed(codes[band] ^ np.minimum.reduce(lowest), i)
    return codes


def quoted_runs(block: Block) -> tuple[Hashes, Rows]:
    """The hashes of the sampled long runs of a block, and the row of each."""
    hashes, first, count = block.characters(QUOTED_RUN, CHARACTERS)
    places = np.flatnonzero(hashes % np.uint32(QUOTED_SAMPLE) == 0)
    rows = np.searchsorted(first, places, side="right") - 1
    inside = places < first[rows] + count[rows]
    return hashes[places[inside]], rows[inside]


def neighbours(codes: Hashes, rows: Rows | None = None) -> Iterator[tuple[Rows, Rows]]:
    """Pairs (lower row, higher row) of one code, first those next to each other, at most MOST_NEIGHBOURS for each row."""
    packed = codes.astype(np.uint64) << np.uint64(32)
    packed |= np.arange(len(codes), dtype=np.uint64) if rows is None else rows.astype(np.uint64)
    packed.sort()
    code, row = (packed >> np.uint64(32)).astype(np.uint32), (packed & np.uint64(0xFFFFFFFF)).astype(np.int64)
    left = np.arange(len(code))
    for step in range(1, MOST_NEIGHBOURS + 1):
        left = left[: np.searchsorted(left, len(code) - step)]
        left = left[code[left] == code[left + step]]
        if not len(left):
            return
        yield row[left], row[left + step]


def _stretches(hashes: Hashes, first: Rows, count: Rows) -> tuple[Hashes, Rows]:
    """Bounds for `reduceat`: its even stretches are the rows', its odd ones what stands between. One hash is added for rows without any."""
    hashes = np.append(hashes, np.uint32(0xFFFFFFFF))
    first = np.minimum(first, len(hashes) - 1)
    return hashes, np.stack([first, np.minimum(first + np.maximum(count, 1), len(hashes) - 1)], axis=1).ravel()
