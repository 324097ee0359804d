"""`lexicon_v1`: the dialect of a text from the marked words in it; a linear model that is a table of words and weights.

The score of a class is the sum of the weights of its words; softmax makes probabilities. A text without any marked word is MSA by the
prior and by nothing else, which the probabilities say. Weights are hand-written (lexicons/dialect_words.csv), not learned.
"""

import duckdb
import pyarrow as pa

from curation.lexicons import load
from curation.params import DialectParams
from curation.schema import DIALECTS
from curation.text.phrases import CONJUNCTION, fold, match_phrases

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
    con.from_arrow(weights).create_view("_dialect_weights", replace=True)
    texts.create_view("_dialect_texts", replace=True)
    arabic = con.sql("SELECT id, key FROM _dialect_texts WHERE language = 'ar'")
    match_phrases(con, arabic, con.sql("SELECT entry, phrase_key FROM _dialect_weights"), CONJUNCTION).create_view(
        "_dialect_hits", replace=True
    )
    columns = ", ".join(f"CASE WHEN p IS NOT NULL THEN coalesce(p['{name}'], 0.0) END AS p_{name.lower()}" for name in DIALECTS)
    classes = ", ".join(f"('{name}')" for name in ARABIC_DIALECTS)
    return con.sql(f"""
        WITH hits AS (
            SELECT id, class, phrase_key, max(weight) AS weight FROM _dialect_hits JOIN _dialect_weights USING (entry)
            GROUP BY id, class, phrase_key),
        scores AS (
            SELECT t.id, c.class,
                   (coalesce(sum(h.weight ORDER BY h.phrase_key), 0) + CASE WHEN c.class = 'MSA' THEN {params.msa_prior} ELSE 0 END)
                   / {params.temperature} AS score
            FROM _dialect_texts t CROSS JOIN (VALUES {classes}) c(class) LEFT JOIN hits h ON h.id = t.id AND h.class = c.class
            WHERE t.language = 'ar' GROUP BY t.id, c.class),
        softmax AS (
            SELECT id, class, exp(score - max(score) OVER (PARTITION BY id)) AS e FROM scores),
        probabilities AS (
            SELECT id, class, e / sum(e) OVER (PARTITION BY id ORDER BY class ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS p
            FROM softmax),
        maps AS (
            SELECT id, map_from_entries(list((class, p) ORDER BY class)) AS p, arg_max(class, p ORDER BY class) AS best, max(p) AS top
            FROM probabilities GROUP BY id
            UNION ALL SELECT id, MAP {{'arabizi': 1.0}}, 'arabizi', 1.0 FROM _dialect_texts WHERE language = 'arabizi'),
        words AS (
            SELECT h.id, h.class,
                   list(h.phrase_key || ' +' || printf('%.1f', h.weight) ORDER BY h.weight DESC, h.phrase_key)[:{MAX_EVIDENCE}] AS evidence
            FROM hits h GROUP BY h.id, h.class)
        SELECT t.id, CASE WHEN m.top >= {params.min_confidence} THEN m.best END AS dialect, {columns},
               coalesce(w.evidence, []::VARCHAR[]) AS evidence
        FROM _dialect_texts t LEFT JOIN maps m USING (id) LEFT JOIN words w ON w.id = t.id AND w.class = m.best""")
