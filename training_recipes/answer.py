"""answer RUN: what a trained run, or the base model as it is (`untrained`), answers to the test questions; kept for every metric."""

import math
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa

from curation.engine import write_json, write_table
from curation.errors import TibyanError
from curation.params import EvaluateParams, Params
from training_recipes.generation import generate
from training_recipes.models import BASE, DESCRIPTION, load_adapted, load_base, read_description, recipe_folder
from training_recipes.prompts import make_example
from training_recipes.recipe import load_recipe, run_parts
from training_recipes.records import BUILT, Record, digest, read_split
from training_recipes.running import main, make_deterministic
from training_recipes.systems import UNTRAINED, answers_path, description_path
from training_recipes.trainer import plain_loss


def run(params: Params, name: str) -> str:
    """Write data/interim/answers_NAME.parquet and reports/metrics/answer_NAME.json, which says by what and to what it was answered.

    A run is asked as it was trained, whatever params.yaml says by now; the untrained model as `train` says.
    """
    wanted = params.evaluate
    make_deterministic(wanted.seed, wanted.threads)
    data = digest(BUILT) if BUILT.exists() else None  # read_split says what to do where it is not there
    settings: dict[str, Any] = {"recipe": UNTRAINED, "seed": None, **_asked(params.train.model_dump())}
    if name != UNTRAINED:
        settings = _trained(name, data)
    if wanted.max_new_tokens >= settings["max_length"]:
        raise TibyanError(
            f"evaluate.max_new_tokens: {wanted.max_new_tokens} leaves no room in train.max_length ({settings['max_length']})."
        )
    test = read_split("test", settings["question_column"])[: wanted.max_examples]
    model, tokenizer = load_base() if name == UNTRAINED else load_adapted(name)
    chunk = settings.pop("loss_chunk")  # how perplexity is computed, not what it is
    answers, perplexity = answers_and_perplexity(model, tokenizer, test, settings["max_length"], wanted, chunk)
    write_answers(answers_path(name), test, answers)
    metrics = {
        **settings,
        "examples": len(test),
        "perplexity": round(perplexity, 4),
        "decoding": {
            "temperature": wanted.temperature,
            "top_p": wanted.top_p,
            "max_new_tokens": wanted.max_new_tokens,
            "seed": wanted.seed,
        },
        "base": read_description(BASE / DESCRIPTION),
        "dataset": data,
    }
    write_json(description_path(name), metrics)
    return f"{len(test)} answers, perplexity {metrics['perplexity']}"


def answers_and_perplexity(
    model: Any, tokenizer: Any, test: list[Record], length: int, params: EvaluateParams, loss_chunk: int | None = None
) -> tuple[list[str], float]:
    """What the model answers, and how much the real answers surprise it, per token."""
    answers = generate(
        model,
        tokenizer,
        [record.question for record in test],
        length,
        params.max_new_tokens,
        params.batch,
        temperature=params.temperature,
        top_p=params.top_p,
        seed=params.seed,
    )
    real = [make_example(tokenizer, record.question, record.answer, length) for record in test]
    return answers, math.exp(plain_loss(model, real, tokenizer.pad_token_id, params.batch, loss_chunk=loss_chunk))


def write_answers(path: Path, test: list[Record], answers: list[str]) -> None:
    """`record_id, answer_generated`."""
    write_table(pa.table({"record_id": [record.record_id for record in test], "answer_generated": answers}), path)


def _trained(name: str, data: str | None) -> dict[str, Any]:
    """The recipe and settings of a run. Raises TibyanError where there is none, or where it has read another dataset than is here."""
    recipe, _ = run_parts(name)
    load_recipe(recipe)
    folder = recipe_folder(name)
    if not folder.exists():
        how = f"`python -m training_recipes.train {name}` trains it, `dvc repro` those of dvc.yaml"
        raise TibyanError(f"{folder}/recipe.json: not there. {how}.")
    described = read_description(folder / "recipe.json")
    if described["dataset"]["sha256"] != data:
        raise TibyanError(f"{folder}: trained on another dataset than {BUILT} is. Run `dvc repro`, which trains it again.")
    return {"recipe": recipe, "seed": described["train"]["seed"], **_asked(described["train"])}


def _asked(train: dict[str, Any]) -> dict[str, Any]:
    return {key: train[key] for key in ("question_column", "max_length", "loss_chunk")}


if __name__ == "__main__":
    main("answer", run, sys.argv[1:], takes=("RUN",))
