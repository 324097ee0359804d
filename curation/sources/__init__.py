"""Dumps in, posts and pairs out. A reader is one module here with `NAME`, `recognises(head)` and `read(dump)`; add it to READERS."""

from curation.sources import facebook_scraper, facepager, graph_api, table
from curation.sources.dump import Dump, Head, Reader

# Asked in this order; the first that recognises the content reads it.
READERS: tuple[Reader, ...] = (facebook_scraper, graph_api, facepager, table)


def reader_for(dump: Dump) -> Reader | None:
    """The reader named in params.yaml, else the first that recognises the content; None when there is none."""
    named = {reader.NAME: reader for reader in READERS}
    if dump.format is not None:
        return named.get(dump.format)
    head = Head.of(dump.path)
    return next((reader for reader in READERS if reader.recognises(head, dump)), None)
