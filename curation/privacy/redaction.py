"""`redact`: personal data out, typed placeholders in, with the spans of what was there."""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from typing import NamedTuple, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curation.privacy import clues as c
from curation.privacy import vocabulary as v
from curation.privacy.addresses import address_spans
from curation.privacy.first_look import Flags, clues_of, first_look, first_look_at_all
from curation.privacy.identifiers import identifier_spans
from curation.privacy.names import KnownNames, name_spans
from curation.privacy.patterns import ACCOUNT, PATTERNS, PLACEHOLDER
from curation.privacy.phones import MANY_DIGITS, number_spans
from curation.privacy.reading import JOINT_STEPS, ODD_BLANKS, ODD_CHARACTERS, TAG_SIGNS, character_steps, reading, written

Looks = tuple[int, bool, bool]  # see first_look.py
_HIDDEN = "\x00"  # in the place of what was found, so that rules neither see it nor reach across it
_UUID = re.compile(r"(?i)(?<![0-9a-f])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-f])")  # of a record, never of a person
NEEDS = {"at": c.AT, "link": c.LINK, "mail": c.MAIL, "app": c.APP, "number": c.NUMBER}
TRIED = c.AT | c.LINK | c.MAIL | c.APP | c.STREET  # without more ado; what looks for numbers needs some that are long, or a cue
_LONG_NUMBER = rf"{MANY_DIGITS.pattern}|[0-9a-fA-F]{{8}}-[0-9a-fA-F]{{4}}-"  # for RE2
_COMPILED = tuple((p.kind, NEEDS[p.needs], re.compile(p.pattern)) for p in PATTERNS)
_ACCOUNT = re.compile(ACCOUNT)


class Span(NamedTuple):
    """Characters [start, end) of the text before redaction."""

    start: int
    end: int
    kind: str


def redact_text(text: str, names: bool = True, known: KnownNames | None = None) -> tuple[str, list[Span]]:
    """The text with `[PHONE]`, `[EMAIL]`, `[LINK]`, `[HANDLE]`, `[ID]`, `[ADDRESS]`, `[NAME]` for personal data, and where it stood.

    `known` holds the full names of a dump's authors (`names.known_names`): they are names wherever they stand.
    """
    read = reading(text, character_steps(text))
    return _redact_reading(text, read, first_look(read, clues_of(known)), names, known)


def _redact_reading(text: str, read: str, looks: Looks, names: bool, known: KnownNames | None) -> tuple[str, list[Span]]:
    """What the reading of a text shows, and then what it shows with its words joined as cleaning joins them, taken out of the text."""
    redacted, spans = _redact(read, looks, names, known)
    joined = reading(redacted, JOINT_STEPS)
    if joined != redacted:
        _, found = _redact(joined, first_look(joined, clues_of(known)), names, known)
        if found:
            _, offsets = _replace(read, spans)
            spans = sorted([*spans, *(_before(Span(*span), offsets) for span in written(found, redacted, JOINT_STEPS))])
    if not spans:
        return text, []
    if read != text:
        spans = [Span(*span) for span in written(spans, text, character_steps(text))]
    return _replace(text, spans)[0], spans


def _redact(text: str, looks: Looks, names: bool, known: KnownNames | None) -> tuple[str, list[Span]]:
    spans = _round(text, looks, names, known)
    if not spans:
        return text, []
    # A placeholder can uncover what stood beside it: rounds go on until nothing is found, so that redacting twice is redacting once.
    finds = looks[0] & c.FINDS
    while True:
        redacted, offsets = _replace(text, spans)
        if finds == c.AT and "@" not in redacted and not any(span.kind == "NAME" for span in spans):
            return redacted, spans  # every other comment mentions somebody, and nothing else: no second round for these
        more = _round(redacted, first_look(redacted, clues_of(known)), names, known)
        if not more:
            return redacted, spans
        spans = sorted([*spans, *(_before(span, offsets) for span in more)])


def redact_texts(
    texts: Iterable[str | None], names: bool = True, known: KnownNames | None = None
) -> tuple[list[str | None], list[list[Span]]]:
    """`redact_text` for each; null stays null."""
    redacted = list(texts)
    spans: list[list[Span]] = [[] for _ in redacted]
    try:
        found = redactions(pa.array(redacted, pa.large_string()), names, known)
    except UnicodeEncodeError:  # half an emoji, of which Arrow knows nothing
        found = ((i, *redact_text(text, names, known)) for i, text in enumerate(redacted) if text)
    for i, text, kinds in found:
        redacted[i], spans[i] = text, kinds
    return redacted, spans


