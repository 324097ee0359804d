"""Each class of fault, planted once, is caught by its check with the right ids, and no report says what it read."""

import pyarrow.parquet as pq

from tests.validators.planted import SECRETS


def test_each_fault_is_caught_with_its_records(faults):
    report, expected, _ = faults
    caught = {name: c["record_ids"] for name, c in report.checks.items() if not c["success"]}
    assert caught == expected


def test_counts_are_of_rows(faults):
    report, _, _ = faults
    assert report.checks["selected/question_length"]["unexpected_count"] == 2
    assert report.checks["scored/record_id_unique"]["unexpected_count"] == 2  # two rows of one id
    assert report.checks["ingested/question_raw_has_no_phone"]["unexpected_count"] == 1


def test_no_report_says_what_it_read(faults, hand_overs):
    written = [p for folder in ("reports", ".cache/data_docs") for p in (faults[2] / folder).rglob("*") if p.is_file()]
    assert {p.name for p in written} >= {"validation.json", "quarantine.parquet", "selected.html"}
    for path in written:
        text = str(pq.read_table(path).to_pylist()) if path.suffix == ".parquet" else path.read_text(encoding="utf-8")
        assert not [s for s in (*SECRETS, hand_overs.question(60), "صداع في", "حبة", "باطنية") if s in text], path


def test_the_quarantine_names_every_row_at_fault(faults):
    report, expected, _ = faults
    rows = pq.read_table(faults[2] / "reports/quarantine.parquet").to_pylist()
    found = [tuple(row.values()) for row in rows]
    wanted = [(i, *check.split("/"), report.checks[check]["severity"]) for check, ids in expected.items() for i in ids]
    assert found == sorted(wanted)


def test_the_scratch_file_is_gone(faults):
    assert not list((faults[2] / ".cache").glob("validate-*"))
