"""What every reader shares: the dump, its head by which it is recognised, and the things that a reader yields."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from curation.sources.containers import HEAD_BYTES, ZIP, Notes, open_bytes
from curation.sources.delimited import cells_of, delimiter_of, head_text

PARQUET, ARROW = b"PAR1", b"\xff\xff\xff\xff"
MOST_REACTIONS = 2**31  # more is damage


class Comment(NamedTuple):
    """A comment or a reply under a post. `author` is the account's id; like its name it never leaves the ingest stage.

    A tuple, because a dump holds millions and a frozen dataclass takes five times as long to make.
    """

    native_id: str
    text: str
    author: str | None = None
    author_name: str | None = None
    time: str | None = None
    reactions: int = 0
    depth: int = 1  # 1 for comments, 2 for replies
    under: str | None = None  # where a comment comes apart from its post: the `key` of the post or of the comment above it
    key: str | None = None  # what replies that come apart name in `under`
    position: str = ""


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
    key: str | None = None  # what comments that come apart name in `under`


class Pair(NamedTuple):
    """A question with its answer as a table gives them. A tuple like a comment."""

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


Item = Post | Comment | Pair | Reject


@dataclass(frozen=True)
class Dump:
    """One file, or one member of a zip, with what params.yaml says of it."""

    path: Path
    format: str | None = None
    source: str | None = None
    columns: dict[str, str | int] | None = None
    header: bool = True
    paths: dict[str, str] | None = None
    member: str | None = None
    found: bool = False  # in a folder or a zip: what cannot be read there is a reject, not an error
    notes: Notes = field(default_factory=Notes, compare=False)

    @property
    def name(self) -> str:
        """As it stands in rejects and messages: the path, and the member behind a colon."""
        return f"{self.path}: {self.member}" if self.member else str(self.path)

    def open(self) -> Any:
        """Its bytes from the start, decompressed, as a binary file."""
        return open_bytes(self.path, self.member, self.notes)


@dataclass(frozen=True)
class Head:
    """The first bytes of a dump, as text and, where it looks like a table, its header."""

    raw: bytes
    text: str
    header: tuple[str, ...] = ()

    @classmethod
    def of(cls, dump: Dump) -> "Head":
        with dump.open() as file:
            raw = file.read(HEAD_BYTES)
        text = "" if raw.startswith((ZIP, PARQUET, ARROW)) else head_text(raw)
        return cls(raw, text, tuple(_header(text)))

    @property
    def is_workbook(self) -> bool:
        """A zip whose first members are a workbook's: their names stand uncompressed before them."""
        return self.raw.startswith(ZIP) and (b"[Content_Types].xml" in self.raw or b"xl/" in self.raw)

    @property
    def is_json(self) -> bool:
        return self.text.lstrip().startswith(("{", "["))

    def has_keys(self, *keys: str) -> bool:
        """Whether all of these stand in it as keys of JSON."""
        return all(f'"{key}"' in self.text for key in keys)


class Reader(Protocol):
    """A module of this package. `AUTHORS`: whether its items name the accounts that wrote them."""

    NAME: str
    AUTHORS: bool

    def recognises(self, head: Head, dump: Dump) -> bool: ...

    def read(self, dump: Dump) -> Iterator[Item]: ...


def as_text(value: Any) -> str:
    """A text, whatever the dump put there: null, numbers and half an emoji happen; a list or an object is none."""
    if type(value) is not str:
        if value is None or isinstance(value, list | dict):
            return ""
        value = str(value)
    text: str = value
    return text.strip() if text.isprintable() else text.encode("utf-8", "replace").decode().replace("\0", "").strip()


def as_list(value: Any) -> list[Any]:
    """A list, or nothing where the dump put something else."""
    return value if isinstance(value, list) else []


def as_count(value: Any) -> int:
    """A number of reactions: a number, a numeral, or a count by kind."""
    if isinstance(value, dict):
        return min(sum(as_count(v) for v in value.values() if not isinstance(v, dict)), MOST_REACTIONS)
    try:
        return max(min(int(float(value)), MOST_REACTIONS), 0)
    except (TypeError, ValueError, OverflowError):
        return 0


def _header(text: str) -> list[str]:
    line = text.lstrip().partition("\n")[0]
    if not line or line[0] in "[{":
        return []
    return [cell.strip() for cell in cells_of(line, delimiter_of(line))]
