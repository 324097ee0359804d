"""The experiment without its hour: its plan is a project, what is cut off goes on, and its conclusions follow from the figures."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from benchmarks.experiment import document, figures, plan
from benchmarks.experiment.conclusions import conclusion, verdict
from benchmarks.experiment.questions import CE, CURRICULUM, METRICS, QUESTIONS, RECIPES, RUNS, SEEDS, SEVERITY, UNTRAINED, Asked
from benchmarks.experiment.run import timed
from benchmarks.setting import SHARED
from curation.params import load_params
from training_recipes.recipe import load_recipe

ROOT = Path(__file__).resolve().parents[1]
ASKED = Asked("Does weighting help?", SEVERITY, CE)


def pair(
    low: float, high: float, metric: str = "f1", p_holm: float = 0.01, by_seed: tuple[float, ...] = (0.01, 0.02, 0.03)
) -> dict[str, Any]:
    value = (low + high) / 2
    of = {"of": SEVERITY, "against": CE, "questions": "all", "n": 140, "metric": metric}
    return of | {"value": value, "low": low, "high": high, "p": 0.001, "p_holm": p_holm, "by_seed": list(by_seed)}


@pytest.fixture
def planned() -> dict[str, Any]:
    return plan.stages(yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"], RECIPES, SEEDS)


def test_the_parameters_are_those_of_the_project_but_for_the_changes(tmp_path: Path) -> None:
    ours = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    changes = yaml.safe_load(plan.CHANGES.read_text(encoding="utf-8"))
    merged = plan.parameters(ours, changes, {"train": {"steps": 2}})
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(merged, allow_unicode=True), encoding="utf-8")
    params = load_params(tmp_path / "params.yaml")
    assert params.base_model.name == "base" and params.train.steps == 2
    assert {entry.source for entry in params.ingest.inputs} == {"aramed", "mentalqa"}
    touched = {(section, key) for section, keys in changes.items() for key in keys} | {("train", "steps"), ("ingest", "inputs")}
    assert {(s, k) for s, keys in ours.items() for k in keys if merged[s][k] != keys[k]} <= touched
    assert ours == yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8")), "what was given is left as it was"


def test_the_stages_are_those_of_the_project_with_the_runs(planned: dict[str, Any]) -> None:
    ours = list(yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"])
    assert [name for name in planned if name not in ("cut", "compare")] == ours[: ours.index("evaluate") + 1]
    assert list(planned).index("cut") == list(planned).index("base_model") - 1 and "base" in planned["base_model"]["deps"]
    assert planned["train"]["matrix"] == {"recipe": list(RECIPES), "seed": list(SEEDS)}
    assert "training_recipes/recipes/${item.recipe}.yaml" in planned["train"]["deps"] and "${item.run}" not in json.dumps(planned["train"])
    assert list(planned["answer"]["foreach"]) == [UNTRAINED, *RUNS]
    made = f"data/interim/answers_{RUNS[-1]}.parquet"
    for stage in ("evaluate", "compare"):
        assert made in planned[stage]["deps"] and f"data/interim/answers_{UNTRAINED}.parquet" in planned[stage]["deps"]
        assert planned[stage]["cmd"].split()[3:] == RUNS


def test_every_recipe_is_one(tmp_path: Path) -> None:
    for name in RECIPES:
        load_recipe(name, plan.RECIPES_HERE if (plan.RECIPES_HERE / f"{name}.yaml").exists() else ROOT / "training_recipes" / "recipes")


def test_the_curriculum_has_the_learning_rate_of_the_others() -> None:
    changes = yaml.safe_load(plan.CHANGES.read_text(encoding="utf-8"))
    ours = yaml.safe_load((plan.RECIPES_HERE / f"{CURRICULUM}.yaml").read_text(encoding="utf-8"))["learning_rates"]
    theirs = yaml.safe_load((ROOT / "training_recipes/recipes/curriculum_cumulative.yaml").read_text(encoding="utf-8"))["learning_rates"]
    assert ours[0] == changes["train"]["learning_rate"]
    assert [rate / ours[0] for rate in ours] == pytest.approx([rate / theirs[0] for rate in theirs])


@pytest.mark.skipif(not SHARED.exists(), reason="the real sources are not under ../shared/data")
def test_a_project_is_written_again_over_what_was_made(tmp_path: Path) -> None:
    folder = tmp_path / ".cache" / "experiment"
    plan.prepare(folder)
    made = folder / "models" / "lora_ce-1" / "adapter_model.safetensors"
    made.parent.mkdir(parents=True)
    made.touch()
    stale = folder / "training_recipes" / "gone.py"
    stale.touch()
    plan.prepare(folder, train={"steps": 3})
    assert made.exists() and not stale.exists()
    assert load_params(folder / "params.yaml").train.steps == 3
    assert (folder / "training_recipes" / "recipes" / f"{CURRICULUM}.yaml").exists()
    assert all((folder / entry["path"]).exists() for entry in plan.INPUTS)


OUTPUT = """Stage 'cut' didn't change, skipping
Running stage 'train@lora_ce-1':
> python -m training_recipes.train lora_ce-1
train: step 60 of 60, loss 2.1
Updating lock file 'dvc.lock'
Stage 'train@lora_ce-2' is cached - skipping run, checking out outputs
Updating lock file 'dvc.lock'
Running stage 'train@lora_ce-3':
> python -m training_recipes.train lora_ce-3
train: out of memory
ERROR: failed to reproduce 'train@lora_ce-3'
Running stage 'evaluate':
Updating lock file 'dvc.lock'
"""


def test_stages_that_ran_well_are_timed_and_no_others(capsys: pytest.CaptureFixture[str]) -> None:
    ticks = iter((0.0, 100.0, 200.0, 300.0, 310.0))
    assert list(timed(OUTPUT.splitlines(keepends=True), lambda: next(ticks))) == [("train@lora_ce-1", 100.0), ("evaluate", 10.0)]
    assert capsys.readouterr().out == OUTPUT


VERDICTS = [
    (0.001, 0.003, "better", "the whole interval is above 0"),
    (-0.003, -0.001, "worse", "below"),
    (-0.001, 0.003, "not shown", "0 is in it"),
    (0.0, 0.003, "not shown", "0 is its end"),
    (0.0, 0.0, "not shown", "equal systems"),
]


@pytest.mark.parametrize(("low", "high", "expected", "why"), VERDICTS, ids=[why for *_, why in VERDICTS])
def test_the_verdict_is_the_intervals(low: float, high: float, expected: str, why: str) -> None:
    assert verdict(pair(low, high)) == expected


CONCLUSIONS = [
    ([pair(0.001, 0.003)], ["Yes.", "+0.0020 (+0.0010 to +0.0030)", "leaves 0 out", "140 questions"]),
    ([pair(-0.003, -0.001, by_seed=(-0.1, -0.2))], ["No, it is worse.", "By seed: -0.1000, -0.2000."]),
    ([pair(-0.004, 0.002, p_holm=0.4, by_seed=(-0.01, 0.01))], ["Not shown.", "more than 0.0040", "not even the sign is the same"]),
    ([pair(0.001, 0.003, p_holm=0.2)], ["Perhaps better, not surely."]),
    ([pair(0.001, 0.003), pair(0.5, 1.5, "chrf")], ["Yes.", "chrF++ agrees: +1.00 (+0.50 to +1.50)."]),
    ([pair(0.001, 0.003), pair(-1.5, -0.5, "chrf")], ["chrF++ calls it worse"]),
    ([pair(0.001, 0.003), pair(-1.5, 0.5, "chrf")], ["chrF++ shows nothing"]),
    ([pair(0.001, 0.003) | {"questions": "critical"}], ["This was not measured"]),
]


@pytest.mark.parametrize(("pairs", "expected"), CONCLUSIONS)
def test_a_conclusion_says_what_the_figures_do(pairs: list[dict[str, Any]], expected: list[str]) -> None:
    said = conclusion(ASKED, pairs)
    assert said.startswith("**Does weighting help?** ")
    assert [part for part in expected if part not in said] == []


def measured(low: float, high: float) -> dict[str, Any]:
    """Figures of the shape that `figures.collect` gives, with one interval for every difference."""
    metrics = {name: {"value": 0.81, "low": 0.80, "high": 0.82, "sd": 0.001} for name in figures.SHOWN}
    system = {
        "kind": "recipe",
        "seeds": [1, 2, 3],
        "question_column": "question",
        "perplexity": 20.0,
        "perplexity_sd": 0.1,
        "metrics": metrics,
    }
    names = [*RECIPES, UNTRAINED, "nearest_bm25 (question)"]
    split = {
        "rows": 100,
        "sources": {"aramed": 60, "mentalqa": 40},
        "severity": {"mild": 50, "moderate": 40, "critical": 10},
        "changed_to_msa": 7,
    }
    asked = [
        {**pair(low, high, metric), "of": a.of, "against": a.against, "questions": a.questions} for a in QUESTIONS for metric in METRICS
    ]
    return {
        "machine": {"processor": "P", "cores": 2, "memory_gib": 8, "kernel": "6", "python": "3.11", "packages": {"torch": "2"}},
        "seconds": {"train@lora_ce-1": 120.0, "train@lora_ce-2": 60.0, "ingest": 6.0, "cut": 6.0},
        "model": {
            "package": "a-model 1.0",
            "pieces_before": 262144,
            "pieces": 12000,
            "pieces_of_test_alone": 900,
            "parameters_before": 268_000_000,
            "parameters": 108_000_000,
        },
        "data": dict.fromkeys(("train", "validation", "test"), split),
        "settings": {
            "train": {"lora_rank": 8, "steps": 60, "batch": 8, "max_length": 160, "learning_rate": 0.0005},
            "evaluate": {"max_new_tokens": 48, "confidence": 0.95},
        },
        "runs": {run: {"weight_min": 0.6, "weight_mean": 1.0, "weight_max": 1.2} for run in RUNS},
        "examples": 140,
        "critical": 20,
        "signature": "a signature",
        "systems": dict.fromkeys(names, system),
        "severity": [{"name": "critical", "n": 20, "systems": {name: {"f1": {"value": 0.8, "low": None, "high": None}} for name in names}}],
        "comparisons": {"confidence": 0.95, "samples": 2000, "pairs": asked},
    }


def test_the_document_holds_the_figures_and_their_conclusions() -> None:
    text = document.render(measured(-0.002, 0.002))
    assert f"{len(RUNS)} runs" in text and "0.8100 (0.8000 to 0.8200) ± 0.0010" in text and "0.60 to 1.20, 2.0 times" in text
    assert text.count("Not shown.") == len(QUESTIONS) and "Yes." not in text
    assert "Its stages took\n3 minutes, less where nothing else runs: `train` 3.0, all others 0.2." in text
    assert document.render(measured(0.001, 0.002)).count("Yes.") == len(QUESTIONS)
    assert text.isascii() is False and not re.search("[\u0600-\u06ff]", text), "no text of the data, nor any Arabic, is in it"


def test_rows_are_counted_by_split() -> None:
    rows = [
        {"split": "test", "source": "a", "severity": "mild", "question": "س", "question_msa": "س"},
        {"split": "test", "source": "b", "severity": "critical", "question": "س", "question_msa": "ش"},
    ]
    assert figures.counts(rows)["test"] == {
        "rows": 2,
        "sources": {"a": 1, "b": 1},
        "severity": {"critical": 1, "mild": 1},
        "changed_to_msa": 1,
    }
    assert figures.counts(rows)["train"]["rows"] == 0


@pytest.mark.skipif(not figures.FIGURES.exists(), reason="`make experiment` has not been run")
def test_the_document_is_what_the_figures_give() -> None:
    found = json.loads(figures.FIGURES.read_text(encoding="utf-8"))
    assert document.render(found) == document.DOCUMENT.read_text(encoding="utf-8")
    assert not re.search(r"/(?:work|root|home|tmp)/|20\d\d-\d\d-\d\d", json.dumps(found))
