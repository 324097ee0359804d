import copy
import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from curation.errors import TibyanError
from curation.params import Params
from tests.conftest import ROOT
from tests.test_house import STAGES, outputs
from training_recipes import sweep

# A stage that stands in for training: a number out of the parameters, and none where it is told to fail.
STAGE = """import json, yaml
train = yaml.safe_load(open("params.yaml"))["train"]
assert train["lora_rank"] != 13
json.dump({"validation_loss": 8 / train["lora_rank"], "deeper": {"f1": float(train["rate"])}}, open("metrics.json", "w"))
print(open("data/raw/mine.txt").read(), open("data/raw/pages/other.txt").read())
"""
DUMPS = ("--copy-paths", "data/raw/mine.txt", "--copy-paths", "data/raw/pages")
METRICS = {"loss": "metrics.json:validation_loss", "F1": "metrics.json:deeper.f1"}
SWEEPS = {
    "rank": {
        "question": "How many?",
        "points": [{"train.lora_rank": 13}, {"train.lora_rank": 16, "train.rate": 1e-5}],
        "target": "train",
        "metrics": METRICS,
    },
    "wrong": {"question": "?", "points": [], "target": "train", "metrics": METRICS},
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A DVC project of one stage, with dumps that git does not know; committed with what the stage gave."""
    folder = tmp_path_factory.mktemp("sweep")
    (folder / "params.yaml").write_text("train:\n  lora_rank: 8\n  rate: 0.5\n")
    (folder / "stage.py").write_text(STAGE)
    stage = {"cmd": f"{sys.executable} stage.py", "params": ["train"], "metrics": ["metrics.json"]}
    (folder / "dvc.yaml").write_text(yaml.safe_dump({"stages": {"train": stage}}))
    (folder / "sweeps.yaml").write_text(yaml.safe_dump(SWEEPS, sort_keys=False))
    (folder / ".gitignore").write_text("/reports/\n")
    (folder / "data/raw/pages").mkdir(parents=True)
    (folder / "data/raw/.gitignore").write_text("/*\n!.gitignore\n")
    for name in ("mine.txt", "pages/other.txt"):
        (folder / "data/raw" / name).write_text("untracked")
    commands = (
        ["git", "init", "-q"],
        ["git", "config", "user.name", "n"],
        ["git", "config", "user.email", "e"],
        [sys.executable, "-m", "dvc", "init", "-q"],
        [sys.executable, "-m", "dvc", "repro", "-q"],
        ["git", "add", "-A"],
        ["git", "commit", "-qm", "a project"],
    )
    for command in commands:
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder


@pytest.mark.slow
def test_a_sweep_is_a_table_and_a_plot(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place)
    monkeypatch.setenv("DVC_NO_ANALYTICS", "1")
    sweep.dvc("exp", "run", "--temp", "--name", "sweep-rank-1", *DUMPS, "--set-param", "train.lora_rank=4")
    assert sweep.row(sweep.load_sweep("rank", place / "sweeps.yaml"), {}, sweep.shown()["sweep-rank-1"]) == {"loss": 2, "F1": 0.5}
    # A sweep takes the place of what was there; its first point fails, and has not the metrics of the commit.
    assert sweep.run("rank", place / "sweeps.yaml") == "1 of 2 experiments, reports/sweeps/rank.csv and rank.png"
    with Path("reports/sweeps/rank.csv").open(encoding="utf-8") as file:
        assert list(csv.DictReader(file)) == [
            {"train.lora_rank": "13", "train.rate": "", "loss": "", "F1": ""},
            {"train.lora_rank": "16", "train.rate": "1e-05", "loss": "0.5", "F1": "1e-05"},
        ]
    assert Path("reports/sweeps/rank.png").read_bytes().startswith(b"\x89PNG")
    assert yaml.safe_load(Path("params.yaml").read_text())["train"]["lora_rank"] == 8  # the workspace is as it was


def test_when_all_points_fail_a_sentence_says_so(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "dvc", lambda *_, **__: "")
    monkeypatch.setattr(sweep, "shown", dict)
    with pytest.raises(TibyanError, match=r"rank: none of 2 experiments gave a metric\. `dvc queue logs sweep-rank-1`"):
        sweep.run("rank", place / "sweeps.yaml")


def test_the_same_numbers_are_the_same_picture(place: Path, tmp_path: Path) -> None:
    planned = sweep.load_sweep("rank", place / "sweeps.yaml")
    rows = [point | {"loss": 2.0, "F1": None} for point in planned.points]
    for name in ("one.png", "other.png"):
        sweep.draw(planned, rows, tmp_path / name)
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "other.png").read_bytes()


def test_mistakes_are_sentences(place: Path) -> None:
    with pytest.raises(TibyanError, match=r"no sweep 'ranks'\. Known: rank, wrong; add yours to training_recipes/sweeps.yaml"):
        sweep.load_sweep("ranks", place / "sweeps.yaml")
    with pytest.raises(TibyanError, match=r"sweeps.yaml: wrong.points: List should have at least 1 item"):
        sweep.load_sweep("wrong", place / "sweeps.yaml")


def test_dvcs_own_errors_are_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(TibyanError, match=r"`dvc exp show --json …` failed: .*not inside of a DVC repository"):
        sweep.shown()


def test_the_projects_own_sweeps_name_what_there_is() -> None:
    params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    made = {out for stage in STAGES for out in outputs(stage)}
    names = list(yaml.safe_load(sweep.SWEEPS.read_text(encoding="utf-8")))
    assert set(names) >= {"rank", "learning_rate", "epochs", "normalisation", "encoder"}
    for name in names:
        planned = sweep.load_sweep(name)
        assert planned.target in STAGES
        for point in planned.points:
            changed = copy.deepcopy(params)
            for key, value in point.items():
                section, _, field = key.partition(".")
                changed[section][field] = value
            Params.model_validate(changed)  # an unknown key is an error
        assert all(where.startswith("reports/metrics/") and ":" in where for where in planned.metrics.values())
        assert {where.partition(":")[0] for where in planned.metrics.values()} <= made


def test_what_is_in_the_experiments_file_is_found() -> None:
    metrics = json.loads('{"a.json": {"data": {"x": {"y": 2}, "said": "no number"}}}')
    assert sweep.deep(metrics, "a.json", "x.y") == 2
    assert sweep.deep(metrics, "a.json", "said") is sweep.deep(metrics, "a.json", "x.z") is sweep.deep(metrics, "b.json", "x") is None
    assert os.fspath(sweep.OUT) == "reports/sweeps"
