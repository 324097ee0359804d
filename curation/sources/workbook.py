"""The rows of a workbook's first sheet (XLSX), streamed.

Not a library: 341,000 rows of long texts take calamine 755 MB, and two cells in far corners make it abort; openpyxl takes 560 MB
and more time, holds a hostile row whole and stops at styles that other programs wrote. Here (400 MB) the texts that cells share are kept as
UTF-8, as far as a cell needs them, and nothing else is kept.
"""

import posixpath
import re
import zipfile
from array import array
from collections.abc import Iterator
from datetime import datetime, timedelta
from xml.etree import ElementTree

from curation.sources.containers import BROKEN, IN_MEMORY, Notes, open_member
from curation.sources.workbook_xml import RawCell, numeral, raw_rows, shared_texts

SMALL_PART = 1 << 22  # bytes of the parts that are read whole: the list of sheets, the styles
EPOCH, EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)
DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}  # Excel's own number formats that show a date or a time
_no_format = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_escaped = re.compile(r"_x([0-9A-Fa-f]{4})_")  # how a sheet writes control characters
Cell = str | None


def sheet_rows(archive: zipfile.ZipFile, notes: Notes) -> Iterator[tuple[int, list[Cell] | None]]:
    """The rows that are there, with their numbers; None for one whose texts are missing. Raises KeyError where there is no sheet."""
    sheet, book = _first_sheet(archive), _part(archive, "xl/workbook.xml")
    is_1904 = any(p.get("date1904") in ("1", "true") for p in _named(book, "workbookPr"))
    dates = dict.fromkeys(_date_styles(_part(archive, "styles.xml")), EPOCH_1904 if is_1904 else EPOCH)
    shared = _find(archive, "sharedStrings.xml")
    texts = SharedTexts(shared_texts(open_member(archive, shared, notes), notes) if shared else iter(()), notes)
    for number, cells in raw_rows(open_member(archive, sheet, notes), notes):
        try:
            yield number, [_value(cell, texts, dates) for cell in cells]
        except LookupError:
            yield number, None


class SharedTexts:
    """The texts that cells name by number, taken out of the workbook as far as they are asked for."""

    def __init__(self, texts: Iterator[str], notes: Notes) -> None:
        self._texts, self._notes, self._bytes, self._ends = texts, notes, bytearray(), array("Q", [0])

    def at(self, number: int) -> str:
        """Raises LookupError where there is no such text."""
        while number >= len(self._ends) - 1:
            text = next(self._texts, None)
            if text is None:
                raise LookupError
            if len(self._bytes) + 8 * len(self._ends) > IN_MEMORY:
                self._texts = iter(())
                self._notes.broken(f"more than {IN_MEMORY >> 20} MB of texts: save it as CSV")
                raise LookupError
            self._bytes += text.encode()
            self._ends.append(len(self._bytes))
        return self._bytes[self._ends[number] : self._ends[number + 1]].decode()


def _value(cell: RawCell, texts: SharedTexts, dates: dict[str, datetime]) -> Cell:
    kind, style, value = cell
    if value is None or kind == "e":  # an error that a formula ran into
        return None
    if kind == "s":
        number = numeral(value)
        if number is None:
            raise LookupError
        value = texts.at(number)
    elif kind in (None, "n"):
        return _number(value, dates.get(style or ""))
    return _escaped.sub(lambda found: chr(int(found[1], 16)), value) if "_x" in value else value


def _number(value: str, epoch: datetime | None) -> str:
    """As a reader would write it: Excel writes 37.3 as 37.299999999999997, and dates as days since its epoch."""
    try:
        number = float(value)
        if epoch is not None:
            return str(epoch + timedelta(seconds=round(number * 86_400)))
        return value if value.isdigit() else str(int(number)) if number.is_integer() else str(number)
    except (ValueError, OverflowError):
        return value


def _first_sheet(archive: zipfile.ZipFile) -> str:
    """The first in the book's order that is no chart; where the book does not say it, the first by name."""
    links = {link.get("Id"): link for link in _named(_part(archive, "xl/_rels/workbook.xml.rels"), "Relationship")}
    for sheet in _named(_part(archive, "xl/workbook.xml"), "sheet"):
        link = next((links.get(value) for name, value in sheet.items() if name.endswith("}id")), None)
        if link is not None and link.get("Type", "").endswith("/worksheet"):
            name = posixpath.normpath(posixpath.join("/xl", link.get("Target", ""))).lstrip("/")
            if name in archive.namelist():
                return name
    sheets = sorted(name for name in archive.namelist() if name.startswith("xl/worksheets/") and name.endswith(".xml"))
    if not sheets:
        raise KeyError("no sheet")
    return sheets[0]


def _date_styles(styles: ElementTree.Element) -> set[str]:
    """The numbers of the styles under which a number is a date."""
    own = {
        form.get("numFmtId"): any(letter in "ymdhs" for letter in _no_format.sub("", form.get("formatCode", "")).lower())
        for form in _named(styles, "numFmt")
    }
    formats = [xf.get("numFmtId") for cells in _named(styles, "cellXfs") for xf in cells]
    return {str(i) for i, form in enumerate(formats) if own.get(form, numeral(form) in DATES)}


def _named(element: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return [found for found in element.iter() if isinstance(found.tag, str) and found.tag.rpartition("}")[2] == name]


def _find(archive: zipfile.ZipFile, name: str) -> str | None:
    """Some programs write the names of the parts in other cases."""
    return next((found for found in archive.namelist() if found.lower().endswith(name.lower())), None)


def _part(archive: zipfile.ZipFile, name: str) -> ElementTree.Element:
    """A small part as a tree; an empty one where it is missing, damaged or large: then dates are numbers, and sheets go by name."""
    found = _find(archive, name)
    try:
        if found is not None:
            with archive.open(found) as file:
                content = file.read(SMALL_PART + 1)
            if len(content) <= SMALL_PART and b"<!DOCTYPE" not in content:
                return ElementTree.fromstring(content)
    except (*BROKEN, ElementTree.ParseError, LookupError):
        pass
    return ElementTree.Element("none")
