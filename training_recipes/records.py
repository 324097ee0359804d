"""The rows of one split as they were built, in `record_id` order: all of them, those that are not published too."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from curation.engine import INTERIM
from curation.errors import TibyanError
from curation.schema import SEVERITIES, UNKNOWN

BUILT = INTERIM / "built.parquet"


@dataclass(frozen=True)
class Record:
    record_id: str
    question: str  # of the column asked for: question or question_msa
    answer: str  # of the column asked for: answer or answer_msa
    severity: str
    probabilities: tuple[float, float, float]  # mild, moderate, critical
    dialect: str = UNKNOWN
    specialty: str | None = None  # None where no source says it


# What writes a column that a row need not have.
SWITCHES = {
    "question_msa": "Set dialect.normalise: true in params.yaml",
    "answer_msa": "Set dialect.normalise_answers: true in params.yaml",
}


def read_split(split: str, question_column: str = "question", answer_column: str = "answer") -> list[Record]:
    """Every row of the split. Raises TibyanError when it is missing, empty, or has no value where training needs one."""
    path = BUILT
    needed = ["record_id", question_column, answer_column, "severity", *(f"p_{name}" for name in SEVERITIES)]
    columns = [*needed, "dialect", "specialty"]
    try:
        with pq.ParquetFile(path) as file:
            missing = [name for name in (*columns, "split") if name not in file.schema_arrow.names]
            table = file.read(columns=[*columns, "split"])
    except FileNotFoundError:
        raise TibyanError(f"{path}: not there yet. Run `dvc repro`, which builds the dataset first.") from None
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0]
        raise TibyanError(f"{path}: cannot be read ({reason}). Run `dvc repro`, which writes it again.") from None
    if missing:
        raise TibyanError(f"{path}: has no column {', '.join(missing)}. Run `dvc repro`, which writes it again.")
    table = table.filter(pc.equal(table["split"], split)).select(columns)
    if table.num_rows == 0:
        raise TibyanError(f"{path}: no rows of {split}. Add data to ingest.inputs, or change the shares in split, in params.yaml.")
    for name in needed:
        if nulls := table[name].null_count:
            hint = SWITCHES.get(name, "Mend the stage that wrote it")
            raise TibyanError(f"{path}: {name} is empty in {nulls} of {table.num_rows} rows of {split}. {hint}, then `dvc repro`.")
    rows = zip(*(table[name].to_pylist() for name in columns), strict=True)
    records = [
        Record(name, q, answer, severity, (a, b, c), dialect or UNKNOWN, of) for name, q, answer, severity, a, b, c, dialect, of in rows
    ]
    return sorted(records, key=lambda record: record.record_id)


def digest(path: Path) -> str:
    """SHA-256 of a file, to say in a recipe what a model was made from."""
    return sha256(path.read_bytes()).hexdigest()
