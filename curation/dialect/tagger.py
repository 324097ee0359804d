"""`lexicon_v1`: the dialect of a text from the marked words in it; a linear model that is a table of words and weights.

The score of a class is the sum of the weights of its words; softmax makes probabilities. A text without any marked word is MSA by the
prior and by nothing else, which the probabilities say. Weights are hand-written (lexicons/dialect_words.csv), not learned.
"""

import duckdb
import pyarrow as pa

from curation.lexicons import load
from curation.params import DialectParams
from curation.schema import ARABIC_DIALECTS, DIALECTS
from curation.softmax import WEIGHT, softmax
from curation.text.phrases import CONJUNCTION, fold, match_phrases
from curation.text.words import words_of

SCORER = "lexicon_v1"
MAX_EVIDENCE = 8  # words shown


def identify(con: duckdb.DuckDBPyConnection, texts: duckdb.DuckDBPyRelation, params: DialectParams) -> duckdb.DuckDBPyRelation:
    """`id, key, language` in; `id, dialect, p_msa … p_arabizi, evidence` out.

    `dialect` is null where the best probability is below `min_confidence`; where the text is neither Arabic nor Arabizi
    it is, and all `p_*` are.
    `evidence` names the words that spoke for the chosen dialect, strongest first.
    """
    rows = load("dialect_words")
    weights: dict[tuple[str, str], float] = {}
    for row, key in zip(rows, fold([row["form"] for row in rows]), strict=True):
        weight = float(row["weight"])
        weights[row["dialect"], key] = max(weight, weights.get((row["dialect"], key), weight))
    listed = sorted((-weight, key, dialect) for (dialect, key), weight in weights.items())
    columns = {
        "entry": range(len(listed)),  # the strongest first, as the evidence has them
        "class": [dialect for _, _, dialect in listed],
        "phrase_key": [key for _, key, _ in listed],
        "shown": [f"{key} +{-weight:.1f}" for weight, key, _ in listed],
        "weight": [-weight for weight, _, _ in listed],
    }
    con.from_arrow(pa.table(columns)).project(f"* REPLACE (weight::{WEIGHT} AS weight)").create_view("_dialect_weights", replace=True)
    texts.create_view("_dialect_texts", replace=True)
    arabic = con.sql("SELECT id, key FROM _dialect_texts WHERE language = 'ar'")
    places = match_phrases(con, words_of(con, arabic), con.sql("SELECT entry, phrase_key FROM _dialect_weights"), CONJUNCTION)
    con.execute("DROP TABLE IF EXISTS _dialect_found")
    places.project("id, entry").distinct().create("_dialect_found")
    con.sql("FROM _dialect_found JOIN _dialect_weights USING (entry)").create_view("_dialect_hits", replace=True)
    sums = ", ".join(f"sum(weight) FILTER (class = '{name}') AS {name}" for name in ARABIC_DIALECTS)
    prior = {name: params.msa_prior if name == "MSA" else 0 for name in ARABIC_DIALECTS}
    scores = {name: f"(coalesce({name}, 0)::DOUBLE + {prior[name]}) / {params.temperature}" for name in sorted(ARABIC_DIALECTS)}
    probabilities = {name: f"p_{name.lower()}" for name in scores}
    top = f"greatest({', '.join(probabilities.values())})"
    best = "CASE " + " ".join(f"WHEN {p} = {top} THEN '{name}'" for name, p in probabilities.items()) + " END"  # ties by name
    shown = ", ".join(f"CASE language WHEN 'ar' THEN {p} WHEN 'arabizi' THEN 0 END::DOUBLE AS {p}" for p in probabilities.values())
    return con.sql(f"""
        WITH sums AS (SELECT id, {sums} FROM _dialect_hits GROUP BY id),
        shares AS ({softmax("_dialect_texts LEFT JOIN sums USING (id)", "id, language", scores)}),
        tagged AS (
            SELECT id, CASE language WHEN 'ar' THEN {best} WHEN 'arabizi' THEN 'arabizi' END AS best,
                   CASE language WHEN 'ar' THEN {top} WHEN 'arabizi' THEN 1.0 END AS top,
                   {shown}, CASE language WHEN 'ar' THEN 0 WHEN 'arabizi' THEN 1 END::DOUBLE AS p_arabizi
            FROM shares),
        words AS (
            SELECT id, list_transform(list_sort(list({{'entry': entry, 'shown': shown}}))[:{MAX_EVIDENCE}], lambda e: e.shown) AS evidence
            FROM _dialect_hits h SEMI JOIN tagged ON h.id = tagged.id AND h.class = tagged.best GROUP BY id)
        SELECT id, CASE WHEN top >= {params.min_confidence} THEN best END AS dialect, {", ".join(f"p_{name.lower()}" for name in DIALECTS)},
               coalesce(evidence, []::VARCHAR[]) AS evidence
        FROM tagged LEFT JOIN words USING (id)""")
