"""`ingest.inputs` of params.yaml as files with their readers; what cannot be read is said in one sentence."""

from collections.abc import Iterable
from glob import glob
from pathlib import Path

from curation.errors import TibyanError
from curation.params import InputParams
from curation.sources import READERS, reader_for
from curation.sources.dump import Dump, Reader

KNOWN = ", ".join(reader.NAME for reader in READERS)


def expand(entry: InputParams) -> list[Dump]:
    """The files of one entry, sorted by name. Raises TibyanError when there are none, or the format is unknown."""
    if entry.format is not None and entry.format not in {reader.NAME for reader in READERS}:
        raise TibyanError(f"{entry.path}: {entry.format!r} is no format. Known are {KNOWN}; left out, the content decides.")
    paths = sorted(Path(found) for found in glob(entry.path, recursive=True))  # noqa: PTH207 (absolute patterns too)
    files = [path for path in paths if path.is_file() and not path.name.startswith(".")]
    if not files:
        raise TibyanError(f"{entry.path}: matches no file. Put the dump there, or mend the path (ingest.inputs in params.yaml).")
    return [Dump(path, entry.format, entry.source, entry.columns, entry.header) for path in files]


def choose_reader(dump: Dump) -> Reader:
    """The reader of a file. Raises TibyanError when its content is none of the formats."""
    if dump.path.stat().st_size == 0:
        raise TibyanError(f"{dump.path}: an empty file. Remove it, or scrape it again.")
    reader = reader_for(dump)
    if reader is None:
        raise TibyanError(
            f"{dump.path}: in no format known ({KNOWN}). For a table, name its columns under ingest.inputs in params.yaml: "
            "columns: {question: …, answer: …}."
        )
    return reader


def all_dumps(entries: Iterable[InputParams]) -> list[list[tuple[Dump, Reader]]]:
    """Every file with its reader, entry by entry: all are found before anything is read."""
    return [[(dump, choose_reader(dump)) for dump in expand(entry)] for entry in entries]
