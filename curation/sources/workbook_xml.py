"""The XML inside a workbook as a stream: rows of raw cells, and the texts that cells share. Damage ends a stream where it stands."""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, BinaryIO, NamedTuple
from xml.parsers import expat

from curation.sources.containers import BUFFER, Notes

LARGEST = 1 << 26  # characters of one row; Excel itself ends a cell at 32,767
WIDEST = 16_384  # columns, Excel's limit
DEEPEST = 64  # elements around a text
NUMERALS = 9  # of a row's or a text's number


class RawCell(NamedTuple):
    kind: str | None = None
    style: str | None = None
    value: str | None = None


class DamagedError(Exception):
    """Something that no spreadsheet program writes."""


def raw_rows(file: BinaryIO, notes: Notes) -> Iterator[tuple[int, list[RawCell]]]:
    """The rows that are there, with their numbers."""
    done: list[tuple[int, list[RawCell]]] = []
    cells: list[RawCell] = []
    attributes: dict[str, str] = {}
    number = column = 0

    def start(tag: str, given: dict[str, str]) -> None:
        nonlocal attributes, cells, number, column
        if tag == "c":
            attributes, column = given, _column(given.get("r", "")) or column + 1
            if column > WIDEST:
                raise DamagedError
        elif tag == "row":
            cells, column, number = [], 0, numeral(given.get("r")) or number + 1

    def end(tag: str, text: str | None) -> None:
        if tag == "c":
            cells.extend([RawCell()] * (column - 1 - len(cells)))
            cells[column - 1 :] = [RawCell(attributes.get("t"), attributes.get("s"), text)]
        elif tag == "row":
            done.append((number, cells))

    for _ in _fed(file, notes, ("row", "c"), ("v", "t"), start, end):
        yield from done
        done.clear()


def shared_texts(file: BinaryIO, notes: Notes) -> Iterator[str]:
    """The texts that cells name by their numbers, in that order."""
    done: list[str] = []

    def end(tag: str, text: str | None) -> None:
        done.append(text or "")

    for _ in _fed(file, notes, ("si",), ("t",), lambda tag, given: None, end):
        yield from done
        done.clear()


def numeral(value: str | None) -> int | None:
    return int(value) if value and value.isascii() and value.isdigit() and len(value) <= NUMERALS else None


@lru_cache(WIDEST)
def _letters(letters: str) -> int | None:
    if not (letters.isascii() and letters.isalpha() and len(letters) <= 3):
        return None
    number = 0
    for letter in letters.upper():
        number = 26 * number + ord(letter) - 64
    return number


def _column(reference: str) -> int | None:
    """The number of the column in `AB12`."""
    return _letters(reference.rstrip("0123456789"))


def _fed(
    file: BinaryIO,
    notes: Notes,
    around: tuple[str, ...],
    within: tuple[str, ...],
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str, str | None], None],
) -> Iterator[None]:
    """Feed the XML through `start` and `end`, which hear of the elements `around`, and give way after each block.

    `end` gets the text of the elements `within` since the last `start` or `end`.
    """
    parser = expat.ParserCreate()
    parser.buffer_text, parser.buffer_size = True, 1 << 16
    parts: list[str] = []
    depth = size = 0
    aside = False

    def starts(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth, size, aside
        depth += 1
        if depth > DEEPEST:
            raise DamagedError
        tag = tag.rpartition(":")[2]
        if tag in within:
            parser.CharacterDataHandler = None if aside else take
        elif tag in around:
            parts.clear()
            if tag == around[0]:
                size, aside = 0, False
            start(tag, attributes)
        elif tag == "rPh":  # how a text is pronounced, beside the text itself
            aside = True

    def ends(tag: str) -> None:
        nonlocal depth, aside
        depth -= 1
        parser.CharacterDataHandler = None
        tag = tag.rpartition(":")[2]
        if tag in around:
            end(tag, "".join(parts) if parts else None)
            parts.clear()
        elif tag == "rPh":
            aside = False

    def take(text: str) -> None:
        nonlocal size
        size += len(text)
        if size > LARGEST:
            raise DamagedError
        parts.append(text)

    def refuse(*_: Any) -> None:
        raise DamagedError  # entities can swell, and no spreadsheet program declares any

    parser.StartElementHandler, parser.EndElementHandler, parser.StartDoctypeDeclHandler = starts, ends, refuse
    with file:
        try:
            while block := file.read(BUFFER):
                parser.Parse(block, False)
                yield
            parser.Parse(b"", True)
        except (expat.ExpatError, DamagedError, ValueError):  # ValueError: an encoding that expat does not know
            notes.broken("its XML is damaged: read up to there")
        yield
