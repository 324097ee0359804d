"""`redact`: personal data out, typed placeholders in, with the spans of what was there."""

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from curation.privacy.names import known_name_spans, name_spans
from curation.privacy.patterns import MIN_CUED_DIGITS, PATTERNS

KINDS = ("PHONE", "EMAIL", "LINK", "HANDLE", "ID", "NAME")
_COMPILED = tuple((p.kind, re.compile(p.pattern), re.compile(p.cue, re.IGNORECASE) if p.cue else None) for p in PATTERNS)
_MAY_HOLD = re.compile(r"[@./]|[0-9٠-٩۰-۹０-９]{2}")
_DATE = re.compile(r"(?:19|20)[0-9]{2}[-.][01]?[0-9][-.][0-3]?[0-9]|[0-3]?[0-9][-.][01]?[0-9][-.](?:19|20)[0-9]{2}")
_CUE_REACH = 40  # characters before a number in which its cue stands
_HIDDEN = "\x00"
_ENTRY = re.compile(r"[\x00\]0-9٠-٩۰-۹]")  # a cue speaks for the first number after it, not for one beyond another


class Span(NamedTuple):
    """Characters [start, end) of the text before redaction."""

    start: int
    end: int
    kind: str


def redact_text(text: str, names: bool = True, known_names: frozenset[str] = frozenset()) -> tuple[str, list[Span]]:
    """The text with `[PHONE]`, `[EMAIL]`, `[LINK]`, `[HANDLE]`, `[ID]`, `[NAME]` for personal data, and where it stood.

    `known_names` are full names, folded by `fold_name`, that are names wherever they stand: those of a thread's participants.
    """
    spans = _pattern_spans(text) if _MAY_HOLD.search(text) else []
    if names:
        taken = [(s.start, s.end) for s in spans]
        found = {*name_spans(text), *known_name_spans(text, known_names)}
        spans += [Span(a, b, "NAME") for a, b in _outside(sorted(found), taken)]
    if not spans:
        return text, []
    spans.sort()
    pieces, position = [], 0
    for span in spans:
        pieces += [text[position : span.start], f"[{span.kind}]"]
        position = span.end
    return "".join((*pieces, text[position:])), spans


def redact_texts(texts: Iterable[str | None], names: bool = True) -> tuple[list[str | None], list[list[Span]]]:
    """`redact_text` for each; null stays null."""
    results = [redact_text(t, names) if t is not None else (None, []) for t in texts]
    return [text for text, _ in results], [spans for _, spans in results]


def _pattern_spans(text: str) -> list[Span]:
    spans: list[Span] = []
    hidden = text  # what is found is blanked out, so that patterns do not see each other's finds
    for kind, pattern, cue in _COMPILED:
        for match in pattern.finditer(hidden):
            start, end = match.span()
            if _HIDDEN in match.group() or not _counts(hidden, start, match.group(), kind, cue):
                continue
            spans.append(Span(start, end, kind))
        for span in spans:
            hidden = hidden[: span.start] + _HIDDEN * (span.end - span.start) + hidden[span.end :]
    return spans


def _counts(text: str, start: int, found: str, kind: str, cue: re.Pattern[str] | None) -> bool:
    if kind == "PHONE" and _DATE.fullmatch("".join(str(unicodedata.decimal(c, c)) for c in found.strip())):
        return False
    if cue is None:
        return True
    before = _ENTRY.split(text[max(0, start - _CUE_REACH) : start])[-1]
    return sum(c.isdigit() for c in found) >= MIN_CUED_DIGITS and bool(cue.search(before))


def _outside(spans: list[tuple[int, int]], taken: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans that touch nothing taken; of overlapping ones the first and longest."""
    kept: list[tuple[int, int]] = []
    for start, end in sorted(spans, key=lambda s: (s[0], -s[1])):
        if all(end <= a or start >= b for a, b in (*taken, *kept)):
            kept.append((start, end))
    return kept
