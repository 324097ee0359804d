"""Dumps in, posts and pairs out.

A reader is one module here with `NAME`, `AUTHORS`, `recognises(head, dump)` and `read(dump)`; add it to READERS.
"""

from curation.sources import (
    apify,
    content_library,
    crowdtangle,
    facebook_page_scraper,
    facebook_scraper,
    facepager,
    graph_api,
    meta_download,
    nested,
    table,
)
from curation.sources.dump import Dump, Head, Reader

# Asked in this order; the first that recognises the content reads it. What params.yaml maps goes before what the content looks like.
READERS: tuple[Reader, ...] = (
    nested,
    facebook_scraper,
    graph_api,
    facepager,
    crowdtangle,
    content_library,
    facebook_page_scraper,
    apify,
    meta_download,
    table,
)


def reader_for(dump: Dump) -> Reader | None:
    """The reader named in params.yaml, else the first that recognises the content; None when there is none."""
    named = {reader.NAME: reader for reader in READERS}
    if dump.format is not None:
        return named.get(dump.format)
    head = Head.of(dump)
    readers = (table,) if dump.columns else READERS
    return next((reader for reader in readers if reader.recognises(head, dump)), None)
