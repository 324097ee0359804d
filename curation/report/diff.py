"""What changed between two texts, word by word: letters of a word stay together, or Arabic would fall apart."""

import re
import unicodedata
from difflib import SequenceMatcher
from typing import NamedTuple

TOKEN = re.compile(r"\s+|\d+(?:[.,٫/]\d+)*|[^\W\d_]+|[\W_]")
JOINER = "\u200d"  # holds an emoji together: a mark in its place would tear it apart
INVISIBLE = "◇"  # shown where a character has no look of its own


class Piece(NamedTuple):
    """A run of text that is in both or in one only."""

    text: str
    changed: bool


def word_diff(before: str, after: str) -> tuple[list[Piece], list[Piece]]:
    """The two texts as pieces that join to the text again, with INVISIBLE for characters that cannot be seen."""
    a, b = tokens(before), tokens(after)
    # autojunk would call frequent words of a long text junk, and the answer would depend on its length
    matcher = SequenceMatcher(None, a, b, autojunk=False)
    left: list[Piece] = []
    right: list[Piece] = []
    for tag, a1, a2, b1, b2 in matcher.get_opcodes():
        _add(left, "".join(a[a1:a2]), tag != "equal")
        _add(right, "".join(b[b1:b2]), tag != "equal")
    return left, right


def tokens(text: str) -> list[str]:
    """Words with their vowel signs, numbers with their points, runs of blanks, every other character alone."""
    found: list[str] = []
    for token in TOKEN.findall(text):
        joins = found and (unicodedata.combining(token[0]) or token[0] == "ـ" or _is_format(token[0]) or _continues(found[-1], token))
        if joins and not found[-1].isspace():
            found[-1] += token
        else:
            found.append(token)
    return found


def _continues(last: str, token: str) -> bool:
    """A letter after a vowel sign or a stroke goes on with the word that bears it."""
    return token[0].isalpha() and last[0].isalpha() and (bool(unicodedata.combining(last[-1])) or last[-1] == "ـ" or _is_format(last[-1]))


def _is_format(character: str) -> bool:
    return unicodedata.category(character) == "Cf"


def _add(pieces: list[Piece], text: str, changed: bool) -> None:
    changed = changed and not text.isspace()  # a line that became a blank is seen without a colour
    if text:
        pieces.append(Piece("".join(INVISIBLE if _is_format(c) and c != JOINER else c for c in text), changed))
