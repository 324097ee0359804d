"""The dataset card, rendered from the template in the dataset's folder and the run's own numbers; a missing one is an error."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined, TemplateSyntaxError, UndefinedError

from curation.errors import TibyanError

TEMPLATE = "card.md.jinja"
# The Hub's own names for sizes: https://github.com/huggingface/hub-docs, datasetcard.md.
SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))


def render_card(template: Path, values: dict[str, Any]) -> str:
    """The text of README.md. Raises TibyanError naming the value that the template asks for and the run does not have.

    What is null is missing too: it would be printed as None.
    """
    try:
        text = template.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise TibyanError(f"{template}: not there. Copy the one of datasets/arabic-medical-qa there and write what is yours.") from None
    environment = Environment(undefined=StrictUndefined, keep_trailing_newline=True, trim_blocks=True)
    try:
        return environment.from_string(text).render(_without_nulls(values))
    except UndefinedError as error:
        raise TibyanError(f"{template}: {error.message}. Give it in curation/stages/build.py, or take it out.") from None
    except TemplateSyntaxError as error:
        raise TibyanError(f"{template}: line {error.lineno} is no template ({error.message}). Mend it there.") from None


def sections(card: str) -> dict[str, str]:
    """What stands under each heading of the second level, as plain lines."""
    parts = card.split("\n## ")[1:]
    return {head.strip(): body.strip() for head, _, body in (part.partition("\n") for part in parts)}


def size_category(rows: int) -> str:
    """The Hub's name for so many rows."""
    return next((name for limit, name in SIZES if rows < limit), "1M<n<10M")


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(of) for key, of in value.items() if of is not None}
    return [_without_nulls(of) for of in value] if isinstance(value, list) else value
