"""What every reader shares: the file, its head by which it is recognised, and the three things a reader yields."""

import codecs
import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from curation.errors import TibyanError

HEAD_BYTES = 65_536
MOST_REACTIONS = 2**31  # more is damage
CELL_LIMIT = 2**31 - 1  # a thread of comments is one cell in facebook-scraper's CSV
ENCODINGS = ("utf-8-sig", "utf-8", "cp1256")  # tried in this order; cp1256 is what an Arabic Windows writes
DAMAGE_LIMIT = 0.05  # above this share of undecodable among non-ASCII characters a file is not UTF-8 with scratches


@dataclass(frozen=True)
class Comment:
    """A comment or a reply under a post. `author` is the account's id; like its name it never leaves the ingest stage."""

    native_id: str
    text: str
    author: str | None = None
    author_name: str | None = None
    time: str | None = None
    reactions: int = 0
    depth: int = 1  # 1 for comments, 2 for replies


@dataclass(frozen=True)
class Post:
    """A post with its thread, flattened in the order of the dump."""

    native_id: str
    text: str
    position: str
    author: str | None = None
    author_name: str | None = None
    time: str | None = None
    comments: tuple[Comment, ...] = ()


@dataclass(frozen=True)
class Pair:
    """A question with its answer as a table gives them."""

    native_id: str | None
    question: str
    answer: str | None
    position: str
    specialty: str | None = None
    time: str | None = None
    label_severity: str | None = None


@dataclass(frozen=True)
class Reject:
    """A piece that could not be read or used: where it stands and why. Holds no text of it."""

    position: str
    reason: str
    detail: str = ""


Item = Post | Pair | Reject


@dataclass(frozen=True)
class Dump:
    """One file with what params.yaml says of it."""

    path: Path
    format: str | None = None
    source: str | None = None
    columns: dict[str, str | int] | None = None
    header: bool = True


@dataclass(frozen=True)
class Head:
    """The first bytes of a file, as text and, where it looks like a table, its header."""

    raw: bytes
    text: str
    header: tuple[str, ...] = ()
    members: tuple[str, ...] = field(default=())

    @classmethod
    def of(cls, path: Path) -> "Head":
        try:
            with path.open("rb") as file:
                raw = file.read(HEAD_BYTES)
        except OSError as error:
            raise TibyanError(f"{path}: cannot be read ({error.strerror}). Check the path and its permissions.") from None
        members: tuple[str, ...] = ()
        if raw.startswith(b"PK"):
            try:
                with zipfile.ZipFile(path) as archive:
                    members = tuple(archive.namelist())
            except zipfile.BadZipFile:
                members = ()
        text = raw.decode(encoding_of(path), errors="replace") if raw and not raw.startswith((b"PK", b"PAR1")) else ""
        return cls(raw, text, tuple(_header(text)), members)


class Reader(Protocol):
    """A module of this package."""

    NAME: str

    def recognises(self, head: Head, dump: Dump) -> bool: ...

    def read(self, dump: Dump) -> Iterator[Item]: ...


def encoding_of(path: Path) -> str:
    """utf-8-sig, utf-8 or cp1256, decided by the whole file in bounded memory; a UTF-8 file with a few broken bytes stays UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    damaged = foreign = 0
    with path.open("rb") as file:
        has_mark = file.read(3) == codecs.BOM_UTF8
        file.seek(0)
        while block := file.read(1 << 20):
            text = decoder.decode(block)
            damaged += text.count("\ufffd")
            foreign += sum(1 for c in text if c > "\x7f") if not text.isascii() else 0
    if damaged and damaged > DAMAGE_LIMIT * foreign:
        return ENCODINGS[2]
    return ENCODINGS[0] if has_mark else ENCODINGS[1]


def open_text(path: Path) -> io.TextIOBase:
    """The file as text in the encoding it is in, bytes that cannot be decoded as U+FFFD, line ends as they are."""
    return path.open(encoding=encoding_of(path), errors="replace", newline="")


def delimiter_of(text: str) -> str:
    """Comma, semicolon or tab: whichever the first line holds most of outside quotes."""
    line = text.partition("\n")[0]
    return max(",;\t", key=lambda d: len(next(csv.reader([line], delimiter=d), [])))


def rows_of(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The rows of a delimited file with their line numbers, streamed."""
    csv.field_size_limit(CELL_LIMIT)
    with open_text(path) as file:
        start = file.read(4096)
        file.seek(0)
        reader = csv.reader((line.replace("\0", "") for line in file), delimiter=delimiter_of(start.removeprefix("\ufeff")))
        for row in reader:
            yield reader.line_num, row


def as_text(value: Any) -> str:
    """A text, whatever the dump put there: null, numbers and half an emoji happen."""
    return "" if value is None else str(value).encode("utf-8", "replace").decode().strip()


def as_list(value: Any) -> list[Any]:
    """A list, or nothing where the dump put something else."""
    return value if isinstance(value, list) else []


def as_count(value: Any) -> int:
    """A number of reactions: a number, a numeral, or a count by kind."""
    if isinstance(value, dict):
        return sum(as_count(v) for v in value.values())
    try:
        return max(min(int(float(value)), MOST_REACTIONS), 0)
    except (TypeError, ValueError, OverflowError):
        return 0


def _header(text: str) -> list[str]:
    line = text.removeprefix("\ufeff").lstrip().partition("\n")[0]
    if not line or line[0] in "[{":
        return []
    return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter_of(line)), [])]
