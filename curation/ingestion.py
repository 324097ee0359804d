"""Posts and pairs in, records without personal data out: redaction happens here, before anything is stored."""

from collections import Counter
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

import duckdb
import pyarrow as pa

from curation.params import IngestParams
from curation.privacy.names import fold_name
from curation.privacy.redaction import redact_text
from curation.sources.dump import Dump, Pair, Post, Reader, Reject
from curation.sources.threads import answers
from curation.text.kinds import kinds_of
from curation.text.phrases import key_expression

BATCH = 5_000  # items held in Python at a time
Rows = list[dict[str, Any]]

POST = pa.schema(
    [
        ("post", pa.int64()),
        ("source", pa.string()),
        ("file", pa.string()),
        ("position", pa.string()),
        ("native_id", pa.string()),
        ("author", pa.string()),
        ("author_name", pa.string()),
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
        ("native_id", pa.string()),
        ("author", pa.string()),
        ("author_name", pa.string()),
        ("text", pa.string()),
        ("reactions", pa.int64()),
        ("depth", pa.int64()),
    ]
)
REJECT = pa.schema([(name, pa.string()) for name in ("source", "file", "position", "reason", "detail")])


def load_items(
    con: duckdb.DuckDBPyConnection,
    inputs: list[tuple[Dump, Reader]],
    params: IngestParams,
    found: Counter[tuple[str, str]],
) -> None:
    """Read all files into the tables `posts`, `comments` and `unread`, redacted; `found` counts what was redacted by (source, kind)."""
    for table, schema in (("posts", POST), ("comments", COMMENT), ("unread", REJECT)):
        con.from_arrow(schema.empty_table()).create(table)
    number = 0
    posts, comments, unread = _empty()
    for dump, reader in inputs:
        source = dump.source or reader.NAME
        for item in reader.read(dump):
            if isinstance(item, Reject):
                unread.append(
                    {
                        "source": source,
                        "file": str(dump.path),
                        "position": item.position,
                        "reason": item.reason,
                        "detail": item.detail,
                    }
                )
                continue
            number += 1
            _add(item, number, source, dump, params.redact_names, posts, comments, found)
            if number % BATCH == 0:
                _store(con, posts, comments, unread)
                posts, comments, unread = _empty()
    _store(con, posts, comments, unread)


def pair_up(con: duckdb.DuckDBPyConnection, params: IngestParams) -> None:
    """The tables `records` and `rejects` out of `posts`, `comments` and `unread`. Of one record_id the newest version stays."""
    con.sql(f"SELECT post, position, {key_expression('text')} AS key FROM comments").create("comment_keys")
    kinds_of(con, con.sql("SELECT key AS id, key FROM comment_keys GROUP BY key")).create("comment_kinds")
    tagged = con.sql("""
        SELECT c.*, k.tags, len(string_split(k.id, ' ')) AS words
        FROM comments c JOIN comment_keys USING (post, position) JOIN comment_kinds k ON key = k.id""")
    chosen = answers(con, con.sql("SELECT post, author, author_name FROM posts"), tagged, params.max_answers, params.min_answer_words)
    chosen.create("chosen")
    con.execute("""
        CREATE TEMP TABLE versions AS
        SELECT p.source, p.file, p.position, p.post, coalesce(c.rank, 1) AS rank,
               p.source || chr(31) || CASE WHEN coalesce(p.native_id, '') <> '' THEN p.native_id
                                           ELSE p.text || chr(31) || coalesce(p.answer, '') END AS asking,
               asking || CASE WHEN c.rank > 1 THEN chr(31) || coalesce(nullif(n.native_id, ''), n.text) ELSE '' END AS identity,
               p.answer IS NULL AND c.post IS NULL AS unanswered,
               p.specialty, p.time AS asked_at, p.text AS question_raw,
               CASE WHEN p.is_pair THEN p.answer ELSE c.text END AS answer_raw,
               CASE WHEN p.is_pair AND p.answer IS NOT NULL THEN 'given' ELSE c.answer_rule END AS answer_rule,
               p.label AS label_severity
        FROM posts p LEFT JOIN chosen c USING (post) LEFT JOIN comments n ON n.post = c.post AND n.position = c.position""")
    identities = [row[0] for row in con.execute("SELECT DISTINCT identity FROM versions ORDER BY identity").fetchall()]
    ids = pa.table({"identity": pa.array(identities, pa.string()), "record_id": [record_id(i) for i in identities]})
    con.from_arrow(ids).create("ids")
    con.execute("""
        CREATE TEMP TABLE ranked AS
        SELECT *, dense_rank() OVER (PARTITION BY asking ORDER BY asked_at DESC NULLS LAST, unanswered, post DESC) AS version
        FROM versions JOIN ids USING (identity)""")


def record_id(identity: str) -> str:
    """16 hex digits out of source and native id, else out of source and redacted content; the native id cannot be read off it."""
    return blake2b(identity.encode(), digest_size=8, person=b"tibyan").hexdigest()


def timestamp(value: str | None) -> datetime | None:
    """A time as dumps write it (ISO 8601, with or without zone, or seconds since 1970), in UTC; None where it cannot be told."""
    if not value:
        return None
    try:
        time = datetime.fromtimestamp(int(value), UTC) if value.isdigit() and len(value) >= 9 else datetime.fromisoformat(value)
        return time.astimezone(UTC).replace(tzinfo=None) if time.tzinfo else time
    except (ValueError, OverflowError, OSError):
        return None


def _add(
    item: Post | Pair,
    number: int,
    source: str,
    dump: Dump,
    names: bool,
    posts: Rows,
    comments: Rows,
    found: Counter[tuple[str, str]],
) -> None:
    known = _known_names(item) if isinstance(item, Post) and names else frozenset()

    def redacted(text: str | None) -> str | None:
        if text is None:
            return None
        clean, spans = redact_text(text, names, known)
        found.update((source, span.kind) for span in spans)
        return clean

    row: dict[str, Any] = {"post": number, "source": source, "file": str(dump.path), "position": item.position}
    row |= {"native_id": item.native_id, "time": timestamp(item.time)}
    if isinstance(item, Pair):
        row |= {"text": redacted(item.question), "answer": redacted(item.answer), "is_pair": True, "author": None}
        posts.append(row | {"specialty": item.specialty, "label": item.label_severity})
        return
    posts.append(row | {"text": redacted(item.text), "author": item.author, "author_name": item.author_name, "is_pair": False})
    for position, comment in enumerate(item.comments, start=1):
        comments.append(
            {
                "post": number,
                "position": position,
                "native_id": comment.native_id,
                "author": comment.author,
                "author_name": comment.author_name,
            }
            | {"text": redacted(comment.text), "reactions": comment.reactions, "depth": comment.depth}
        )


def _known_names(post: Post) -> frozenset[str]:
    """The full names of everyone in the thread: people tag each other by them."""
    accounts = (post.author_name, *(comment.author_name for comment in post.comments))
    folded = (" ".join(fold_name(name).split()) for name in accounts if name)
    return frozenset(name for name in folded if " " in name)


def _empty() -> tuple[Rows, Rows, Rows]:
    return [], [], []


def _store(con: duckdb.DuckDBPyConnection, posts: Rows, comments: Rows, unread: Rows) -> None:
    for table, rows, schema in (("posts", posts, POST), ("comments", comments, COMMENT), ("unread", unread, REJECT)):
        if rows:
            con.from_arrow(pa.Table.from_pylist(rows, schema=schema)).insert_into(table)
