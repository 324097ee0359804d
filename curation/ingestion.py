"""Dumps in, redacted texts out: whatever is stored from here on, in memory or on the disk, holds no personal data.

A file is read twice where it names accounts: once for the names, since every name of a dump is redacted anywhere in it, then for its texts.
Accounts become hashes under a key that is drawn at each run and never written; of ids of posts and comments a hash is left too.
"""

import gc
import secrets
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from hashlib import blake2b
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from curation.params import IngestParams
from curation.privacy.names import KnownNames, fold_name, known_names
from curation.privacy.redaction import redactions
from curation.privacy.takedown import Takedown, matches_native
from curation.processes import in_order
from curation.sources.dump import Comment, Item, Pair, Post, Reject
from curation.sources.inputs import Reading, read
from curation.sources.times import timestamp

BATCH_ITEMS, BATCH_CHARACTERS = 8_000, 4_000_000  # redacted and stored at a time: whichever is reached first
LONGEST_TEXT = 100_000  # characters; Facebook allows 63,206 in a post
Found = Counter[tuple[str, str]]
Row = list[Any]
Change = tuple[int, str, tuple[str, ...]]  # which text of a batch, what it becomes, and the kinds of what went

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
        ("text", pa.large_string()),
        ("answer", pa.large_string()),
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
        ("text", pa.large_string()),
        ("reactions", pa.int64()),
        ("depth", pa.int64()),
        ("branch", pa.int64()),
    ]
)
REJECT = pa.schema([(name, pa.string()) for name in ("source", "file", "position", "reason", "detail")])
REPEATED = ["source", "file", "author", "name", "specialty", "label", "reason", "detail"]  # the same values again and again
SCHEMAS = {"posts": POST, "comments": COMMENT, "unread": REJECT}
POST_SOURCE, POST_ID, POST_TIME, POST_TEXTS = 1, 4, 7, (10, 11)  # places in a row
COMMENT_OWN, COMMENT_TEXT, COMMENT_SOURCE = 2, 5, 9


class Batch(NamedTuple):
    """Rows as they were read, in the order of SCHEMAS; a native id stands in the place of the id that will be made of it, and behind a
    comment its source."""

    posts: list[Row]
    comments: list[Row]
    unread: list[Row]


def load_items(
    con: duckdb.DuckDBPyConnection,
    entries: list[list[Reading]],
    params: IngestParams,
    takedown: Takedown,
    found: Found,
    folder: Path,
    processes: int = 1,
) -> None:
    """Read all dumps into the views `posts`, `comments` and `unread`; `found` counts what was redacted by (source, kind).

    What they show lies in `folder`, so that memory does not grow with the dumps. Redaction is done by `processes` others where there is
    more than a batch.
    """
    files = {table: folder / f"{table}.parquet" for table in SCHEMAS}
    with ExitStack() as stack:
        gc.disable()  # a quarter of reading would go into looking for cycles among rows, which have none
        stack.callback(gc.enable)
        # Not compressed: it is read once or twice and gone.
        writers = [
            stack.enter_context(pq.ParquetWriter(files[table], schema, compression="none", use_dictionary=REPEATED))
            for table, schema in SCHEMAS.items()
        ]
        desk = _Desk(takedown)
        for entry in entries:
            known = known_names(_author_names(entry)) if params.redact_names else None
            work = partial(changes, names=params.redact_names, known=known if known and known.names else None)
            batches = ((batch, _texts(batch)) for batch in desk.batches(entry))
            for (batch, texts), changed in in_order(work, batches, itemgetter(1), processes):
                _store(writers, batch, _redact(batch, texts, changed, found))
    for table, file in files.items():
        con.read_parquet(str(file)).create_view(table)


def record_id(identity: str) -> str:
    """16 hex digits out of source and native id, else out of source and redacted content; the native id cannot be read off it."""
    return blake2b(identity.encode(), digest_size=8, person=b"tibyan").hexdigest()


def changes(texts: pa.Array, names: bool, known: KnownNames | None) -> list[Change]:
    """What redaction changes."""
    return [(i, clean, tuple(span.kind for span in spans)) for i, clean, spans in redactions(texts, names, known)]


def _author_names(entry: list[Reading]) -> Iterator[str]:
    for dump, reader in entry:
        if not isinstance(reader, Reject) and reader.AUTHORS:
            for item in read(dump, reader):
                if isinstance(item, Post | Comment) and item.author_name:
                    yield item.author_name
                if isinstance(item, Post):
                    yield from (comment.author_name for comment in item.comments if comment.author_name)


def _texts(batch: Batch) -> pa.Array:
    """All texts of a batch, as they go to other processes and into the tables: those of the posts side after side, then the comments'."""
    texts = [row[place] for place in POST_TEXTS for row in batch.posts] + [row[COMMENT_TEXT] for row in batch.comments]
    # Arrow would leave its UTF-8 in each string, which takes longer, and twice the memory.
    encoded = pa.array([None if text is None else text.encode() for text in texts], pa.large_binary())
    return pa.Array.from_buffers(pa.large_string(), len(encoded), encoded.buffers(), encoded.null_count)


