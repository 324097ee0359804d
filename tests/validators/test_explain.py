"""`tibyan gate explain`: which expectation failed, where, how many, what to do; by suite, check and record; and what it cannot find."""

import shutil

import pytest
from typer.testing import CliRunner

from curation.cli import app
from tests.validators.planted import SECRETS
from validators.explain import explanation, how_many


def check(success=False, **more):
    row = {
        "suite": "selected",
        "name": "lengths",
        "severity": "critical",
        "reason": "too long to read",
        "mend": "Mend it.",
        "success": success,
    }
    row |= {"files": ["selected"], "columns": [], "unexpected_count": None, "observed": None, "places": {}, "by_source": {}}
    return row | {"record_ids": [], "records": 0} | more


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({"unexpected_count": 1}, "1 row"),
        ({"unexpected_count": 12_345}, "12,345 rows"),
        ({"observed": 0.95}, "observed 0.95"),
        ({"observed": None}, "observed nothing"),
        ({"unexpected_count": 2, "places": {"MGR": 712, "train": None}}, "MGR 712, train"),
    ],
)
def test_how_many(found, said):
    assert how_many(check(**found)) == said


def test_a_failed_check_is_told_whole():
    failed = check(
        unexpected_count=12, records=7, record_ids=[f"r{i}" for i in range(7)], by_source={"clinic": 11, "forum": 1}, columns=["question"]
    )
    assert explanation(failed) == [
        "selected/lengths (critical) failed: nothing is built past it.",
        "  where       data/interim/selected.parquet, column question",
        "  how many    12 rows, of source clinic 11, forum 1",
        "  records     r0, r1, r2, r3, r4 and 2 more in reports/quarantine.parquet; `tibyan explain r0` shows what was done to it",
        "  why         too long to read",
        "  what to do  Mend it.",
    ]
    assert explanation(check(success=True)) == ["selected/lengths (critical) passed: too long to read."]


@pytest.fixture
def explain(faults, hand_overs, monkeypatch):
    """The command in the folder of the planted faults: its lines, and its exit code."""
    folder = faults[2]
    shutil.copy(hand_overs.root / "params.yaml", folder)
    monkeypatch.chdir(folder)

    def run(*arguments):
        result = CliRunner().invoke(app, ["gate", "explain", *arguments])
        return result.exit_code, (result.output or result.stderr).splitlines()

    return run


def test_all_that_failed_the_critical_first(explain, faults):
    code, lines = explain()
    failed = [name for name, c in faults[0].checks.items() if not c["success"]]
    headed = [line.split(" ")[0] for line in lines if line.endswith((" it.", " so.", " more.")) and not line.startswith(" ")]
    assert code == 0 and set(headed) == set(failed) and len(headed) == len(failed)
    severities = [line.split("(")[1].split(")")[0] for line in lines if ") failed: " in line]
    assert severities == sorted(severities, key=["critical", "warning", "info"].index)
    assert lines[-1].startswith(f"{len(failed)} of {len(faults[0].checks)} checks failed; ") and "the gate is closed" in lines[-1]
    assert not [secret for secret in SECRETS if secret in "\n".join(lines)]


def test_one_check_one_suite_one_record(explain):
    _, lines = explain("cleaned/question_numbers_kept")
    assert lines[0] == "cleaned/question_numbers_kept (critical) failed: nothing is built past it."
    assert lines[2:4] == [
        "  how many    2 rows, of source clinic 2",
        "  records     r000020, r000085; `tibyan explain r000020` shows what was done to it",
    ]
    _, lines = explain("duplicates")
    assert {line.split("/")[0] for line in lines if ") failed: " in line} == {"duplicates"}
    _, lines = explain("r000107")
    assert [line.split(" ")[0] for line in lines if ") failed: " in line] == ["selected/tags_unchanged"]
    assert lines[-1].startswith("1 of 1 check of r000107 failed; ")
    _, lines = explain("split/record_id_unique")
    assert lines[0] == "split/record_id_unique (critical) passed: rows are joined by it."


def test_what_is_not_there_is_one_sentence(explain, tmp_path, monkeypatch):
    code, lines = explain("question_lenght")
    assert code == 1 and lines == [
        "tibyan: question_lenght: no suite or check of that name, and no record of that id in the quarantine. "
        "Perhaps selected/question_length or cleaned/question_clean_twice or cleaned/question_not_null is meant."
    ]
    monkeypatch.chdir(tmp_path)
    code, lines = explain()
    assert code == 1 and lines == ["tibyan: reports/validation.json: not there or not a report. Run `python -m validators.validate` first."]
