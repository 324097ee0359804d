"""The dataset's folder as it was written: each fault planted in its files is found, and stops the stage after the results are written."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curation.engine import open_session, write_json
from curation.errors import TibyanError
from curation.params import load_params
from curation.schema import DIALECTS, SELECTED, SEVERITIES
from tests.validators.conftest import TYPES, good, join_selected, write
from validators.gate import run as gate
from validators.validate_built import run

FOLDER = "datasets/arabic-medical-qa"
P = [f"p_{name.lower()}" for name in (*DIALECTS, *SEVERITIES)]
COLUMNS = ["record_id", "source", "question", "answer", "question_msa", "dialect", *P[:7], "severity", *P[7:], "cluster_id"]
SCHEMA = pa.schema([(name, TYPES[SELECTED[name]]) for name in COLUMNS])
SCORES = [name for name in COLUMNS if not name.startswith(("question", "answer"))]


@pytest.fixture
def dataset(hand_overs, tmp_path, monkeypatch):
    """Rows by split as they are to be written, and what runs the stage over them: the summary or error, and the failed checks."""
    monkeypatch.chdir(tmp_path)
    rows = good(60)
    splits = {row["record_id"]: row["split"] for row in rows["split"]}
    built = {split: [row for row in join_selected(rows) if splits[row["record_id"]] == split] for split in set(splits.values())}
    write(rows, tmp_path / "data/interim")
    passed = {"suite": "split", "name": "row_count", "severity": "critical", "success": True}
    write_json(tmp_path / "reports/validation.json", {"checks": [passed]})
    params = load_params(hand_overs.root / "params.yaml")

    def check(schema=SCHEMA, annotated=None, terms=None):
        for part, found, columns in (("data", built, schema), ("annotations", annotated or {}, None)):
            for split, of in found.items():
                path = tmp_path / FOLDER / part / f"{split}.parquet"
                path.parent.mkdir(parents=True, exist_ok=True)
                kept = [{name: row.get(name) for name in (columns.names if columns else SCORES)} for row in of]
                pq.write_table(pa.Table.from_pylist(kept if columns else of, columns), path)
        ids = sorted(splits)
        pq.write_table(
            pa.table({"record_id": ids, "redistributable": [(terms or {}).get(i, "yes") for i in ids]}), "data/interim/built.parquet"
        )
        with open_session(params.engine, tmp_path / "data/interim") as session:
            gate(session, params)
            try:
                said = run(session, params)
            except TibyanError as error:
                said = str(error)
        checks = json.loads((tmp_path / "reports/validation_built.json").read_text(encoding="utf-8"))["checks"]
        return said, {c["name"]: c["record_ids"] or list(c["places"]) for c in checks if not c["success"]}

    return built, check


def test_a_good_folder_passes(dataset):
    _, check = dataset
    assert check() == ("17 checks, 17 passed; failed: critical 0, warning 0, info 0", {})


def test_each_fault_is_found_and_stops(dataset, tmp_path):
    built, check = dataset
    train = {row["record_id"]: row for row in built["train"]}
    train["r000002"]["question"] = "سؤال آخر"
    train["r000003"]["dialect"] = "kurdish-of-mars"
    train["r000004"]["severity"] = "urgent"
    train["r000005"]["severity"] = None
    train["r000006"]["p_mild"] += 0.1
    train["r000007"]["source"] = None
    train["r000008"]["question"] = None
    built["train"].remove(train["r000009"])
    built["test"].append(train["r000012"])
    built["train"].remove(train["r000012"])
    built["train"] += [{**train["r000013"], "record_id": "stranger"}, train["r000014"], {**train["r000015"], "record_id": None}]
    built["dev"] = [built["validation"].pop(0)]
    said, failed = check()
    changed = ["r000002", "r000003", "r000004", "r000005", "r000006", "r000007", "r000008"]
    assert failed == {
        "rows_unchanged": changed,
        "dialect_vocabulary": ["r000003"],
        "severity_vocabulary": ["r000004"],
        "severity_not_null": ["r000005"],
        "p_sum": ["r000006"],
        "source_not_null": ["r000007"],
        "question_not_null": ["r000008"],
        "rows_are_those_allowed": ["r000009", "stranger"],
        "split_unchanged": ["r000001", "r000012"],
        "split_vocabulary": ["r000001"],
        "record_id_unique": ["r000014"],
        "record_id_not_null": [],
    }
    assert said.splitlines()[0] == f"{FOLDER}: 12 critical of 17 checks failed; `tibyan gate explain built` says more."
    assert "سؤال" not in said + (tmp_path / "reports/validation_built.json").read_text(encoding="utf-8")
    quarantine = pq.read_table("reports/quarantine_built.parquet").to_pylist()
    assert {row["record_id"] for row in quarantine if row["expectation"] == "rows_unchanged"} == set(changed)


def test_types_and_what_may_go_out(dataset):
    built, check = dataset
    annotated = {split: [{name: row.get(name) for name in SCORES} for row in rows] for split, rows in built.items()}
    terms = {"r000002": "annotations-only", "r000003": "no"}
    wrong = pa.schema([(n, pa.float32() if n == "p_mild" else t) for n, t in zip(SCHEMA.names, SCHEMA.types, strict=True)])
    _, failed = check(wrong, annotated, terms)
    assert failed["types"] == ["p_mild"]
    assert failed["rows_are_those_allowed"] == ["r000002", "r000003"] and failed["annotations_are_those_allowed"] == ["r000003"]
    built["train"] = [row for row in built["train"] if row["record_id"] not in terms]
    annotated["train"] = [row for row in annotated["train"] if row["record_id"] != "r000003"]
    assert check(SCHEMA, annotated, terms)[1] == {}
    annotated["test"] = [row | {"question": "x", "messages": "x"} for row in annotated["test"]]
    annotated |= {split: [row | {"question": None, "messages": None} for row in annotated[split]] for split in ("train", "validation")}
    assert check(SCHEMA, annotated, terms)[1] == {"annotations_hold_no_text": ["messages", "question"]}


def test_no_folder_and_no_gate_are_one_sentence(dataset, hand_overs, tmp_path):
    params = load_params(hand_overs.root / "params.yaml")
    with open_session(params.engine, tmp_path / "data/interim") as session:
        with pytest.raises(TibyanError, match="the gate is closed"):
            run(session, params)
        gate(session, params)
        with pytest.raises(TibyanError, match=rf"{FOLDER}: holds no Parquet files\. Run `dvc repro build`"):
            run(session, params)
