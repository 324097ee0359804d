import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from curation.errors import TibyanError
from tests.conftest import ROOT
from training_recipes import sweep

# A stage that stands in for training: a number out of the parameters, and none where it is told to fail.
STAGE = """import json, yaml
train = yaml.safe_load(open("params.yaml"))["train"]
assert train["lora_rank"] != 13
json.dump({"validation_loss": 8 / train["lora_rank"], "deeper": {"f1": train["rate"]}}, open("metrics.json", "w"))
print(open("data/raw/mine.txt").read())
"""
METRICS = {"loss": "metrics.json:validation_loss", "F1": "metrics.json:deeper.f1"}
SWEEPS = {
    "rank": {
        "question": "How many?",
        "points": [{"train.lora_rank": 4}, {"train.lora_rank": 13}, {"train.lora_rank": 16, "train.rate": 1e-5}],
        "target": "train",
        "metrics": METRICS,
    },
    "all_fail": {"question": "None?", "points": [{"train.lora_rank": 13}], "target": "train", "metrics": METRICS},
    "wrong": {"question": "?", "points": [], "target": "train", "metrics": METRICS},
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A DVC project of one stage, committed."""
    folder = tmp_path_factory.mktemp("sweep")
    (folder / "params.yaml").write_text("train:\n  lora_rank: 8\n  rate: 0.5\n")
    (folder / "stage.py").write_text(STAGE)
    stage = {"cmd": f"{sys.executable} stage.py", "params": ["train"], "metrics": [{"metrics.json": {"cache": False}}]}
    (folder / "dvc.yaml").write_text(yaml.safe_dump({"stages": {"train": stage}}))
    (folder / "sweeps.yaml").write_text(yaml.safe_dump(SWEEPS, sort_keys=False))
    (folder / ".gitignore").write_text("/data/raw/\n/reports/\n/metrics.json\n")
    (folder / "data/raw").mkdir(parents=True)
    (folder / "data/raw/mine.txt").write_text("untracked")
    commands = (
        ["git", "init", "-q"],
        ["git", "config", "user.name", "n"],
        ["git", "config", "user.email", "e"],
        [sys.executable, "-m", "dvc", "init", "-q"],
        ["git", "add", "-A"],
        ["git", "commit", "-qm", "a project"],
    )
    for command in commands:
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder


@pytest.mark.slow
def test_a_sweep_is_a_table_and_a_plot(place: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(place)
    monkeypatch.setenv("DVC_NO_ANALYTICS", "1")
    assert sweep.run("rank", place / "sweeps.yaml") == "2 of 3 experiments, reports/sweeps/rank.csv and rank.png"
    with Path("reports/sweeps/rank.csv").open(encoding="utf-8") as file:
        assert list(csv.DictReader(file)) == [
            {"train.lora_rank": "4", "train.rate": "", "loss": "2.0", "F1": "0.5"},
            {"train.lora_rank": "13", "train.rate": "", "loss": "", "F1": ""},
            {"train.lora_rank": "16", "train.rate": "1e-05", "loss": "0.5", "F1": "1e-05"},
        ]
    assert Path("reports/sweeps/rank.png").read_bytes().startswith(b"\x89PNG")
    assert yaml.safe_load(Path("params.yaml").read_text())["train"]["lora_rank"] == 8  # the workspace is as it was
    first = {path.name: path.read_bytes() for path in Path("reports/sweeps").iterdir()}
    assert sweep.run("rank", place / "sweeps.yaml").startswith("2 of 3")  # again, in the place of the first
    assert {path.name: path.read_bytes() for path in Path("reports/sweeps").iterdir()} == first
    with pytest.raises(TibyanError, match="all_fail: none of 1 experiments gave a metric"):
        sweep.run("all_fail", place / "sweeps.yaml")


def test_mistakes_are_sentences(place: Path) -> None:
    with pytest.raises(TibyanError, match="no sweep 'ranks'. Known: rank, all_fail, wrong; add yours to training_recipes/sweeps.yaml"):
        sweep.load_sweep("ranks", place / "sweeps.yaml")
    with pytest.raises(TibyanError, match=r"sweeps.yaml: wrong.points: List should have at least 1 item"):
        sweep.load_sweep("wrong", place / "sweeps.yaml")


def test_dvcs_own_errors_are_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(TibyanError, match=r"`dvc exp show --json …` failed: .*not inside of a DVC repository"):
        sweep.shown()


def test_the_projects_own_sweeps_name_what_there_is() -> None:
    params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    stages = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    names = list(yaml.safe_load(sweep.SWEEPS.read_text(encoding="utf-8")))
    assert set(names) >= {"rank", "learning_rate", "epochs", "normalisation", "encoder"}
    for name in names:
        planned = sweep.load_sweep(name)
        assert planned.target in stages
        for key in {key for point in planned.points for key in point}:
            section, _, field = key.partition(".")
            assert field in params[section], key
        assert all(where.startswith("reports/metrics/") and ":" in where for where in planned.metrics.values())


def test_what_is_in_the_experiments_file_is_found() -> None:
    metrics = json.loads('{"a.json": {"data": {"x": {"y": 2}, "said": "no number"}}}')
    assert sweep.deep(metrics, "a.json", "x.y") == 2
    assert sweep.deep(metrics, "a.json", "said") is sweep.deep(metrics, "a.json", "x.z") is sweep.deep(metrics, "b.json", "x") is None
    assert os.fspath(sweep.OUT) == "reports/sweeps"
