"""`redact`: personal data out, typed placeholders in, with the spans of what was there."""

import re
from collections.abc import Callable, Iterable
from functools import cache, partial, reduce
from operator import or_
from typing import NamedTuple

from curation.privacy import vocabulary as v
from curation.privacy.addresses import address_spans
from curation.privacy.identifiers import identifier_spans
from curation.privacy.known import WORD
from curation.privacy.names import KnownNames, name_spans
from curation.privacy.patterns import ACCOUNT, PATTERNS
from curation.privacy.phones import number_spans

KINDS = ("PHONE", "EMAIL", "LINK", "HANDLE", "ID", "ADDRESS", "NAME")
PLACEHOLDER = re.compile(rf"\[(?:{'|'.join(KINDS)})\]")
_HIDDEN = "\x00"  # in the place of what was found, so that rules neither see it nor reach across it
_UUID = re.compile(r"(?i)(?<![0-9a-f])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-f])")  # of a record, never of a person

# What a piece of text between blanks makes worth looking for: bits beside those of vocabulary.py.
AT, LINK, NUMBER, MAIL, KNOWN, FAMILY = (1 << n for n in range(16, 22))
APP, CUE, STREET = v.APP_WORD, v.ID_WORD, v.STREET_WORD
NEEDS = {"at": AT, "link": LINK, "mail": MAIL, "app": APP, "number": NUMBER}
FINDS = AT | LINK | NUMBER | MAIL | APP | CUE | STREET
NAMED = v.PLAIN | v.SELDOM | v.TITLE | v.SURE | v.RELATIVE | v.DOCTOR_D | KNOWN
SHAPES = (
    (AT, re.compile("@")),
    (LINK, re.compile(r"(?i)://|www|[a-z0-9_-][./][a-z?]|^\.?(?:com|net|org)\b|[a-z0-9]\.$")),
    (NUMBER, re.compile(r"\d")),
    (MAIL, re.compile(r"(?i)[^@]@|^@$|gmail|hotmail|yahoo|outlook|icloud|جيميل|هوتميل|ياهو|^\(?(?:at)\)?$")),
    (CUE, re.compile(r"(?i)c\.i|n°|[a-z]{2}\d{2}|#")),
)
_COMPILED = tuple((p.kind, NEEDS[p.needs], re.compile(p.pattern)) for p in PATTERNS)
_ACCOUNT = re.compile(ACCOUNT)
_LATIN_HANDLE = re.compile(r"@[A-Za-z][A-Za-z0-9_.]*$")


class Span(NamedTuple):
    """Characters [start, end) of the text before redaction."""

    start: int
    end: int
    kind: str


class Clues(dict[str, int]):
    """For a piece of text between blanks, the bits of what is worth looking for; learnt as texts come, so that each costs one look-up."""

    def __init__(self, known: KnownNames | None) -> None:
        self.known = known

    def __missing__(self, piece: str) -> int:
        bits = 0
        if piece.isdecimal():
            return NUMBER
        if piece[0] == "@" and _LATIN_HANDLE.match(piece):
            return AT
        if piece[0] == "[" and PLACEHOLDER.fullmatch(piece):
            return 0
        plain = piece.isalpha()
        for word in (piece,) if plain else WORD.findall(piece):
            folded, meaning, _ = v.MEANINGS[word]
            bits |= meaning
            if folded.startswith("ال"):
                bits |= (FAMILY if folded[-1] == "ي" else 0) | (v.SURE if folded == "الاسم" else 0)
            bits |= v.SURE if folded in ("عبد", "abd") else 0
            bits |= KNOWN if self.known is not None and folded in self.known.longest else 0
        if not plain or piece.isascii():
            for bit, shape in SHAPES:
                bits |= bit if shape.search(piece) else 0
        bits &= ~(v.COMMON | v.BINDER)
        if len(piece) < 30 and not bits & (AT | LINK | NUMBER | MAIL) and len(self) < v.MOST_KEPT:
            self[piece] = bits  # a number or an address comes once: keeping it would only fill the table
        return bits


_CLUES: dict[int, Clues] = {}


def redact_text(text: str, names: bool = True, known: KnownNames | None = None) -> tuple[str, list[Span]]:
    """The text with `[PHONE]`, `[EMAIL]`, `[LINK]`, `[HANDLE]`, `[ID]`, `[ADDRESS]`, `[NAME]` for personal data, and where it stood.

    `known` holds the full names of a dump's authors (`names.known_names`): they are names wherever they stand.
    """
    clues = _clues(known)
    bits = reduce(or_, map(clues.__getitem__, text.split()), 0)
    spans = _round(text, bits, names, known) if bits else []
    if not spans:
        return text, []
    # A placeholder can uncover what stood beside it: rounds go on until nothing is found, so that redacting twice is redacting once.
    while True:
        redacted, offsets = _replace(text, spans)
        if bits & FINDS == AT and "@" not in redacted and not any(span.kind == "NAME" for span in spans):
            return redacted, spans  # every other comment mentions somebody, and nothing else: no second round for these
        more = _round(redacted, reduce(or_, map(clues.__getitem__, redacted.split()), 0), names, known)
        if not more:
            return redacted, spans
        spans = sorted([*spans, *(_before(span, offsets) for span in more)])


def redact_texts(
    texts: Iterable[str | None], names: bool = True, known: KnownNames | None = None
) -> tuple[list[str | None], list[list[Span]]]:
    """`redact_text` for each; null stays null."""
    results = [redact_text(t, names, known) if t is not None else (None, []) for t in texts]
    return [text for text, _ in results], [spans for _, spans in results]


def _clues(known: KnownNames | None) -> Clues:
    """The clues of one list of names; those of the list before are dropped."""
    clues = _CLUES.get(id(known))
    if clues is None or clues.known is not known:
        for key in [key for key in _CLUES if key != id(None)]:
            del _CLUES[key]
        clues = _CLUES[id(known)] = Clues(known)
    return clues


def _named(bits: int) -> int:
    """The bits of clues that make it worth looking for names; 0 where a cue lacks what it needs."""
    return bits & NAMED or (bits & (v.KUNYA | v.VOCATIVE) if bits & (v.GIVEN | FAMILY) else 0)


def _round(text: str, bits: int, names: bool, known: KnownNames | None) -> list[Span]:
    patterns = bits & (FINDS ^ CUE)
    named = names and _named(bits)
    if not patterns and not named:
        return []
    hidden = text
    if "[" in text:
        hidden = PLACEHOLDER.sub(lambda m: _HIDDEN * len(m.group()), text)
    spans: list[Span] = []
    if patterns:
        if bits & NUMBER and "-" in hidden:
            hidden = _UUID.sub(lambda m: _HIDDEN * len(m.group()), hidden)
        for found in _finders(bits & FINDS):
            new = [span for span in found(hidden) if _HIDDEN not in hidden[span.start : span.end]]
            if new:
                new = _disjoint(new)
                hidden = _hide(hidden, new)
                spans += new
    if named:
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
    if bits & NUMBER:
        if bits & CUE:
            finders.append(lambda text: [Span(a, b, "ID") for a, b in identifier_spans(text)])
        finders.append(lambda text: [Span(*found) for found in number_spans(text)])
    if bits & STREET:
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
