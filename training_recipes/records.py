"""The rows of one split of the built dataset, in `record_id` order."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from curation.errors import TibyanError
from curation.schema import SEVERITIES

DATASETS = Path("datasets")


@dataclass(frozen=True)
class Record:
    record_id: str
    question: str  # of the column asked for: question or question_msa
    answer: str
    severity: str
    probabilities: tuple[float, float, float]  # mild, moderate, critical


def split_path(dataset: str, split: str) -> Path:
    """Where the build stage puts a split."""
    return DATASETS / dataset / "data" / f"{split}.parquet"


def read_split(dataset: str, split: str, question_column: str = "question") -> list[Record]:
    """Every row of the split. Raises TibyanError when it is missing, empty, or has no value where training needs one.

    Straight from Parquet: `datasets.load_dataset` may answer from its cache after a rebuild.
    """
    path = split_path(dataset, split)
    columns = ["record_id", question_column, "answer", "severity", *(f"p_{name}" for name in SEVERITIES)]
    try:
        with pq.ParquetFile(path) as file:
            missing = [name for name in columns if name not in file.schema_arrow.names]
            table = file.read(columns=columns)
    except FileNotFoundError:
        raise TibyanError(f"{path}: not there yet. Run `dvc repro`, which builds the dataset first.") from None
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0]
        raise TibyanError(f"{path}: cannot be read ({reason}). Run `dvc repro`, which writes it again.") from None
    if missing:
        raise TibyanError(f"{path}: has no column {', '.join(missing)}. Run `dvc repro`, which writes it again.")
    if table.num_rows == 0:
        raise TibyanError(f"{path}: no rows. Add data to ingest.inputs, or change the shares in split, in params.yaml.")
    for name in columns:
        if nulls := table[name].null_count:
            hint = "Set dialect.normalise: true in params.yaml" if name == "question_msa" else "Mend the stage that wrote it"
            raise TibyanError(f"{path}: {name} is empty in {nulls} of {table.num_rows} rows. {hint}, then `dvc repro`.")
    rows = zip(*(table[name].to_pylist() for name in columns), strict=True)
    records = [Record(name, question, answer, severity, (a, b, c)) for name, question, answer, severity, a, b, c in rows]
    return sorted(records, key=lambda record: record.record_id)


def digest(path: Path) -> str:
    """SHA-256 of a file, to say in a recipe what a model was made from."""
    return sha256(path.read_bytes()).hexdigest()
