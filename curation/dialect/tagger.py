"""`words_v1`: the dialect of a text from its words; a linear model that is a table of words and weights.

The score of a class is a bias and the sum of the weights of the words and phrases that a text has, each once, over the root of how many
words it has; softmax makes probabilities. The table is learnt (learning.py) from licensed corpora and the hand-written lists, and holds no
text: weights.parquet. A table of one's own takes its place (`dialect.weights`).
"""

from functools import cache
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from curation.errors import TibyanError
from curation.lexicons import load
from curation.params import DialectParams
from curation.schema import ARABIC_DIALECTS, DIALECTS, MIXED, SPOKEN, UNKNOWN
from curation.softmax import softmax
from curation.text.phrases import CONJUNCTION, fold, match_phrases
from curation.text.words import words_of

SCORER = "words_v1"
WEIGHTS = Path(__file__).parent / "weights.parquet"
THOUSANDTHS = 1_000  # the table's weights are whole numbers: their sums are the same in any order, so whatever the threads
VARIETY = 2.0  # the weight of such a phrase by hand, where dialect_words.csv has none: that of the plain marks there
MARKED = 3_000  # by how much a word must weigh more for a dialect than for any other class to be a marked one
MIXING = 2  # marked words of another dialect that make a text mixed: one may be a word that travels
SHOWN = 300  # the least weight of a word that is named as evidence
MAX_EVIDENCE = 8  # words shown


@cache
def hand_weights() -> dict[tuple[str, str], float]:
    """The weight of each folded phrase for each class of dialect_words.csv; of spellings that fold into one the greatest."""
    rows = load("dialect_words")
    weights: dict[tuple[str, str], float] = {}
    for row, key in zip(rows, fold([row["form"] for row in rows]), strict=True):
        weights[key, row["dialect"]] = max(float(row["weight"]), weights.get((key, row["dialect"]), 0.0))
    listed = {key for key, _ in weights}
    return weights | {(key, dialect): VARIETY for key, (_, dialect) in varieties().items() if key not in listed}


@cache
def varieties() -> dict[str, tuple[str, str]]:
    """The folded phrases that one variety alone has (dialect_varieties.csv): the variety, and the dialect that it is counted to."""
    rows = load("dialect_varieties")
    return {key: (row["variety"], row["dialect"]) for row, key in zip(rows, fold([row["form"] for row in rows]), strict=True)}


@cache
def in_msa() -> frozenset[tuple[str, str]]:
    """The folded phrases of msa_words.csv with their dialects: those that stand under no condition and are no MSA themselves."""
    rows = load("msa_words")
    standard = set(fold([row["msa"] for row in rows]))
    keys = fold([row["form"] for row in rows])
    pairs = ((key, row["dialect"], row["condition"]) for row, key in zip(rows, keys, strict=True))
    return frozenset((key, dialect) for key, dialect, condition in pairs if dialect in SPOKEN and not condition and key not in standard)


@cache
def weights_of(path: str | None) -> pa.Table:
    """The table of a file, ours without one: `entry`, `phrase_key`, a weight in thousandths by class, `marks` (the dialect that a word is
    a mark of, or null), `variety`; the bias is entry 0, and phrases of varieties that it lacks weigh nothing. Raises TibyanError where the
    file is none."""
    file, make = Path(path) if path else WEIGHTS, "Make one with `python -m curation.dialect.learning`."
    try:
        table = pq.read_table(file, columns=["phrase_key", *ARABIC_DIALECTS])
    except (OSError, KeyError, pa.ArrowException) as error:
        raise TibyanError(f"{file}: no table of dialect weights ({type(error).__name__}). {make}") from error
    if not len(table) or table["phrase_key"][0].as_py() != "":
        raise TibyanError(f"{file}: the bias (an empty phrase_key) is not its first row. {make}")
    missing = sorted(set(varieties()) - set(table["phrase_key"].to_pylist()))
    unweighed = {"phrase_key": missing, **dict.fromkeys(ARABIC_DIALECTS, [0] * len(missing))}
    table = pa.concat_tables([table, pa.table(unweighed).cast(table.schema)])
    weights = np.stack([table[name].to_numpy() for name in ARABIC_DIALECTS], axis=1).astype(np.int64)
    ordered = np.sort(weights, axis=1)
    strongest = weights.argmax(axis=1)
    is_marked = (ordered[:, -1] - ordered[:, -2] >= MARKED) & (strongest > 0) & (ordered[:, -1] > 0)
    is_marked[0] = False
    marks = [ARABIC_DIALECTS[best] if marked else None for best, marked in zip(strongest, is_marked, strict=True)]
    of_variety = [varieties().get(key, (None,))[0] for key in table["phrase_key"].to_pylist()]
    columns = {"entry": range(len(table)), **{name: table[name] for name in table.column_names}, "marks": pa.array(marks, pa.string())}
    return pa.table({**columns, "variety": pa.array(of_variety, pa.string())})


