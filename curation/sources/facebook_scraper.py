"""facebook-scraper 0.2.59: posts as a JSON array (with its empty slots), JSON lines, or CSV whose nested cells are Python repr."""

from collections.abc import Iterator

from curation.sources.dump import Dump, Head, Item, Reject
from curation.sources.json_stream import objects
from curation.sources.layout import Layout, post_of
from curation.sources.python_literal import python_literal
from curation.sources.rows import csv_rows

NAME = "facebook_scraper"
AUTHORS = True
STUB = "[,]"  # what a run that found nothing writes
COMMENT = Layout(
    text="comment_text",
    native_id="comment_id",
    author="commenter_id",
    author_name="commenter_name",
    time="comment_time",
    reactions="comment_reaction_count|comment_reactions",
    comments="replies",
)
POST = Layout(
    text="post_text|text",
    native_id="post_id",
    author="user_id",
    author_name="username",
    time="time|timestamp",
    comments="comments_full",
    comment=COMMENT,
)


def recognises(head: Head, dump: Dump) -> bool:
    if head.header:
        return {"post_id", "comments_full"} <= set(head.header) or {"post_id", "post_text"} <= set(head.header)
    return (head.has_keys("post_id") and (head.has_keys("comments_full") or head.has_keys("post_text"))) or "".join(
        head.text.split()
    ) == STUB


def read(dump: Dump) -> Iterator[Item]:
    table = bool(Head.of(dump).header)
    for found in csv_rows(dump) if table else objects(dump):
        if isinstance(found, Reject):
            yield found
            continue
        position, post = found
        if table:
            try:
                post["comments_full"] = python_literal(post.get("comments_full") or "None")
            except ValueError:
                yield Reject(position, "damaged_comments", "comments_full is not a Python literal")
                post["comments_full"] = None
        yield post_of(post, POST, position)
