"""train RUN: the base model adapted by a recipe (`lora_ce`; `lora_ce-2` is the same with seed 2) over the answers of the train split."""

import csv
import io
import math
import sys
from collections import Counter
from importlib import metadata
from pathlib import Path
from typing import Any

from peft import prepare_model_for_kbit_training

from curation.engine import METRICS, write_folder, write_json, write_text
from curation.params import Params, TrainParams
from curation.schema import SEVERITIES
from training_recipes.adapters import check_device, save_adapter, save_whole, with_adapter
from training_recipes.base_model import last_tenth
from training_recipes.checkpoints import checkpoints_of, forget
from training_recipes.curriculum import phases, schedules
from training_recipes.loss import severity_weights
from training_recipes.models import BASE, DESCRIPTION, QUANTISED, check_length, load_base, read_description, recipe_folder
from training_recipes.processes import is_main, whole_weights
from training_recipes.progress import curves
from training_recipes.prompts import Example, make_example
from training_recipes.recipe import Recipe, load_recipe, run_parts, settings
from training_recipes.records import BUILT, Record, digest, read_split
from training_recipes.running import main, make_deterministic
from training_recipes.trainer import Schedule, fit, plain_loss

CURVES = Path("reports/training")
POINTS = 25  # of the loss curve
BIN = 0.05  # of the histogram of weights


def run(params: Params, name: str) -> str:
    """Make models/NAME, reports/training/NAME.csv, NAME_weights.csv and NAME/, and reports/metrics/train_NAME.json.

    There `train_loss` is the recipe's own loss over the last tenth of the steps, and `validation_loss` the plain
    cross-entropy per answer token, so that recipes can be compared.
    """
    recipe_name, seed = run_parts(name)
    recipe = load_recipe(recipe_name)
    chosen = settings(params.train, recipe, recipe_name, seed)
    check_device(recipe.method, chosen.precision or "auto")
    make_deterministic(chosen.seed, chosen.threads)
    train = read_split("train", chosen.question_column, chosen.answer_column)
    validation = read_split("validation", chosen.question_column, chosen.answer_column)
    weights = realised_weights(recipe, train)
    print(f"train: {name} weights {min(weights):.3f} to {max(weights):.3f}, mean {sum(weights) / len(weights):.3f}")

    base, tokenizer = load_base(recipe.method)
    check_length(base, chosen.max_length, "train.max_length")
    model = trainable(base, chosen, recipe.method)
    description = describe(recipe_name, recipe, chosen, params)
    examples = make_examples(train, weights, tokenizer, chosen.max_length)
    plan = phased(train, chosen, recipe)
    with curves(CURVES / name) as live:
        losses = learn(model, examples, plan, tokenizer.pad_token_id, checkpoints_of(name, description), live)
    held_out = make_examples(validation, [1.0] * len(validation), tokenizer, chosen.max_length)
    validation_loss = plain_loss(model, held_out, tokenizer.pad_token_id, chosen.batch, loss_chunk=chosen.loss_chunk)
    whole = whole_weights(model)
    if not is_main():
        return ""

    with write_folder(recipe_folder(name)) as folder:
        if recipe.method == "full":
            save_whole(model, tokenizer, description, folder, whole)
        else:
            save_adapter(model, description, folder, whole)
    write_csv(CURVES / f"{name}.csv", ("step", "loss"), curve(losses))
    write_csv(CURVES / f"{name}_weights.csv", ("weight", "count"), histogram(weights))
    metrics = {
        "method": recipe.method,
        "question_column": chosen.question_column,
        "seed": chosen.seed,
        "steps": len(losses),
        "train_loss": round(last_tenth(losses), 4),
        "validation_loss": round(validation_loss, 4),
        "weight_min": round(min(weights), 4),
        "weight_mean": round(sum(weights) / len(weights), 4),
        "weight_max": round(max(weights), 4),
        "trainable_parameters": sum(p.numel() for p in model.parameters() if p.requires_grad),
    }
    if recipe.curriculum:
        metrics["phase_steps"] = {level: part.steps for level, (_, part) in zip(SEVERITIES, plan, strict=True)}
    write_json(METRICS / f"train_{name}.json", metrics)
    forget(name)
    return f"{len(train)} records, {metrics['steps']} steps, validation loss {metrics['validation_loss']}"


def realised_weights(recipe: Recipe, records: list[Record]) -> list[float]:
    """The weight of each record in the loss; 1 for all of them under plain cross-entropy."""
    if recipe.weights is None:
        return [1.0] * len(records)
    weights: list[float] = severity_weights([r.probabilities for r in records], recipe.weights, recipe.normalise).tolist()
    return weights


