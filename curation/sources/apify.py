"""Apify facebook-groups-scraper (JSON): posts with the comments that Facebook shows first. Partly from memory: tolerant of names."""

from collections.abc import Iterator

from curation.sources.dump import Dump, Head, Item, Reject
from curation.sources.json_stream import objects
from curation.sources.layout import Layout, post_of

NAME = "apify"
AUTHORS = True
COMMENT = Layout(
    text="text|message|commentText",
    native_id="id|commentId|commentUrl",
    author="user.id|author.id|profileId",
    author_name="user.name|author.name|profileName",
    time="date|time|timestamp",
    reactions="likesCount|reactionsCount",
    comments="replies|comments",
)
POST = Layout(
    text="text|message",
    native_id="legacyId|id|postId|url|postUrl|facebookUrl",
    author="user.id|author.id",
    author_name="user.name|author.name",
    time="time|timestamp|date",
    comments="topComments|comments",
    comment=COMMENT,
)


def recognises(head: Head, dump: Dump) -> bool:
    return head.is_json and any(
        head.has_keys(*keys) for keys in (("facebookUrl",), ("topComments",), ("groupTitle",), ("likesCount", "commentsCount"))
    )


def read(dump: Dump) -> Iterator[Item]:
    for found in objects(dump):
        yield found if isinstance(found, Reject) else post_of(found[1], POST, found[0])
