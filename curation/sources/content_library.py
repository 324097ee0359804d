"""Meta Content Library (CSV, JSON): posts without their comments."""

from collections.abc import Iterator

from curation.sources.dump import Dump, Head, Item, Reject
from curation.sources.json_stream import objects
from curation.sources.layout import Layout, post_of
from curation.sources.rows import csv_rows

NAME = "content_library"
AUTHORS = True
POST = Layout(
    text="text",
    native_id="id|mcl_url",
    author="post_owner.id",
    author_name="post_owner.name",
    time="creation_time",
)


def recognises(head: Head, dump: Dump) -> bool:
    return (
        {"text", "creation_time", "post_owner.id"} <= set(head.header)
        or {"text", "mcl_url"} <= set(head.header)
        or (head.has_keys("text", "creation_time") and (head.has_keys("mcl_url") or head.has_keys("post_owner")))
    )


def read(dump: Dump) -> Iterator[Item]:
    for found in objects(dump, path=("data",)) if Head.of(dump).is_json else csv_rows(dump):
        yield found if isinstance(found, Reject) else post_of(found[1], POST, found[0])
