"""What changed between two texts, word by word: letters of a word stay together, or Arabic would fall apart."""

import re
import unicodedata
from difflib import SequenceMatcher
from typing import NamedTuple

TOKEN = re.compile(r"\s+|\d+(?:[.,٫/]\d+)*|[^\W\d_]+|[\W_]")
JOINER = "\u200d"  # holds an emoji together: a mark in its place would tear it apart
INVISIBLE = "◇"  # shown where a character has no look of its own


AROUND = 40  # characters shown on either side of a change


class Piece(NamedTuple):
    """A run of text that is in both or in one only."""

    text: str
    changed: bool


class Mark(NamedTuple):
    """A run of text that is the `same` in both, is `gone` or did `come`."""

    text: str
    kind: str


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


def merged(before: str, after: str) -> list[Mark]:
    """Both texts in one: what is gone stands before what came in its place. Blanks that changed are shown as ␣."""
    a, b = tokens(before), tokens(after)
    found: list[Mark] = []
    for tag, a1, a2, b1, b2 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if tag == "equal":
            found.append(Mark(_shown("".join(a[a1:a2])), "same"))
        else:
            pairs = (("gone", "".join(a[a1:a2])), ("come", "".join(b[b1:b2])))
            found += [Mark("".join("␣" if c.isspace() else c for c in _shown(text)), kind) for kind, text in pairs if text]
    return found


def shortened(marks: list[Mark]) -> list[Mark]:
    """The first change with AROUND characters on either side of it, and what stands there."""
    start = next((i for i, mark in enumerate(marks) if mark.kind != "same"), len(marks))
    stop = next((i for i in range(start, len(marks)) if marks[i].kind == "same"), len(marks))
    before = "".join(mark.text for mark in marks[:start])
    behind = marks[stop].text if stop < len(marks) else ""
    found = [Mark(("… " if len(before) > AROUND else "") + before[-AROUND:], "same")] if before else []
    found += [
        mark._replace(text=mark.text[: 2 * AROUND] + " …" if len(mark.text) > 2 * AROUND else mark.text) for mark in marks[start:stop]
    ]
    cut = len(behind) > AROUND or stop + 1 < len(marks)
    return [*found, Mark(behind[:AROUND] + (" …" if cut else ""), "same")] if behind else found


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
        pieces.append(Piece(_shown(text), changed))


def _shown(text: str) -> str:
    return "".join(INVISIBLE if _is_format(c) and c != JOINER else c for c in text)
