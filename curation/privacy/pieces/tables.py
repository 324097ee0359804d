"""Tables: Parquet and Arrow with every text in them however nested, and delimited files."""

import csv
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from curation.privacy.pieces import OWN_ID, Batch, batch, shown
from curation.sources.delimited import delimiter_of, rows_of
from curation.sources.dump import Dump

ROWS = 2048  # held at a time
ID_RANGE = (10**13, 10**17)  # whole numbers of 14 to 17 digits are ids of accounts and persons; longer ones are hashes
# Columns of ours in which no name can be told from a word, and why; the texts that they were made of are judged in full.
NAMELESS = (
    ("_key", "folded: without the ends of sentences and lines across which no name goes"),
    ("_evidence[]", "words of our lists with their weights"),
    ("_changes[]", "words of our lists with what they became"),
)
Column = tuple[str, pa.Array, pa.Array | None]  # its path, its values, and for each the row it stands in; None: as it stands


def parquet_batches(file: Any) -> Iterator[Batch]:
    """Every text of a Parquet file, row group by row group."""
    with pq.ParquetFile(file) as parquet:
        yield from _head(parquet.schema_arrow.names, parquet.metadata.metadata)
        first = 0
        for rows in parquet.iter_batches(ROWS):
            yield from arrow_batches(rows, first)
            first += rows.num_rows


def ipc_batches(reader: Any) -> Iterator[Batch]:
    """Every text of an Arrow IPC file or stream, opened by pyarrow."""
    yield from _head(reader.schema.names, reader.schema.metadata)
    first = 0
    numbered = hasattr(reader, "num_record_batches")
    for rows in (reader.get_batch(i) for i in range(reader.num_record_batches)) if numbered else reader:
        for start in range(0, rows.num_rows, ROWS):
            yield from arrow_batches(rows.slice(start, ROWS), first + start)
        first += rows.num_rows


def arrow_batches(rows: pa.RecordBatch, first: int) -> Iterator[Batch]:
    """Every text of a record batch whose row 0 is row `first` of the table."""
    columns = [leaf for name, column in zip(rows.schema.names, rows.columns, strict=True) for leaf in _leaves(shown(name), column, None)]
    ids = next((values for path, values, _ in columns if path == "record_id" and _are_ids(values)), None)
    for path, values, parents in columns:
        if not _are_ids(values):
            yield _column_batch(path, values, parents, first, ids)


def csv_batches(dump: Dump, skip: Any) -> Iterator[Batch]:
    """Every cell of a delimited file, by columns, some rows at a time."""
    rows = rows_of(dump)
    header = next((row for _, row in rows if row), [])
    yield from _head(header, None)
    held: list[list[str]] = []
    first = 0
    for _, row in rows:
        if row is None:
            skip("a row that cannot be read")
            row = []
        held.append(row)
        if len(held) == ROWS or sum(map(len, row)) > 1 << 20:
            yield from _cells(header, held, first)
            first, held = first + len(held), []
    yield from _cells(header, held, first)


def looks_like_csv(path: PurePath, text: str) -> bool:
    """By its name, or by its first lines: the cells of the header are short and named, and the next line has as many."""
    if path.suffix.lower() in (".csv", ".tsv"):
        return True
    lines = text.splitlines()[:2]
    if len(lines) < 2:
        return False
    header, row = (next(csv.reader([line], delimiter=delimiter_of(lines[0])), []) for line in lines)
    return len(header) > 1 and len(header) == len(row) and all(0 < len(cell) < 40 and cell.replace("_", "a").isalnum() for cell in header)


def _cells(header: list[str], rows: list[list[str]], first: int) -> Iterator[Batch]:
    width = max(map(len, rows), default=0)
    names = [shown(header[i]) if i < len(header) else f"column {i + 1}" for i in range(width)]
    columns = [pa.array([row[i] if i < len(row) else None for row in rows], pa.large_string()) for i in range(width)]
    if columns:
        yield from arrow_batches(pa.RecordBatch.from_arrays(columns, names), first)


def _head(names: list[str], metadata: dict[bytes, bytes] | None) -> Iterator[Batch]:
    yield batch(list(map(str, names)), lambda i: f"name of column {i + 1}")
    # What Arrow puts there is the schema in base64, which has been looked at.
    values = [value.decode("utf-8", "replace") for key, value in (metadata or {}).items() if key != b"ARROW:schema"]
    yield batch(values, lambda i: f"metadata {i + 1}", own=True)


def _leaves(path: str, values: pa.Array, parents: pa.Array | None) -> Iterator[Column]:
    """The texts in a column: of lists the items, of structs the fields, of maps keys and values; ids that are whole numbers too."""
    kind = values.type
    if isinstance(kind, pa.BaseExtensionType):
        yield from _leaves(path, values.storage, parents)
    elif pa.types.is_dictionary(kind):
        yield from _leaves(path, values.dictionary_decode(), parents)
    elif pa.types.is_run_end_encoded(kind):
        yield from _leaves(path, pc.run_end_decode(values), parents)
    elif pa.types.is_struct(kind):
        for field, inner in zip(kind, values.flatten(), strict=True):
            yield from _leaves(f"{path}.{shown(field.name)}", inner, parents)
    elif pa.types.is_map(kind):
        yield from _leaves(path, values.cast(pa.list_(pa.struct([("key", kind.key_type), ("value", kind.item_type)]))), parents)
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        within = pc.list_parent_indices(values)
        yield from _leaves(f"{path}[]", pc.list_flatten(values), within if parents is None else parents.take(within))
    elif pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        yield path, values.cast(pa.large_string()), parents
    elif pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        texts = [_decoded(value) for value in values.to_pylist()]
        yield path, pa.array(texts, pa.large_string()), parents
    elif pa.types.is_integer(kind):
        wide = values.cast(pa.decimal128(38, 0)).cast(pa.large_string()) if pa.types.is_uint64(kind) else values.cast(pa.large_string())
        yield path, pc.if_else(pc.match_substring_regex(wide, r"^\d{14,17}$"), wide, None), parents


def _column_batch(path: str, values: pa.Array, parents: pa.Array | None, first: int, ids: pa.Array | None) -> Batch:
    filled = pc.indices_nonzero(values.is_valid())

    def place(i: int) -> str:
        at = filled[i].as_py()
        row = at if parents is None else parents[at].as_py()
        named = f" (record_id {ids[row]})" if ids is not None and ids[row].is_valid else ""
        return f"row {first + row + 1}{named}, column {path}"

    return batch(values.drop_null().to_pylist(), place, names=not path.endswith(tuple(ending for ending, _ in NAMELESS)))


def _are_ids(values: pa.Array) -> bool:
    """Whether a column holds ids of ours and nothing else: 16 hexadecimal digits each, letters among them."""
    if not len(values) or not pa.types.is_large_string(values.type):
        return False
    fits = pc.all(pc.match_substring_regex(values, f"^{OWN_ID.pattern}$"), skip_nulls=True).as_py()
    return bool(fits and pc.any(pc.match_substring_regex(values, "[a-f]")).as_py())


def _decoded(value: bytes | None) -> str | None:
    """Bytes that are text; of others nothing."""
    try:
        return value.decode() if value is not None else None
    except UnicodeDecodeError:
        return None
