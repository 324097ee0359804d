"""`ingest.inputs` of params.yaml as dumps with their readers; what cannot be read is said in one sentence, or is a reject in a folder."""

from collections.abc import Iterable, Iterator
from glob import glob
from pathlib import Path

from curation.errors import TibyanError
from curation.params import InputParams
from curation.sources import READERS, reader_for
from curation.sources.containers import ZIP, climbs, is_zip_of_files, zip_members
from curation.sources.dump import Dump, Head, Item, Reader, Reject

KNOWN = ", ".join(reader.NAME for reader in READERS)
WHOLE = "the whole file"
Reading = tuple[Dump, Reader | Reject]


def expand(entry: InputParams) -> list[Dump]:
    """The files of one entry, folders and zips opened, sorted by name. Raises TibyanError when there are none, or the format is unknown."""
    if entry.format is not None and entry.format not in {reader.NAME for reader in READERS}:
        raise TibyanError(f"{entry.path}: {entry.format!r} is no format. Known are {KNOWN}; left out, the content decides.")
    given = sorted(Path(found) for found in glob(entry.path, recursive=True))  # noqa: PTH207 (absolute patterns too)
    files = [(path, False) for path in given if path.is_file()]
    files += [(path, True) for folder in given if folder.is_dir() for path in folder.rglob("*") if path.is_file()]
    seen = [(path, found) for path, found in dict(sorted(files, reverse=True)).items() if not path.name.startswith(".")]
    dumps: list[Dump] = []
    for path, found in sorted(seen):
        if not is_zip_of_files(path):
            dumps.append(_dump(path, entry, None, found))
        elif members := sorted(zip_members(path)):
            dumps += [_dump(path, entry, member, True) for member in members]
        elif not found:
            raise TibyanError(f"{path}: a damaged or empty zip. Download or copy it again.")
        else:
            dumps.append(_dump(path, entry, None, True))
    if not dumps:
        raise TibyanError(f"{entry.path}: matches no file. Put the dump there, or mend the path (ingest.inputs in params.yaml).")
    return dumps


def choose_reader(dump: Dump) -> Reader | Reject:
    """The reader of a dump; where none knows it, a Reject in a folder or a zip, else a TibyanError."""
    if dump.member is not None and climbs(dump.member):
        return Reject(WHOLE, "climbing_path", "the name of this member points out of the archive")
    try:
        head = Head.of(dump)
        reader = reader_for(dump) if head.raw else None
    except TibyanError as error:
        if dump.found:
            return _unreadable(dump, error)
        raise
    if reader is not None:
        return reader
    if dump.notes.damage:
        problem = Reject(WHOLE, "damaged_file", "; ".join(dump.notes.damage))
    else:
        problem = Reject(WHOLE, "unknown_format" if head.raw else "empty_file")
    if dump.found:
        return problem
    if problem.reason == "empty_file":
        raise TibyanError(f"{dump.name}: an empty file. Remove it, or scrape it again.")
    if problem.reason == "damaged_file" or (head.raw.startswith(ZIP) and not zip_members(dump.path)):
        raise TibyanError(f"{dump.name}: {problem.detail or 'a damaged zip or workbook'}. Download or copy it again.")
    raise TibyanError(
        f"{dump.name}: in no format known ({KNOWN}). For a table, name its columns under ingest.inputs in params.yaml: "
        "columns: {question: …, answer: …}; for other JSON, its paths: {posts: …, text: …, comments: …, comment_text: …}. "
        "A dump that breaks off within its first record is in none: download or copy it again."
    )


def all_readings(entries: Iterable[InputParams]) -> list[list[Reading]]:
    """Every dump with its reader, entry by entry: all are found before anything is read."""
    return [[(dump, choose_reader(dump)) for dump in expand(entry)] for entry in entries]


def read(dump: Dump, reader: Reader | Reject) -> Iterator[Item]:
    """What a dump holds, and at the end a Reject for each thing that was found broken on the way."""
    if isinstance(reader, Reject):
        yield reader
        return
    try:
        yield from reader.read(dump)
    except TibyanError as error:
        if not dump.found:
            raise
        yield _unreadable(dump, error)
    for damage in dump.notes.damage:
        yield Reject(WHOLE, "damaged_file", damage)


def _unreadable(dump: Dump, error: TibyanError) -> Reject:
    return Reject(WHOLE, "unreadable", str(error).removeprefix(dump.name).lstrip(": "))


def _dump(path: Path, entry: InputParams, member: str | None, found: bool) -> Dump:
    return Dump(path, entry.format, entry.source, entry.columns, entry.header, entry.paths, member, found)
