"""JSON, one value or many, well-formed or not: every string and key with its line and path, without holding the document."""

import json
import re
from collections.abc import Iterator
from functools import partial
from io import TextIOBase
from typing import NamedTuple

from curation.privacy.pieces import OVERLAP, OWN_ID, Batch, batch, shown, unescaped

BLOCK = 1 << 20
LONGEST = 1 << 22  # characters of a string that are held; a longer one is cut, with an overlap
HELD = 4096  # texts in a batch
TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|([{}\[\],:])|(-?\d[\d.eE+-]*)|(?:true|false|null)(?!\w)', re.DOTALL)
FOREIGN = re.compile(r'[^\s"][^"\n]*')
ACCOUNT_ID = re.compile(r"\d{14,17}")  # as a number; a shorter number in JSON is a count or a size
# Of a tokenizer: pieces of words, in which no name can be told from a word; bytes of Arabic that read as misread text.
PIECES = ("$.model.vocab", "$.model.merges")
OWN_ID_KEYS = frozenset({"record_id", "record_ids", "cluster_id"})
Key = str | int | None


class Frame(NamedTuple):
    """An object or array that is open: its path, and the key or index that it hangs on."""

    path: str
    is_array: bool
    key: Key


class Found(NamedTuple):
    """A text, the line it stands on, and the path and key or index of its place."""

    text: str
    line: int
    path: str
    key: Key


def json_batches(file: TextIOBase) -> Iterator[Batch]:
    """The strings, keys and ids in JSON text, and whatever stands between them and is no JSON."""
    held: list[Found] = []
    size = 0
    for found in _strings(file):
        held.append(found)
        size += len(found.text)
        if len(held) == HELD or size > BLOCK:
            yield from _batches(held)
            held, size = [], 0
    yield from _batches(held)


def _batches(held: list[Found]) -> Iterator[Batch]:
    for names in (True, False):
        found = [one for one in held if one.path.startswith(PIECES) != names]
        if found:
            yield batch([one.text for one in found], partial(_place, found), own=True, names=names)


def _place(held: list[Found], i: int) -> str:
    return f"line {held[i].line}, {_below(held[i].path, held[i].key)}"


def _below(path: str, key: Key) -> str:
    return path if key is None else f"{path}[{key}]" if isinstance(key, int) else f"{path}.{shown(key)}"


def _strings(file: TextIOBase) -> Iterator[Found]:
    frames = [Frame("$", False, None)]
    key: Key = None  # of the value to come
    awaits_key = False
    line = 1
    for between, token in _tokens(file):
        around = frames[-1]
        if not between.isspace() and between:
            yield Found(unescaped(between), line, around.path, key)
        line += between.count("\n")
        string, mark, number = token.groups() if token else (None, None, None)
        if string is not None:
            text = _value(string)
            if awaits_key:
                key, awaits_key = text, False
                yield Found(text, line, around.path, None)
            elif not (OWN_ID.fullmatch(text) and (around.key if around.is_array else key) in OWN_ID_KEYS):
                yield Found(text, line, around.path, key)
            line += string.count("\n")
        elif number is not None:
            if ACCOUNT_ID.fullmatch(number):
                yield Found(number, line, around.path, key)
        elif mark in ("{", "["):
            frames.append(Frame(_below(around.path, key), mark == "[", key))
            key, awaits_key = (0, False) if mark == "[" else (None, True)
        elif mark in ("}", "]"):
            key, awaits_key = (frames.pop().key, False) if len(frames) > 1 else (None, False)
        elif mark == ",":
            awaits_key = not around.is_array and len(frames) > 1
            key = key + 1 if around.is_array and isinstance(key, int) else None


def _tokens(file: TextIOBase) -> Iterator[tuple[str, re.Match[str] | None]]:
    """Each token with the blanks before it, or None with a text that is no JSON, up to the next quote or line.

    What touches the end of what was read may go on: more is read first.
    """
    text, at, ended = "", 0, False
    while not ended:
        more = file.read(BLOCK)
        text, at, ended = text[at:] + more, 0, not more
        while token := TOKEN.search(text, at):
            before = text[at : token.start()]
            # In damaged JSON quotes can stand for their opposite: then numbers and commas are part of a text.
            foreign = None if before.isspace() or not before else FOREIGN.search(text, at)
            end = foreign.end() if foreign else token.end()
            if '"' in before or (end == len(text) and not ended):
                break
            yield (text[at:end], None) if foreign else (before, token)
            at = end
        if len(text) - at > LONGEST:  # a string without end: what was read of it is passed on, and it is opened again
            yield text[at:], None
            text, at = ('"' if text.find('"', at) >= 0 else "") + text[-OVERLAP:], 0
    yield text[at:], None


def _value(string: str) -> str:
    if "\\" not in string:
        return string
    try:
        text: str = json.loads(f'"{string}"', strict=False)
    except ValueError:
        return unescaped(string)
    return text.encode("utf-8", "replace").decode()  # half an emoji has no UTF-8
