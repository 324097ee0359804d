"""Which held-out texts stand for the most part in one train text: by word n-grams of the key, for `split` and for the gate.

PaLM (Chowdhery and others 2022, section 8) calls an example contaminated when 70 % of its 8-grams stand in the training data; here they
have to stand in one train text, which is what a copy or a quotation looks like. As for GPT-3 (Brown and others 2020, appendix C), an n-gram
that stands in many train texts is a stock phrase and counts as not found. N-grams are compared by a hash of 32 bits: among a million
train texts one in 100 is taken for another by chance, never 70 % of a text's in the same one.
"""

from typing import NamedTuple

import duckdb
import numpy as np
from numpy.typing import NDArray

from curation.duplicates.keys import blocks, keys_of
from curation.duplicates.shingles import HALF, LOW, Rows
from curation.engine import threads_of
from curation.text.words import distinct, over

SALT = 0x27D4EB2F
SEEN = 27  # bits of a hash by which train n-grams are looked up before they are kept: a table of 128 MB

Grams = NDArray[np.uint64]  # sorted: the hash of an n-gram above, the row it stands in below, once for each two


class Overlap(NamedTuple):
    """`words` in an n-gram, the `share` of a text's from which it leaks, and `stock`: an n-gram in more train texts proves nothing."""

    words: int
    share: float
    stock: int


def ngrams(con: duckdb.DuckDBPyConnection, texts: str, words: int, among: Grams | None = None) -> Grams:
    """All n-grams of `texts`, a query for `row` (a number of up to 32 bits) and `key`; with `among` those that may stand there too.

    A key of fewer than `words` words has none.
    """
    keys, rows_of = keys_of(con.sql(f"SELECT key, length(key), row FROM ({texts}) WHERE key <> ''").to_arrow_table())
    numbers = rows_of.astype(np.uint64)
    seen = np.zeros(1 << SEEN, bool) if among is not None else np.ones(1, bool)
    if among is not None:
        seen[among >> np.uint64(64 - SEEN)] = True

    def of(block: tuple[int, int]) -> Grams:
        hashes, first, count = keys.block(*block).words(words, SALT)
        rows = np.repeat(np.arange(len(count)), count)
        hashes = hashes[np.arange(len(rows)) + np.repeat(first - (np.cumsum(count) - count), count)]
        if among is not None:
            known = seen[hashes >> np.uint32(32 - SEEN)]
            hashes, rows = hashes[known], rows[known]
        return (hashes.astype(np.uint64) << HALF) | numbers[rows + block[0]]

    found = np.concatenate([np.empty(0, np.uint64), *over(blocks(keys, 0, len(keys.lengths)), of, threads_of(con))])
    return distinct(found)


def leaking(ours: Grams, train: Grams, of: Overlap) -> Rows:
    """The rows of `ours` of whose n-grams at least the share stands in one text of `train`."""
    ours_hash, train_hash = (ours >> HALF).astype(np.uint32), (train >> HALF).astype(np.uint32)
    low = np.searchsorted(train_hash, ours_hash, side="left")
    count = np.searchsorted(train_hash, ours_hash, side="right") - low
    count[count > of.stock] = 0
    places = np.arange(count.sum()) + np.repeat(low - (np.cumsum(count) - count), count)
    pairs, shared = np.unique((np.repeat(ours & LOW, count) << HALF) | (train[places] & LOW), return_counts=True)
    sizes = np.bincount((ours & LOW).astype(np.int64))
    rows = (pairs >> HALF).astype(np.int64)
    return np.unique(rows[shared >= of.share * sizes[rows]])