def identify(con: duckdb.DuckDBPyConnection, texts: duckdb.DuckDBPyRelation, params: DialectParams) -> duckdb.DuckDBPyRelation:
    """`id, key, language` in; `id, dialect, dialect_variety, p_msa … p_arabizi, evidence` out.

    `dialect` is `mixed` where two dialects share a text, each with words of its own, `unknown` where the best probability is below
    `min_confidence`, and null, as all `p_*` are, where the text is neither Arabic nor Arabizi.
    `dialect_variety` is given where phrases of one variety of the dialect stand in the text, and of no other.
    `evidence` names the words that spoke for the most probable class, strongest first.
    """
    table = weights_of(params.weights)
    con.from_arrow(table).create_view("_dialect_weights", replace=True)
    texts.create_view("_dialect_texts", replace=True)
    words = words_of(con, con.sql("SELECT id, key FROM _dialect_texts WHERE language = 'ar'"))
    places = match_phrases(con, words, con.sql("SELECT entry, phrase_key FROM _dialect_weights WHERE entry > 0"), CONJUNCTION)
    for name in ("_dialect_found", "_dialect_lengths"):
        con.execute(f"DROP TABLE IF EXISTS {name}")
    places.project("id, entry").distinct().create("_dialect_found")
    con.from_arrow(pa.table({"id": words.ids, "words": pa.array(words.counts)})).create("_dialect_lengths")
    con.sql("FROM _dialect_found JOIN _dialect_weights USING (entry)").create_view("_dialect_hits", replace=True)
    bias = dict(zip(ARABIC_DIALECTS, table.slice(0, 1).select(ARABIC_DIALECTS).to_pylist()[0].values(), strict=True))
    sums = ", ".join(f"sum({name})::BIGINT AS {name}" for name in ARABIC_DIALECTS)
    marks = ", ".join(f"count(*) FILTER (marks = '{name}') AS marks_{name}" for name in SPOKEN)
    belongs = " ".join(f"WHEN '{variety}' THEN '{dialect}'" for variety, dialect in sorted(set(varieties().values())))
    scores = {
        name: f"({bias[name]} + coalesce({name}, 0) / sqrt(greatest(words, 1))) / {THOUSANDTHS * params.temperature}"
        for name in ARABIC_DIALECTS
    }
    kept = f"id, language, variety, {', '.join(f'marks_{name}' for name in SPOKEN)}"
    rows = "_dialect_texts LEFT JOIN sums USING (id) LEFT JOIN _dialect_lengths USING (id)"
    ordered = ", ".join(f"{{'p': -p_{name.lower()}, 'name': '{name}'}}" for name in sorted(ARABIC_DIALECTS))  # ties by name
    of_best = " ".join(f"WHEN '{name}' THEN marks_{name}" for name in SPOKEN)
    others = ", ".join(f"CASE WHEN best.name <> '{name}' THEN marks_{name} END" for name in SPOKEN)
    shown = ", ".join(
        f"CASE language WHEN 'ar' THEN p_{name.lower()} WHEN 'arabizi' THEN 0 END::DOUBLE AS p_{name.lower()}" for name in ARABIC_DIALECTS
    )
    weight = " ".join(f"WHEN '{name}' THEN {name}" for name in ARABIC_DIALECTS)
    return con.sql(f"""
        WITH sums AS (
            SELECT id, {sums}, {marks}, CASE WHEN min(variety) = max(variety) THEN min(variety) END AS variety
            FROM _dialect_hits GROUP BY id),
        shares AS ({softmax(rows, kept, scores)}),
        ranked AS (SELECT *, list_sort([{ordered}])[1] AS best FROM shares),
        counted AS (SELECT *, best.name AS one, CASE best.name {of_best} END AS own, greatest({others}) AS other FROM ranked),
        tagged AS (
            SELECT id, one, variety, CASE
                       WHEN language = 'arabizi' THEN 'arabizi' WHEN language <> 'ar' THEN NULL
                       WHEN other >= {MIXING} AND other >= {params.mixed_share} * (own + other) THEN '{MIXED}'
                       WHEN -best.p < {params.min_confidence} THEN '{UNKNOWN}' ELSE one END AS dialect,
                   {shown}, CASE language WHEN 'ar' THEN 0 WHEN 'arabizi' THEN 1 END::DOUBLE AS p_arabizi
            FROM counted),
        spoken AS (
            SELECT id, phrase_key, CASE one {weight} END AS weight FROM _dialect_hits JOIN tagged USING (id) WHERE weight >= {SHOWN}),
        said AS (
            SELECT id, list_transform(list_sort(list({{'w': -weight, 'k': phrase_key}}))[:{MAX_EVIDENCE}],
                                      lambda e: printf('%s +%.1f', e.k, -e.w / {THOUSANDTHS})) AS evidence
            FROM spoken GROUP BY id)
        SELECT id, dialect, CASE WHEN CASE variety {belongs} END = dialect THEN variety END AS dialect_variety,
               {", ".join(f"p_{name.lower()}" for name in DIALECTS)}, coalesce(evidence, []::VARCHAR[]) AS evidence
        FROM tagged LEFT JOIN said USING (id)""")
