"""A text as cleaning will write it: personal data stands behind marks, stretched letters, entities and misread bytes too.

«شـــارع» is a street and «احممممد» a name; whoever cleans the text reads them, so they are looked for before it leaves ingest. Only the
writing of characters is read here, not what cleaning takes from the ends of a text.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from html import unescape
from typing import NamedTuple

from curation.text import mojibake as m
from curation.text.characters import (
    CONTROL,
    EMOJI,
    INVISIBLE,
    LETTERS,
    LOST,
    PRESENTATION_FORMS,
    PRIVATE,
    QURANIC_MARKS,
    SELECTOR,
    SPACES,
    TASHKEEL,
    any_of,
)
from curation.text.letters import PERSIAN
from curation.text.web import ENTITY, TAG, UNSHOWN

KEYCAP = "\u20e3"  # 0️⃣ is a digit
_GONE = set(PRIVATE + CONTROL + INVISIBLE + SELECTOR + KEYCAP + TASHKEEL + QURANIC_MARKS + "ـ")
_BLANK = set(SPACES + LOST + EMOJI) - {KEYCAP}
_ALONE = {**dict.fromkeys(_BLANK, " "), **PERSIAN, **dict.fromkeys(_GONE, "")}
CHARACTERS = {**{form: "".join(_ALONE.get(c, c) for c in shown) for form, shown in PRESENTATION_FORMS.items()}, **_ALONE}
_COMBINED = "\u0300-\u036f\u0653-\u0655"
MARKS = re.compile(f"[{re.escape(TASHKEEL + QURANIC_MARKS)}ـ]*")
# RE2 of what a text must have for its characters or its joints to be written another way: none of it, and the text was read already.
_MISREAD = f"[Ø-ÛÃÇ]|{m.ARABIC_NEEDS}"
ODD_CHARACTERS = rf"{any_of(''.join(CHARACTERS))}|[{_COMBINED}&<]|{_MISREAD}|{'|'.join(f'{c}{{3}}' for c in LETTERS)}"
ODD_BLANKS, TAG_SIGNS = r"\s\s|[^\S ]", "[_#]"


class Step(NamedTuple):
    """Every piece that `pattern` finds is written another way, in texts where `look` finds anything; character by character by `table`."""

    look: re.Pattern[str]
    pattern: re.Pattern[str]
    write: Callable[[re.Match[str]], str]
    table: dict[int, str] | None = None


def reading(text: str, steps: Sequence[Step]) -> str:
    """The text after the steps: those of `character_steps`, or JOINT_STEPS."""
    for look, pattern, write, table in steps:
        if table:
            text = text.translate(table)
        elif look.search(text):
            text = pattern.sub(write, text)
    return text


def character_steps(text: str) -> Sequence[Step]:
    """What can change the characters of a text. Few have signs that misread Arabic is made of, and the patterns of those take longest."""
    return (*MISREAD_STEPS, *CHARACTER_STEPS) if MISREAD.search(text) else CHARACTER_STEPS


def written(spans: Sequence[tuple[int, int, str]], text: str, steps: Sequence[Step]) -> list[tuple[int, int, str]]:
    """Spans of the reading as they stand in `text`, with the marks on their last letter."""
    begins, ends = list(range(len(text))), list(range(1, len(text) + 1))
    read = text
    for look, pattern, write, _ in steps:
        if not look.search(read):
            continue
        pieces, first, last, position = [], [], [], 0
        for match in pattern.finditer(read):
            start, stop, piece = match.start(), match.end(), write(match)
            pieces += [read[position:start], piece]
            first += begins[position:start] + [begins[start]] * len(piece)
            last += ends[position:start] + [ends[stop - 1]] * len(piece)
            position = stop
        read = "".join((*pieces, read[position:]))
        begins, ends = first + begins[position:], last + ends[position:]
    return [(begins[a], MARKS.match(text, ends[b - 1]).end(), kind) for a, b, kind in spans]  # type: ignore[union-attr]


def _compile(re2: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\x\{([0-9a-f]+)\}", lambda point: re.escape(chr(int(point[1], 16))), re2))


def _step(pattern: str, write: Callable[[re.Match[str]], str], look: str = "") -> Step:
    return Step(_compile(look or pattern), _compile(pattern), write)


def _misread(code_page: str) -> Callable[[re.Match[str]], str]:
    byte_of = {m.shown(n, code_page): n for n in range(0x80, 0x100)} | {m.LOST: 0x81}

    def write(match: re.Match[str]) -> str:
        return bytes(byte_of.get(c, ord(c) & 0xFF) for c in match.group()).decode(errors="replace")

    return write


MISREAD = _compile(_MISREAD)
MISREAD_STEPS = (
    _step(m.LATIN_SIGN, _misread("cp1252"), m.TWICE),
    _step(f"{m.LATIN}|{m.LATIN_SIGN}", _misread("cp1252"), m.LATIN_LOOK),
    _step(f"{m.ARABIC}|{m.ARABIC_SIGN}", _misread("cp1256"), m.ARABIC_LOOK),
    _step(any_of("".join(m.LEGACY)), lambda match: m.LEGACY[match.group()], m.LEGACY_LOOK),
)
CHARACTER_STEPS = (
    _step(ENTITY, lambda match: unescape(unescape(match.group())), "&"),
    _step(f"{UNSHOWN}|{TAG}", lambda _: " ", "<"),
    _step(r"(?<=\d)ـ+(?=\d)", lambda _: "-", "ـ"),
    _step(any_of("".join(CHARACTERS)), lambda match: CHARACTERS[match.group()])._replace(table=str.maketrans(CHARACTERS)),
    _step(rf"\w[{_COMBINED}]+", lambda match: unicodedata.normalize("NFC", match.group()), f"[{_COMBINED}]"),
    _step(f"({any_of(LETTERS)})" + r"\1{2,}", lambda match: match[1]),
)
# After e-mails and handles are gone: they are written with _ too.
JOINT_STEPS = (
    _step(TAG_SIGNS, lambda _: " "),
    _step(r"\s\s+|[^\S ]", lambda _: " "),
)
