"""Graph API group feed: {"data": [posts]}, as one response, several concatenated, one a line, or the posts one a line."""

from collections.abc import Iterator

from curation.sources.dump import Dump, Head, Item, Reject
from curation.sources.json_stream import objects
from curation.sources.layout import Layout, post_of

NAME = "graph_api"
AUTHORS = True
COMMENT = Layout(
    text="message",
    native_id="id",
    author="from.id",
    author_name="from.name",
    time="created_time",
    reactions="like_count",
    comments="comments.data",
)
POST = Layout(
    text="message",
    native_id="id",
    author="from.id",
    author_name="from.name",
    time="created_time",
    comments="comments.data",
    comment=COMMENT,
)


def recognises(head: Head, dump: Dump) -> bool:
    return head.is_json and head.has_keys("created_time") and (head.has_keys("message") or head.has_keys("story"))


def read(dump: Dump) -> Iterator[Item]:
    for found in objects(dump, path=("data",)):
        if isinstance(found, Reject):
            yield found
            continue
        position, item = found
        if isinstance(item.get("error"), dict):
            yield Reject(position, "error_response")
        elif "paging" not in item or "message" in item:
            yield post_of(item, POST, position)
