"""validate over good, empty, all-null, large and missing hand-overs, with checks of one's own, and twice."""

import json
import shutil
import subprocess
import sys
import time

import pyarrow.parquet as pq
import pytest

from curation.errors import TibyanError
from validators import custom_checks
from validators.checks import CHECK_SEVERITIES
from validators.custom_checks import with_custom_checks, with_severities


@pytest.fixture(scope="module")
def good(hand_overs, in_folder):
    return hand_overs.validate(hand_overs.good(), in_folder)


def test_good_hand_overs_pass(good, in_folder, all_suites):
    assert [name for name, c in good.checks.items() if not c["success"]] == []
    assert len(good.checks) == sum(len(suite.checks) for suite in all_suites)
    metrics = json.loads((in_folder / "reports/metrics/validation.json").read_text())
    n = len(good.checks)
    assert metrics == {"checks": n, "passed": n, "failed_critical": 0, "failed_warning": 0, "failed_info": 0, "quarantined": 0}
    quarantine = pq.read_table(in_folder / "reports/quarantine.parquet")
    assert (quarantine.num_rows, quarantine.column_names) == (0, ["record_id", "suite", "expectation", "severity"])


def test_the_report_has_what_was_observed(good):
    assert good.checks["selected/row_count"]["observed"] == 120
    assert good.checks["split/rows_of_test"]["observed"] == 12
    assert good.checks["selected/dialects"]["observed"] == 2
    assert good.checks["selected/share_of_mild"]["observed"] == pytest.approx(1 / 3)
    assert good.checks["selected/row_count"].keys() >= {"suite", "name", "severity", "reason", "success", "mend"}


def test_the_report_is_sorted(good):
    assert list(good.checks) == sorted(good.checks, key=lambda name: name.split("/"))


def test_the_same_input_twice_gives_the_same_bytes(good, hand_overs, in_folder, monkeypatch):
    names = ("validation.json", "quarantine.parquet", "metrics/validation.json", "metrics/drift.json")
    before = [(in_folder / "reports" / name).read_bytes() for name in names]
    monkeypatch.setenv("TIBYAN_THREADS", "1")
    hand_overs.validate(hand_overs.good(), in_folder)
    assert [(in_folder / "reports" / name).read_bytes() for name in names] == before


def failed(checks):
    return {name for name, check in checks.items() if not check["success"]}


def test_empty_tables_fail(nothing):
    suites = ("ingested", "cleaned", "quality", "scored", "duplicates", "selected", "split")
    assert failed(nothing.empty) >= {*(f"{suite}/row_count" for suite in suites), "split/rows_of_train", "selected/dialects"}


def test_all_null_columns_fail(nothing):
    assert failed(nothing.null) >= {
        *(f"cleaned/{n}" for n in ("question_not_null", "question_key_not_null", "language_not_null", "arabic_share_in_range")),
        *(f"cleaned/{n}" for n in ("language_vocabulary", "language_method_vocabulary")),
        *(f"cleaned/question_{n}" for n in ("numbers_kept", "clean_twice")),
        *(f"quality/{n}" for n in ("question_prayer_not_null", "question_letters_not_null", "quality_scorer_not_null")),
        *(f"scored/severity_{n}" for n in ("not_null", "p_in_range", "p_sum", "follows_p", "scorer_not_null")),
        *(f"scored/{n}" for n in ("dialect_p_in_range", "dialect_p_sum", "dialect_scorer_not_null", "question_msa_there")),
        *(f"duplicates/{n}" for n in ("cluster_id_not_null", "is_representative_not_null", "pair_cluster_id_not_null")),
        *(
            f"selected/{n}"
            for n in ("question_length", "question_not_null", "answer_not_null", "answer_length", "arabic_share", "dialects")
        ),
        *(f"split/{n}" for n in ("split_not_null", "cluster_id_not_null", "rows_of_train", "severities_in_splits")),
        "ingested/question_raw_not_null",
    }


