"""Connected components: which rows hang together by pairs."""

import numpy as np

from curation.duplicates.shingles import Rows


def join(roots: Rows, a: Rows, b: Rows) -> None:
    """Connect the rows of each pair, in place; every row then knows the lowest of those it is connected with.

    `roots` starts as `np.arange(n)`. The lower root takes in the higher, all pairs at a time, until none are left apart.
    """
    while len(a):
        left, right = roots[a], roots[b]
        apart = left != right
        a, b, left, right = a[apart], b[apart], left[apart], right[apart]
        np.minimum.at(roots, np.maximum(left, right), np.minimum(left, right))
        while not np.array_equal(roots, above := roots[roots]):
            roots[:] = above
