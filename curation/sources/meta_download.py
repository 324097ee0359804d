"""Meta's "Download your information" (JSON): the posts of one account, and its comments, which come without the posts they answer.

Text is UTF-8 whose bytes were written as Latin-1 characters: each string is put right where that can be done.
"""

from collections.abc import Iterator
from typing import Any

from curation.sources.dump import Dump, Head, Item, Post, Reject, as_list, as_text
from curation.sources.json_stream import objects

NAME = "meta_download"
AUTHORS = True
LISTS = ("group_posts_v2", "group_comments_v2", "comments_v2", "posts_v2")
POST_LABELS = {"Text", "Post", "Message", "النص", "نص", "المنشور"}  # newer downloads name values in the language of the account
COMMENT_LABELS = {"Comment", "التعليق", "تعليق"}


def recognises(head: Head, dump: Dump) -> bool:
    text = head.text.replace(" ", "")
    return (
        any(head.has_keys(name) for name in LISTS)
        or head.has_keys("timestamp", "label_values")
        or (head.has_keys("timestamp", "data") and ('"data":[{"post"' in "".join(text.split()) or head.has_keys("attachments", "title")))
    )


def read(dump: Dump) -> Iterator[Item]:
    for name in LISTS:
        if Head.of(dump).has_keys(name):
            yield from _items(dump, (name,))
            return
    yield from _items(dump, ())


def _items(dump: Dump, path: tuple[str, ...]) -> Iterator[Item]:
    for found in objects(dump, path):
        if isinstance(found, Reject):
            yield found
            continue
        position, item = found
        said = [entry for entry in as_list(item.get("data")) if isinstance(entry, dict)]
        labels = [entry for entry in as_list(item.get("label_values")) if isinstance(entry, dict)]
        text = _first(entry.get("post") for entry in said) or _labelled(labels, POST_LABELS)
        comment = _first(map(_comment, said)) or _labelled(labels, COMMENT_LABELS)
        if comment and not text:
            yield Reject(position, "comment_without_post")
        elif text:
            yield Post(as_text(item.get("fbid")), text, position, time=as_text(item.get("timestamp")) or None)
        else:
            yield Reject(position, "empty_post")


def _comment(entry: dict[str, Any]) -> Any:
    comment = entry.get("comment")
    return comment.get("comment") if isinstance(comment, dict) else comment


def _first(values: Any) -> str:
    return next((mended(text) for text in map(as_text, values) if text), "")


def _labelled(labels: list[dict[str, Any]], wanted: set[str]) -> str:
    return _first(entry.get("value") for entry in labels if mended(as_text(entry.get("label"))) in wanted)


def mended(text: str) -> str:
    """The string as it was written; as it is where it is no UTF-8 read as Latin-1."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text
