"""models.yaml as typed rows: which models there are, how each is asked, what LoRA adapts of its architecture."""

from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import Field, ValidationError, model_validator

from curation.errors import TibyanError
from curation.params import Section

FILE = Path(__file__).parent / "models.yaml"
SHOWN = "training_recipes/models.yaml"


class PromptFormat(Section):
    """The text before a question, the one between it and its answer, and what the answer itself begins with."""

    before: str
    after: Annotated[str, Field(min_length=1)]
    lead: Literal["", " "]
    decoder_start: int | None = None  # the id that a decoder begins with, in a model that has an encoder for the question


class ListedModel(Section):
    """A model of the hub that has a name of its own here."""

    hub: Annotated[str, Field(pattern=r"^[\w.-]+/[\w.-]+$")]
    revision: Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")] | None
    architecture: str
    prompt: str
    precision: Literal["fp32", "bf16", "fp16"] | None


class Catalogue(Section):
    formats: dict[str, PromptFormat]
    architectures: dict[str, Annotated[list[str], Field(min_length=1)]]
    models: dict[str, ListedModel]

    @model_validator(mode="after")
    def names_are_known(self) -> "Catalogue":
        for name, model in self.models.items():
            for kind, value, known in (("format", model.prompt, self.formats), ("architecture", model.architecture, self.architectures)):
                if value not in known:
                    raise ValueError(f"{value} of {name} is no {kind}; there are {', '.join(known)}")
        return self


def read_catalogue(path: Path = FILE) -> Catalogue:
    """Raises TibyanError naming every wrong key."""
    try:
        content: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        return Catalogue.model_validate(content)
    except (OSError, yaml.YAMLError, UnicodeDecodeError):
        raise TibyanError(f"{SHOWN}: not there, or not valid YAML. Mend the indentation or quoting there.") from None
    except ValidationError as error:
        raise TibyanError(" ".join(_sentence(problem) for problem in error.errors())) from None


def _sentence(problem: Any) -> str:
    key = ".".join(str(part) for part in problem["loc"]) or "the whole file"
    return f"{SHOWN}: {key}: {problem['msg'].removeprefix('Value error, ')}; compare it with the rows beside it."


@cache
def catalogue() -> Catalogue:
    """The file that comes along, read once."""
    return read_catalogue()


def listed(name: str) -> ListedModel | None:
    """The row of that name, whatever its capitals, or of that hub id."""
    models = catalogue().models
    return next((model for known, model in models.items() if name.lower() in (known.lower(), model.hub.lower())), None)


def prompt_format(name: str) -> PromptFormat:
    """Raises TibyanError where models.yaml has no format of that name."""
    formats = catalogue().formats
    if name not in formats:
        raise TibyanError(f"base_model.prompt: {name} is no format of {SHOWN}; there are {', '.join(formats)}.")
    return formats[name]
