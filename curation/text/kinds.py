"""What a text is when it is not a question or an answer: advertisement, prayer, "up", thanks, non-answer, or leaning on a picture.

A tag needs evidence that fits its kind: a prayer at the end of a good answer does not make it a prayer.
"""

from dataclasses import dataclass

import duckdb
import pyarrow as pa

from curation.lexicons import load
from curation.text.phrases import CONJUNCTION, fold, match_phrases


@dataclass(frozen=True)
class Kind:
    """A text is of this kind with `phrases` phrases of the list at different places, or when they cover this share of its words."""

    name: str
    phrases: int
    coverage: float
    why: str


KINDS = (
    Kind("advertisement", 2, 0.34, "one booking line may end a doctor's answer; two are an advertisement"),
    Kind("prayer", 99, 0.5, "answers end with prayers; a prayer alone is no answer"),
    Kind("up", 99, 0.5, "the word up has other uses in a longer comment"),
    Kind("follow", 99, 0.5, "follow is also what doctors ask patients to do"),
    Kind("same", 99, 0.2, "a member with the same trouble, unless a long answer says 'the same'"),
    Kind("thanks", 99, 0.34, "answers end with thanks too"),
    Kind("non_answer", 99, 0.2, "sends the asker to private messages and says nothing else"),
    Kind("picture", 1, 0.0, "leans on a picture or a lab sheet that is not there"),
)


def kinds_of(con: duckdb.DuckDBPyConnection, texts: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    """`id, key` in; `id, tags` out, one row a text, `tags` the sorted names of its kinds (empty where none)."""
    rows = load("comment_kinds")
    phrases = pa.table(
        {
            "entry": range(len(rows)),
            "phrase_key": fold([r["phrase"] for r in rows]),
            "kind": [r["kind"] for r in rows],
        }
    )
    rules = pa.table(
        {
            "kind": [k.name for k in KINDS],
            "phrases": [k.phrases for k in KINDS],
            "coverage": [k.coverage for k in KINDS],
        }
    )
    entries = con.from_arrow(phrases)
    match_phrases(con, texts, entries.project("entry, phrase_key"), CONJUNCTION).create_view("_kind_hits", replace=True)
    entries.create_view("_kind_entries", replace=True)
    con.from_arrow(rules).create_view("_kind_rules", replace=True)
    texts.create_view("_kind_texts", replace=True)
    return con.sql("""
        WITH words AS (SELECT id, len(string_split(key, ' ')) AS words FROM _kind_texts),
        covered AS (
            SELECT h.id, e.kind, count(DISTINCT h.start) AS phrases,
                   len(list_distinct(flatten(list(range(h.start, h.start + h.length))))) AS covered
            FROM _kind_hits h JOIN _kind_entries e USING (entry) GROUP BY h.id, e.kind),
        tagged AS (
            SELECT id, list_sort(list(kind)) AS tags
            FROM covered JOIN words USING (id) JOIN _kind_rules r USING (kind)
            WHERE covered.phrases >= r.phrases OR (r.coverage > 0 AND covered.covered >= r.coverage * words.words)
            GROUP BY id)
        SELECT t.id, coalesce(tags, []::VARCHAR[]) AS tags FROM _kind_texts t LEFT JOIN tagged USING (id)""")