def test_one_class_alone_is_a_warning(hand_overs, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = hand_overs.good()
    for row in rows["severity"]:
        row |= {"severity": "mild", "p_mild": 0.98, "p_moderate": 0.01, "p_critical": 0.01}
    for row in rows["dialect"]:
        row |= {"dialect": None}
    report = hand_overs.validate(rows, tmp_path)
    failed = {name: c["severity"] for name, c in report.checks.items() if not c["success"]}
    assert failed == {
        "selected/share_of_mild": "warning",
        "selected/enough_moderate": "warning",
        "selected/enough_critical": "warning",
        "selected/dialects": "warning",
        "selected/share_with_dialect": "info",
        "split/severities_in_splits": "warning",
    }


def test_answers_in_msa_are_checked_where_they_are_asked_for(hand_overs, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = hand_overs.good()
    for row, cleaned in zip(rows["dialect"], rows["cleaned"], strict=True):
        row |= {"answer_dialect": "EGY", "answer_msa": cleaned["answer"], "answer_msa_changes": []}
    rows["dialect"][3]["answer_msa"] = rows["dialect"][3]["answer_msa"].replace("103", "130")
    rows["dialect"][4]["answer_msa"] = None
    rows["dialect"][5]["answer_msa"] += " someone@example.org"
    report = hand_overs.validate(rows, tmp_path, dialect={"normalise_answers": True})
    quarantined = pq.read_table(tmp_path / "reports/quarantine.parquet").to_pylist()
    found = {f"{row['suite']}/{row['expectation']}": row["record_id"] for row in quarantined}
    assert found == {
        "scored/answer_msa_numbers_kept": "r000003",
        "scored/answer_msa_there": "r000004",
        "scored/answer_msa_has_no_email": "r000005",
    }
    assert {name for name, c in report.checks.items() if not c["success"]} == set(found)
    assert not any("answer_msa" in name for name in hand_overs.validate(hand_overs.good(), tmp_path).checks)


CUSTOM = '''"""Our clinic sees infants in person."""
from validators.checks import CRITICAL, INFO, Check, expect
from validators.conditions import holds

CHECKS = {
    "selected": (
        Check("no_cough", CRITICAL, holds(r"NOT regexp_matches(question, '(?:سعال){1,2}\\p{Z}')"), "no coughs"),
        Check("sources", INFO, expect("ColumnUniqueValueCountToBeBetween", column="source", min_value=2), "one bias"),
        Check("everything", INFO, "SELECT * FROM {batch}", "returns texts, and no report may hold them"),
    )
}
'''


def test_custom_checks_are_picked_up(hand_overs, tmp_path, monkeypatch):
    folder = tmp_path / "custom"
    folder.mkdir()
    (folder / "infants.py").write_text(CUSTOM, encoding="utf-8")
    (folder / "nothing.py").write_text("THRESHOLD = 3\n")
    monkeypatch.setattr(custom_checks.with_custom_checks, "__defaults__", (folder,))
    monkeypatch.chdir(tmp_path)
    report = hand_overs.validate(hand_overs.good(), tmp_path)
    assert report.checks["selected/no_cough"]["unexpected_count"] == 20
    assert report.checks["selected/no_cough"]["record_ids"] == [f"r{i:06d}" for i in range(1, 60, 6)]
    assert report.checks["selected/sources"]["observed"] == 1
    assert report.checks["selected/everything"]["unexpected_count"] == 120
    assert "سعال" not in (tmp_path / "reports/validation.json").read_text(encoding="utf-8")


SUITES = '''"""Of our clinic alone."""
from validators.checks import INFO, WARNING, Check, Suite, expect, table_checks
from validators.conditions import holds

SUITES = (
    Suite(
        "clinic",
        "SELECT * FROM records JOIN split USING (record_id) WHERE source = 'clinic'",
        "Ask the clinic.",
        (
            *table_checks(min_rows=200),
            Check("in_test", WARNING, "SELECT split AS place, 12 AS observed FROM {batch} WHERE split = 'test' GROUP BY ALL", "a test"),
            Check("words", WARNING, "SELECT question_raw AS place FROM {batch} LIMIT 1", "returns a text, which no report may hold"),
        ),
    ),
)
CHECKS = {"clinic": (Check("numbered", INFO, holds("record_id > 'r000001'"), "the first two are tests"),)}
'''


def test_custom_suites_are_picked_up(hand_overs, tmp_path, monkeypatch):
    (tmp_path / "custom").mkdir()
    (tmp_path / "custom/clinic.py").write_text(SUITES, encoding="utf-8")
    monkeypatch.setattr(custom_checks.with_custom_checks, "__defaults__", (tmp_path / "custom",))
    monkeypatch.chdir(tmp_path)
    checks = hand_overs.validate(hand_overs.good(), tmp_path, severities={"clinic/row_count": "info"}).checks
    failed = {name: (c["severity"], c["observed"], c["places"], c["record_ids"]) for name, c in checks.items() if not c["success"]}
    assert failed == {
        "clinic/row_count": ("info", 120, {}, []),
        "clinic/in_test": ("warning", None, {"test": 12}, []),
        "clinic/words": ("warning", None, {"other": None}, []),
        "clinic/numbered": ("info", None, {}, ["r000000", "r000001"]),
    }
    assert checks["clinic/in_test"]["mend"] == "Ask the clinic."
    assert "عندي" not in (tmp_path / "reports/validation.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "meant"),
    [("selected/dialect", "selected/dialects"), ("dialects", "selected/dialects"), ("xyzzy", "The suites are ingested, cleaned")],
)
def test_a_severity_of_no_check_is_one_sentence(all_suites, name, meant):
    with pytest.raises(TibyanError, match=rf"validate\.severities: there is no check '{name}'\. .*{meant}"):
        with_severities(all_suites, {name: "info"})


def test_data_docs_are_pages_of_counts(faults):
    folder = faults[2] / ".cache/data_docs"
    pages = {path.stem: path.read_text(encoding="utf-8") for path in folder.iterdir()}
    assert set(pages) == {"index", "ingested", "cleaned", "quality", "scored", "duplicates", "selected", "split", "drift"}
    assert "question_length: no greetings, no leaflets" in pages["selected"] and 'href="split.html"' in pages["index"]
    assert "r000026" not in pages["selected"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("CHECKS = {'nowhere': ()}", "no suite 'nowhere'"),
        ("CHECKS = {'selected': ('x',)}", "must map the name of a suite"),
        ("CHECKS = 3", "must map the name of a suite"),
        ("import no_such_module", "no_such_module"),
        ("SUITES = ('x',)", "SUITES must be a tuple of Suite"),
        ("from validators.checks import *\nSUITES = (Suite('split', '', '', ()),)", "there is a suite 'split' already"),
        (
            "from validators.checks import *\nCHECKS = {'selected': (Check('row_count', INFO, 'SELECT 1', ''),)}",
            "'row_count' already",
        ),
    ],
)
def test_a_custom_file_that_cannot_be_used_is_named(all_suites, tmp_path, content, message):
    (tmp_path / "mine.py").write_text(content)
    with pytest.raises(TibyanError, match=message):
        with_custom_checks(all_suites, tmp_path)


@pytest.mark.parametrize(
    ("check", "message"),
    [
        ("'SELECT no_such_column FROM {batch}'", "selected/mine cannot be run: Binder Error"),
        ("expect('NoSuchThing')", "selected/mine: Great Expectations does not take it"),
        ("'SELECT record_id FROM {batch} WHERE question::INTEGER = 1'", "gave up on a value"),
    ],
)
def test_a_check_that_cannot_run_is_an_error_without_texts(hand_overs, tmp_path, monkeypatch, check, message):
    (tmp_path / "mine.py").write_text(f"from validators.checks import *\nCHECKS = {{'selected': (Check('mine', INFO, {check}, ''),)}}")
    monkeypatch.setattr(custom_checks.with_custom_checks, "__defaults__", (tmp_path,))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(TibyanError, match=message) as error:
        hand_overs.validate(hand_overs.good(30), tmp_path)
    assert "عندي" not in str(error.value)


def test_every_row_of_a_suite_is_readable(all_suites):
    for suite in all_suites:
        for check in suite.checks:
            assert check.severity in CHECK_SEVERITIES and check.reason and suite.mend
            assert len(check.reason) > 10 and (check.mend or suite.mend).strip().endswith((".", "them"))


def test_a_missing_hand_over_is_one_sentence_and_exit_1(hand_overs, tmp_path):
    shutil.copy(hand_overs.root / "params.yaml", tmp_path)
    hand_overs.write(hand_overs.good(10), tmp_path / "data/interim")
    (tmp_path / "data/interim/split.parquet").unlink()
    done = _stage("validate", tmp_path)
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.splitlines() == ["validate: data/interim/split.parquet: not there yet. Run `dvc repro`, which makes it first."]


def test_the_stage_prints_one_line_and_exits_0_with_failed_checks(hand_overs, tmp_path):
    shutil.copy(hand_overs.root / "params.yaml", tmp_path)
    hand_overs.write(hand_overs.good(30), tmp_path / "data/interim")  # fewer than min_rows
    done = _stage("validate", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("validate: ") and done.stdout.count("\n") == 1


@pytest.mark.parametrize("missing", ["ingest", "select", "split"])
def test_missing_counts_are_one_sentence(hand_overs, tmp_path, monkeypatch, missing):
    monkeypatch.chdir(tmp_path)
    rows = hand_overs.good(10)
    rows["counted"] = {name: counts for name, counts in hand_overs.counts(rows).items() if name != missing}
    with pytest.raises(TibyanError, match=rf"reports/metrics/{missing}\.json: cannot be read\. Run `dvc repro`"):
        hand_overs.validate(rows, tmp_path)


def _stage(name, folder):
    command = [sys.executable, "-m", f"validators.{name}"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.slow
def test_fifty_thousand_rows_take_seconds(hand_overs, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = hand_overs.good(50_000)
    hand_overs.validate(hand_overs.good(10), tmp_path)  # the import of Great Expectations is not what is measured
    start = time.perf_counter()
    report = hand_overs.validate(rows, tmp_path)
    print(f"{time.perf_counter() - start:.1f} s")
    assert [name for name, c in report.checks.items() if not c["success"]] == []
