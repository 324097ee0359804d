"""The texts of the real sets beside the repository, for timing and for holding rules against them. None of them leaves the process."""

import json
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from benchmarks.privacy_speed import real_texts
from benchmarks.setting import SHARED


def distinct_texts(folder: Path = SHARED) -> list[str]:
    """Every different cell, line and string of every set, in a stable order; none where the sets are absent."""
    texts: dict[str, None] = {}
    for source in sorted(folder.glob("*/")):
        texts.update(dict.fromkeys(_whole(text).strip() for text in (*real_texts(source), *_others(source))))
    texts.pop("", None)
    return list(texts)


def _whole(text: str) -> str:
    """Halves of a character, which a spreadsheet may hold, joined or replaced, as reading a dump does: Arrow takes none."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _others(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*.json")):
        yield from strings(json.loads(path.read_text(encoding="utf-8")))
    for path in sorted(folder.rglob("*.tmx")):
        yield from (segment.text or "" for segment in ElementTree.parse(path).iter("seg"))


def strings(value: object) -> Iterator[str]:
    """Every string in what a JSON or YAML file holds, keys too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)
