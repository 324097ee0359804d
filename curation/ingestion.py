"""Dumps in, redacted texts out: whatever is stored from here on, in memory or on the disk, holds no personal data.

A file is read twice where it names accounts: once for the names, since every name of a dump is redacted anywhere in it, then for its texts.
Accounts become hashes under a key that is drawn at each run and never written; of ids of posts and comments a hash is left too.
"""

import secrets
from collections import Counter
from collections.abc import Iterator
from hashlib import blake2b
from typing import Any

import duckdb
import pyarrow as pa

from curation.params import IngestParams
from curation.privacy.names import KnownNames, fold_name, known_names
from curation.privacy.redaction import redact_text
from curation.privacy.takedown import Takedown, matches_native
from curation.sources.dump import Comment, Item, Pair, Post, Reject
from curation.sources.inputs import Reading, read
from curation.sources.times import timestamp

BATCH_ITEMS, BATCH_CHARACTERS = 5_000, 4_000_000  # held in Python at a time: whichever is reached first
BETWEEN_CHECKPOINTS = 10  # batches: a database in memory compresses what it holds only then
LONGEST_TEXT = 100_000  # characters; Facebook allows 63,206 in a post
Found = Counter[tuple[str, str]]
Rows = list[dict[str, Any]]

POST = pa.schema(
    [
        ("post", pa.int64()),
        ("source", pa.string()),
        ("file", pa.string()),
        ("position", pa.string()),
        ("record_id", pa.string()),
        ("author", pa.string()),
        ("name", pa.string()),
        ("time", pa.timestamp("us")),
        ("specialty", pa.string()),
        ("label", pa.string()),
        ("text", pa.string()),
        ("answer", pa.string()),
        ("is_pair", pa.bool_()),
    ]
)
COMMENT = pa.schema(
    [
        ("post", pa.int64()),
        ("position", pa.int64()),
        ("own", pa.string()),
        ("author", pa.string()),
        ("name", pa.string()),
        ("text", pa.string()),
        ("reactions", pa.int64()),
        ("depth", pa.int64()),
        ("branch", pa.int64()),
    ]
)
REJECT = pa.schema([(name, pa.string()) for name in ("source", "file", "position", "reason", "detail")])
SCHEMAS = {"posts": POST, "comments": COMMENT, "unread": REJECT}


def load_items(
    con: duckdb.DuckDBPyConnection, entries: list[list[Reading]], params: IngestParams, takedown: Takedown, found: Found
) -> None:
    """Read all dumps into the tables `posts`, `comments` and `unread`; `found` counts what was redacted by (source, kind)."""
    con.execute("ATTACH ':memory:' AS reading (COMPRESS)")  # half the memory for texts
    con.execute("USE reading")
    for table, schema in SCHEMAS.items():
        con.from_arrow(schema.empty_table()).create(table)
    desk = _Desk(con, params, takedown, found)
    for entry in entries:
        desk.known = known_names(_author_names(entry)) if params.redact_names else None
        for dump, reader in entry:
            desk.open_file(dump.source or (reader.NAME if not isinstance(reader, Reject) else "unknown"), dump.name)
            for item in read(dump, reader):
                desk.take(item)
    desk.store()


def record_id(identity: str) -> str:
    """16 hex digits out of source and native id, else out of source and redacted content; the native id cannot be read off it."""
    return blake2b(identity.encode(), digest_size=8, person=b"tibyan").hexdigest()


def _author_names(entry: list[Reading]) -> Iterator[str]:
    for dump, reader in entry:
        if not isinstance(reader, Reject) and reader.AUTHORS:
            for item in read(dump, reader):
                if isinstance(item, Post | Comment) and item.author_name:
                    yield item.author_name
                if isinstance(item, Post):
                    yield from (comment.author_name for comment in item.comments if comment.author_name)


