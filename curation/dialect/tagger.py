"""`lexicon_v1`: the dialect of a text from the marked words in it; a linear model that is a table of words and weights.

The score of a class is the sum of the weights of its words; softmax makes probabilities. A text without any marked word is MSA by the
prior and by nothing else, which the probabilities say. Weights are hand-written (lexicons/dialect_words.csv), not learned.
"""

import duckdb
import pyarrow as pa

from curation.lexicons import load
from curation.params import DialectParams
from curation.schema import DIALECTS
from curation.softmax import WEIGHT, softmax
from curation.text.phrases import CONJUNCTION, fold, match_phrases
from curation.text.words import words_of

SCORER = "lexicon_v1"
ARABIC_DIALECTS = DIALECTS[:-1]
MAX_EVIDENCE = 8  # words shown


def identify(con: duckdb.DuckDBPyConnection, texts: duckdb.DuckDBPyRelation, params: DialectParams) -> duckdb.DuckDBPyRelation:
    """`id, key, language` in; `id, dialect, p_msa … p_arabizi, evidence` out.

    `dialect` is null where the best probability is below `min_confidence`; where the text is neither Arabic nor Arabizi
    it is, and all `p_*` are.
    `evidence` names the words that spoke for the chosen dialect, strongest first.
    """
    rows = load("dialect_words")
    weights = pa.table(
        {
            "entry": range(len(rows)),
            "phrase_key": fold([row["form"] for row in rows]),
            "class": [row["dialect"] for row in rows],
            "weight": [float(row["weight"]) for row in rows],
        }
    )
    con.execute("DROP TABLE IF EXISTS _dialect_weights")
    con.from_arrow(weights).create("_dialect_weights")
    texts.create_view("_dialect_texts", replace=True)
    arabic = con.sql("SELECT id, key FROM _dialect_texts WHERE language = 'ar'")
    places = match_phrases(con, words_of(con, arabic), con.sql("SELECT entry, phrase_key FROM _dialect_weights"), CONJUNCTION)
    places.create_view("_dialect_places", replace=True)
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE _dialect_hits AS
        SELECT id, class, phrase_key, max(weight)::{WEIGHT} AS weight FROM _dialect_places JOIN _dialect_weights USING (entry)
        GROUP BY id, class, phrase_key""")
    sums = ", ".join(f"sum(weight) FILTER (class = '{name}') AS {name}" for name in ARABIC_DIALECTS)
    prior = {name: params.msa_prior if name == "MSA" else 0 for name in ARABIC_DIALECTS}
    scores = {name: f"(coalesce({name}, 0)::DOUBLE + {prior[name]}) / {params.temperature}" for name in sorted(ARABIC_DIALECTS)}
    probabilities = {name: f"p_{name.lower()}" for name in scores}
    top = f"greatest({', '.join(probabilities.values())})"
    best = "CASE " + " ".join(f"WHEN {p} = {top} THEN '{name}'" for name, p in probabilities.items()) + " END"  # ties by name
    columns = ", ".join(f"CASE language WHEN 'ar' THEN {p} WHEN 'arabizi' THEN 0 END::DOUBLE AS {p}" for p in probabilities.values())
    return con.sql(f"""
        WITH sums AS (SELECT id, {sums} FROM _dialect_hits GROUP BY id),
        shares AS ({softmax("_dialect_texts LEFT JOIN sums USING (id)", "id, language", scores)}),
        tagged AS (
            SELECT id, CASE language WHEN 'ar' THEN {best} WHEN 'arabizi' THEN 'arabizi' END AS best,
                   CASE language WHEN 'ar' THEN {top} WHEN 'arabizi' THEN 1.0 END AS top,
                   {columns}, CASE language WHEN 'ar' THEN 0 WHEN 'arabizi' THEN 1 END::DOUBLE AS p_arabizi
            FROM shares),
        words AS (
            SELECT id, list(phrase_key || printf(' +%.1f', weight::DOUBLE) ORDER BY weight DESC, phrase_key)[:{MAX_EVIDENCE}]
                       AS evidence
            FROM _dialect_hits h SEMI JOIN tagged ON h.id = tagged.id AND h.class = tagged.best GROUP BY id)
        SELECT id, CASE WHEN top >= {params.min_confidence} THEN best END AS dialect, {", ".join(f"p_{name.lower()}" for name in DIALECTS)},
               coalesce(evidence, []::VARCHAR[]) AS evidence
        FROM tagged LEFT JOIN words USING (id)""")
