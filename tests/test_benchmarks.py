"""The parts of `make bench` on few rows: that they measure what they say. docs/benchmarks.md is what benchmarks/figures.json gives."""

import json
import re
import sys
from pathlib import Path

import pytest

from benchmarks import against_datatrove, against_rows, bench, large, measured, pipeline
from benchmarks.document import at_least, at_most, number
from benchmarks.measured import Figures
from benchmarks.real_data import stages
from benchmarks.setting import Setting
from curation.params import Params

BUSY = """import time
held = bytearray(200_000_000)
while time.process_time() < 0.6: pass"""


@pytest.fixture(scope="module")
def setting(tmp_path_factory: pytest.TempPathFactory) -> Setting:
    return Setting(tmp_path_factory.mktemp("bench"), repeats=1, quick=True)


@pytest.fixture(scope="module")
def run(setting: Setting) -> Figures:
    return pipeline.run(setting)


def rows(section: str) -> dict[str, list[str]]:
    """The cells of every table of a section by their first."""
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line.startswith("|")]
    return {line[0]: line[1:] for line in lines}


@pytest.mark.slow
def test_every_stage_to_the_built_dataset_is_measured(run: Figures) -> None:
    assert list(run["stages"]) == [name for name, _ in stages()]
    assert next(iter(run["stages"])) == "ingest" and list(run["stages"])[-2:] == ["gate", "build"]
    assert run["gate"] is True
    assert 0.8 * run["pairs"] < run["kept"] < run["pairs"]
    for cost in (run["copy"], *run["stages"].values()):
        assert 0 < cost["cpu"] < 2.5 * cost["seconds"]
        assert 20e6 < cost["peak"] < 3e9
    assert run["total"]["seconds"] == pytest.approx(sum(cost["seconds"] for cost in run["stages"].values()))
    assert run["total"]["peak"] == max(cost["peak"] for cost in run["stages"].values())
    assert run["copy"]["seconds"] < run["total"]["seconds"]
    assert sum(int(row[3].rstrip("%")) for name, row in rows(pipeline.section(run)).items() if name in run["stages"]) == pytest.approx(
        100, abs=5
    )


@pytest.mark.slow
def test_the_larger_run_is_held_against_the_smaller(run: Figures) -> None:
    ten = {**run["total"], "seconds": 12 * run["total"]["seconds"]}
    figures = {"pairs": 430_000, "large": 4_300_000, "pairs_total": run["total"], "large_total": ten}
    written = large.section(figures | {"pairs_stages": run["stages"], "large_stages": run["stages"]})
    assert rows(written)["time against a tenth of the pairs"] == ["at most 11 times", "12 times", "no, 9% above"]
    assert set(run["stages"]) < set(rows(written))


@pytest.mark.slow
def test_the_job_row_by_row_keeps_the_same_rows(setting: Setting) -> None:
    figures = against_rows.run(setting)
    if "skipped" in figures:
        pytest.skip(figures["skipped"])
    for variant in against_rows.VARIANTS:
        counts = figures[variant]
        assert 0.95 * counts["kept_by_rival"] < counts["kept_by_both"] <= counts["kept_by_ours"] < figures["pairs"]
        assert counts["same_question"] > 0.3 * counts["kept_by_both"]
    assert figures["with"]["rival"]["cpu"] > figures["without"]["rival"]["cpu"]  # it asks langdetect about every row
    assert "| row by row, with langdetect | 300 |" in against_rows.section(figures)


@pytest.mark.slow
def test_datatrove_keeps_as_many_questions(setting: Setting) -> None:
    figures = against_datatrove.run(setting)
    if "skipped" in figures:
        assert figures["skipped"] in against_datatrove.section(figures)
        pytest.skip(figures["skipped"])
    assert figures["records"] == figures["questions"]
    assert 0.9 * figures["questions"] < figures["kept_by_ours"] < figures["questions"]
    assert 0.9 * figures["questions"] < figures["kept_by_rival"] < figures["questions"]
    assert rows(against_datatrove.section(figures))["datatrove"][-1] == f"{figures['kept_by_rival']:,}"


def test_the_rivals_have_the_thresholds_of_params_yaml(params: Params) -> None:
    rival = pytest.importorskip("benchmarks.rivals.row_by_row", reason="datasketch is not installed")
    select, duplicates = params.select, params.duplicates
    assert (select.min_question_letters, select.max_question_letters) == (rival.SHORTEST, rival.LONGEST)
    assert (select.min_answer_letters, select.min_arabic_share) == (rival.ANSWERED, rival.ARABIC_SHARE)
    assert (duplicates.characters, duplicates.threshold) == (rival.SHINGLE, rival.THRESHOLD)
    job = (bench.ROOT / "benchmarks" / "rivals" / "datatrove_job.py").read_text(encoding="utf-8")
    assert f"SHORTEST, LONGEST = {select.min_question_letters}, {select.max_question_letters:_}  #" in job
    assert f"ARABIC_SHARE = {select.min_arabic_share}  #" in job


def test_a_command_is_measured_with_the_processes_it_starts(tmp_path: Path) -> None:
    alone = measured.run([sys.executable, "-c", BUSY], tmp_path)
    two = f"import subprocess, sys; each = [subprocess.Popen([sys.executable, '-c', {BUSY!r}]) for _ in 'ab']; [p.wait() for p in each]"
    both = measured.run([sys.executable, "-c", two], tmp_path)
    assert 0.6 <= alone.cpu < 1.5 and alone.seconds >= 0.5
    assert 200e6 < alone.peak < 300e6
    assert both.cpu > 1.8 * 0.6
    assert 400e6 < both.peak < 600e6


def test_the_memory_of_the_caller_is_not_counted(tmp_path: Path) -> None:
    held = bytearray(300_000_000)
    assert measured.run([sys.executable, "-c", "pass"], tmp_path).peak < len(held) / 2


def test_a_command_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"ended with 3:\nno such dump"):
        measured.run([sys.executable, "-c", "print('no such dump'); raise SystemExit(3)"], tmp_path)


def test_whether_a_target_is_met() -> None:
    assert at_most("time", 25, 20.04, "times") == ("time", "at most 25 times", "20.0 times", "yes")
    assert at_most("time", 25, 30, "times")[-1] == "no, 20% above"
    assert at_least("rows", 60_000, 45_123, "a second") == ("rows", "at least 60,000 a second", "45,100 a second", "no, 25% below")
    assert [number(value) for value in (0.123, 3.14159, 45.67, 234.5, 98_765, 4_300_000)] == [
        "0.12",
        "3.14",
        "45.7",
        "234",
        "98,800",
        "4,300,000",
    ]


@pytest.mark.skipif(not bench.FIGURES.exists(), reason="`make bench` has not been run")
def test_the_document_is_what_the_figures_give() -> None:
    figures = json.loads(bench.FIGURES.read_text(encoding="utf-8"))
    text = bench.DOCUMENT.read_text(encoding="utf-8")
    assert bench.render(figures) == text
    assert not re.search(r"/(?:work|root|home|tmp)/|20\d\d-\d\d-\d\d", text + json.dumps(figures))
