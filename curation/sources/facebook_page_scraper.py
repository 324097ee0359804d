"""facebook_page_scraper: posts of a page without their comments, as CSV, or as one JSON object with a post under each id."""

from collections.abc import Iterator

from curation.sources.dump import Dump, Head, Item, Reject
from curation.sources.json_stream import ANY, objects
from curation.sources.layout import Layout, post_of
from curation.sources.rows import csv_rows

NAME = "facebook_page_scraper"
AUTHORS = True
POST = Layout(text="content", native_id="id|post_url", author="name", author_name="name", time="posted_on")
KEYS = ("content", "posted_on", "post_url")


def recognises(head: Head, dump: Dump) -> bool:
    return set(KEYS) <= set(head.header) or (head.is_json and head.has_keys(*KEYS))


def read(dump: Dump) -> Iterator[Item]:
    for found in objects(dump, path=(ANY,)) if Head.of(dump).is_json else csv_rows(dump):
        yield found if isinstance(found, Reject) else post_of(found[1], POST, found[0])
