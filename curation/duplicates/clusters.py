"""Near-duplicates of distinct keys: candidates by block and by band on every thread, each verified, connected into clusters."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curation.duplicates.candidates import bands, neighbours, quoted_runs, MOST_QUOTED
from curation.duplicates.components import join
from curation.duplicates.shingles import Hashes, Keys, Rows
from curation.duplicates.similarity import Shingles, likeness
from curation.params import DuplicatesParams

BLOCK = 1 << 15  # characters: hashes, prefix sums and products of a block lie in a core's second-level cache
PAIRS = 256  # verified at a time, for the same reason


def near(keys: Keys, params: DuplicatesParams, threads: int = 1) -> Rows:
    """For each key, shortest first, the lowest row of those it is connected with; its own where there is none.

    Keys of up to `short` characters are compared with each other and with longer ones by shingles of `short_characters`, all others by
    `characters` and `words`. The result depends on keys and parameters alone.
    """
    roots = np.arange(len(keys.lengths))
    first_long = int(np.searchsorted(keys.lengths, params.short, side="right"))
    # Of a pair of similarity t the longer has at most 1/t times the shingles of the shorter, so much longer keys need not be looked at.
    reach = (params.short - params.short_characters + 1) / params.threshold + params.short_characters
    last_short = int(np.searchsorted(keys.lengths, reach, side="right")) if first_long else 0
    smallest = int(np.searchsorted(keys.lengths, params.short_characters))
    with ThreadPoolExecutor(threads) as pool:
        short, long = Shingles(params.short_characters, 0), Shingles(params.characters, params.words)
        _connect(pool, keys, roots, smallest, last_short, first_long, short, params)
        _connect(pool, keys, roots, first_long, len(roots), len(roots), long, params)
        if params.measure == "containment":
            _connect_quoted(pool, keys, roots, params)
    return roots


def _connect(
    pool: ThreadPoolExecutor, keys: Keys, roots: Rows, first: int, last: int, lower: int, shingles: Shingles, params: DuplicatesParams
) -> None:
    """Join the near-duplicates among rows `first` to `last` - 1, of each pair the first below `lower`."""
    if last - first < 2:
        return
    codes = np.empty((params.bands, last - first), np.uint32)
    numbers = np.zeros(last - first, np.uint64)

    def fill(block: tuple[int, int]) -> None:
        i, j = block
        of = keys.block(i, j)
        codes[:, i - first : j - first] = bands(of, shingles, params.permutations, params.bands, params.seed)
        if params.numbers == "apart":
            hashes, rows = of.numbers()
            np.add.at(numbers, rows + i - first, _spread(hashes))

    for _ in pool.map(fill, _blocks(keys, first, last)):
        pass
    apart = (numbers ^ (numbers >> np.uint64(32))).astype(np.uint32)
    for band in codes:
        for a, b in neighbours(band ^ apart):
            if lower < last:
                a, b = a[a + first < lower], b[a + first < lower]
            same_numbers = numbers[a] == numbers[b]
            a, b = a[same_numbers] + first, b[same_numbers] + first
            _verify(pool, keys, roots, a, b, lambda a, b: likeness(keys, a, b, shingles).jaccard >= params.threshold)


def _connect_quoted(pool: ThreadPoolExecutor, keys: Keys, roots: Rows, params: DuplicatesParams) -> None:
    """Join the keys of at least `contained_from` characters with those that they stand in."""
    first = int(np.searchsorted(keys.lengths, max(params.contained_from, params.short + 1)))
    shingles = Shingles(params.characters, params.words)
    blocks = list(_blocks(keys, first, len(roots)))
    found = list(pool.map(lambda block: quoted_runs(keys.block(*block)), blocks))
    if not found:
        return
    hashes = np.concatenate([hashes for hashes, _ in found])
    rows = np.concatenate([of + i for (_, of), (i, _) in zip(found, blocks, strict=True)])
    _, place, count = np.unique(hashes, return_inverse=True, return_counts=True)
    rare = (count[place] > 1) & (count[place] <= MOST_QUOTED)

    def contained(a: Rows, b: Rows) -> NDArray[np.bool_]:
        like = likeness(keys, a, b, shingles, numbers=params.numbers == "apart")
        return (like.containment >= params.threshold) & (like.numbers == 0)

    for a, b in neighbours(hashes[rare], rows[rare]):
        pairs = np.unique((a.astype(np.uint64) << np.uint64(32)) | b.astype(np.uint64))
        a, b = (pairs >> np.uint64(32)).astype(np.int64), (pairs & np.uint64(0xFFFFFFFF)).astype(np.int64)
        _verify(pool, keys, roots, a[a != b], b[a != b], contained)


def _verify(
    pool: ThreadPoolExecutor, keys: Keys, roots: Rows, a: Rows, b: Rows, alike: Callable[[Rows, Rows], NDArray[np.bool_]]
) -> None:
    """Join those of the pairs that are alike; what is connected already is not compared."""
    apart = roots[a] != roots[b]
    a, b = a[apart], b[apart]
    parts = range(0, len(a), PAIRS)
    answers = list(pool.map(lambda i: alike(a[i : i + PAIRS], b[i : i + PAIRS]), parts))
    if answers:
        found = np.concatenate(answers)
        join(roots, a[found], b[found])


def _blocks(keys: Keys, first: int, last: int) -> Iterator[tuple[int, int]]:
    """Stretches of rows of about BLOCK characters."""
    ends = np.cumsum(keys.lengths[first:last])
    i = 0
    while i < last - first:
        j = max(int(np.searchsorted(ends, (ends[i - 1] if i else 0) + BLOCK, side="right")), i + 1)
        yield first + i, first + j
        i = j


def _spread(hashes: Hashes) -> NDArray[np.uint64]:
    """64 bits for each number: their sum stands for all of a key's numbers, in any order."""
    return (hashes.astype(np.uint64) | np.uint64(1) << np.uint64(32)) * np.uint64(0x9E3779B97F4A7C15)
