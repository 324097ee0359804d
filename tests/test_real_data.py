"""Four real sources in one run, from their files to a dataset that loads: what benchmarks/real_data.py documents."""

from pathlib import Path
from typing import Any

import duckdb
import pytest

from benchmarks.real_data import load_built, run_case
from benchmarks.real_data_cases import CASES
from curation.publishing.configs import DEFAULT
from curation.schema import DIALECT_LABELS, SEVERITIES, SPLITS

CASE = next(case for case in CASES if case.name == "together")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not all(path.exists() for path in CASE.files()), reason="the real sources are not under ../shared/data"),
]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("real") / "together"
    return folder, run_case(CASE, folder)


def test_gate_is_open(run: tuple[Path, dict[str, Any]]) -> None:
    _, counts = run
    assert counts["failed"] == ""
    assert counts["gate"]["open"] is True
    assert counts["validation"]["failed_critical"] == 0


def test_counts_add_up(run: tuple[Path, dict[str, Any]]) -> None:
    _, counts = run
    ingest, select = counts["ingest"], counts["select"]
    records = ingest["records"]
    assert ingest["read"] == records - ingest["further_answers"] + ingest["rejects"]
    assert set(ingest["by_source"]) == {entry["source"] for entry in CASE.inputs}
    assert sum(ingest["by_source"].values()) == records
    assert sum(ingest["rejects_by_reason"].values()) == ingest["rejects"]
    assert sum(counts["languages"].values()) == records
    assert sum(counts["dialect"]["by_dialect"].values()) == records
    assert sum(counts["severity"]["by_severity"].values()) == records
    assert select["read"] == records == select["kept"] + sum(select["rejected_by_reason"].values())
    assert sum(counts["split"][name] for name in SPLITS) == select["kept"]
    assert counts["loaded"] == {name: counts["split"][name] for name in SPLITS}


def test_every_row_of_the_labelled_source_keeps_its_label(run: tuple[Path, dict[str, Any]]) -> None:
    _, counts = run
    labelled = sum(sum(severities.values()) for severities in counts["by_label"].values())
    assert labelled == counts["ingest"]["by_source"]["darija_urgency"]


def test_the_dataset_loads_and_every_row_has_the_columns(run: tuple[Path, dict[str, Any]]) -> None:
    folder, _ = run
    dataset = load_built(folder)
    assert set(dataset) == set(SPLITS)
    names = [name for name, _ in DEFAULT.columns]
    ids: list[str] = []
    for rows in dataset.values():
        assert rows.column_names == names
        ids += rows["record_id"]
        assert all(rows["record_id"]) and all(rows["question"]) and all(rows["source"]) and all(rows["cluster_id"])
        assert set(rows["dialect"]) <= {*DIALECT_LABELS, None}
        assert set(rows["severity"]) <= set(SEVERITIES)
    assert len(ids) == len(set(ids))


def test_no_column_of_the_dataset_holds_an_address_or_a_handle(run: tuple[Path, dict[str, Any]]) -> None:
    folder, _ = run
    built = f"read_parquet('{folder}/datasets/*/data/*.parquet')"
    texts = "concat_ws(' ', question, answer, question_msa)"
    found = duckdb.sql(f"SELECT count(*) FROM {built} WHERE regexp_matches({texts}, 'https?://|@[a-z]')").fetchall()
    assert found == [(0,)]
