"""What a text is when it is not a question or an answer: advertisement, prayer, "up", thanks, non-answer, or leaning on a picture.

A tag needs evidence that fits its kind: a prayer at the end of a good answer does not make it a prayer.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from curation.lexicons import load
from curation.text.phrases import CONJUNCTION, fold, match_phrases
from curation.text.words import Words, words_of


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


def comment_phrases() -> list[tuple[str, str]]:
    """Each phrase of comment_kinds.csv as its kind and its key."""
    rows = load("comment_kinds")
    return list(zip((row["kind"] for row in rows), fold([row["phrase"] for row in rows]), strict=True))


def coverage(con: duckdb.DuckDBPyConnection, words: Words, phrases: Sequence[tuple[str, str]]) -> duckdb.DuckDBPyRelation:
    """`id, kind, covered, words, phrases, said` out, for each text and kind of which a phrase (kind, key) stands in it.

    `covered` of its `words` are in phrases of the kind, which stand at `phrases` places; `said` names them.
    """
    columns = {"entry": range(len(phrases)), "kind": [kind for kind, _ in phrases], "phrase_key": [key for _, key in phrases]}
    entries = con.from_arrow(pa.table(columns))
    entries.create_view("_kind_entries", replace=True)
    match_phrases(con, words, entries.project("entry, phrase_key"), CONJUNCTION).create_view("_kind_matches", replace=True)
    con.from_arrow(pa.table({"id": words.ids, "words": words.counts})).create_view("_kind_texts", replace=True)
    return con.sql("""
        WITH hits AS (SELECT id, kind, phrase_key, start, length FROM _kind_matches JOIN _kind_entries USING (entry)),
        places AS (SELECT DISTINCT id, kind, unnest(range(start, start + length)) AS place FROM hits),
        covered AS (SELECT id, kind, count(*) AS covered FROM places GROUP BY ALL),
        said AS (
            SELECT id, kind, count(DISTINCT start) AS phrases, list(DISTINCT phrase_key ORDER BY phrase_key) AS said FROM hits GROUP BY ALL)
        SELECT id, kind, covered, words, phrases, said
        FROM covered JOIN said USING (id, kind) JOIN _kind_texts USING (id)""")


def kinds_of(con: duckdb.DuckDBPyConnection, texts: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    """`id, key` in; `id, tags` out, one row a text, `tags` the sorted names of its kinds (empty where none)."""
    rules = {name: [getattr(kind, name) for kind in KINDS] for name in ("name", "phrases", "coverage")}
    con.from_arrow(pa.table(rules)).create_view("_kind_rules", replace=True)
    coverage(con, words_of(con, texts), comment_phrases()).create_view("_kind_coverage", replace=True)
    return con.sql("""
        WITH tagged AS (
            SELECT id, list_sort(list(kind)) AS tags FROM _kind_coverage AS c JOIN _kind_rules AS r ON kind = name
            WHERE c.phrases >= r.phrases OR (coverage > 0 AND covered >= coverage * words) GROUP BY id)
        SELECT t.id, coalesce(tags, []::VARCHAR[]) AS tags FROM _kind_texts AS t LEFT JOIN tagged USING (id)""")
