"""The dataset card, rendered from its template and the run's own numbers; a missing number is an error, never an empty place."""

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, UndefinedError

from curation.errors import TibyanError

TEMPLATE = "card.md.jinja"
# The Hub's own names for sizes: https://github.com/huggingface/hub-docs, datasetcard.md.
SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))


def render_card(values: dict[str, Any]) -> str:
    """The text of README.md. Raises TibyanError naming the value that the template asks for and the run does not have."""
    environment = Environment(
        loader=PackageLoader("curation.publishing", "."),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
    )
    try:
        return environment.get_template(TEMPLATE).render(values)
    except UndefinedError as error:
        raise TibyanError(
            f"curation/publishing/{TEMPLATE}: {error.message}. Give it in curation/stages/build.py, or take it out."
        ) from None


def size_category(rows: int) -> str:
    """The Hub's name for so many rows."""
    return next((name for limit, name in SIZES if rows < limit), "1M<n<10M")
