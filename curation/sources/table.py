"""Any table of questions and answers: XLSX, CSV, TSV, JSON lines, Parquet or Arrow, MAQA by its own column names, others by a mapping."""

from collections.abc import Iterator
from typing import Any

from curation.errors import TibyanError
from curation.sources.containers import ZIP
from curation.sources.dump import ARROW, PARQUET, Dump, Head, Item, Pair, Reject, as_text
from curation.sources.json_stream import objects
from curation.sources.rows import Row, arrow_rows, csv_rows, parquet_rows, xlsx_rows

NAME = "table"
AUTHORS = False
MAQA = {"question": "q_body", "answer": "a_body", "specialty": "category"}
ROLES = ("question", "answer", "specialty", "asked_at", "native_id", "severity")
LONGEST_NAME = 40  # characters of a column name


def recognises(head: Head, dump: Dump) -> bool:
    """A table that params.yaml maps, or one with MAQA's columns."""
    if dump.columns:
        # In a folder lie notes beside the data: a README is no table that lacks a column.
        return not _is_note(head) and (
            not dump.found or not dump.header or head.is_json or str(dump.columns.get("question")) in _columns(dump)
        )
    if head.raw.startswith((PARQUET, ARROW)) or head.is_workbook:
        return set(MAQA.values()) <= set(_columns(dump))
    return set(MAQA.values()) <= set(head.header) or head.has_keys(*MAQA.values())


def read(dump: Dump) -> Iterator[Item]:
    """One Pair a row. Raises TibyanError when a mapped column is not there, TibyanError or Reject for what cannot be read."""
    mapping: dict[str, str | int] = dict(dump.columns or MAQA)
    if unknown := set(mapping) - set(ROLES):
        raise TibyanError(
            f"params.yaml: ingest.inputs: columns of {dump.path} map {', '.join(sorted(unknown))}; they can map {', '.join(ROLES)}."
        )
    if "question" not in mapping:
        raise TibyanError(f"params.yaml: ingest.inputs: columns of {dump.path} name no question column.")
    asked, others = str(mapping["question"]), [str(mapping[role]) if role in mapping else None for role in ROLES[1:]]
    checked = False
    for item in _rows(dump):
        if isinstance(item, Reject):
            yield item
            continue
        position, row = item
        if not checked:
            _check(dump, mapping, row)
            checked = True
        question = as_text(row.get(asked))
        if not question:
            yield Reject(position, "empty_question")
            continue
        answer, specialty, time, native_id, label = [as_text(row.get(column)) or None if column is not None else None for column in others]
        specialty = " ".join(specialty.split()) if specialty else None  # MAQA's names carry stray spaces
        yield Pair(native_id, question, answer, position, specialty, time, label)


def _check(dump: Dump, mapping: dict[str, str | int], row: dict[str, Any]) -> None:
    missing = [f"{role}: {column}" for role, column in mapping.items() if str(column) not in row]
    # In JSON lines a null may simply be left out.
    if missing and not (len(row) and all(r.split(":")[0] != "question" for r in missing) and Head.of(dump).is_json):
        names = [str(name) for name in row]
        # A first row of sentences is no header, and sentences are not printed.
        found = (
            f"its columns: {', '.join(names[:12])}"
            if max(map(len, names), default=0) <= LONGEST_NAME
            else "is its first row a header? If not: header: false"
        )
        wanted = "; ".join(missing)
        raise TibyanError(f"{dump.name}: has no column for {wanted} ({found}). Name its own columns under ingest.inputs in params.yaml.")


def _rows(dump: Dump) -> Iterator[Row | Reject]:
    head = Head.of(dump)
    if head.raw.startswith(PARQUET):
        return parquet_rows(dump)
    if head.raw.startswith(ARROW):
        return arrow_rows(dump)
    if head.raw.startswith(ZIP):
        return xlsx_rows(dump)
    return objects(dump) if head.is_json else csv_rows(dump)


def _columns(dump: Dump) -> list[str]:
    """The names in the first row, or nothing when that cannot be read."""
    try:
        first = next((row for row in _rows(dump) if not isinstance(row, Reject)), None)
    except TibyanError:
        return []
    return list(first[1]) if first else []


def _is_note(head: Head) -> bool:
    """What lies beside the data in the folder of a Hugging Face dataset."""
    return head.has_keys("_fingerprint", "_format_type") or head.has_keys("features", "citation") or head.has_keys("splits")
