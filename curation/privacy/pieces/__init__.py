"""The texts inside files of any kind, in batches with their places, streamed: for the leak scanner.

A place names rows, lines, columns and keys, never a text. Nothing is unpacked onto the disk, and memory is bounded whatever the size.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from curation.privacy.redaction import redact_text
from curation.privacy.vocabulary import fold_name, given_names

LONG = 1 << 16  # characters that are judged in one go
OVERLAP = 200  # characters that two pieces of a longer text share: more than any number or address has
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,39}")
OWN_ID = re.compile(r"[0-9a-f]{16}")  # a record_id; one in two thousand has no letter and looks like an account's number


class Batch(NamedTuple):
    """Texts, and where each stands."""

    texts: Sequence[str]
    place: Callable[[int], str]
    own: bool = False  # of a document of ours, which may link to where the project's tools live
    names: bool = True  # whether names of persons can be told there
    starts: Mapping[int, int] = MappingProxyType({})  # from which character on a text counts: what stands before is in the text before


def batch(texts: Sequence[str], place: Callable[[int], str], own: bool = False, names: bool = True) -> Batch:
    """A batch, texts longer than LONG cut into pieces that overlap."""
    if not any(len(text) > LONG for text in texts):
        return Batch(texts, place, own, names)
    pieces: list[str] = []
    origin: list[int] = []
    starts: dict[int, int] = {}
    for i, text in enumerate(texts):
        for begin in range(0, max(len(text), 1), LONG):
            if begin:
                starts[len(pieces)] = OVERLAP
            pieces.append(text[max(0, begin - OVERLAP) : begin + LONG])
            origin.append(i)
    return Batch(pieces, lambda i: place(origin[i]), own, names, starts)


@lru_cache(maxsize=4096)
def shown(name: str) -> str:
    """The name of a column or key where it is safe to print; `*` where it may itself be somebody's."""
    plain = NAME.fullmatch(name) and not re.search(r"\d{5}", name) and not redact_text(name)[1]
    return name if plain and given_names().keys().isdisjoint(fold_name(word) for word in re.split(r"[_-]", name)) else "*"


def unescaped(text: str) -> str:
    r"""Text out of JSON that is no JSON any more: `\u0645` is its letter."""
    if "\\u" not in text:
        return text
    letters = re.sub(r"\\u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), text)
    return letters.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
