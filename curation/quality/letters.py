"""How many letters, and Latin ones, a text has."""

from functools import cache

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curation.engine import threads_of
from curation.text.words import Places, over

LATIN = r"\p{Latin}"
TEXTS = 2_048  # at a time: their bytes, and what is worked out of them, lie in the cache
TWO_BYTES = 0x800  # code points below are one or two bytes of UTF-8
THREE_BYTES = 0xE0  # the first byte of longer ones is from here on


def count_characters(con: duckdb.DuckDBPyConnection, texts: pa.ChunkedArray, kind: str) -> Places:
    """How many characters of a kind (a class of RE2) each text has; a null has none.

    Whether one begins is looked up for each two bytes that stand together, which says it of Latin, Arabic and all between; texts with other
    characters are counted by the regular expression, at a tenth of the pace.
    """
    begins = _begins(kind)
    pieces = [chunk.slice(i, TEXTS) for chunk in texts.chunks for i in range(0, len(chunk), TEXTS)]
    counted = over(pieces, lambda piece: _count(piece, begins), threads_of(con))
    counts, others = (np.concatenate([np.empty(0, np.int64), *found]) for found in zip(*counted, strict=True)) if counted else _none()
    rest = np.flatnonzero(others)
    if len(rest):
        table = con.from_arrow(pa.table({"text": texts.take(pa.array(rest))}))
        counts[rest] = table.project(f"length(regexp_replace(text, '[^{kind}]+', '', 'g'))").to_arrow_table()[0].to_numpy()
    return counts


def _none() -> tuple[Places, Places]:
    return np.empty(0, np.int64), np.empty(0, np.int64)


def _count(texts: pa.Array, begins: NDArray[np.uint8]) -> tuple[Places, Places]:
    """How many characters of the kind each text has, and how many of three or four bytes."""
    _, bounds, data = texts.buffers()
    offsets = np.frombuffer(bounds, np.int32)[texts.offset :][: len(texts) + 1]
    utf8 = np.frombuffer(data or b"", np.uint8)[offsets[0] : offsets[-1]]
    pairs = utf8.astype(np.uint16) << 8
    pairs[:-1] |= utf8[1:]
    return _sums(begins[pairs], offsets - offsets[0]), _sums(utf8 >= THREE_BYTES, offsets - offsets[0])


def _sums(of_bytes: NDArray[np.uint8] | NDArray[np.bool_], offsets: NDArray[np.int32]) -> Places:
    sums = np.zeros(len(of_bytes) + 1, np.int64)
    np.cumsum(of_bytes, out=sums[1:])
    return np.diff(sums[offsets])


@cache
def _begins(kind: str) -> NDArray[np.uint8]:
    """For each two bytes, 1 where a character of the kind begins with the first."""
    with duckdb.connect() as con:
        found = con.execute(f"SELECT i FROM range(1, {TWO_BYTES}) AS code(i) WHERE regexp_matches(chr(i::INTEGER), '{kind}')").fetchall()
    begins = np.zeros(1 << 16, np.uint8)
    for (code,) in found:
        first, *more = chr(code).encode()
        if more:
            begins[first << 8 | more[0]] = 1
        else:
            begins[first << 8 : first + 1 << 8] = 1
    return begins