class _Desk:
    """Where items become rows: redacted, accounts hashed, stored in batches."""

    def __init__(self, con: duckdb.DuckDBPyConnection, params: IngestParams, takedown: Takedown, found: Found) -> None:
        self.con, self.params, self.takedown, self.found = con, params, takedown, found
        self.known: KnownNames | None = None
        self._key = secrets.token_bytes(32)
        self._rows: dict[str, Rows] = {table: [] for table in SCHEMAS}
        self._number = self._held = self._stores = 0

    def open_file(self, source: str, file: str) -> None:
        self._source, self._file = source, file
        self._nodes: dict[str, tuple[int, int]] = {}  # of comments that come apart: key to post and branch
        self._counts: dict[int, int] = {}  # comments of a post so far

    def take(self, item: Item) -> None:
        if isinstance(item, Reject):
            self._reject(item)
        elif isinstance(item, Comment):
            self._loose_comment(item)
        elif item.native_id and matches_native(self.takedown, item.native_id):
            self._reject(Reject(item.position, "taken_down"))
        elif len(item.text if isinstance(item, Post) else item.question + (item.answer or "")) > LONGEST_TEXT:
            self._reject(Reject(item.position, "too_long", f"more than {LONGEST_TEXT} characters"))
        else:
            self._number += 1
            row: dict[str, Any] = {"post": self._number, "source": self._source, "file": self._file, "position": item.position}
            if isinstance(item, Pair):
                row |= {"text": self._redacted(item.question), "answer": self._redacted(item.answer), "is_pair": True}
                row |= {"specialty": item.specialty, "label": item.label_severity}
            else:
                row |= {"text": self._redacted(item.text), "answer": None, "is_pair": False} | self._account(item)
                if item.key is not None:
                    self._nodes[item.key] = self._number, 0
            content = item.native_id or f"{row['text']}\x1f{row['answer'] or ''}"
            self._rows["posts"].append(row | {"record_id": record_id(f"{self._source}\x1f{content}"), "time": timestamp(item.time)})
            branch = 0
            for position, comment in enumerate(item.comments if isinstance(item, Post) else (), start=1):
                branch += comment.depth == 1
                self._comment(self._number, position, branch, comment, item.position)
        if self._held > BATCH_CHARACTERS or sum(map(len, self._rows.values())) > BATCH_ITEMS:
            self.store()

    def store(self) -> None:
        for table, rows in self._rows.items():
            if rows:
                self.con.from_arrow(pa.Table.from_pylist(rows, schema=SCHEMAS[table])).insert_into(table)
                rows.clear()
        self._held, self._stores = 0, self._stores + 1
        if self._stores % BETWEEN_CHECKPOINTS == 0:
            self.con.execute("CHECKPOINT")

    def _loose_comment(self, comment: Comment) -> None:
        above = self._nodes.get(comment.under or "")
        if above is None:
            self._reject(Reject(comment.position, "comment_without_post"))
            return
        post, branch = above
        position = self._counts[post] = self._counts.get(post, 0) + 1
        branch = branch or position
        if comment.key is not None:
            self._nodes[comment.key] = post, branch
        self._comment(post, position, branch, comment, comment.position)

    def _comment(self, post: int, position: int, branch: int, comment: Comment, place: str) -> None:
        if comment.native_id and matches_native(self.takedown, comment.native_id):
            return  # the post stays, without this comment
        text = comment.text
        if len(text) > LONGEST_TEXT:
            self._reject(Reject(place, "too_long", f"comment {position}: more than {LONGEST_TEXT} characters"))
            text = ""
        row: dict[str, Any] = {"post": post, "position": position, "branch": branch, "text": self._redacted(text)}
        row |= {
            "own": record_id(comment.native_id or str(row["text"])),
            "reactions": comment.reactions,
            "depth": comment.depth,
        } | self._account(comment)
        self._rows["comments"].append(row)

    def _reject(self, reject: Reject) -> None:
        row = {"source": self._source, "file": self._file, "position": reject.position}
        self._rows["unread"].append(row | {"reason": reject.reason, "detail": reject.detail})

    def _redacted(self, text: str | None) -> str | None:
        if not text:
            return text
        clean, spans = redact_text(text, self.params.redact_names, self.known)
        self.found.update((self._source, span.kind) for span in spans)
        self._held += len(clean)
        return clean

    def _account(self, item: Post | Comment) -> dict[str, str | None]:
        return {"author": self._hashed(item.author), "name": self._hashed(fold_name(item.author_name) if item.author_name else None)}

    def _hashed(self, account: str | None) -> str | None:
        return blake2b(account.encode(), digest_size=8, key=self._key).hexdigest() if account else None