def _redact(batch: Batch, texts: pa.Array, changed: list[Change], found: Found) -> pa.Array:
    """The texts after the changes; in the batch ids take the place of native ones. Counts what went."""
    posts = len(batch.posts)
    for i, text, kinds in changed:
        if i < posts * len(POST_TEXTS):
            row, place, source = batch.posts[i % posts], POST_TEXTS[i // posts], POST_SOURCE
        else:
            row, place, source = batch.comments[i - posts * len(POST_TEXTS)], COMMENT_TEXT, COMMENT_SOURCE
        row[place] = text
        found.update((row[source], kind) for kind in kinds)
    for row in batch.posts:
        text, answer = (row[place] for place in POST_TEXTS)
        content = row[POST_ID] or f"{text}\x1f{answer or ''}"
        row[POST_ID] = record_id(f"{row[POST_SOURCE]}\x1f{content}")
    for row in batch.comments:
        row[COMMENT_OWN] = record_id(row[COMMENT_OWN] or str(row[COMMENT_TEXT]))
    if not changed:
        return texts
    mask = np.zeros(len(texts), bool)
    mask[[i for i, _, _ in changed]] = True
    return pc.replace_with_mask(texts, mask, pa.array([text for _, text, _ in changed], pa.large_string()))


def _store(writers: list[pq.ParquetWriter], batch: Batch, texts: pa.Array) -> None:
    posts = len(batch.posts)
    sides: tuple[dict[str, pa.Array], ...] = ({"text": texts[:posts], "answer": texts[posts : 2 * posts]}, {"text": texts[2 * posts :]}, {})
    for writer, rows, redacted in zip(writers, batch, sides, strict=True):
        if rows:
            columns = dict(zip(writer.schema.names, zip(*rows, strict=True), strict=False)) | redacted
            writer.write_table(pa.table(columns, writer.schema))


class _Desk:
    """Where items become rows: accounts hashed, what was taken down put aside."""

    def __init__(self, takedown: Takedown) -> None:
        self._takedown = takedown
        self._key = secrets.token_bytes(32)
        self._number = self._held = 0
        self._batch = Batch([], [], [])

    def batches(self, entry: list[Reading]) -> Iterator[Batch]:
        """All rows of an entry."""
        for dump, reader in entry:
            self._source = dump.source or (reader.NAME if not isinstance(reader, Reject) else "unknown")
            self._file = dump.name
            self._nodes: dict[str, tuple[int, int]] = {}  # of comments that come apart: key to post and branch
            self._counts: dict[int, int] = {}  # comments of a post so far
            for item in read(dump, reader):
                self._take(item)
                if self._held > BATCH_CHARACTERS or sum(map(len, self._batch)) > BATCH_ITEMS:
                    yield self._full()
        if any(self._batch):
            yield self._full()

    def _full(self) -> Batch:
        batch, self._batch, self._held = self._batch, Batch([], [], []), 0
        return batch

    def _take(self, item: Item) -> None:
        if isinstance(item, Reject):
            self._reject(item)
        elif isinstance(item, Comment):
            self._loose_comment(item)
        elif item.native_id and matches_native(self._takedown, item.native_id):
            self._reject(Reject(item.position, "taken_down"))
        elif len(item.text if isinstance(item, Post) else item.question + (item.answer or "")) > LONGEST_TEXT:
            self._reject(Reject(item.position, "too_long", f"more than {LONGEST_TEXT} characters"))
        elif isinstance(item, Pair):
            self._post(item, (None, None), item.specialty, item.label_severity, item.question, item.answer, True)
        else:
            self._post(item, self._account(item), None, None, item.text, None, False)
            if item.key is not None:
                self._nodes[item.key] = self._number, 0
            branch = 0
            for position, comment in enumerate(item.comments, start=1):
                branch += comment.depth == 1
                self._comment(self._number, position, branch, comment, item.position)

    def _post(self, item: Post | Pair, account: tuple[str | None, str | None], *rest: Any) -> None:
        self._number += 1
        time = timestamp(item.time) if item.time else None
        self._batch.posts.append([self._number, self._source, self._file, item.position, item.native_id, *account, time, *rest])
        self._held += len(rest[2]) + len(rest[3] or "")

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
        if comment.native_id and matches_native(self._takedown, comment.native_id):
            return  # the post stays, without this comment
        text = comment.text
        if len(text) > LONGEST_TEXT:
            self._reject(Reject(place, "too_long", f"comment {position}: more than {LONGEST_TEXT} characters"))
            text = ""
        self._held += len(text)
        row = [post, position, comment.native_id, *self._account(comment), text, comment.reactions, comment.depth, branch, self._source]
        self._batch.comments.append(row)

    def _reject(self, reject: Reject) -> None:
        self._batch.unread.append([self._source, self._file, reject.position, reject.reason, reject.detail])

    def _account(self, item: Post | Comment) -> tuple[str | None, str | None]:
        return self._hashed(item.author), self._hashed(fold_name(item.author_name) if item.author_name else None)

    def _hashed(self, account: str | None) -> str | None:
        return blake2b(account.encode(), digest_size=8, key=self._key).hexdigest() if account else None