def redactions(texts: pa.Array, names: bool = True, known: KnownNames | None = None) -> Iterator[tuple[int, str, list[Span]]]:
    """Of many texts (large strings) those in which something is found: their places, what they become, and the spans.

    Most texts are never read: what the first look says of all at once is enough.
    """
    odd = np.flatnonzero(_match(texts, ODD_CHARACTERS))
    read = {i: reading(text, character_steps(text)) for i, text in zip(odd.tolist(), texts.take(pa.array(odd)).to_pylist(), strict=True)}
    if read:
        at = np.arange(len(texts))
        at[odd] = len(texts) + np.arange(len(odd))
        as_read = pa.concat_arrays([texts, pa.array(read.values(), pa.large_string())]).take(pa.array(at))
    else:
        as_read = texts
    rules, named, has_place = first_look_at_all(as_read, clues_of(known))
    worth = (rules & TRIED) != 0
    if names:
        worth |= has_place
    numbers = (rules & c.NUMBER) != 0
    worth |= numbers & ((rules & c.CUE) != 0)
    left = np.flatnonzero(numbers & ~worth)
    # Two short numbers under one another are a long one when cleaning has joined them.
    worth[left] |= _match(as_read.take(pa.array(left)), f"{_LONG_NUMBER}|{ODD_BLANKS}")
    for i in np.flatnonzero(worth | _match(texts, TAG_SIGNS)).tolist():
        text, looks = texts[i].as_py(), (int(rules[i]), bool(named[i]), bool(has_place[i]))
        redacted, spans = _redact_reading(text, read.get(i, text), looks, names, known)
        if spans:
            yield i, redacted, spans


def _match(texts: pa.Array, pattern: str) -> Flags:
    return cast(Flags, pc.match_substring_regex(texts, pattern).fill_null(False).to_numpy(zero_copy_only=False))


def _round(text: str, looks: Looks, names: bool, known: KnownNames | None) -> list[Span]:
    rules, named, has_place = looks
    finds = rules & TRIED
    if rules & c.NUMBER:
        finds |= c.CUE & rules
        if MANY_DIGITS.search(text) or ("-" in text and _UUID.search(text)):
            finds |= c.NUMBER
    if not finds and not (names and has_place):
        return []
    hidden = text
    if "[" in text:
        hidden = PLACEHOLDER.sub(lambda m: _HIDDEN * len(m.group()), text)
    spans: list[Span] = []
    if finds:
        if rules & c.NUMBER and "-" in hidden:
            hidden = _UUID.sub(lambda m: _HIDDEN * len(m.group()), hidden)
        for found in _finders(finds):
            new = [span for span in found(hidden) if _HIDDEN not in hidden[span.start : span.end]]
            if new:
                new = _disjoint(new)
                hidden = _hide(hidden, new)
                spans += new
    if names and named and (has_place or hidden != text):  # beside what is hidden stand other words
        spans += [Span(a, b, "NAME") for a, b in name_spans(hidden, known)]
    spans.sort()
    return spans


@cache
def _finders(bits: int) -> tuple[Callable[[str], Iterable[Span]], ...]:
    """What is worth trying for these clues, in its order."""
    finders: list[Callable[[str], Iterable[Span]]] = []
    for kind, needs, pattern in _COMPILED:
        if bits & needs:
            finders.append(partial(_matches, kind, pattern))
    if bits & c.CUE:
        finders.append(lambda text: [Span(a, b, "ID") for a, b in identifier_spans(text)])
    if bits & c.NUMBER:
        finders.append(lambda text: [Span(*found) for found in number_spans(text)])
    if bits & c.STREET:
        finders.append(lambda text: [Span(a, b, "ADDRESS") for a, b in address_spans(text)])
    return tuple(finders)


def _matches(kind: str, pattern: re.Pattern[str], text: str) -> list[Span]:
    spans = []
    for match in pattern.finditer(text):
        start = match.start()
        if kind == "HANDLE" and text[start] == "@" and not _is_account(match.group()):
            continue
        if kind == "HANDLE" and text[start] != "@":  # behind an application's name
            account = _ACCOUNT.search(match.group())
            start += account.start() if account else 0
        spans.append(Span(start, match.end(), kind))
    return spans


def _is_account(found: str) -> bool:
    """A word written onto an @ is an account unless it is a frequent one that names nobody: @الكل is everybody, @علي is somebody."""
    word = found[1:]
    if not word.isalpha() or word.isascii():
        return True
    folded, bits, front = v.MEANINGS[word]
    return bool(bits & (v.PLAIN | v.GIVEN)) or (not front and not bits & (v.COMMON | v.CUES) and v.is_family(folded))


def _disjoint(spans: list[Span]) -> list[Span]:
    """Of overlapping spans the first and longest."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.start, -s.end)):
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
    return kept


def _hide(text: str, spans: list[Span]) -> str:
    pieces, position = [], 0
    for start, end, _ in spans:
        pieces += [text[position:start], _HIDDEN * (end - start)]
        position = end
    return "".join((*pieces, text[position:]))


def _replace(text: str, spans: list[Span]) -> tuple[str, list[tuple[int, int]]]:
    """The text with placeholders, and from which character of it on how many characters it is shorter than the text before."""
    pieces, offsets, position, length = [], [], 0, 0
    for start, end, kind in spans:
        placeholder = f"[{kind}]"
        pieces += [text[position:start], placeholder]
        length += start - position + len(placeholder)
        offsets.append((length, end - length))
        position = end
    return "".join((*pieces, text[position:])), offsets


def _before(span: Span, offsets: list[tuple[int, int]]) -> Span:
    """A span of the redacted text as it stood before; it touches no placeholder."""
    shift = 0
    for position, offset in offsets:
        if position > span.start:
            break
        shift = offset
    return Span(span.start + shift, span.end + shift, span.kind)
