"""The leak scanner: which files still hold personal data, of which kinds, how often and where, without saying what.

It trusts nothing that a stage says of itself: it reads what lies on the disk, whatever wrote it.
"""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from curation.errors import TibyanError
from curation.privacy.opinions import Judge, suspected
from curation.privacy.pieces import LONG, batch
from curation.privacy.pieces.files import batches_of
from curation.privacy.redaction import redact_text

BLOCK = 16_384  # rows held at a time
MOST_PLACES = 50  # named of one kind in one file; all are counted


@dataclass
class FileAudit:
    """What was found in one file: by kind how often, and where; and what of it was not read."""

    file: str  # as it may be printed: a file can be named after a person
    size: int
    counts: Counter[str] = field(default_factory=Counter)
    places: dict[str, list[str]] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)

    def add(self, kinds: Counter[str], place: str) -> None:
        self.counts.update(kinds)
        for kind in kinds:
            places = self.places.setdefault(kind, [])
            if len(places) < MOST_PLACES:
                places.append(place)


def audit(paths: Sequence[Path], names: bool = True) -> Iterator[FileAudit]:
    """Every file under `paths`, in order of names. Raises TibyanError where a path is not there."""
    for path in paths:
        if not path.exists():
            raise TibyanError(f"{path}: not there. Name files or folders that are.")
    judge = Judge(names)
    for path in paths:
        for file in _files(path):
            yield audit_file(file, judge, file.relative_to(path) if file != path else Path(path.name))


def audit_file(path: Path, judge: Judge, name: Path) -> FileAudit:
    """One file and what it is called."""
    found = FileAudit(str(path), path.stat().st_size)
    named = judge.find(batch([str(name)], str))
    if named:
        found.file = redact_text(str(path))[0]
        found.add(named[0], "the file's name")
    for texts in batches_of(path, lambda why: found.unread.append(why) if why not in found.unread else None):
        for i, kinds in judge.find(texts).items():
            found.add(kinds, texts.place(i))
    return found


def audit_columns(texts: duckdb.DuckDBPyRelation, columns: Sequence[str]) -> pa.Table:
    """Which records still hold what in which of these columns: `record_id, text, kind`, one row each."""
    judge = Judge()
    found: set[tuple[str, str, str]] = set()
    for block in texts.project(", ".join(["record_id", *columns])).to_arrow_reader(BLOCK):
        kinds = _kinds(judge, pa.concat_arrays([*_distinct(block, columns)]))
        with_kinds = pa.array(kinds, pa.large_string())
        for column in columns if kinds else ():
            rows = block.select(["record_id", column]).filter(pc.is_in(block[column].cast(pa.large_string()), with_kinds))
            for record, text in zip(*rows.to_pydict().values(), strict=True):
                found.update((record, column, kind) for kind in kinds[text])
    names = ("record_id", "text", "kind")
    return pa.table({name: pa.array([row[i] for row in sorted(found)], pa.string()) for i, name in enumerate(names)})


def _distinct(block: pa.RecordBatch, columns: Sequence[str]) -> Iterator[pa.LargeStringArray]:
    """The texts of each column: what stands in one before it in the same row is judged there."""
    for i, column in enumerate(columns):
        texts = block[column]
        for earlier in columns[:i]:
            texts = pc.if_else(pc.fill_null(pc.equal(texts, block[earlier]), False), None, texts)
        yield texts.drop_null().cast(pa.large_string())


def _kinds(judge: Judge, texts: pa.LargeStringArray) -> dict[str, set[str]]:
    """The kinds that are left in those texts where any are."""
    long = pc.greater(pc.binary_length(texts), LONG)  # are judged in pieces, which have other words at their ends
    doubts = texts.filter(pc.or_(long, pa.array(suspected(texts)))).to_pylist()
    pieces = batch(doubts, str)
    kinds: dict[str, set[str]] = {}
    for i, found in judge.find(pieces).items():
        kinds.setdefault(doubts[int(pieces.place(i))], set()).update(found)
    return kinds


def as_json(audits: Sequence[FileAudit]) -> dict[str, Any]:
    """The result for machines; the same files give the same bytes."""
    totals = sum((audit.counts for audit in audits), Counter[str]())
    return {
        "findings": [
            {"file": audit.file, "kind": kind, "count": count, "places": audit.places[kind]}
            for audit in audits
            for kind, count in sorted(audit.counts.items())
        ],
        "not_scanned": [{"file": audit.file, "why": why} for audit in audits for why in audit.unread],
        "scanned": {"files": len(audits), "bytes": sum(audit.size for audit in audits)},
        "totals": dict(sorted(totals.items())),
    }


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
        return
    for folder, folders, files in os.walk(path):
        folders.sort()
        yield from (file for name in sorted(files) if (file := Path(folder) / name).is_file())
