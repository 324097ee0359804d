"""Connected components: which rows hang together by pairs. `roots` starts as `np.arange(n)`; a row's root is never above it."""

import numpy as np

from curation.duplicates.shingles import Rows


def join(roots: Rows, a: Rows, b: Rows) -> None:
    """Connect the rows of each pair, in place, all pairs at a time: the lower root takes in the higher until no pair is left apart.

    Rows further down may afterwards know another than the lowest root: `settle` before reading them.
    """
    while len(a):
        left, right = _root(roots, a), _root(roots, b)
        roots[a], roots[b] = left, right
        apart = left != right
        a, b, left, right = a[apart], b[apart], left[apart], right[apart]
        np.minimum.at(roots, np.maximum(left, right), np.minimum(left, right))


def settle(roots: Rows) -> None:
    """Every row knows the lowest of those that it is connected with, in place."""
    while not np.array_equal(roots, above := roots[roots]):
        roots[:] = above


def _root(roots: Rows, rows: Rows) -> Rows:
    while not np.array_equal(rows, above := roots[rows]):
        rows = above
    return rows
