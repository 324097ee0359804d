"""Facepager: `;` and BOM; level 1 rows are posts, level 2 their comments by parent_id, rows of other types stand in between."""

from collections.abc import Iterator

from curation.errors import TibyanError
from curation.sources.dump import Comment, Dump, Head, Item, Post, Reject, as_text, rows_of

NAME = "facepager"
COLUMNS = {"id", "parent_id", "level", "object_id", "object_type", "message"}


def recognises(head: Head, dump: Dump) -> bool:
    return set(head.header) >= COLUMNS


def read(dump: Dump) -> Iterator[Item]:
    """Facepager writes the children of a node anywhere after it, so the posts of one file are held together in memory."""
    header: list[str] = []
    posts: dict[str, tuple[dict[str, str], str]] = {}
    above: dict[str, str] = {}  # node to its post; replies hang on comments
    comments: dict[str, list[Comment]] = {}
    for line, cells in rows_of(dump.path):
        if not header:
            header = [name.strip() for name in cells]
            if missing := COLUMNS - set(header):
                raise TibyanError(
                    f"{dump.path}: not a Facepager export, it has no column {', '.join(sorted(missing))}. Leave `format` out."
                )
            continue
        if len(cells) != len(header):
            if cells:
                yield Reject(f"line {line}", "damaged_row", f"{len(cells)} cells under {len(header)} columns")
            continue
        row = dict(zip(header, cells, strict=True))
        if row["object_type"] != "data":
            continue  # offcut, empty, unpacked: Facepager's own notes about a request, not content
        if row["level"] == "1":
            posts[row["id"]] = (row, f"line {line}")
            continue
        post = above[row["id"]] = above.get(row["parent_id"], row["parent_id"])
        name = as_text(row.get("name")) or None
        comment = Comment(as_text(row["object_id"]), as_text(row["message"]), author_name=name, depth=1 if row["level"] == "2" else 2)
        comments.setdefault(post, []).append(comment)
    for node, (row, position) in posts.items():
        thread = comments.pop(node, [])
        text = as_text(row["message"])
        if not text:
            yield Reject(position, "empty_post")
            continue
        yield Post(
            as_text(row["object_id"]),
            text,
            position,
            author_name=as_text(row.get("name")) or None,
            comments=tuple(thread),
        )
    for node, orphans in comments.items():
        yield Reject(f"node {node}", "comments_without_post", f"{len(orphans)} comments")
