"""Prayers, thanks, tags, "same here", non-answers, pictures: how much of a text is said with the phrases of comment_kinds.csv."""

import duckdb
import pyarrow as pa

from curation.lexicons import load
from curation.schema import SCORES
from curation.text.phrases import CONJUNCTION, fold, match_phrases

# The kinds of comment_kinds.csv that a score counts, where it is not the kind of its own name.
KINDS = {"tag_only": ("up", "follow", "placeholder")}
# What redaction leaves of a person tagged: "[NAME]" and nothing else calls somebody in.
PLACEHOLDERS = ("name", "handle")
# One phrase is enough, however long the text: who points to a picture that is not there asks half a question.
WHOLE = ("picture",)


def talk_scores(con: duckdb.DuckDBPyConnection, texts: duckdb.DuckDBPyRelation) -> None:
    """`id, key` in; makes the table `_talk`: `id, score, value, phrases, said` where a phrase stands.

    `value` is the share of the text's words that phrases of the kind cover, `phrases` at how many places, `said` which ones.
    """
    rows = [(row["kind"], key) for row, key in zip(load("comment_kinds"), fold([r["phrase"] for r in load("comment_kinds")]), strict=True)]
    rows += [("placeholder", word) for word in PLACEHOLDERS]
    names = {name.partition("_")[2] for name in SCORES}
    score_of = {kind: name for name in sorted(names) for kind in KINDS.get(name, (name,))}
    used = [(score_of[kind], key) for kind, key in rows if kind in score_of]
    listed = {"entry": range(len(used)), "score": [score for score, _ in used], "phrase_key": [key for _, key in used]}
    entries = con.from_arrow(pa.table(listed))
    entries.create_view("_talk_entries", replace=True)
    match_phrases(con, texts, entries.project("entry, phrase_key"), CONJUNCTION).create_view("_talk_matches", replace=True)
    texts.create_view("_talk_texts", replace=True)
    whole = ", ".join(f"'{name}'" for name in WHOLE)
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE _talk AS
        WITH hits AS (SELECT id, score, phrase_key, start, length FROM _talk_matches JOIN _talk_entries USING (entry)),
        places AS (SELECT DISTINCT id, score, unnest(range(start, start + length)) AS place FROM hits),
        covered AS (SELECT id, score, count(*) AS words FROM places GROUP BY ALL),
        said AS (
            SELECT id, score, count(DISTINCT start) AS phrases, list(DISTINCT phrase_key ORDER BY phrase_key) AS said
            FROM hits GROUP BY ALL)
        SELECT id, score, CASE WHEN score IN ({whole}) THEN 1.0::DOUBLE ELSE covered.words / len(string_split(key, ' ')) END AS value,
               phrases, said
        FROM covered JOIN said USING (id, score) JOIN _talk_texts USING (id)""")
