"""Does a question ask or complain of anything? A plain complaint without a question mark is a question here."""

import duckdb
import pyarrow as pa

from curation.lexicons import load
from curation.text.phrases import CONJUNCTION, fold, match_phrases

# A first look, so that most texts never reach the join: a mark, or one of the most frequent words of asking.csv.
MARK = r"[?؟]"
FREQUENT = r"(?:^| )[وف]?(?:هل|ما هو|ما هي|كيف|عندي|اعاني|ايه|شو|وش|شنو|واش|ابني|بنتي|اريد|بدي|عايز|عايزه|ابغي|بغيت|احس|3andi)(?: |$)"
# The cues of severity name symptoms too. Only these texts reach them.
NAMES_A_SYMPTOM = 0.5  # "الصداع النصفي مرض شائع": an article, or a complaint in few words; nothing more is known
SYMPTOM = "symptom"


def asking_scores(con: duckdb.DuckDBPyConnection, texts: duckdb.DuckDBPyRelation) -> None:
    """`id, text, key` of questions in; makes the table `_silent`: `id, value`, of the questions that ask nothing.

    1 where nothing is asked, complained of or requested; NAMES_A_SYMPTOM where a symptom is named and nobody said to have it.
    """
    rows = [(r["phrase"], r["kind"]) for r in load("asking")] + [(r["phrase"], SYMPTOM) for r in load("severity_cues")]
    listed = {"entry": range(len(rows)), "phrase_key": fold([phrase for phrase, _ in rows]), "kind": [kind for _, kind in rows]}
    entries = con.from_arrow(pa.table(listed))
    entries.create_view("_asking_entries", replace=True)
    con.execute("DROP TABLE IF EXISTS _maybe_silent")
    texts.filter(f"NOT regexp_matches(text, '{MARK}') AND NOT regexp_matches(key, '{FREQUENT}')").project("id, key").create("_maybe_silent")
    hits = match_phrases(con, con.table("_maybe_silent"), entries.project("entry, phrase_key"), CONJUNCTION)
    hits.create_view("_asking_hits", replace=True)
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE _silent AS
        WITH asked AS (
            SELECT id, bool_and(kind = '{SYMPTOM}') AS only_named FROM _asking_hits JOIN _asking_entries USING (entry) GROUP BY id)
        SELECT id, CASE WHEN only_named THEN {NAMES_A_SYMPTOM} ELSE 1.0 END::DOUBLE AS value
        FROM _maybe_silent LEFT JOIN asked USING (id) WHERE coalesce(only_named, true)""")
