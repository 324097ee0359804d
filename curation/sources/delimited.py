"""Text and delimited files: the encoding by the whole file, the delimiter by its first line, rows streamed."""

import codecs
import csv
import io
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

LARGEST = 1 << 24  # characters of one row: a thread of some 25,000 comments is one cell in facebook-scraper's CSV
MOST_CELLS = 1 << 20  # delimiters of one line, most of them inside such a thread
AGAIN = 1 << 26  # characters read twice for the sake of rows that a stray quote swallowed
BLOCK = 1 << 20
DAMAGE_LIMIT = 0.05  # above this share of undecodable among non-ASCII bytes a file is not UTF-8 with scratches
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))  # Excel's "Unicode text"
ASCII = bytes(range(128))
UNKNOWN = "\ufffd"


def encoding_of(dump: Any) -> str:
    """By its mark, else utf-8 or cp1256 (what an Arabic Windows writes), by the whole file in bounded memory.

    A UTF-8 file with a few broken bytes stays UTF-8: `open_text` puts U+FFFD for each.
    """
    if dump.notes.encoding is not None:
        return str(dump.notes.encoding)
    with dump.open() as file:
        start = file.read(3)
    marked = next((encoding for mark, encoding in MARKS if start.startswith(mark)), None)
    damaged, foreign = (0, 0) if marked or _is_utf8(dump) else _damage(dump)
    encoding = marked or ("cp1256" if damaged > DAMAGE_LIMIT * foreign else "utf-8")
    if damaged > 0 and encoding == "utf-8":
        dump.notes.broken(f"{damaged} characters are no {encoding}: U+FFFD stands for each")
    dump.notes.encoding = encoding
    return encoding


def _is_utf8(dump: Any) -> bool:
    """Most files are, and this takes half the time of counting."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with dump.open() as file:
            while block := file.read(BLOCK):
                decoder.decode(block)
    except UnicodeDecodeError:
        return False
    return True


def _damage(dump: Any) -> tuple[int, int]:
    """How many characters are no UTF-8, and how many bytes are not ASCII."""
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    damaged = foreign = 0
    with dump.open() as file:
        while block := file.read(BLOCK):
            if not block.isascii():
                damaged += decoder.decode(block).count(UNKNOWN) - block.count(UNKNOWN.encode())
                foreign += len(block.translate(None, ASCII))
    return damaged, foreign


def open_text(dump: Any) -> io.TextIOBase:
    """The dump as text in the encoding that it is in, bytes that cannot be decoded as U+FFFD, line ends as they are."""
    return io.TextIOWrapper(dump.open(), encoding=encoding_of(dump), errors="replace", newline="")


def head_text(raw: bytes) -> str:
    """The first bytes as text: names of keys and columns are ASCII in every format, so that a wrong guess costs nothing."""
    encoding = next((encoding for mark, encoding in MARKS if raw.startswith(mark)), "utf-8")
    return raw.decode(encoding, errors="replace").replace("\0", "")


def cells_of(line: str, delimiter: str, strict: bool = False) -> list[str]:
    """One line as a row; no cells where it cannot be one."""
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=strict), [])
    except csv.Error:
        return []


def delimiter_of(text: str) -> str:
    """Comma, semicolon or tab: whichever the first line holds most of outside quotes."""
    line = text.partition("\n")[0]
    return max(",;\t", key=lambda delimiter: len(cells_of(line, delimiter)))


def rows_of(dump: Any) -> Iterator[tuple[int, list[str] | None]]:
    """The rows of a delimited file with the lines that they end on, streamed; None for one that cannot be read.

    A stray quote would swallow rows until the next one: where quotes do not add up, the row's first line stands alone, and reading goes on
    behind it.
    """
    csv.field_size_limit(LARGEST)
    with dump.open() as file:
        delimiter = delimiter_of(head_text(file.read(1 << 16)))
    with open_text(dump) as text:
        lines = _Lines(text, delimiter)
        width = 0
        while True:
            for number, whole in lines.block():
                width = width or len(whole)
                yield number, whole
            lines.begin()
            try:
                row: list[str] | None = next(csv.reader(lines, delimiter=delimiter, strict=True), None)
                if row is None:
                    return
            except csv.Error:
                # Quotes inside quotes, as careless programs write them.
                alone = cells_of(lines.first, delimiter) if lines.first.count(delimiter) < MOST_CELLS else []
                row = alone if not width or len(alone) == width else None
                lines.go_back()
            width = width or len(row or ())
            yield lines.number, row


class _Lines(Iterator[str]):
    """The lines of a file; those of the row that is read now can be read again."""

    def __init__(self, text: io.TextIOBase, delimiter: str) -> None:
        self.number, self._text, self._delimiter, self._again = 0, text, delimiter, AGAIN
        self._row: list[str] = []
        self._waiting: deque[str] = deque()

    @property
    def first(self) -> str:
        return self._row[0] if self._row else ""

    def block(self) -> Iterator[tuple[int, list[str]]]:
        """The whole rows of the next block; the first that cannot be read, or does not end there, waits with all that is behind it."""
        text = "".join(self._waiting) + self._text.read(BLOCK)
        text += self._text.readline(LARGEST)
        self._waiting.clear()
        lines = io.StringIO(text, newline="").readlines()
        before, done = self.number, 0
        if len(text) <= 2 * BLOCK:  # no line of it is too long
            reader = csv.reader(
                (line.replace("\0", "") for line in lines) if "\0" in text else lines, delimiter=self._delimiter, strict=True
            )
            with suppress(csv.Error):
                for row in reader:
                    done = reader.line_num
                    yield before + done, row
        self.number = before + done
        self._waiting.extend(lines[done:])

    def begin(self) -> None:
        self._row, self._size = [], 0

    def go_back(self) -> None:
        """To behind the row's first line, as long as there is patience."""
        later = self._row[1:]
        if self._size <= self._again:
            self._again -= self._size
            self._waiting.extendleft(reversed(later))
            self.number -= len(later)

    def __next__(self) -> str:
        line = self._waiting.popleft() if self._waiting else self._text.readline(LARGEST)
        if not line:
            raise StopIteration
        self.number += 1
        self._row.append(line)
        self._size += len(line)
        if self._size > LARGEST or (len(line) > MOST_CELLS and line.count(self._delimiter) > MOST_CELLS):
            raise csv.Error("a row that does not end")
        return line.replace("\0", "")
