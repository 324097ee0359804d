"""What a file is, by its content: files in DVC's cache have no names. Every text in it comes out, or why it does not is said."""

import io
import re
from collections.abc import Callable, Iterator
from io import TextIOBase
from pathlib import Path, PurePath

import pyarrow as pa

from curation.errors import TibyanError
from curation.privacy.pieces import LONG, OVERLAP, Batch, batch, unescaped
from curation.privacy.pieces.objects import json_batches
from curation.privacy.pieces.pages import html_batches
from curation.privacy.pieces.tables import csv_batches, ipc_batches, looks_like_csv, parquet_batches
from curation.sources.containers import BROKEN, HEAD_BYTES, ZIP, seekable, zip_members
from curation.sources.delimited import MARKS, head_text, open_text
from curation.sources.dump import Dump

PARQUET, ARROW_FILE, ARROW_STREAM = b"PAR1", b"ARROW1", b"\xff\xff\xff\xff"
PAGE = re.compile(r"(?i)\s*<(?:!doctype|!--|\?xml|html|head|svg|[a-z]+>)")
TENSORS = 8  # bytes before the header of a safetensors file: its length
LARGEST_HEADER = 100_000_000  # of safetensors, as its library has it
LINES, CHARACTERS = 2048, 1 << 20  # in a batch
Skip = Callable[[str], None]  # told why something was not read


def batches_of(path: Path, skip: Skip) -> Iterator[Batch]:
    """Every text of a file, or of each file in a zip."""
    try:
        with path.open("rb") as file:
            is_zip = file.read(4) == ZIP
        if not is_zip:
            yield from _of(Dump(path), skip)
            return
        members = zip_members(path)
        if not members:
            skip("damaged zip")
        yield batch(members, lambda i: f"name of member {i + 1}")
        for number, member in enumerate(members, start=1):
            for found in _of(Dump(path, member=member), skip):
                yield found._replace(place=lambda i, found=found, number=number: f"member {number}, {found.place(i)}")  # type: ignore[misc]
    except OSError as error:
        skip(f"cannot be read ({error.strerror})")


def _of(dump: Dump, skip: Skip) -> Iterator[Batch]:
    try:
        with dump.open() as file:
            head = file.read(HEAD_BYTES)
        yield from _by_content(dump, head, skip)
    except (TibyanError, *BROKEN, RecursionError) as error:
        skip("too large to be unpacked in memory" if isinstance(error, TibyanError) else f"damaged ({type(error).__name__})")
    for damage in dump.notes.damage:
        skip(damage)


def _by_content(dump: Dump, head: bytes, skip: Skip) -> Iterator[Batch]:
    if head.startswith(PARQUET):
        yield from parquet_batches(seekable(dump.path, dump.member, dump.notes))
    elif head.startswith(ARROW_FILE):
        source = seekable(dump.path, dump.member, dump.notes)
        with pa.ipc.open_file(pa.memory_map(str(source)) if isinstance(source, Path) else source) as reader:
            yield from ipc_batches(reader)
    elif head.startswith(ARROW_STREAM):
        with dump.open() as file, pa.ipc.open_stream(file) as reader:
            yield from ipc_batches(reader)
    elif head.startswith(ZIP):
        skip("a zip inside a zip")
    elif head[TENSORS : TENSORS + 1] == b"{" and int.from_bytes(head[:TENSORS], "little") < LARGEST_HEADER:
        with dump.open() as file:
            size = int.from_bytes(file.read(TENSORS), "little")
            yield from json_batches(io.StringIO(file.read(size).decode("utf-8", "replace")))
        skip("binary: tensors, of which the header was read")
    elif _is_binary(head):
        skip("binary")
    else:
        yield from _of_text(dump, head_text(head), skip)


def _of_text(dump: Dump, text: str, skip: Skip) -> Iterator[Batch]:
    if _is_json(text):
        with open_text(dump) as file:
            yield from json_batches(file)
    elif PAGE.match(text):
        with open_text(dump) as file:
            yield from html_batches(file)
    elif looks_like_csv(PurePath(dump.member or dump.path), text):
        yield from csv_batches(dump, skip)
    else:
        with open_text(dump) as file:
            yield from _lines(file)


def _lines(file: TextIOBase) -> Iterator[Batch]:
    """Lines of text; one without end comes in pieces that overlap."""
    held: list[tuple[int, str, int]] = []  # the number of the line, its text, and from where on it counts
    size, number, tail = 0, 1, ""
    for line in iter(lambda: file.readline(LONG - OVERLAP), ""):
        held.append((number, tail + line, len(tail)))
        size += len(line)
        ends = line.endswith(("\n", "\r"))
        number, tail = (number + 1, "") if ends else (number, line[-OVERLAP:])
        if len(held) == LINES or size > CHARACTERS:
            yield _line_batch(held)
            held, size = [], 0
    yield _line_batch(held)


def _line_batch(held: list[tuple[int, str, int]]) -> Batch:
    starts = {i: start for i, (_, _, start) in enumerate(held) if start}
    return Batch([unescaped(text) for _, text, _ in held], lambda i: f"line {held[i][0]}", own=True, starts=starts)


def _is_json(text: str) -> bool:
    """An object or an array begins it, and not the `[12:30] message` or `{{ template }}` of something else."""
    text = text.lstrip("\ufeff \t\r\n")
    return re.match(r'\{\s*(?:"|\}|$)|\[\s*(?:["\[\]{\d,-]|null|true|false|$)', text) is not None and not re.match(r"\[\d+[:/.-]\d", text)


def _is_binary(head: bytes) -> bool:
    """A zero byte, or control characters as no text has them; UTF-16 has its mark."""
    if any(head.startswith(mark) for mark, _ in MARKS):
        return False
    control = sum(head.count(byte) for byte in map(bytes, zip((*range(9), *range(14, 27)), strict=True)))
    return b"\0" in head or control > len(head) // 100
