"""Severity by the scorer that params.yaml names: the word lists, the learnt weights, both together, or a classifier."""

import duckdb
import pyarrow as pa

from curation.params import SeverityParams
from curation.schema import SEVERITIES
from curation.severity import classifier, linear, scorer
from curation.severity.labels import weights_for
from curation.softmax import level_of

TRANSFORMER = "transformer"


def score(con: duckdb.DuckDBPyConnection, texts: duckdb.DuckDBPyRelation, params: SeverityParams) -> duckdb.DuckDBPyRelation:
    """`id` (a number), `key` and `msa` (the key of the text in MSA, null for other languages) in; for `transformer` `text`.

    Out come `id, severity, p_mild, p_moderate, p_critical, evidence`.

    Raises TibyanError where `weights` or `labelled` name no such table.
    """
    if params.scorer == scorer.SCORER:
        return scorer.score(con, texts.project("id, key"), params)
    if params.scorer == TRANSFORMER:
        return classifier.score(con, texts.project("id, text"), params)
    weights = weights_for(params)
    texts = con.from_arrow(texts.project("id, key, msa").to_arrow_table())  # read twice, and folding is dear
    lexicon = scorer.score(con, texts.project("id, key"), params).to_arrow_table()
    found = linear.score(con, texts.project("id, msa AS key"), params, lexicon, weights)
    return _together(con, lexicon, found, params) if params.scorer == "ensemble_v1" else found


def reads_msa(params: SeverityParams) -> bool:
    """Whether the scorer reads texts in MSA too."""
    return params.scorer in ("linear_v1", "ensemble_v1")


def name_of(params: SeverityParams) -> str:
    """What scores by it are called: a classifier by its name and commit or digest too."""
    return f"{TRANSFORMER}:{classifier.classifier_of(params).described}" if params.scorer == TRANSFORMER else params.scorer


def _together(
    con: duckdb.DuckDBPyConnection, lexicon: pa.Table, found: duckdb.DuckDBPyRelation, params: SeverityParams
) -> duckdb.DuckDBPyRelation:
    """The mean of both logs of probabilities, made probabilities again; what both say the text shows, the word lists first."""
    con.from_arrow(lexicon).create_view("_of_lexicon", replace=True)
    found.create_view("_of_linear", replace=True)
    means = ", ".join(f"sqrt(a.p_{name} * b.p_{name}) AS {name}" for name in SEVERITIES)
    shares = ", ".join(f"{name} / ({' + '.join(SEVERITIES)}) AS p_{name}" for name in SEVERITIES)
    return con.sql(f"""
        WITH means AS (
            SELECT id, {means}, list_distinct(a.evidence || b.evidence) AS evidence FROM _of_lexicon a JOIN _of_linear b USING (id)),
        shares AS (SELECT id, {shares}, evidence FROM means)
        SELECT id, {level_of(params.critical_from)} AS severity, p_mild, p_moderate, p_critical, evidence FROM shares""")
