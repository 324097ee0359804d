"""Prayers, thanks, tags, "same here", non-answers, pictures: how much of a text is said with the phrases of comment_kinds.csv."""

import duckdb

from curation.schema import SCORES
from curation.text.kinds import comment_phrases, coverage
from curation.text.words import Words

# The kinds of comment_kinds.csv that a score counts, where it is not the kind of its own name.
KINDS = {"tag_only": ("up", "follow", "placeholder")}
# What redaction leaves of a person tagged: "[NAME]" and nothing else calls somebody in.
PLACEHOLDERS = ("name", "handle")
# One phrase is enough, however long the text: who points to a picture that is not there asks half a question.
WHOLE = ("picture",)


def talk_scores(con: duckdb.DuckDBPyConnection, words: Words) -> None:
    """Makes the table `_talk`: `id, score, value, phrases, said` where a phrase stands.

    `value` is the share of the text's words that phrases of the kind cover, `phrases` at how many places, `said` which ones.
    """
    names = {name.partition("_")[2] for name in SCORES}
    score_of = {kind: name for name in sorted(names) for kind in KINDS.get(name, (name,))}
    phrases = [*comment_phrases(), *(("placeholder", word) for word in PLACEHOLDERS)]
    used = [(score_of[kind], key) for kind, key in phrases if kind in score_of]
    coverage(con, words, used).create_view("_talk_coverage", replace=True)
    whole = ", ".join(f"'{name}'" for name in WHOLE)
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE _talk AS
        SELECT id, kind AS score, CASE WHEN kind IN ({whole}) THEN 1.0::DOUBLE ELSE covered / words END AS value, phrases, said
        FROM _talk_coverage""")
