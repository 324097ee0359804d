"""Any table of questions and answers: XLSX, CSV, TSV, JSON lines or Parquet, MAQA by its own column names, others by a mapping."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from python_calamine import CalamineError, CalamineWorkbook

from curation.errors import TibyanError
from curation.sources.dump import Dump, Head, Item, Pair, Reject, as_text, rows_of
from curation.sources.json_stream import objects

NAME = "table"
MAQA = {"question": "q_body", "answer": "a_body", "specialty": "category"}
ROLES = ("question", "answer", "specialty", "asked_at", "native_id", "severity")
LONGEST_NAME = 40  # characters of a column name
Row = tuple[str, dict[str, Any]]


def recognises(head: Head, dump: Dump) -> bool:
    """A table that params.yaml maps, or one with MAQA's columns."""
    if dump.columns:
        return True
    if head.raw.startswith(b"PAR1") or any(name.startswith("xl/") for name in head.members):
        return set(MAQA.values()) <= set(_columns(dump))
    return set(MAQA.values()) <= set(head.header) or all(f'"{name}"' in head.text for name in MAQA.values())


def read(dump: Dump) -> Iterator[Item]:
    """One Pair a row. Raises TibyanError when a mapped column is not there, TibyanError or Reject for what cannot be read."""
    mapping: dict[str, str | int] = dict(dump.columns or MAQA)
    if unknown := set(mapping) - set(ROLES):
        raise TibyanError(f"params.yaml: ingest.inputs: columns maps {', '.join(sorted(unknown))}; it can map {', '.join(ROLES)}.")
    if "question" not in mapping:
        raise TibyanError(f"params.yaml: ingest.inputs: columns of {dump.path} name no question column.")
    checked = False
    for item in _rows(dump):
        if isinstance(item, Reject):
            yield item
            continue
        position, row = item
        if not checked:
            _check(dump, mapping, row)
            checked = True
        question = as_text(row.get(str(mapping["question"])))
        if not question:
            yield Reject(position, "empty_question")
            continue
        cell = {role: as_text(row.get(str(mapping[role]))) or None for role in ROLES if role in mapping}
        yield Pair(
            native_id=cell.get("native_id"),
            question=question,
            answer=cell.get("answer"),
            position=position,
            specialty=" ".join((cell.get("specialty") or "").split()) or None,  # MAQA's names carry stray spaces
            time=cell.get("asked_at"),
            label_severity=cell.get("severity"),
        )


def _check(dump: Dump, mapping: dict[str, str | int], row: dict[str, Any]) -> None:
    missing = [f"{role}: {column}" for role, column in mapping.items() if str(column) not in row]
    if missing and not (len(row) and all(r.split(":")[0] != "question" for r in missing) and _is_json(dump)):
        names = [str(name) for name in row]
        # A first row of sentences is no header, and sentences are not printed.
        found = (
            f"its columns: {', '.join(names[:12])}"
            if max(map(len, names)) <= LONGEST_NAME
            else "is its first row a header? If not: header: false"
        )
        wanted = "; ".join(missing)
        raise TibyanError(f"{dump.path}: has no column for {wanted} ({found}). Name its own columns under ingest.inputs in params.yaml.")


def _is_json(dump: Dump) -> bool:
    """In JSON lines a null may simply be left out."""
    return Head.of(dump.path).text.lstrip().startswith(("{", "["))


def _rows(dump: Dump) -> Iterator[Row | Reject]:
    head = Head.of(dump.path)
    if head.raw.startswith(b"PAR1"):
        yield from _parquet_rows(dump)
    elif head.raw.startswith(b"PK"):
        yield from _named(dump, _xlsx_rows(dump), "row")
    elif _is_json(dump):
        yield from objects(dump.path)
    else:
        yield from _named(dump, rows_of(dump.path), "line")


def _named(dump: Dump, rows: Iterator[tuple[int, list[Any]]], unit: str) -> Iterator[Row | Reject]:
    """Cells under the names of the header, or under their numbers where there is none."""
    header: list[str] = []
    for number, cells in rows:
        if not any(as_text(cell) for cell in cells):
            continue
        if not header:
            header = [as_text(c) for c in cells] if dump.header else [str(i) for i in range(len(cells))]
            if len(header) and dump.header:
                header[0] = header[0].removeprefix("\ufeff")
                continue
        if len(cells) != len(header):
            yield Reject(f"{unit} {number}", "damaged_row", f"{len(cells)} cells under {len(header)} columns")
            continue
        yield f"{unit} {number}", dict(zip(header, cells, strict=True))


def _xlsx_rows(dump: Dump) -> Iterator[tuple[int, list[Any]]]:
    try:
        with CalamineWorkbook.from_path(str(dump.path)) as book:
            yield from enumerate((list(row) for row in book.get_sheet_by_index(0).iter_rows()), start=1)
    except CalamineError:
        raise TibyanError(
            f"{dump.path}: not a workbook that can be read. Open it in a spreadsheet program and save it as XLSX or CSV."
        ) from None


def _parquet_rows(dump: Dump) -> Iterator[Row]:
    try:
        number = 0
        for batch in pq.ParquetFile(dump.path).iter_batches():
            for row in batch.to_pylist():
                number += 1
                yield f"row {number}", row
    except pa.ArrowInvalid:
        raise TibyanError(f"{dump.path}: a damaged Parquet file. Copy it again from where it came from.") from None


def _columns(dump: Dump) -> list[str]:
    """The names in the first row, or nothing when that cannot be read."""
    try:
        first = next((row for row in _rows(dump) if not isinstance(row, Reject)), None)
    except TibyanError:
        return []
    return list(first[1]) if first else []
