"""Redacted posts, comments and pairs in, records out: the answer of each thread, stable ids, the newest version, what was taken down."""

import duckdb
import pyarrow as pa

from curation.ingestion import record_id
from curation.params import IngestParams
from curation.privacy.takedown import Takedown, matches_record, matching_texts
from curation.sources.threads import answers, follow_ups
from curation.text.kinds import kinds_of
from curation.text.phrases import with_key

BLOCK = 10_000  # records whose texts are compared with the takedown list at a time
ASKS = r"regexp_matches(text, '[?؟]\s*$')"


def pair_up(con: duckdb.DuckDBPyConnection, params: IngestParams, takedown: Takedown) -> None:
    """The view `ranked` out of `posts` and `comments`: every version of every record, `version` 1 the newest of its `record_id`.

    Texts are joined on last: what is sorted and ranked on the way is narrow.
    """
    comments = con.sql(f"SELECT post, position, text, {ASKS} AS asks FROM comments")
    with_key(comments, "text", "key").project("post, position, key, asks").create("comment_keys")
    kinds_of(con, con.sql("SELECT key AS id, key FROM comment_keys GROUP BY key")).create("comment_kinds")
    con.sql("""
        SELECT c.* EXCLUDE (text, own), asks, k.tags, CASE WHEN k.id = '' THEN 0 ELSE len(string_split(k.id, ' ')) END AS words
        FROM comments c JOIN comment_keys USING (post, position) JOIN comment_kinds k ON key = k.id""").create("tagged")
    answers(con, params).create("chosen")
    if params.join_follow_ups == "none":
        con.execute("CREATE TABLE added AS SELECT 0 AS post, 0 AS rank, '' AS asked, '' AS answered WHERE false")
    else:
        follow_ups(con).create("added")
    asked = "concat_ws(chr(10), p.text, f.asked)" if params.join_follow_ups in ("question", "both") else "p.text"
    answered = "concat_ws(chr(10), n.text, f.answered)" if params.join_follow_ups in ("answer", "both") else "n.text"
    _name_further_answers(con)
    con.execute("""
        CREATE TABLE versions AS
        SELECT p.post, coalesce(c.rank, 1) AS rank, c.position AS comment, c.answer_rule, coalesce(f.further_id, p.record_id) AS record_id,
               dense_rank() OVER (
                   PARTITION BY p.record_id
                   ORDER BY p.time DESC NULLS LAST, p.answer IS NULL AND c.post IS NULL, p.post DESC) AS version
        FROM posts p LEFT JOIN chosen c USING (post) LEFT JOIN further f ON f.post = p.post AND f.rank = c.rank""")
    con.execute(f"""
        CREATE VIEW every AS
        SELECT v.record_id, p.source, p.file, p.position, v.post, v.rank, v.version, p.specialty, p.time AS asked_at,
               {asked} AS question_raw,
               CASE WHEN p.is_pair THEN p.answer WHEN v.comment IS NOT NULL THEN {answered} END AS answer_raw,
               CASE WHEN p.is_pair AND p.answer IS NOT NULL THEN 'given' ELSE v.answer_rule END AS answer_rule,
               p.label AS label_severity
        FROM versions v JOIN posts p USING (post) LEFT JOIN comments n ON n.post = v.post AND n.position = v.comment
        LEFT JOIN added f ON f.post = v.post AND f.rank = v.rank""")
    _take_down(con, takedown)
    con.execute("CREATE VIEW ranked AS SELECT *, record_id IN (SELECT record_id FROM taken) AS taken_down FROM every")


def _name_further_answers(con: duckdb.DuckDBPyConnection) -> None:
    """The table `further`: the second answer to a post has an id of its own, out of the post's and the comment's, wherever it ranks."""
    found = con.execute("""
        SELECT chosen.post, rank, record_id, own
        FROM chosen JOIN posts USING (post) JOIN comments ON comments.post = chosen.post AND comments.position = chosen.position
        WHERE rank > 1 ORDER BY ALL""").fetchall()
    ids = [record_id(f"{asking}\x1f{own}") for _, _, asking, own in found]
    posts, ranks = ([row[i] for row in found] for i in (0, 1))
    table = {"post": pa.array(posts, pa.int64()), "rank": pa.array(ranks, pa.int64()), "further_id": pa.array(ids, pa.string())}
    con.from_arrow(pa.table(table)).create("further")


def _take_down(con: duckdb.DuckDBPyConnection, takedown: Takedown) -> None:
    """The table `taken`: records named in the takedown list, or with words of it in any version."""
    taken: set[str] = set()
    if takedown:
        ids = con.execute("SELECT DISTINCT record_id FROM versions").fetchall()
        taken = {record for (record,) in ids if matches_record(takedown, record)}
    if takedown.texts:
        keys = with_key(with_key(con.table("every"), "question_raw", "question"), "answer_raw", "answer")
        for block in keys.project("record_id, question, answer").to_arrow_reader(BLOCK):
            records = block["record_id"].to_pylist()
            for side in ("question", "answer"):
                hits = matching_texts(takedown, block[side].to_pylist())
                taken |= {record for record, hit in zip(records, hits, strict=True) if hit}
    con.from_arrow(pa.table({"record_id": pa.array(sorted(taken), pa.string())})).create("taken")
