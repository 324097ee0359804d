"""train RECIPE: a LoRA adapter on the base model, with the recipe's loss over the answers of the train split."""

import csv
import io
import sys
from collections import Counter
from importlib import metadata
from pathlib import Path
from typing import Any

from peft import LoraConfig, get_peft_model

from curation.engine import METRICS, write_folder, write_json, write_text
from curation.errors import TibyanError
from curation.params import Params, TrainParams
from training_recipes.base_model import last_tenth
from training_recipes.checkpoints import checkpoints_of, forget
from training_recipes.loss import severity_weights
from training_recipes.models import BASE, DESCRIPTION, check_length, load_base, read_description, recipe_folder
from training_recipes.processes import is_main, whole_weights
from training_recipes.progress import curves
from training_recipes.prompts import Example, make_example
from training_recipes.recipe import Recipe, load_recipe
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
    recipe = load_recipe(name)
    chosen = params.train.model_copy(update={"question_column": recipe.question_column or params.train.question_column})
    make_deterministic(chosen.seed, chosen.threads)
    train = read_split("train", chosen.question_column)
    validation = read_split("validation", chosen.question_column)
    weights = realised_weights(recipe, train)
    print(f"train: {name} weights {min(weights):.3f} to {max(weights):.3f}, mean {sum(weights) / len(weights):.3f}")

    base, tokenizer = load_base()
    check_length(base, chosen.max_length, "train.max_length")
    model = with_adapter(base, chosen)
    examples = make_examples(train, weights, tokenizer, chosen.max_length)
    description = describe(name, recipe, chosen, params)
    with curves(CURVES / name) as live:
        kept = checkpoints_of(name, description)
        losses = fit("train", model, examples, tokenizer.pad_token_id, schedule(chosen, recipe), checkpoints=kept, live=live)
    held_out = make_examples(validation, [1.0] * len(validation), tokenizer, chosen.max_length)
    validation_loss = plain_loss(model, held_out, tokenizer.pad_token_id, chosen.batch)
    whole = whole_weights(model)
    if not is_main():
        return ""

    with write_folder(recipe_folder(name)) as folder:
        save_adapter(model, description, folder, whole)
    write_csv(CURVES / f"{name}.csv", ("step", "loss"), curve(losses))
    write_csv(CURVES / f"{name}_weights.csv", ("weight", "count"), histogram(weights))
    metrics = {
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


def with_adapter(base: Any, params: TrainParams) -> Any:
    """The base model frozen, with fresh LoRA matrices to be trained, on every linear layer unless params.yaml names some."""
    config = LoraConfig(
        task_type="CAUSAL_LM",
        r=params.lora_rank,
        lora_alpha=params.lora_alpha,
        lora_dropout=params.lora_dropout,
        target_modules=params.lora_targets or "all-linear",
        fan_in_fan_out=base.config.model_type == "gpt2",  # its Conv1D keeps matrices the other way round
    )
    try:
        return get_peft_model(base, config)
    except ValueError as error:
        reason = str(error).splitlines()[0]
        raise TibyanError(f"train.lora_targets: does not fit the base model ({reason:.200}). Name its modules.") from None


def schedule(params: TrainParams, recipe: Recipe) -> Schedule:
    """The shared settings with what the recipe says about the loss."""
    return Schedule(
        steps=params.steps,
        batch=params.batch,
        learning_rate=params.learning_rate,
        seed=params.seed,
        accumulation=params.accumulation,
        warmup_steps=params.warmup_steps,
        form=recipe.form,
    )


def describe(name: str, recipe: Recipe, chosen: TrainParams, params: Params) -> dict[str, Any]:
    """Everything that made an adapter."""
    return {
        "recipe": {"name": name, **recipe.model_dump()},
        "train": chosen.model_dump(),
        "base": read_description(BASE / DESCRIPTION),
        "dataset": {"name": params.build.name, "version": params.build.version, "sha256": digest(BUILT)},
        "versions": {package: metadata.version(package) for package in ("peft", "torch", "transformers")},
    }


def save_adapter(model: Any, description: dict[str, Any], folder: Path, whole: dict[str, Any] | None = None) -> None:
    """adapter_model.safetensors, adapter_config.json and recipe.json, alike to the byte in every run.

    PEFT writes target_modules in the order of a set, which varies, and a model card with nothing in it.
    """
    base = description["base"]
    config = model.peft_config["default"]
    config.base_model_name_or_path = str(BASE) if "sha256" in base else base["name"]
    config.revision = base["revision"]
    model.save_pretrained(folder, save_embedding_layers=False, state_dict=whole)
    (folder / "README.md").unlink()
    saved = read_description(folder / "adapter_config.json")
    write_json(folder / "adapter_config.json", saved | {"target_modules": sorted(saved["target_modules"])})
    write_json(folder / "recipe.json", description)


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
    main("train", run, sys.argv[1:], takes=("RECIPE",))
