"""Rows of tables under the names of their columns: CSV and TSV, XLSX, Parquet and Arrow, each streamed."""

import zipfile
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from curation.errors import TibyanError
from curation.sources.containers import BROKEN, seekable
from curation.sources.delimited import rows_of
from curation.sources.dump import Dump, Reject, as_text
from curation.sources.workbook import sheet_rows

BATCH = 1_000  # rows of a Parquet or Arrow file held at a time
BUFFER = 1 << 20  # bytes of each column of a Parquet file held at a time
Row = tuple[str, dict[str, Any]]
Damaged = (pa.ArrowException, OSError, ValueError, OverflowError)


def csv_rows(dump: Dump) -> Iterator[Row | Reject]:
    return _named(rows_of(dump), "line", dump.header)


def xlsx_rows(dump: Dump) -> Iterator[Row | Reject]:
    """The first sheet. Raises TibyanError when the workbook cannot be opened."""
    try:
        with zipfile.ZipFile(seekable(dump.path, dump.member, dump.notes)) as archive:
            yield from _named(_squared(sheet_rows(archive, dump.notes), dump), "row", dump.header)
    except (*BROKEN, KeyError):
        raise TibyanError(
            f"{dump.name}: not a workbook that can be read. Open it in a spreadsheet program and save it as XLSX or CSV."
        ) from None


def parquet_rows(dump: Dump) -> Iterator[Row | Reject]:
    """Raises TibyanError when its index, which stands at its end, cannot be read."""
    try:
        file = pq.ParquetFile(seekable(dump.path, dump.member, dump.notes), buffer_size=BUFFER, pre_buffer=False)
    except Damaged:
        raise TibyanError(f"{dump.name}: a damaged Parquet file. Copy it again from where it came from.") from None
    with file:
        before = 0
        for group in range(file.num_row_groups):
            yield from _of_batches(file.iter_batches(BATCH, row_groups=[group]), before)
            before += file.metadata.row_group(group).num_rows


def arrow_rows(dump: Dump) -> Iterator[Row | Reject]:
    """An Arrow IPC stream, as `datasets` saves it to disk. Raises TibyanError when it does not begin like one."""
    with dump.open() as file:
        try:
            stream = pa.ipc.open_stream(file)
        except Damaged:
            raise TibyanError(f"{dump.name}: a damaged Arrow file. Save the dataset to disk again.") from None
        yield from _of_batches(stream, 0)


def _of_batches(batches: Iterable[pa.RecordBatch], number: int) -> Iterator[Row | Reject]:
    """Rows numbered from `number` + 1, and a Reject for what is damaged: a row, or all that follows where no more batch can be read."""
    batches = iter(batches)
    while True:
        try:
            batch = next(batches, None)
        except Damaged:
            yield Reject(f"row {number + 1}", "damaged_row", "cannot be read from here on")
            return
        if batch is None:
            return
        for start in range(0, batch.num_rows, BATCH):
            rows = batch.slice(start, BATCH)
            for item in _rows_of(rows) or (found for i in range(rows.num_rows) for found in _rows_of(rows.slice(i, 1)) or [None]):
                number += 1
                yield Reject(f"row {number}", "damaged_row", "cannot be read") if item is None else (f"row {number}", item)


def _rows_of(rows: pa.RecordBatch) -> list[Any]:
    """As dictionaries; none where one is damaged: offsets and texts are checked, since Arrow itself trusts them."""
    try:
        rows.validate(full=True)
        return list(rows.to_pylist())
    except Damaged:
        return []


def _squared(rows: Iterable[tuple[int, Sequence[Any] | None]], dump: Dump) -> Iterator[tuple[int, Sequence[Any] | None]]:
    """Rows as wide as the header, or as the mapping asks: a sheet leaves out what is empty, and remarks stand beside its table."""
    asked = [int(column) for column in (dump.columns or {}).values() if not dump.header and str(column).isdecimal()]
    width = 0
    for number, cells in rows:
        if cells is not None and not width and any(as_text(cell) for cell in cells):
            width = max([len(cells), *(column + 1 for column in asked if column < 1 << 14)])
        yield number, cells if cells is None else [*cells, *[None] * (width - len(cells))][:width]


def _named(rows: Iterable[tuple[int, Sequence[Any] | None]], unit: str, has_header: bool) -> Iterator[Row | Reject]:
    """Cells under the names of the header, or under their numbers where there is none; a Reject for a row of another width."""
    header: list[str] = []
    for number, cells in rows:
        if cells is None:
            yield Reject(f"{unit} {number}", "damaged_row", "cannot be read")
            continue
        if not (cells and type(cells[0]) is str and cells[0][:1].isalnum()) and not any(as_text(cell) for cell in cells):
            continue
        if not header:
            header = [as_text(c).removeprefix("\ufeff") for c in cells] if has_header else [str(i) for i in range(len(cells))]
            if has_header:
                continue
        if len(cells) != len(header):
            yield Reject(f"{unit} {number}", "damaged_row", f"{len(cells)} cells under {len(header)} columns")
            continue
        yield f"{unit} {number}", dict(zip(header, cells, strict=True))
