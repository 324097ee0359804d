"""Our own word lists, one CSV each, one row per entry with its dialect and a note."""

import csv
from functools import cache
from importlib.resources import files


@cache
def load(name: str, package: str = __name__) -> tuple[dict[str, str], ...]:
    """The rows of `<name>.csv` in the folder of `package`, in the order of the file."""
    text = files(package).joinpath(f"{name}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))
