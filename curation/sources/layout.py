"""Where a dump keeps what: the paths of its keys, as data, and the posts that they lead to."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from curation.sources.dump import Comment, Item, Post, Reject, as_count, as_list, as_text

Get = Callable[[dict[str, Any]], Any]
Text = Callable[[dict[str, Any]], str | None]


@dataclass(frozen=True)
class Layout:
    """Keys, dotted where they are nested (`user.id`), with `|` between alternatives, the first that is filled counts. "" is none.

    `comments` leads to a list of objects, which `comment` describes; its `comments` are the replies.
    """

    text: str
    native_id: str = ""
    author: str = ""
    author_name: str = ""
    time: str = ""
    reactions: str = ""
    comments: str = ""
    comment: "Layout | None" = None


@cache
def getter(paths: str) -> Get:
    """A function that brings what `paths` lead to in an object, or None."""
    alternatives = tuple((path, tuple(path.split("."))) for path in paths.split("|") if path)
    if len(alternatives) == 1 and "." not in paths:  # most are: there are ten for each of millions of comments
        return lambda item: item.get(paths)

    def get(item: dict[str, Any]) -> Any:
        for path, steps in alternatives:
            value: Any = item.get(path)  # a key may hold a dot itself: post_owner.id
            if value is None and len(steps) > 1:
                value = item
                for step in steps:
                    value = value.get(step) if isinstance(value, dict) else None
            if value:
                return value
        return None

    return get


@cache
def text_getter(paths: str) -> Text:
    """A function that brings the text that `paths` lead to, or None: numbers become texts, lists and objects are none."""
    getters = tuple(getter(path) for path in paths.split("|") if path)

    def get(item: dict[str, Any]) -> str | None:
        for one in getters:
            value = one(item)
            if value is not None and (text := as_text(value)):
                return text
        return None

    return get


def post_of(item: dict[str, Any], layout: Layout, position: str) -> Item:
    """The post with its thread; a Reject where there is no text."""
    text = text_getter(layout.text)(item)
    if not text:
        return Reject(position, "empty_post")
    return Post(
        native_id=text_getter(layout.native_id)(item) or "",
        text=text,
        position=position,
        author=text_getter(layout.author)(item),
        author_name=text_getter(layout.author_name)(item),
        time=text_getter(layout.time)(item),
        comments=tuple(_thread(item, layout)) if layout.comments and layout.comment else (),
    )


def _thread(post: dict[str, Any], layout: Layout) -> Iterator[Comment]:
    """The thread, replies after the comment that they answer. Facebook shows two levels; what lies deeper is on the second."""
    comment = layout.comment
    assert comment is not None
    text, native_id, author, author_name, time = (
        text_getter(paths) for paths in (comment.text, comment.native_id, comment.author, comment.author_name, comment.time)
    )
    reactions, replies = getter(comment.reactions), getter(comment.comments)
    waiting = [(c, 1) for c in reversed(as_list(getter(layout.comments)(post)))]
    while waiting:  # not a recursion: damaged dumps nest a thousand deep
        item, depth = waiting.pop()
        if not isinstance(item, dict):
            continue
        count = reactions(item)
        yield Comment(
            native_id(item) or "",
            text(item) or "",
            author(item),
            author_name(item),
            time(item),
            as_count(count) if count else 0,
            depth,
        )
        below = replies(item)
        if below:
            waiting += [(reply, 2) for reply in reversed(as_list(below))]
