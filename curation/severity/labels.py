"""Files of texts that people labelled: read, checked, and made weights of."""

import csv
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from curation.errors import TibyanError
from curation.params import SeverityParams
from curation.schema import SEVERITIES
from curation.severity.learning import learn, rows_of
from curation.severity.linear import read_weights

MOST_WORDS, MOST_LETTERS = 2, 20  # of what can be a label


class Label(NamedTuple):
    """One person's level for one text; `record_id` is the file and row where the file has none."""

    record_id: str
    text: str
    severity: str
    annotator: str


def read_labels(path: Path, columns: dict[str, str]) -> list[Label]:
    """The labelled rows of a CSV or Parquet; rows without a level are left for later.

    `columns` says what `text` and `severity` are called there; `record_id` and `annotator` are read where they are, else the file is the
    annotator. Raises TibyanError naming missing columns and unknown labels with their rows.
    """
    names, rows = _rows(path)
    if missing := [f"{name} ({role})" for role, name in columns.items() if name not in names]:
        raise TibyanError(
            f"{path}: no column {', '.join(missing)}; it has {', '.join(names) or 'none'}. Say what they are called in "
            "severity.labelled_columns, or with --text and --severity."
        )
    labels, unknown = [], dict[str, int]()
    for number, row in enumerate(rows, start=1):
        level = str(row[columns["severity"]] or "").strip().lower()
        text = str(row[columns["text"]] or "").strip()
        if level and level not in SEVERITIES:
            unknown.setdefault(_as_label(level), number)
        elif level and text:
            named = str(row.get("record_id") or f"{path.name} row {number}")
            labels.append(Label(named, text, level, str(row.get("annotator") or path.stem)))
    if unknown:
        places = ", ".join(f"{level} (row {number})" for level, number in list(unknown.items())[:5])
        more = f" and {len(unknown) - 5} more" if len(unknown) > 5 else ""
        raise TibyanError(
            f"{path}: column {columns['severity']}: {places}{more}: no level. Write {', '.join(SEVERITIES)}, or leave it empty."
        )
    if not labels:
        raise TibyanError(f"{path}: no row has both a text and a level. Fill column {columns['severity']} with {', '.join(SEVERITIES)}.")
    return labels


def weights_from(labels: Iterable[Label], params: SeverityParams, start: pa.Table) -> pa.Table:
    """The table of weights that begins at `start` and learns from each label once."""
    given = list(labels)
    table = pa.table({name: pa.array([getattr(label, name) for label in given], pa.string()) for name in ("text", "severity")})
    with duckdb.connect(config={"threads": 1, "autoinstall_known_extensions": False}) as con:
        return learn(con, rows_of(table), params, start)


@lru_cache(maxsize=2)
def learnt_weights(weights: str | None, labelled: str, columns: tuple[tuple[str, str], ...], lexicon: str, _changed: int) -> pa.Table:
    """The weights of the file `weights`, learnt on from the labels of the file `labelled`; once, however many blocks are scored.

    `lexicon` is the parameters of the word lists as JSON, `_changed` when either file was: what a cache can be asked with.
    """
    params = SeverityParams.model_validate_json(lexicon)
    return weights_from(read_labels(Path(labelled), dict(columns)), params, read_weights(weights))


def weights_for(params: SeverityParams) -> pa.Table:
    """The table of weights that the parameters name. Raises TibyanError where a file is missing or none."""
    if not params.labelled:
        return read_weights(params.weights)
    try:
        changed = Path(params.labelled).stat().st_mtime_ns
    except OSError as error:
        raise TibyanError(f"severity.labelled: {params.labelled}: cannot be read ({error.strerror}). Name a CSV or Parquet.") from None
    columns = tuple(sorted(params.labelled_columns.items()))
    return learnt_weights(params.weights, params.labelled, columns, params.model_dump_json(), changed)


def _rows(path: Path) -> tuple[list[str], list[dict[str, Any]]]:
    """Column names and rows of a CSV or, by its first bytes, a Parquet."""
    try:
        with path.open("rb") as file:
            is_parquet = file.read(4) == b"PAR1"
        if is_parquet:
            table = pq.read_table(path)
            return table.column_names, table.to_pylist()
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            return list(reader.fieldnames or []), list(reader)
    except OSError as error:
        raise TibyanError(f"{path}: cannot be read ({error.strerror}). Give a CSV or Parquet of labelled texts.") from None
    except (UnicodeDecodeError, csv.Error, pa.ArrowException) as error:
        raise TibyanError(f"{path}: neither a CSV in UTF-8 nor a Parquet ({type(error).__name__}). Save it as one.") from None


def _as_label(level: str) -> str:
    """A label as a message may show it: somebody may have put a text into the column."""
    return f"'{level}'" if len(level.split()) <= MOST_WORDS and len(level) <= MOST_LETTERS else f"something of {len(level.split())} words"
