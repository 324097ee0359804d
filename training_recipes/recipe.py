"""A recipe: what sets one training run apart from the others, as a YAML file in training_recipes/recipes/."""

import re
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import Field, ValidationError, model_validator

from curation.errors import TibyanError
from curation.params import Section, TrainParams

FOLDER = Path(__file__).parent / "recipes"
RUN = re.compile(r"(?P<recipe>[^-]+)(?:-(?P<seed>\d+))?")
Weight = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Rate = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Recipe(Section):
    """`weights` are those of mild, moderate and critical; they belong to severity_weighted, which cannot do without.

    `learning_rates` are those of a curriculum's three phases, and belong to one. `train` holds any key of `train` in params.yaml
    and goes before it, as does `question_column`, so that two recipes can differ in one thing and in nothing else.
    """

    loss: Literal["cross_entropy", "severity_weighted"]
    weights: tuple[Weight, Weight, Weight] | None = None
    form: Literal["token", "sample"] = "token"
    normalise: bool = True  # rescale the realised weights to mean 1 over the training set
    method: Literal["lora", "full", "qlora_nf4"] = "lora"
    curriculum: Literal["cumulative", "sequential"] | None = None
    learning_rates: tuple[Rate, Rate, Rate] | None = None
    question_column: Literal["question", "question_msa"] | None = None  # None: train.question_column
    train: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def weights_fit_the_loss(self) -> "Recipe":
        if self.loss == "cross_entropy" and self.model_fields_set & {"weights", "form", "normalise"}:
            raise ValueError("cross_entropy takes no weights, form or normalise")
        if self.loss == "severity_weighted" and not any(self.weights or ()):
            raise ValueError("severity_weighted needs weights: [mild, moderate, critical], not all of them 0")
        return self

    @model_validator(mode="after")
    def learning_rates_fit_the_curriculum(self) -> "Recipe":
        if (self.curriculum is None) != (self.learning_rates is None):
            raise ValueError("curriculum and learning_rates: [mild, moderate, critical] belong together")
        if self.curriculum and "learning_rate" in self.train:
            raise ValueError("a curriculum has learning_rates, and no train.learning_rate")
        return self

    @model_validator(mode="after")
    def train_has_keys_of_params(self) -> "Recipe":
        if unknown := [key for key in self.train if key not in TrainParams.model_fields]:
            known = ", ".join(TrainParams.model_fields)
            raise ValueError(f"train.{unknown[0]} is not a key of train in params.yaml; there are {known}")
        if self.question_column and "question_column" in self.train:
            raise ValueError("question_column stands twice; take it out of train")
        return self


def run_parts(name: str) -> tuple[str, int | None]:
    """The recipe and the seed of a run: `lora_ce-2` is lora_ce with seed 2, `lora_ce` has that of params.yaml, None here."""
    parts = RUN.fullmatch(name)
    if parts is None:
        raise TibyanError(f"there is no run {name!r}. A run is a recipe, or a recipe with its seed: lora_ce-2.")
    return parts["recipe"], int(parts["seed"]) if parts["seed"] else None


def load_recipe(name: str, folder: Path = FOLDER) -> Recipe:
    """Read and check `recipes/NAME.yaml`. Raises TibyanError naming the known recipes or every wrong key."""
    known = sorted(path.stem for path in folder.glob("*.yaml") if "-" not in path.stem)
    if name not in known:
        raise TibyanError(f"there is no recipe {name!r}. Known: {', '.join(known)}; add yours as {_shown(folder, name)}.")
    shown = _shown(folder, name)
    try:
        content: Any = yaml.safe_load((folder / f"{name}.yaml").read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError, UnicodeDecodeError):
        raise TibyanError(f"{shown}: not valid YAML. Mend the indentation or quoting there.") from None
    try:
        return Recipe.model_validate(content)
    except ValidationError as error:
        raise TibyanError(" ".join(_sentence(shown, problem) for problem in error.errors())) from None


def settings(params: TrainParams, recipe: Recipe, name: str, seed: int | None = None) -> TrainParams:
    """`train` of params.yaml as the recipe called `name` changes it, with the seed of the run.

    Raises TibyanError naming the key of the recipe that `train` does not allow.
    """
    changes = dict(recipe.train)
    if recipe.question_column:
        changes["question_column"] = recipe.question_column
    for key, other in (("steps", "epochs"), ("epochs", "steps")):
        if changes.get(key) is not None:
            changes.setdefault(other, None)  # what the recipe says takes the place of both
    changes["precision"] = params.precision or changes.get("precision") or "auto"
    if seed is not None:
        changes["seed"] = seed
    try:
        return TrainParams.model_validate(params.model_dump() | changes)
    except ValidationError as error:
        shown = _shown(FOLDER, name)
        raise TibyanError(" ".join(_sentence(f"{shown}: train", problem) for problem in error.errors())) from None


def _shown(folder: Path, name: str) -> str:
    return f"training_recipes/{folder.name}/{name}.yaml"


def _sentence(shown: str, problem: Any) -> str:
    key = ".".join(str(part) for part in problem["loc"]) or "the whole file"
    if problem["type"] == "extra_forbidden":
        return f"{shown}: {key} is not a key of a recipe. Known: {', '.join(Recipe.model_fields)}."
    if problem["type"] == "model_type":
        return f"{shown}: {key} has no keys. Set loss to cross_entropy or severity_weighted."
    if problem["type"] == "missing":
        return f"{shown}: {key} is missing. Set it to cross_entropy or severity_weighted."
    return f"{shown}: {key}: {problem['msg'].removeprefix('Value error, ')}, it is {problem['input']!r:.60}."
