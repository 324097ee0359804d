"""Word lists that answers are judged by, one CSV each; not among those of curation, so that a row here runs no earlier stage again."""

import csv
from functools import cache
from importlib.resources import files


@cache
def load(name: str) -> tuple[dict[str, str], ...]:
    """The rows of `lexicons/<name>.csv` in the order of the file."""
    text = files(__name__).joinpath(f"{name}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))
