"""Which pairs of keys are worth comparing: those that fall into one bucket of MinHash bands, or share a sampled long run."""

from collections.abc import Iterator

import numpy as np

from curation.duplicates.shingles import HALF, LOW, Block, Hashes, Rows
from curation.duplicates.similarity import CHARACTERS

MOST_NEIGHBOURS = 32  # in a bucket each key is compared with so many that follow it: keys that are all alike connect through those
QUOTED_RUN = 32  # characters of a run that a quotation shares with its source
QUOTED_SAMPLE = 8  # one run in so many is looked at, chosen by its hash: a quotation of 100 characters has 9 of them
MOST_QUOTED = 16  # a run that stands in more keys is a stock phrase, and no sign that one key quotes another


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
