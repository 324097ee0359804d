"""Where the bytes of a dump come from: a file, a folder, a member of a zip; plain, gzip or zstd. Nothing is unpacked onto the disk.

Damage in a compressed file ends it where it stands and is noted; what came before is read. A file that swells beyond what text
does is a bomb and ends likewise.
"""

import gzip
import io
import lzma
import struct
import zipfile
import zlib
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

import pyarrow as pa

from curation.errors import TibyanError

HEAD_BYTES = 65_536
BUFFER = 1 << 18
GZIP, ZSTD, ZIP = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PK\x03\x04"
# JSON dumps of our sample compress 8 to 14 times; an array of one repeated post some 150 times. Deflate alone reaches 1,032, zstd far more.
MOST_SWELL = 300
FREE_SWELL = 64 << 20  # bytes that may come out of anything
IN_MEMORY = 512 << 20  # bytes of a workbook or Parquet file that is itself compressed, since those are read by seeking
# What damage makes the libraries raise.
BROKEN = (EOFError, OSError, RuntimeError, ValueError, struct.error, zlib.error, lzma.LZMAError, zipfile.BadZipFile, pa.ArrowException)
CANNOT_UNPACK = "damaged: it cannot be unpacked"


@dataclass
class Notes:
    """What came out while one dump was read: what was broken, and its encoding."""

    damage: list[str] = field(default_factory=list)
    encoding: str | None = None

    def broken(self, what: str) -> None:
        if what not in self.damage:
            self.damage.append(what)


class Guarded(io.RawIOBase):
    """A decompressed stream that ends at damage, and at more than a text of `packed` bytes could swell to."""

    def __init__(self, stream: Any, packed: int, notes: Notes) -> None:
        self._stream, self._most, self._notes, self._out = stream, max(FREE_SWELL, MOST_SWELL * packed), notes, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._stream.read(len(buffer))
        except BROKEN as error:
            self._notes.broken(f"damaged inside ({type(error).__name__}): read up to there")
            return 0
        self._out += len(data)
        if self._out > self._most:
            self._notes.broken(f"swells more than {MOST_SWELL} times, as no text does: the rest is not read")
            return 0
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            with suppress(*BROKEN):  # it was noted when it was read
                self._stream.close()
        super().close()


def open_bytes(path: Path, member: str | None, notes: Notes) -> BinaryIO:
    """The bytes of a file or of a member of a zip, decompressed. Raises TibyanError when the file itself cannot be opened."""
    try:
        packed = path.stat().st_size
        stream: Any = path.open("rb", buffering=BUFFER) if member is None else None
    except OSError as error:
        raise TibyanError(f"{path}: cannot be read ({error.strerror}). Check the path and its permissions.") from None
    if member is not None:
        try:
            archive = _archive(path, path.stat().st_mtime_ns, packed)
            packed = archive.getinfo(member).compress_size
        except (*BROKEN, KeyError):
            notes.broken(CANNOT_UNPACK)
            return io.BytesIO()
        stream = open_member(archive, member, notes)
    start = stream.peek(4)[:4]
    if start.startswith(GZIP):
        return io.BufferedReader(Guarded(gzip.GzipFile(fileobj=stream), packed, notes), BUFFER)
    if start == ZSTD:
        return io.BufferedReader(Guarded(pa.CompressedInputStream(pa.PythonFile(stream, mode="r"), "zstd"), packed, notes), BUFFER)
    return stream


def open_member(archive: zipfile.ZipFile, member: str, notes: Notes) -> BinaryIO:
    """A member of a zip as a guarded stream; empty where it cannot be opened, which is noted."""
    try:
        return io.BufferedReader(Guarded(archive.open(member), archive.getinfo(member).compress_size, notes), BUFFER)
    except RuntimeError as error:
        notes.broken("locked with a password: unpack it by hand" if type(error) is RuntimeError else CANNOT_UNPACK)
    except (*BROKEN, KeyError):
        notes.broken(CANNOT_UNPACK)
    return io.BufferedReader(io.BytesIO())


@lru_cache(maxsize=2)
def _archive(path: Path, _changed: int, _size: int) -> zipfile.ZipFile:
    """An open zip: the list of its members is read once, however many there are."""
    return zipfile.ZipFile(path)


def seekable(path: Path, member: str | None, notes: Notes) -> BinaryIO | Path:
    """For formats that are read from their end: the path, or what is compressed, in memory. Raises TibyanError when too large for it."""
    with open_bytes(path, member, notes) as file:
        if member is None and isinstance(getattr(file, "raw", None), io.FileIO):
            return path  # not compressed
        content = file.read(IN_MEMORY + 1)
    if len(content) > IN_MEMORY:
        raise TibyanError(f"{path}: a compressed workbook or Parquet file of more than {IN_MEMORY >> 20} MB. Unpack it first.")
    return io.BytesIO(content)


def zip_members(path: Path) -> tuple[str, ...]:
    """The names in a zip, or nothing where it is damaged."""
    try:
        with zipfile.ZipFile(path) as archive:
            return tuple(info.filename for info in archive.infolist() if not info.is_dir())
    except (*BROKEN, KeyError):
        return ()


def is_zip_of_files(path: Path) -> bool:
    """A zip, and not a workbook, which is one too. What cannot be opened is said when it is read."""
    try:
        with path.open("rb") as file:
            if file.read(4) != ZIP:
                return False
    except OSError:
        return False
    names = zip_members(path)
    return not any(name.startswith("xl/") for name in names) and "[Content_Types].xml" not in names


def climbs(member: str) -> bool:
    """Whether the name of a member points out of the archive. It is never written anywhere, but such a zip is not to be trusted."""
    return ".." in PurePosixPath(member.replace("\\", "/")).parts or member.startswith(("/", "\\")) or ":" in member[:3]
