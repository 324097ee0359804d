"""Graph API group feed: {"data": [posts]}, as one response, several concatenated, or one a line."""

from collections.abc import Iterator
from typing import Any

from curation.sources.dump import Comment, Dump, Head, Item, Post, Reject, as_count, as_list, as_text
from curation.sources.json_stream import objects

NAME = "graph_api"


def recognises(head: Head, dump: Dump) -> bool:
    return '"created_time"' in head.text and ('"message"' in head.text or '"story"' in head.text)


def read(dump: Dump) -> Iterator[Item]:
    for item in objects(dump.path):
        if isinstance(item, Reject):
            yield item
            continue
        position, response = item
        posts = response.get("data") if isinstance(response.get("data"), list) else [response]
        for number, post in enumerate(posts or (), start=1):
            yield _post(post, f"{position}, post {number}")


def _post(post: Any, position: str) -> Item:
    if not isinstance(post, dict):
        return Reject(position, "not_an_object", type(post).__name__)
    text = as_text(post.get("message"))
    if not text:
        return Reject(position, "empty_post")
    author = _author(post)
    return Post(
        native_id=as_text(post.get("id")),
        text=text,
        position=position,
        author=author[0],
        author_name=author[1],
        time=as_text(post.get("created_time")) or None,
        comments=tuple(_comments(post, depth=1)),
    )


def _comments(parent: dict[str, Any], depth: int) -> Iterator[Comment]:
    """The thread, replies after the comment that they answer. `from` is often absent."""
    thread = parent.get("comments")
    for comment in as_list(thread.get("data")) if isinstance(thread, dict) else ():
        if not isinstance(comment, dict):
            continue
        author, name = _author(comment)
        yield Comment(
            native_id=as_text(comment.get("id")),
            text=as_text(comment.get("message")),
            author=author,
            author_name=name,
            time=as_text(comment.get("created_time")) or None,
            reactions=as_count(comment.get("like_count")),
            depth=depth,
        )
        if depth < 2:  # Facebook shows two levels; what lies deeper is attached to the second
            yield from _comments(comment, depth + 1)


def _author(item: dict[str, Any]) -> tuple[str | None, str | None]:
    account = item.get("from")
    if not isinstance(account, dict):
        return None, None
    name = as_text(account.get("name")) or None
    return as_text(account.get("id")) or None, name
