"""train RUN: the base model adapted by a recipe (`lora_ce`; `lora_ce-2` is the same with seed 2) over the answers of the train split."""

import sys
from importlib import metadata
from pathlib import Path
from typing import Any

from peft import prepare_model_for_kbit_training

from curation.engine import METRICS, write_csv, write_folder, write_json
from curation.params import Params, TrainParams
from curation.schema import SEVERITIES
from training_recipes.adapters import save_adapter, save_whole, with_adapter
from training_recipes.checkpoints import checkpoints_of, forget
from training_recipes.curriculum import phased
from training_recipes.loss import severity_weights
from training_recipes.models import BASE, DESCRIPTION, check_length, load_base, read_description, recipe_folder
from training_recipes.precision import QUANTISED, check_device
from training_recipes.processes import is_main, whole_weights
from training_recipes.progress import curve, curves, histogram, last_tenth
from training_recipes.prompts import Example, make_example
from training_recipes.recipe import Recipe, load_recipe, run_parts, settings
from training_recipes.records import BUILT, Record, digest, read_split
from training_recipes.running import main, make_deterministic
from training_recipes.trainer import Schedule, fit, plain_loss

CURVES = Path("reports/training")


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


if __name__ == "__main__":
    main("train", run, sys.argv[1:], takes=("RUN",), several=True)
