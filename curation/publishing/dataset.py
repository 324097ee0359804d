"""The Parquet files of a dataset folder, one a split."""

from pathlib import Path

import duckdb

from curation.engine import write_parquet
from curation.schema import DIALECTS, MIXED, SEVERITIES, SPLITS, UNKNOWN

# Times of posting stay behind: with them a post could be found again.
COLUMNS = (
    ("record_id", "stable id of the record, from its source and native id by a one-way hash"),
    ("source", "name of the dump's format or as given in params.yaml"),
    ("specialty", "as the source gives it, null for posts"),
    ("question", "redacted and lightly cleaned"),
    ("answer", "redacted and lightly cleaned"),
    ("question_msa", "the question with dialect words of the lexicon in MSA, Arabizi in Arabic letters"),
    ("dialect", f"one of {', '.join(DIALECTS)}; {MIXED} where two share a question, {UNKNOWN} where its words do not say which"),
    ("dialect_variety", "Sudanese, Yemeni, Tunisian, Algerian, Moroccan or Libyan where a word says so"),
    *((f"p_{name.lower()}", f"probability of {name}") for name in DIALECTS),
    ("dialect_scorer", "scorer and version"),
    ("severity", f"one of {', '.join(SEVERITIES)}: urgency of the complaint as written"),
    *((f"p_{name}", f"probability of {name}") for name in SEVERITIES),
    ("severity_scorer", "scorer and version"),
    ("cluster_id", "near-duplicate cluster of the question; clusters are never divided between splits"),
)


def write_splits(rows: duckdb.DuckDBPyRelation, folder: Path) -> dict[str, int]:
    """`data/<split>.parquet` under `folder`, ordered by record_id. `rows` has the columns above and `split`. Returns rows by split."""
    sizes = {}
    columns = ", ".join(name for name, _ in COLUMNS)
    for split in SPLITS:
        part = rows.filter(f"split = '{split}'")
        write_parquet(part.project(columns), folder / "data" / f"{split}.parquet", order_by="record_id")
        sizes[split] = int(part.aggregate("count(*)").fetchall()[0][0])
    return sizes
