"""On which terms the rows of each source may be given on, as `ingest.inputs` of params.yaml says it."""

from collections.abc import Sequence
from typing import NamedTuple

from curation.errors import TibyanError
from curation.params import InputParams
from curation.sources.dump import Reject
from curation.sources.inputs import Reading


class Terms(NamedTuple):
    """A row of the hand-over `sources`."""

    source: str
    licence: str | None
    redistributable: str
    collected: str | None
    consent: str | None


def source_terms(entries: Sequence[InputParams], readings: Sequence[Sequence[Reading]]) -> list[Terms]:
    """The terms of every source that is read, sorted. Raises TibyanError where two inputs say different things of one source."""
    found: dict[str, tuple[Terms, str]] = {}
    for entry, of_entry in zip(entries, readings, strict=True):
        for source in {source for reading in of_entry if (source := _source(reading))}:
            terms = Terms(source, entry.licence, entry.redistributable, entry.collected, entry.consent)
            before, path = found.setdefault(source, (terms, entry.path))
            if before != terms:
                differs = next(name for name, a, b in zip(Terms._fields, before, terms, strict=True) if a != b)
                raise TibyanError(
                    f"ingest.inputs: {path} and {entry.path} are both source '{source}', and differ in {differs}. Give one of them a "
                    "`source` of its own in params.yaml, or say the same of both."
                )
    return sorted(terms for terms, _ in found.values())


def _source(reading: Reading) -> str | None:
    dump, reader = reading
    return dump.source or (None if isinstance(reader, Reject) else reader.NAME)
