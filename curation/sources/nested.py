"""Any JSON of posts with comments, by the paths that params.yaml names."""

from collections.abc import Iterator
from typing import Any

from curation.errors import TibyanError
from curation.sources.dump import Dump, Head, Item, Reject
from curation.sources.json_stream import objects
from curation.sources.layout import Layout, post_of

NAME = "nested"
AUTHORS = True
POST_ROLES = ("text", "native_id", "author", "author_name", "time", "comments")
COMMENT_ROLES = ("text", "native_id", "author", "author_name", "time", "reactions")
ROLES = ("posts", *POST_ROLES, *(f"comment_{role}" for role in COMMENT_ROLES), "replies")


def recognises(head: Head, dump: Dump) -> bool:
    return dump.paths is not None and head.is_json


def read(dump: Dump) -> Iterator[Item]:
    """Raises TibyanError where the mapping itself is wrong, or leads to no post at all."""
    paths = dump.paths or {}
    if unknown := set(paths) - set(ROLES):
        raise TibyanError(
            f"params.yaml: ingest.inputs: paths of {dump.path} map {', '.join(sorted(unknown))}; they can map {', '.join(ROLES)}."
        )
    if "text" not in paths or ("comments" in paths) != ("comment_text" in paths):
        raise TibyanError(f"params.yaml: ingest.inputs: paths of {dump.path} need `text`, and `comment_text` where they name `comments`.")
    of_comment: dict[str, Any] = {role: paths.get(f"comment_{role}", "") for role in COMMENT_ROLES}
    of_post: dict[str, Any] = {role: paths.get(role, "") for role in POST_ROLES}
    layout = Layout(**of_post, comment=Layout(**of_comment, comments=paths.get("replies", "")))
    to_posts = tuple(key for key in paths.get("posts", "").split(".") if key)
    for found in objects(dump, to_posts, always=True):
        yield found if isinstance(found, Reject) else post_of(found[1], layout, found[0])
