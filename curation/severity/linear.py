"""`linear_v1`: severity from the words of a text and the cues in it; a linear model that is a table of features and weights.

score(level) = log prior + the weights of the features that a text in MSA has (features.py), each once; softmax makes probabilities. In MSA
one word stands for those of seven dialects. Where a text has no feature that is known they are the prior. The table is learnt
(learning.py) and holds no text: weights.parquet. A table of one's own takes its place (`severity.weights`).
"""

from functools import lru_cache
from math import log
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from curation.errors import TibyanError
from curation.params import SeverityParams
from curation.schema import SEVERITIES
from curation.severity.features import GRAM, PAIR, features_of, find_features
from curation.softmax import level_of, softmax

WEIGHTS = Path(__file__).parent / "weights.parquet"
TABLE = pa.schema([("feature", pa.string()), *((name, pa.int32()) for name in SEVERITIES), ("texts", pa.int32())])
THOUSANDTHS = 1_000  # whole numbers: their sums are the same in any order, so whatever the threads
SHOWN = 300  # the least weight of what is named as evidence
MAX_EVIDENCE = 8
# What the evidence says where nothing spoke up: letters may still lean one way; of another language the prior is all that is known.
SILENT = "no word or cue says much by itself"
MAKE = "Make one with `tibyan severity learn`."


def read_weights(path: str | None) -> pa.Table:
    """A file's table, ours without one, as TABLE. Raises TibyanError where the file is none."""
    file = Path(path) if path else WEIGHTS
    try:
        return _read(file, file.stat().st_mtime_ns)
    except (OSError, KeyError, pa.ArrowException) as error:
        raise TibyanError(f"{file}: no table of severity weights ({type(error).__name__}). {MAKE}") from error


@lru_cache(maxsize=4)
def _read(file: Path, _changed: int) -> pa.Table:
    table = pq.read_table(file, columns=TABLE.names).cast(TABLE)
    if len(set(table["feature"].to_pylist())) < len(table) or any(table[name].null_count for name in TABLE.names):
        raise TibyanError(f"{file}: a feature stands twice or a weight is missing. {MAKE}")
    return table


def score(
    con: duckdb.DuckDBPyConnection, texts: duckdb.DuckDBPyRelation, params: SeverityParams, lexicon: pa.Table, weights: pa.Table
) -> duckdb.DuckDBPyRelation:
    """`texts` has `id` (a number) and `key` (of the text in MSA), `lexicon` what lexicon_v1 says of them; out come its columns.

    `evidence` names the words and cues that spoke for the level given, strongest first.
    """
    pairs = [name for name in weights["feature"].to_pylist() if kind_of(name) == "pair"]
    found = find_features(con, texts, lexicon.select(["id", "evidence"]), pairs)
    con.from_arrow(weights).create_view("_severity_weights", replace=True)
    words = {"word": found.words, "mark": pa.array(range(len(found.words)))}
    con.from_arrow(pa.table(words)).create_view("_linear_words", replace=True)
    marks = {"feature": pa.array(found.marks, pa.string()), "mark": pa.array(range(len(found.words), len(found.words) + len(found.marks)))}
    con.from_arrow(pa.table(marks)).create_view("_linear_marks", replace=True)
    text = pa.array(np.concatenate([found.said_by, found.marked]))
    mark = pa.array(np.concatenate([found.said, found.mark + len(found.words)]))
    con.from_arrow(pa.table({"id": found.ids.take(text), "mark": mark})).create_view("_linear_found", replace=True)
    con.from_arrow(pa.table({"id": found.ids})).create_view("_linear_texts", replace=True)
    sums = ", ".join(f"sum({name})::BIGINT AS {name}" for name in SEVERITIES)
    # What a word weighs is what it and the letters in it weigh; each distinct word is looked up once.
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE _linear_weights AS
        SELECT mark, word AS name, {sums} FROM ({features_of("_linear_words")}) JOIN _severity_weights USING (feature)
        JOIN _linear_words USING (word) GROUP BY mark, word
        UNION ALL SELECT mark, feature, {", ".join(f"{name}::BIGINT" for name in SEVERITIES)}
        FROM _linear_marks JOIN _severity_weights USING (feature)""")
    scores = {
        name: f"({log(max(prior, 1e-6))} + coalesce({name}, 0) / {THOUSANDTHS}) / {params.temperature}"
        for name, prior in zip(SEVERITIES, params.prior, strict=True)
    }
    total = " + ".join(SEVERITIES)
    spoke = " ".join(f"WHEN '{name}' THEN {name} - ({total}) / {len(SEVERITIES)}" for name in SEVERITIES)
    return con.sql(f"""
        WITH sums AS (SELECT id, {sums} FROM _linear_found JOIN _linear_weights USING (mark) GROUP BY id),
        shares AS ({softmax("_linear_texts LEFT JOIN sums USING (id)", "id", scores)}),
        told AS (SELECT id, {level_of(params.critical_from)} AS severity, * EXCLUDE (id) FROM shares),
        spoken AS (
            SELECT id, severity, name, CASE severity {spoke} END AS weight
            FROM _linear_found JOIN (FROM _linear_weights WHERE greatest({", ".join(SEVERITIES)}) >= {SHOWN}) USING (mark)
            JOIN told USING (id) WHERE weight >= {SHOWN}),
        said AS (
            SELECT id, list_transform(list_sort(list({{'w': -weight, 's': severity, 'k': replace(name, ':', '')}}))[:{MAX_EVIDENCE}],
                                      lambda e: printf('%s: %s +%.1f', e.s, e.k, -e.w / {THOUSANDTHS})) AS evidence
            FROM spoken GROUP BY id)
        SELECT told.*, coalesce(evidence, ['{SILENT}']) AS evidence FROM told LEFT JOIN said USING (id)""")


def kind_of(feature: str) -> str:
    """What a feature of the table is: `word`, `letters`, `pair` (of neighbouring words) or `mark` (a cue or a step)."""
    return "letters" if feature.startswith(GRAM) else "mark" if " " in feature else "pair" if PAIR in feature else "word"
