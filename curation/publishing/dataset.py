"""What of the built rows may be published: the Parquet files of a dataset folder, one a config and split."""

from pathlib import Path

import duckdb

from curation.engine import write_parquet
from curation.publishing.configs import ANNOTATIONS, DEFAULT, SFT, WEIGHTS, Config
from curation.publishing.hashes import hashed
from curation.schema import ANNOTATIONS_ONLY, SEVERITIES, SPLITS, YES

Sizes = dict[str, dict[str, int]]  # by config, then by split; what has no rows is not there


def write_configs(con: duckdb.DuckDBPyConnection, built: duckdb.DuckDBPyRelation, key: bytes | None, folder: Path) -> Sizes:
    """`<config>/<split>.parquet` under `folder`, ordered by record_id; `built` is the hand-over. Returns their rows.

    Texts of a source go out where it is redistributable: yes, ids and scores also where it is annotations-only, else nothing.
    Without a key, hashes of texts are null.
    """
    public = built.filter(f"redistributable = '{YES}'")
    scored = built.filter(f"redistributable IN ('{YES}', '{ANNOTATIONS_ONLY}')")
    con.from_arrow(hashed(scored.filter(f"redistributable = '{ANNOTATIONS_ONLY}'"), key)).create("text_hashes")
    hashes = con.table("text_hashes")
    annotated = scored.join(hashes, "record_id", how="left").project(f"*, redistributable = '{YES}' AS in_default")
    parts = ((DEFAULT, public), (SFT, _sft(public)), (ANNOTATIONS, annotated))
    return {config.name: sizes for config, rows in parts if (sizes := _write(config, rows, folder))}


def _write(config: Config, rows: duckdb.DuckDBPyRelation, folder: Path) -> dict[str, int]:
    columns = ", ".join(name for name, _ in config.columns)
    (folder / config.folder).mkdir(parents=True, exist_ok=True)
    sizes = dict(rows.aggregate("split, count(*)").fetchall())
    for split in (split for split in SPLITS if split in sizes):
        part = rows.filter(f"split = '{split}'").project(columns)
        write_parquet(part, folder / config.folder / f"{split}.parquet", order_by="record_id")
    return {split: sizes[split] for split in SPLITS if split in sizes}


def _sft(public: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    """Weights are scaled to mean 1 over the rows of train, as the recipes do it."""
    raw = {name: " + ".join(f"{w} * p_{level}" for w, level in zip(of, SEVERITIES, strict=True)) for name, of in WEIGHTS.items()}
    mean = "avg(({})::DECIMAL(18, 9)) FILTER (split = 'train') OVER ()"  # of decimals it does not depend on their order
    weights = ", ".join(f"round(({w}) / coalesce({mean.format(w)}, 1), 6) AS weight_{name}" for name, w in raw.items())
    question, answer = ("[{{'role': '{}', 'content': {}}}]".format(*pair) for pair in (("user", "question"), ("assistant", "answer")))
    columns = f"record_id, split, {question} AS prompt, {answer} AS completion, prompt || completion AS messages, {weights}"
    return public.filter("answer IS NOT NULL").project(columns)
