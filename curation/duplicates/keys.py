"""Distinct keys end to end in memory, shortest first, and the blocks of them that threads work on."""

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa

from curation.duplicates.shingles import Block, Rows

BLOCK = 1 << 16  # characters: hashes, prefix sums and products of a block lie in a core's second-level cache


@dataclass(frozen=True)
class Keys:
    """Distinct keys as UTF-8, one after the other: `data[offsets[i]:offsets[i + 1]]` is row i, of `lengths[i]` characters."""

    data: memoryview
    offsets: Rows
    lengths: Rows

    def block(self, first: int, last: int) -> Block:
        """Rows `first` to `last` - 1 as code points."""
        return Block.of(self.data[self.offsets[first] : self.offsets[last]], self.lengths[first:last])

    def rows(self, rows: Rows) -> Block:
        """Any rows, in any order, as code points."""
        begins, ends = self.offsets[rows].tolist(), self.offsets[rows + 1].tolist()
        return Block.of(b"".join([self.data[i:j] for i, j in zip(begins, ends, strict=True)]), self.lengths[rows])


def distinct_keys(con: duckdb.DuckDBPyConnection, texts: str, table: str) -> Keys:
    """The distinct keys of `texts`, a relation with the column `key`, by length and then by themselves; nulls and empty keys left out.

    They also become the temporary table `table` with the columns `row, key, length`.
    """
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE {table} AS
        SELECT row_number() OVER (ORDER BY length(key), key) - 1 AS row, key, length(key) AS length
        FROM (SELECT DISTINCT key FROM {texts} WHERE key <> '')""")
    return keys_of(con.sql(f"SELECT key, length, row FROM {table} ORDER BY row").to_arrow_table())[0]


def keys_of(table: pa.Table) -> tuple[Keys, Rows]:
    """The columns `key, length, row` of a table: its keys without a Python string for each, and the numbers of their rows."""
    data, offsets, before = bytearray(), [np.zeros(1, np.int64)], 0
    for chunk in table.column(0).cast(pa.large_string()).chunks:
        _, bounds, text = chunk.buffers()
        ends = np.frombuffer(bounds, np.int64)[chunk.offset :][: len(chunk) + 1] if len(chunk) else np.zeros(1, np.int64)
        data += memoryview(text)[ends[0] : ends[-1]] if text else b""
        offsets.append(ends[1:] - ends[0] + before)
        before = len(data)
    lengths, rows = (table.column(i).to_numpy().astype(np.int64, copy=False) for i in (1, 2))
    return Keys(memoryview(data), np.concatenate(offsets), lengths), rows


def blocks(keys: Keys, first: int, last: int) -> Iterator[tuple[int, int]]:
    """Rows `first` to `last` - 1 in stretches of about BLOCK characters, each as its first row and the one after its last."""
    ends = np.cumsum(keys.lengths[first:last])
    i = 0
    while i < last - first:
        j = max(int(np.searchsorted(ends, (ends[i - 1] if i else 0) + BLOCK, side="right")), i + 1)
        yield first + i, first + j
        i = j
