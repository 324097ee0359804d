"""A recipe: what sets one training run apart from the others, as a YAML file in training_recipes/recipes/."""

from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import Field, ValidationError, model_validator

from curation.errors import TibyanError
from curation.params import Section

FOLDER = Path(__file__).parent / "recipes"
Weight = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Recipe(Section):
    """`weights` are those of mild, moderate and critical; they belong to severity_weighted, which cannot do without.

    `question_column` goes before `train.question_column`, so that two recipes can differ in it and in nothing else.
    """

    loss: Literal["cross_entropy", "severity_weighted"]
    weights: tuple[Weight, Weight, Weight] | None = None
    form: Literal["token", "sample"] = "token"
    normalise: bool = True  # rescale the realised weights to mean 1 over the training set
    question_column: Literal["question", "question_msa"] | None = None  # None: train.question_column

    @model_validator(mode="after")
    def weights_fit_the_loss(self) -> "Recipe":
        if self.loss == "cross_entropy" and self.model_fields_set & {"weights", "form", "normalise"}:
            raise ValueError("cross_entropy takes no weights, form or normalise")
        if self.loss == "severity_weighted" and not any(self.weights or ()):
            raise ValueError("severity_weighted needs weights: [mild, moderate, critical], not all of them 0")
        return self


def load_recipe(name: str, folder: Path = FOLDER) -> Recipe:
    """Read and check `recipes/NAME.yaml`. Raises TibyanError naming the known recipes or every wrong key."""
    known = sorted(path.stem for path in folder.glob("*.yaml"))
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


def run_parts(name: str) -> tuple[str, int | None]:
    """A run is RECIPE, with the seed of train.seed (None here), or RECIPE-SEED. Raises TibyanError where what follows is no number."""
    recipe, hyphen, seed = name.partition("-")
    if hyphen and not seed.isdecimal():
        raise TibyanError(f"there is no run {name!r}. A run is a recipe, or a recipe with its seed: lora_ce-2.")
    return recipe, int(seed) if hyphen else None


def _shown(folder: Path, name: str) -> str:
    return f"training_recipes/{folder.name}/{name}.yaml"


def _sentence(shown: str, problem: Any) -> str:
    key = ".".join(str(part) for part in problem["loc"]) or "the whole file"
    if problem["type"] == "extra_forbidden":
        return f"{shown}: {key} is not a key of a recipe. Known: {', '.join(Recipe.model_fields)}."
    if problem["type"] == "missing":
        return f"{shown}: {key} is missing. Set it to cross_entropy or severity_weighted."
    return f"{shown}: {key}: {problem['msg'].removeprefix('Value error, ')}, it is {problem['input']!r:.60}."
