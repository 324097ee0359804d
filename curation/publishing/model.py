"""A trained run as a model repository: an adapter, with its own small base where it has one, or a whole model; and a card of figures."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from jinja2 import Environment, StrictUndefined, UndefinedError

from curation.engine import INTERIM, METRICS
from curation.errors import TibyanError
from curation.params import OWN, Params
from curation.publishing.folder import Content, file_digest
from curation.schema import YES

EVALUATION = Path("reports/evaluation.json")  # of the stage `evaluate`
MODELS = Path("models")
BASE = MODELS / "base"
TEMPLATE = "model_card.md.jinja"
RECIPE = "recipe.json"
ADAPTER, WHOLE = ("adapter_config.json", "adapter_model.safetensors"), ("config.json", "tokenizer_config.json")


def model_files(run: str, params: Params, repo: str) -> dict[str, Content]:
    """All that the repository is to hold. Raises TibyanError where the run is not there or was trained on other data than is here."""
    folder = MODELS / run
    _check_there(folder, (RECIPE,))
    recipe = _read(folder / RECIPE)
    whole = recipe["recipe"]["method"] == "full"
    _check_there(folder, WHOLE if whole else ADAPTER)
    built = INTERIM / "built.parquet"
    if recipe["dataset"]["sha256"] != file_digest(built):
        raise TibyanError(f"{folder}: trained on other rows than {built} holds. Run `dvc repro`, which trains it again.")
    own = recipe["base"]["name"] == OWN
    content: dict[str, Content] = {path.name: path for path in sorted(folder.iterdir()) if path.is_file()}
    if own and not whole:
        content |= {f"base/{path.name}": path for path in sorted(BASE.iterdir()) if path.is_file()}
    content["README.md"] = _card(run, params, repo, recipe, own).encode()
    return content


def _check_there(folder: Path, needed: tuple[str, ...]) -> None:
    if missing := [name for name in needed if not (folder / name).is_file()]:
        known = sorted(path.parent.name for path in MODELS.glob(f"*/{RECIPE}"))
        raise TibyanError(f"{folder / missing[0]}: not there. Trained are {', '.join(known) or 'none'}; `dvc repro` trains the recipes.")


def check_may_be_public(run: str) -> None:
    """Weights can say again what they read: public only where every text that they read may be given on."""
    built = pq.read_table(INTERIM / "built.parquet", columns=["source", "redistributable"])
    held = sorted({row["source"] for row in built.to_pylist() if row["redistributable"] != YES})
    if held:
        raise TibyanError(f"{MODELS / run}: has read texts that may not be given on ({', '.join(held)}). Publish it without --public.")


def _card(run: str, params: Params, repo: str, recipe: dict[str, Any], own: bool) -> str:
    template = (files("curation.publishing") / TEMPLATE).read_text(encoding="utf-8")
    environment = Environment(undefined=StrictUndefined, keep_trailing_newline=True, trim_blocks=True)
    evaluation = _read(EVALUATION)
    values = {
        "run": run,
        "repo": repo,
        "build": params.build.model_dump(),
        "recipe": recipe,
        "own": own,
        "loader": _loader(MODELS / run, recipe),
        "whole": recipe["recipe"]["method"] == "full",
        "asked": "`{before}…{after}`".format(**recipe["base"]["prompt"]).replace("\n", "⏎"),
        "train": _read(METRICS / f"train_{run}.json"),
        "evaluation": evaluation,
        "ours": _of_run(run, evaluation),
        "sources": _sources(),
    }
    try:
        return environment.from_string(template).render(values)
    except UndefinedError as error:
        raise TibyanError(f"curation/publishing/{TEMPLATE}: {error.message}. Run `dvc repro`, which measures it.") from None


def _loader(folder: Path, recipe: dict[str, Any]) -> str:
    """The class of transformers that loads it: an encoder-decoder is no causal model."""
    about = _read(folder / (WHOLE if recipe["recipe"]["method"] == "full" else ADAPTER)[0])
    encodes = about.get("is_encoder_decoder") or about.get("task_type") == "SEQ_2_SEQ_LM"
    return "AutoModelForSeq2SeqLM" if encodes else "AutoModelForCausalLM"


def _of_run(run: str, evaluation: dict[str, Any]) -> str:
    """The system that the run is one of. Raises TibyanError where the run was not evaluated."""
    for name, system in evaluation["systems"].items():
        if run in system["runs"]:
            return str(name)
    raise TibyanError(f"{EVALUATION}: says nothing of {run}. Name it in the stages answer and evaluate of dvc.yaml, then `dvc repro`.")


def _sources() -> list[dict[str, Any]]:
    table: pa.Table = pq.read_table(INTERIM / "sources.parquet")
    return [{name: value or "not stated" for name, value in row.items()} for row in table.to_pylist()]


def _read(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        raise TibyanError(f"{path}: not there, or not whole. Run `dvc repro`, which makes it.") from None
