"""`lexicon_v1`: severity from cues in their context, all of them rows of lexicons/severity_*.csv.

A cue is a fixed phrase (severity_cues), words that stand near one another in any order (severity_combinations), or a measured number
(measures.py). score(level) = log prior + the weights of the level's cues, each cue once, times `context_factor` where a negation, a history
or a question about the thing (severity_context) stands before it, or its end after it; softmax makes probabilities. Without any cue they
are the prior, not a confident mild.
Written by hand, checked by no clinician, fitted to nothing; phrases outside the list are not seen. Not a triage tool.
"""

from math import log

import duckdb

from curation.params import SeverityParams
from curation.schema import SEVERITIES
from curation.severity.cues import find_cues
from curation.severity.measures import measured
from curation.softmax import WEIGHT, softmax

SCORER = "lexicon_v1"
# Of one level: ten cues of one trouble are not ten troubles, and no number of milder ones outweighs one plain danger
# (over-triage is the safer error).
MAX_SCORE = {"mild": 1.5, "moderate": 2.0, "critical": 5.0}
ALWAYS = "self-harm"  # cues of this group count unless a negation stands right before them
NEW_CLAUSE = r"^و\p{Arabic}{4,}$"  # وأفكر, وصار; not وجع or ورم
# راح is "went away" after a cue and the future before it, so the end of a trouble is looked for after the cue alone.
RESOLVED = "resolved"


def score(con: duckdb.DuckDBPyConnection, texts: duckdb.DuckDBPyRelation, params: SeverityParams) -> duckdb.DuckDBPyRelation:
    """`id, key` in; `id, severity, p_mild, p_moderate, p_critical, evidence` out, one row a text. Ties go to the more severe."""
    texts.create_view("_severity_texts", replace=True)
    find_cues(con, texts)
    measured(con, texts).insert_into("_cues")
    _find_contexts(con, params.context_window)
    scores = {
        name: f"({log(max(prior, 1e-6))} + least(coalesce({name}, 0)::DOUBLE, {MAX_SCORE[name]})) / {params.temperature}"
        for name, prior in zip(SEVERITIES, params.prior, strict=True)
    }
    sums = ", ".join(f"sum(weight) FILTER (level = '{name}') AS {name}" for name in SEVERITIES)
    shown = "printf(' +%.1f', round(weight, 1)::DOUBLE) || coalesce(' (' || context || ')', '')"
    return con.sql(f"""
        WITH weighed AS (
            SELECT id, level, cue, context, (weight * CASE WHEN context IS NULL THEN 1 ELSE {params.context_factor} END)::{WEIGHT} AS weight
            FROM _cues LEFT JOIN _cue_contexts ON number = _cues.rowid),
        each_once AS (
            SELECT id, level, cue, max(weight) AS weight, CASE WHEN bool_and(context IS NOT NULL) THEN min(context) END AS context
            FROM weighed GROUP BY id, level, cue),
        of_text AS (
            SELECT id, {sums}, list({{'less': -weight, 'level': level, 'cue': cue, 'shown': level || ': ' || cue || {shown}}}) AS evidence
            FROM each_once GROUP BY id),
        probabilities AS ({softmax("_severity_texts LEFT JOIN of_text USING (id)", "id, evidence", scores)})
        SELECT id, CASE WHEN p_critical >= greatest(p_mild, p_moderate) THEN 'critical'
                        WHEN p_moderate >= p_mild THEN 'moderate' ELSE 'mild' END AS severity,
               p_mild, p_moderate, p_critical,
               coalesce(list_transform(list_sort(evidence), lambda e: e.shown), []::VARCHAR[]) AS evidence
        FROM probabilities""")


def _find_contexts(con: duckdb.DuckDBPyConnection, window: int) -> None:
    """`_cue_contexts` (number, context): for each row of `_cues` that stands in one, its context.

    A negation reaches until a word begins with "and": what was negated before it ends there, "ولا" aside.
    """
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE _cue_contexts AS
        WITH near AS (
            SELECT l.rowid AS number, l.id, x.kind, x.kind <> '{RESOLVED}' AND l.topic <> '{ALWAYS}' AS within_clause, x.stop, l.start
            FROM _cues l JOIN _contexts x ON x.id = l.id AND CASE
                WHEN l.topic = '{ALWAYS}' THEN x.kind = 'negation' AND x.stop = l.start
                WHEN x.kind = '{RESOLVED}' THEN x.start >= l.stop AND x.start - l.stop < {window}
                ELSE x.stop <= l.start AND l.start - x.stop < {window} END),
        apart AS (
            SELECT number, kind, stop FROM near JOIN (SELECT id, string_split(key, ' ') AS words FROM _severity_texts) USING (id)
            WHERE within_clause AND len(list_filter(words[stop:start], lambda w: regexp_matches(w, '{NEW_CLAUSE}'))) > 0)
        SELECT number, min(kind) AS context FROM near ANTI JOIN apart USING (number, kind, stop) GROUP BY number""")
