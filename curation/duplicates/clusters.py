"""Near-duplicates of distinct keys: candidates by block and by band on every thread, each verified, connected into clusters."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from curation.duplicates.candidates import MOST_QUOTED, neighbours, quoted_runs
from curation.duplicates.components import join, settle
from curation.duplicates.keys import Keys, blocks
from curation.duplicates.shingles import HALF, LOW, Hashes, Rows
from curation.duplicates.similarity import Shingles, likeness
from curation.duplicates.sketches import Sketches
from curation.params import DuplicatesParams

PAIRS = 256  # verified at a time: what is sorted for them lies in a core's second-level cache


def near(keys: Keys, params: DuplicatesParams, threads: int = 1) -> Rows:
    """For each key, shortest first, the lowest row of those it is connected with; its own where there is none.

    Keys of up to `short` characters are compared with each other and with longer ones by shingles of `short_characters` and
    `short_threshold`, all others by `characters`, `words` and `threshold`. The result depends on keys and parameters alone.
    """
    roots = np.arange(len(keys.lengths))
    first_long = int(np.searchsorted(keys.lengths, params.short, side="right"))
    # Of a pair of similarity t the longer has at most 1/t times the shingles of the shorter, so much longer keys need not be looked at.
    reach = (params.short - params.short_characters + 1) / params.short_threshold + params.short_characters
    last_short = int(np.searchsorted(keys.lengths, reach, side="right")) if first_long else 0
    smallest = int(np.searchsorted(keys.lengths, params.short_characters))
    with ThreadPoolExecutor(threads) as pool:
        short, long = Shingles(params.short_characters), Shingles(params.characters, params.words)
        _connect(pool, keys, roots, (smallest, last_short, first_long), short, params.short_threshold, params)
        _connect(pool, keys, roots, (first_long, len(roots), len(roots)), long, params.threshold, params)
        if params.measure == "containment":
            _connect_quoted(pool, keys, roots, params)
    return roots


def _connect(
    pool: ThreadPoolExecutor,
    keys: Keys,
    roots: Rows,
    stretch: tuple[int, int, int],
    shingles: Shingles,
    threshold: float,
    params: DuplicatesParams,
) -> None:
    """Join the near-duplicates in a stretch of rows: `first` to `last` - 1, of each pair the first below `lower`."""
    first, last, lower = stretch
    if last - first < 2:
        return
    sketches = Sketches.of_nothing(last - first, params)
    numbers = np.zeros(last - first, np.uint64)

    def fill(block: tuple[int, int]) -> None:
        of, at = keys.block(*block), block[0] - first
        sketches.fill(at, of, shingles)
        if params.numbers == "apart":
            hashes, rows = of.numbers()
            np.add.at(numbers, rows + at, _spread(hashes))

    for _ in pool.map(fill, blocks(keys, first, last)):
        pass
    apart = (numbers ^ (numbers >> np.uint64(32))).astype(np.uint32)
    unlike, lock = np.empty(0, np.uint64), Lock()

    def jaccard(a: Rows, b: Rows) -> NDArray[np.bool_]:
        like = likeness(keys, a, b, shingles)
        sketches.sizes[a - first], sketches.sizes[b - first] = like.first, like.second  # true ones: the bitmaps now say more of these rows
        return like.jaccard >= threshold

    def join_bucket_by_bucket(band: Hashes) -> None:
        """Threads may read `roots` and `unlike` while others write: what they miss there they verify once more than needed."""
        nonlocal unlike
        seen = []
        for a, b in neighbours(band ^ apart):
            kept = (roots[a + first] != roots[b + first]) & (a + first < lower)
            a, b = a[kept], b[kept]
            kept = (numbers[a] == numbers[b]) & sketches.promising(a, b, threshold)
            a, b = a[kept] + first, b[kept] + first
            kept = ~_among(unlike, a, b)
            a, b = a[kept], b[kept]
            alike = _verified(a, b, jaccard)
            seen.append(_pairs(a[~alike], b[~alike]))
            with lock:
                join(roots, a[alike], b[alike])
        with lock:
            unlike = np.sort(np.concatenate([unlike, *seen]))
            settle(roots)

    for _ in pool.map(join_bucket_by_bucket, sketches.bands):
        pass


def _connect_quoted(pool: ThreadPoolExecutor, keys: Keys, roots: Rows, params: DuplicatesParams) -> None:
    """Join the keys of at least `contained_from` characters with those that they stand in."""
    first = int(np.searchsorted(keys.lengths, max(params.contained_from, params.short + 1)))
    shingles = Shingles(params.characters, params.words)
    parts = list(blocks(keys, first, len(roots)))
    found = list(pool.map(lambda block: quoted_runs(keys.block(*block)), parts))
    if not found:
        return
    hashes = np.concatenate([hashes for hashes, _ in found])
    rows = np.concatenate([of + i for (_, of), (i, _) in zip(found, parts, strict=True)])
    _, place, count = np.unique(hashes, return_inverse=True, return_counts=True)
    rare = (count[place] > 1) & (count[place] <= MOST_QUOTED)

    def contained(a: Rows, b: Rows) -> NDArray[np.bool_]:
        like = likeness(keys, a, b, shingles, numbers=params.numbers == "apart")
        return (like.containment >= params.threshold) & (like.numbers == 0)

    for a, b in neighbours(hashes[rare], rows[rare]):
        pairs = np.unique(_pairs(a, b))
        a, b = (pairs >> HALF).astype(np.int64), (pairs & LOW).astype(np.int64)
        open_yet = roots[a] != roots[b]
        a, b = a[open_yet], b[open_yet]
        alike = _verified(a, b, contained, pool.map)
        join(roots, a[alike], b[alike])
    settle(roots)


def _verified(
    a: Rows, b: Rows, alike: Callable[[Rows, Rows], NDArray[np.bool_]], run: Callable[..., Iterable[NDArray[np.bool_]]] = map
) -> NDArray[np.bool_]:
    """`alike` of all pairs, PAIRS at a time; by `run`, the map of a pool, on every thread."""
    parts = run(lambda i: alike(a[i : i + PAIRS], b[i : i + PAIRS]), range(0, len(a), PAIRS))
    return np.concatenate([np.empty(0, bool), *parts])


def _pairs(a: Rows, b: Rows) -> NDArray[np.uint64]:
    return (a.astype(np.uint64) << HALF) | b.astype(np.uint64)


def _among(known: NDArray[np.uint64], a: Rows, b: Rows) -> NDArray[np.bool_]:
    """Which of the pairs are among `known`, which is sorted."""
    pairs = _pairs(a, b)
    places = np.searchsorted(known, pairs)
    found = places < len(known)
    found[found] = known[places[found]] == pairs[found]
    return found


def _spread(hashes: Hashes) -> NDArray[np.uint64]:
    """64 bits for each number: their sum stands for all of a key's numbers, in any order."""
    return (hashes.astype(np.uint64) | np.uint64(1) << np.uint64(32)) * np.uint64(0x9E3779B97F4A7C15)
