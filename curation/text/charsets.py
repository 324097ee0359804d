"""Sets of characters out of camel-tools, as ranges in charsets.csv.

The library's own module goes through all of Unicode at its import, 0.3 s in every stage. `python -m curation.text.charsets` writes the
file again; a test holds it against the library that is installed.
"""

import csv
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from pathlib import Path

FILE = "charsets.csv"
NAMES = ("AR_CHARSET", "AR_DIAC_CHARSET", "UNICODE_PUNCT_CHARSET", "UNICODE_SYMBOL_CHARSET")  # of camel_tools.utils.charsets


@cache
def charset(name: str) -> frozenset[str]:
    """The characters of one of NAMES."""
    rows = csv.DictReader(files(__package__).joinpath(FILE).read_text(encoding="ascii").splitlines())
    spans = [(int(row["first"], 16), int(row["last"], 16)) for row in rows if row["charset"] == name]
    return frozenset(chr(c) for first, last in spans for c in range(first, last + 1))


def ranges(characters: Iterable[str]) -> list[tuple[int, int]]:
    """The first and the last code point of each run, in order."""
    spans: list[tuple[int, int]] = []
    for point in sorted(map(ord, set(characters))):
        if spans and point == spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], point)
        else:
            spans.append((point, point))
    return spans


def libraries() -> dict[str, frozenset[str]]:
    """The sets as the installed camel-tools has them."""
    from camel_tools.utils import charsets

    return {name: frozenset(getattr(charsets, name)) for name in NAMES}


if __name__ == "__main__":
    with (Path(__file__).parent / FILE).open("w", encoding="ascii", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("charset", "first", "last"))
        writer.writerows((name, f"{first:04x}", f"{last:04x}") for name, found in libraries().items() for first, last in ranges(found))
