"""Facepager: `;` and BOM; level 1 rows are posts, what lies below hangs on them by parent_id, rows of other types stand in between."""

from collections.abc import Iterator

from curation.errors import TibyanError
from curation.sources.dump import Comment, Dump, Head, Item, Post, Reject, as_text
from curation.sources.rows import csv_rows

NAME = "facepager"
AUTHORS = True
COLUMNS = {"id", "parent_id", "level", "object_id", "object_type", "message"}


def recognises(head: Head, dump: Dump) -> bool:
    return set(head.header) >= COLUMNS


def read(dump: Dump) -> Iterator[Item]:
    """Children stand anywhere after their parent, so they come apart from it, with its id."""
    for found in csv_rows(dump):
        if isinstance(found, Reject):
            yield found
            continue
        position, row = found
        if missing := COLUMNS - set(row):
            raise TibyanError(f"{dump.name}: not a Facepager export, it has no column {', '.join(sorted(missing))}. Leave `format` out.")
        if row["object_type"] != "data":
            continue  # offcut, empty, unpacked: Facepager's own notes about a request, not content
        name = as_text(row.get("name")) or None
        native_id, text, node = as_text(row["object_id"]), as_text(row["message"]), as_text(row["id"])
        if row["level"] != "1":
            depth = 1 if row["level"] == "2" else 2
            under = as_text(row["parent_id"])
            yield Comment(native_id, text, author_name=name, depth=depth, under=under, key=node, position=position)
        elif text:
            yield Post(native_id, text, position, author_name=name, key=node)
        else:
            yield Reject(position, "empty_post")
