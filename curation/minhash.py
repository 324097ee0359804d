"""Texts that share most of their character shingles, found without comparing all with all, in NumPy.

One hash a shingle serves all permutations (one permutation hashing, Li, Owen, Zhang 2012, with the densification of Shrivastava 2017),
bands as in Leskovec, Rajaraman, Ullman, Mining of Massive Datasets, chapter 3; every pair is then verified by its true Jaccard
similarity. The same texts and seed give the same pairs, whatever the threads.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from curation.params import DuplicatesParams

Numbers = NDArray[np.uint64]
Rows = NDArray[np.int64]

BLOCK = 20_000  # texts, and pairs, at a time: some 5 million shingles
BASE = np.uint64(0x100000001B3)  # FNV's prime, for the polynomial of a shingle's characters
LOW = np.uint64((1 << 40) - 1)  # bits of a shingle's hash that stand beside the row's number when sets are compared
MOST_NEIGHBOURS = 32  # in a bucket each text is compared with so many that follow it: texts that are all alike connect through those


def clusters(texts: Sequence[str], apart: Numbers, params: DuplicatesParams) -> Rows:
    """For each text the lowest row of the texts that it is connected with by pairs of at least `threshold`; itself when there is none.

    Texts whose `apart` differ are never compared.
    """
    roots = np.arange(len(texts))
    if len(texts) < 2:
        return roots
    buckets = np.concatenate([_buckets(texts[i : i + BLOCK], params) for i in range(0, len(texts), BLOCK)])
    for band in range(params.bands):
        bucket = _mixed(buckets[:, band] ^ _mixed(apart))
        for a, b in _neighbours(bucket):
            apart_yet = roots[a] != roots[b]
            a, b = a[apart_yet], b[apart_yet]
            alike = _jaccard(texts, a, b, params.shingle) >= params.threshold
            _join(roots, a[alike], b[alike])
    return roots


def _shingles(texts: Sequence[str], width: int, seed: int) -> tuple[Numbers, Rows]:
    """The hashes of all runs of `width` characters, text after text, and how many each text has; a shorter text is one run."""
    padded = [text.ljust(width, "\0") for text in texts]
    lengths = np.fromiter(map(len, padded), np.int64, len(padded))
    characters = np.frombuffer("".join(padded).encode("utf-32-le"), np.uint32).astype(np.uint64)
    windows = np.zeros(len(characters) - width + 1, np.uint64)
    for i in range(width):
        windows = windows * BASE + characters[i : len(windows) + i]
    counts = lengths - width + 1
    starts = np.cumsum(lengths) - lengths
    first = np.cumsum(counts) - counts
    inside = np.repeat(starts - first, counts) + np.arange(counts.sum())
    return _mixed(windows[inside] + np.uint64(seed)), counts


def _buckets(texts: Sequence[str], params: DuplicatesParams) -> Numbers:
    """(texts, bands): texts of a small Jaccard distance have the same number in some column."""
    size = params.permutations
    hashes, counts = _shingles(texts, params.shingle, params.seed)
    bins = (hashes >> np.uint64(40)) % np.uint64(size)
    flat = np.full(len(texts) * size, LOW + np.uint64(1), np.uint64)
    np.minimum.at(flat, np.repeat(np.arange(len(texts)) * size, counts) + bins.astype(np.int64), hashes & LOW)
    signatures = _densified(flat.reshape(len(texts), size))
    return np.stack([_combined(columns) for columns in np.split(signatures, params.bands, axis=1)], axis=1)


def _densified(signatures: Numbers) -> Numbers:
    """An empty bin takes the value of another, chosen by the bin and the attempt alone, so that equal sets stay equal."""
    size = signatures.shape[1]
    filled = signatures.copy()
    rows, bins = np.nonzero(signatures > LOW)
    attempt = 0
    while len(rows):
        attempt += 1
        chosen = (_mixed(np.arange(size, dtype=np.uint64) + np.uint64(attempt << 32)) % np.uint64(size)).astype(np.int64)
        offered = signatures[rows, chosen[bins]]
        full = offered <= LOW
        filled[rows[full], bins[full]] = offered[full] + np.uint64(attempt << 40)
        rows, bins = rows[~full], bins[~full]
    return filled


def _combined(columns: Numbers) -> Numbers:
    code = np.zeros(len(columns), np.uint64)
    for column in columns.T:
        code = _mixed(code ^ column)
    return code


def _neighbours(bucket: Numbers) -> Iterator[tuple[Rows, Rows]]:
    """Pairs (lower row, higher row) in one bucket, first the nearest, at most MOST_NEIGHBOURS for each."""
    order = np.argsort(bucket, kind="stable")
    ordered = bucket[order]
    left = np.arange(len(order))
    for step in range(1, min(MOST_NEIGHBOURS, len(order) - 1) + 1):
        left = left[left < len(order) - step]
        left = left[ordered[left] == ordered[left + step]]
        if not len(left):
            return
        for i in range(0, len(left), BLOCK):
            yield order[left[i : i + BLOCK]], order[left[i : i + BLOCK] + step]


def _jaccard(texts: Sequence[str], a: Rows, b: Rows, width: int) -> NDArray[np.float64]:
    """The true Jaccard similarity of the shingles of each pair of rows."""
    if not len(a):
        return np.empty(0)
    rows, places = np.unique(np.concatenate([a, b]), return_inverse=True)
    hashes, counts = _shingles([texts[row] for row in rows], width, 0)
    sets = np.sort((np.repeat(np.arange(len(rows), dtype=np.uint64), counts) << np.uint64(40)) | (hashes & LOW))
    sets = sets[np.concatenate([[True], sets[1:] != sets[:-1]])]
    sizes = np.bincount((sets >> np.uint64(40)).astype(np.int64), minlength=len(rows))
    starts = np.cumsum(sizes) - sizes
    both = np.stack([places[: len(a)], places[len(a) :]], axis=1).ravel()
    lengths = sizes[both]
    inside = np.repeat(starts[both] - (np.cumsum(lengths) - lengths), lengths) + np.arange(lengths.sum())
    pair = np.repeat(np.arange(len(both), dtype=np.uint64) // np.uint64(2), lengths)
    members = np.sort((pair << np.uint64(40)) | (sets[inside] & LOW))
    twice = members[1:][members[1:] == members[:-1]]
    shared = np.bincount((twice >> np.uint64(40)).astype(np.int64), minlength=len(a))
    return shared / (lengths[::2] + lengths[1::2] - shared)


def _join(roots: Rows, a: Rows, b: Rows) -> None:
    """Connect the rows of each pair; every row then knows the lowest of those it is connected with."""
    for left, right in zip(a.tolist(), b.tolist(), strict=True):
        while roots[left] != left:
            left = roots[left]
        while roots[right] != right:
            right = roots[right]
        roots[max(left, right)] = min(left, right)
    while not np.array_equal(roots, above := roots[roots]):
        roots[:] = above


def _mixed(numbers: Numbers) -> Numbers:
    """splitmix64's finaliser: every bit of the input moves every bit of the output."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))