def make_examples(records: list[Record], weights: list[float], tokenizer: Any, max_length: int) -> list[Example]:
    """The records as the model sees them, each with its weight."""
    pairs = zip(records, weights, strict=True)
    return [make_example(tokenizer, r.question, r.answer, max_length, weight) for r, weight in pairs]


def trainable(base: Any, params: TrainParams, method: str) -> Any:
    """The model to be trained: all of `base`, or the base frozen with fresh LoRA matrices on it."""
    if method == "full":
        return base.requires_grad_(True)
    if method == QUANTISED:
        base = prepare_model_for_kbit_training(base, use_gradient_checkpointing=False)  # the Trainer turns it on
    return with_adapter(base, params)


def schedule(params: TrainParams, recipe: Recipe, records: int) -> Schedule:
    """The shared settings with what the recipe says about the loss; epochs become steps over that many records, the last one full."""
    return Schedule(
        steps=params.steps or math.ceil((params.epochs or 0) * records / (params.batch * params.accumulation)),
        batch=params.batch,
        learning_rate=params.learning_rate,
        seed=params.seed,
        accumulation=params.accumulation,
        warmup_steps=params.warmup_steps,
        scheduler=params.scheduler,
        form=recipe.form,
        precision=params.precision or "auto",
        loss_chunk=params.loss_chunk,
        gradient_checkpointing=params.gradient_checkpointing,
        checkpoint_every=params.checkpoint_every,
    )


def phased(records: list[Record], params: TrainParams, recipe: Recipe) -> list[tuple[list[int], Schedule]]:
    """Which records are learned when: all of them at once, or the phases of the curriculum, each with its own schedule."""
    if recipe.curriculum is None or recipe.learning_rates is None:
        return [(list(range(len(records))), schedule(params, recipe, len(records)))]
    groups = phases([record.severity for record in records], recipe.curriculum)
    for level in (level for level, group in zip(SEVERITIES, groups, strict=True) if not group):
        print(f"train: no record is {level}, so that its phase is left out")
    sizes = [len(group) for group in groups]
    return list(zip(groups, schedules(sizes, schedule(params, recipe, sum(sizes)), recipe.learning_rates), strict=True))


def learn(
    model: Any,
    examples: list[Example],
    plan: list[tuple[list[int], Schedule]],
    pad_id: int,
    checkpoints: Path | None = None,
    live: Any = None,
) -> list[float]:
    """Fit the model to one phase after another, in place, each with checkpoints of its own; the losses of all steps."""
    losses = list[float]()
    for number, (group, part) in enumerate(plan, 1):
        if group:
            kept = checkpoints / f"phase_{number}" if checkpoints else None
            losses += fit("train", model, [examples[i] for i in group], pad_id, part, checkpoints=kept, live=live)
    return losses


def describe(name: str, recipe: Recipe, chosen: TrainParams, params: Params) -> dict[str, Any]:
    """Everything that made a model."""
    packages = ["peft", "torch", "transformers"] + ["bitsandbytes"] * (recipe.method == QUANTISED)
    return {
        "recipe": {"name": name, **recipe.model_dump()},
        "train": chosen.model_dump(),
        "base": read_description(BASE / DESCRIPTION),
        "dataset": {"name": params.build.name, "version": params.build.version, "sha256": digest(BUILT)},
        "versions": {package: metadata.version(package) for package in packages},
    }


def curve(losses: list[float]) -> list[tuple[int, float]]:
    """At most POINTS pairs of a step and the mean loss of the steps since the one before."""
    every = -(-len(losses) // POINTS)
    chunks = [losses[start : start + every] for start in range(0, len(losses), every)]
    return [(i * every + len(chunk), round(sum(chunk) / len(chunk), 4)) for i, chunk in enumerate(chunks)]


def histogram(weights: list[float]) -> list[tuple[float, int]]:
    """Pairs of a weight, rounded to BIN, and the records with it; one bar alone means that weighting did nothing."""
    counts = Counter(round(round(weight / BIN) * BIN, 2) for weight in weights)
    return sorted(counts.items())


def write_csv(path: Path, header: tuple[str, ...], rows: list[Any]) -> None:
    """For `dvc plots`."""
    content = io.StringIO()
    csv.writer(content, lineterminator="\n").writerows([header, *rows])
    write_text(path, content.getvalue())


if __name__ == "__main__":
    main("train", run, sys.argv[1:], takes=("RUN",))
