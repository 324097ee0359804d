"""Python literals as `repr` writes them, read back without evaluating anything.

Not ast: it fails on `datetime.datetime(2024, 1, 1, 11, 0)`, takes 900 MB for a thread of 25,000 comments (here 200), fails on deep ones.
"""

import re
from typing import Any

DEEPEST = 1_000  # brackets in brackets, as in JSON
_token = re.compile(
    r"""\s*+(?:
    (?P<open>[\[{(])|(?P<close>[\]})])|(?P<between>[,:])
    |b?'(?P<single>[^'\\]*+(?:\\.[^'\\]*+)*+)'|b?"(?P<double>[^"\\]*+(?:\\.[^"\\]*+)*+)"
    |(?P<word>[\w.+\-=]++)
    )""",
    re.VERBOSE | re.DOTALL,
)
_escape = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.DOTALL)
WORDS = {"None": None, "True": True, "False": False, "nan": None, "inf": None}
CONTROLS = {"n": "\n", "r": "\r", "t": "\t", "\n": "", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}


def python_literal(text: str) -> Any:
    """Its value, with times as ISO text and tuples and sets as lists. Raises ValueError where it is no literal."""
    text = text.strip()
    found: list[Any] = []
    outer: list[tuple[list[Any], str]] = []  # what stood before each bracket around, and which bracket it is
    at = 0
    while at < len(text):
        token = _token.match(text, at)
        if token is None:
            raise ValueError("not a literal")
        at = token.end()
        kind, value = token.lastgroup, token[token.lastgroup or 0]
        if kind == "open":
            if len(outer) == DEEPEST:
                raise ValueError("not a literal")
            call = found.pop() if value == "(" and found and isinstance(found[-1], _Word) else value
            outer.append((found, call))
            found = []
        elif kind == "close":
            if not outer:
                raise ValueError("not a literal")
            items, (found, opened) = found, outer.pop()
            found.append(_closed(items, opened, value))
        elif kind == "word":
            found.append(_word(value, calls=text[at : at + 1] == "("))
        elif kind != "between":
            found.append(_escape.sub(_unescaped, value) if "\\" in value else value)
    if outer or len(found) != 1:
        raise ValueError("not a literal")
    return found[0]


class _Word(str):
    """The name of what is called."""


def _word(word: str, calls: bool) -> Any:
    if word in WORDS:
        return WORDS[word]
    if calls and word.removeprefix("tzinfo=").startswith("datetime."):
        return _Word(word)
    if word == "tzinfo=datetime.timezone.utc":
        return None
    try:
        return int(word) if word.lstrip("-").isdecimal() else float(word.rpartition("=")[2])  # seconds=3600
    except ValueError:
        raise ValueError("not a literal") from None


def _closed(items: list[Any], opened: str, closed: str) -> Any:
    if opened + closed == "{}" and len(items) % 2 == 0:
        return {key: value for key, value in zip(items[::2], items[1::2], strict=True) if isinstance(key, str)}
    if opened + closed in ("[]", "()"):
        return items
    if isinstance(opened, _Word) and closed == ")":
        parts = [item for item in items if isinstance(item, int)]
        if not opened.endswith("datetime.datetime") or len(parts) < 3:
            return None  # a time zone, or a span of time
        return "-".join(f"{p:02d}" for p in parts[:3]) + " " + ":".join(f"{p:02d}" for p in (*parts[3:6], 0, 0, 0)[:3])
    raise ValueError("not a literal")


def _unescaped(found: re.Match[str]) -> str:
    number = found[1] or found[2] or found[3]
    if number is None:
        return CONTROLS.get(found[4], found[4])
    return chr(min(int(number, 16), 0x10FFFF))
