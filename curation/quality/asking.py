"""Does a question ask or complain of anything? A plain complaint without a question mark is a question here."""

import duckdb
import pyarrow as pa

from curation.lexicons import load
from curation.text.phrases import CONJUNCTION, fold, match_phrases
from curation.text.words import Words

# Frequent ones that a conjunction is not taken off by itself, since fewer than three Arabic letters remain in the first word.
JOINED = tuple(f"{conjunction}{word}" for word in ("هل", "ما هو", "ما هي", "شو", "وش", "3andi") for conjunction in "وف")
# The cues of severity and the words of topics count as such too: better a stray article kept than a complaint dropped.
NAMES_A_SYMPTOM = 0.5  # "الصداع النصفي مرض شائع": an article, or a complaint in few words; nothing more is known
SYMPTOM = "symptom"


def asking_scores(con: duckdb.DuckDBPyConnection, words: Words) -> None:
    """The words of questions without a mark in; makes the table `_silent`: `id, value`, of those that ask nothing.

    1 where nothing is asked, complained of or requested; NAMES_A_SYMPTOM where a symptom is named and nobody said to have it.
    """
    rows = [(r["phrase"], r["kind"]) for r in load("asking")] + [(r["phrase"], SYMPTOM) for r in load("severity_cues")]
    rows += [(form, "question") for form in JOINED] + [
        (form, SYMPTOM) for r in load("topic_words") for form in (r["word"], f"ال{r['word']}")
    ]
    listed = {"entry": range(len(rows)), "phrase_key": fold([phrase for phrase, _ in rows]), "kind": [kind for _, kind in rows]}
    entries = con.from_arrow(pa.table(listed))
    entries.create_view("_asking_entries", replace=True)
    match_phrases(con, words, entries.project("entry, phrase_key"), CONJUNCTION).create_view("_asking_hits", replace=True)
    con.from_arrow(pa.table({"id": words.ids})).create_view("_without_mark", replace=True)
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE _silent AS
        WITH asked AS (
            SELECT id, bool_and(kind = '{SYMPTOM}') AS only_named FROM _asking_hits JOIN _asking_entries USING (entry) GROUP BY id)
        SELECT id, CASE WHEN only_named THEN {NAMES_A_SYMPTOM} ELSE 1.0 END::DOUBLE AS value
        FROM _without_mark LEFT JOIN asked USING (id) WHERE coalesce(only_named, true)""")
