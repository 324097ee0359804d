"""`lexicon_v1`: severity from cues in their context, all of them rows of lexicons/severity_*.csv.

A cue is a fixed phrase (severity_cues), or words that stand near one another in any order with numbers such as an age or a temperature
(severity_combinations, whose words are those of severity_concepts). score(level) = log prior + the weights of the level's cues over the
temperature, each cue once, times `context_factor` in a context that weakens it (severity_context: denied, past, over, asked about,
somebody else's); softmax makes probabilities. Without any cue they are the prior, not a confident mild, and the evidence says why.
Written by hand, checked by no clinician; phrases outside the list are not seen. Not a triage tool.
"""

from math import log

import duckdb

from curation.params import SeverityParams
from curation.schema import SEVERITIES
from curation.severity.cues import find_cues
from curation.softmax import WEIGHT, level_of, softmax

SCORER = "lexicon_v1"
# What weights are divided by, fitted to labelled texts (python -m benchmarks.severity --calibrate).
FITTED = 1.25
# Of one level: ten cues of one trouble are not ten troubles, and no number of milder ones outweighs one plain danger
# (over-triage is the safer error).
MAX_SCORE = {"mild": 1.5, "moderate": 1.6, "critical": 5.0}
# What the evidence of a text without any cue says; the prior is all that is known of it.
NOTHING = "CASE WHEN coalesce(key, '') = '' THEN 'nothing is written' ELSE 'no cue of the lists' END"
ALWAYS = "self-harm"  # cues of this group count unless a negation stands right before them
NEW_CLAUSE = r"^و\p{Arabic}{4,}$"  # وأفكر, وصار; not وجع or ورم
# How far a context of each kind reaches, in windows: over cues behind it and over cues before it. راح is "went away" behind a cue and the
# future before it. Weakened by what is not a negation are cues of danger alone: a routine question about the past is one.
BEFORE = {"negation": 1, "not": 0.5, "question_about": 1.5, "history": 1.5, "other": 2}
BEHIND = {"normal": 0.25, "history": 1, "resolved": 3, "other": 2}
WHOLE = "study"  # a text that is a lesson or a poster is one from end to end
OVER_AND_STILL = ("stroke", "poisoning")  # docs/severity.md, rule 4


def score(con: duckdb.DuckDBPyConnection, texts: duckdb.DuckDBPyRelation, params: SeverityParams) -> duckdb.DuckDBPyRelation:
    """`id, key` in; `id, severity, p_mild, p_moderate, p_critical, evidence` out, one row a text."""
    texts.create_view("_severity_texts", replace=True)
    find_cues(con, texts)
    _find_contexts(con, params.context_window)
    scores = {
        name: f"{log(max(prior, 1e-6))} + least(coalesce({name}, 0)::DOUBLE, {MAX_SCORE[name]}) / {FITTED * params.temperature}"
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
        SELECT id, {level_of(params.critical_from)} AS severity, p_mild, p_moderate, p_critical,
               coalesce(list_transform(list_sort(evidence), lambda e: e.shown), [{NOTHING}]) AS evidence
        FROM probabilities LEFT JOIN _severity_texts USING (id)""")


def _find_contexts(con: duckdb.DuckDBPyConnection, window: int) -> None:
    """`_cue_contexts` (number, context): for each row of `_cues` that stands in one, its context.

    A context ends at a word that turns to something else ("but", "now"); a negation also where a word begins with "and", "ولا" aside.
    """
    before = " ".join(f"WHEN '{kind}' THEN {_before(kind)} AND l.start - x.stop < {reach * window}" for kind, reach in BEFORE.items())
    behind = " ".join(f"WHEN '{kind}' THEN x.start >= l.stop AND x.start - l.stop < {reach * window}" for kind, reach in BEHIND.items())
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE _cue_contexts AS
        WITH near AS (
            SELECT l.rowid AS number, l.id, x.kind, l.level,
                   CASE WHEN x.stop <= l.start THEN x.stop ELSE l.stop END AS low,
                   CASE WHEN x.stop <= l.start THEN l.start ELSE x.start END AS high
            FROM _cues l JOIN _contexts x ON x.id = l.id AND CASE
                WHEN x.kind IN ('{WHOLE}') THEN true
                WHEN l.topic = '{ALWAYS}' THEN x.kind IN ('negation', 'not') AND x.stop = l.start
                WHEN l.topic IN {OVER_AND_STILL} AND x.kind = 'resolved' THEN false
                ELSE CASE x.kind {before} ELSE false END OR CASE x.kind {behind} ELSE false END END
            WHERE l.level <> 'mild' OR x.kind IN ('negation', 'not')),
        turned AS (
            SELECT n.number, n.kind, n.low FROM near n
            JOIN _contexts t ON t.id = n.id AND t.kind = 'turn' AND t.start >= n.low AND t.stop <= n.high
            WHERE n.kind <> '{WHOLE}'),
        apart AS (
            SELECT number, kind, low FROM near JOIN _severity_texts USING (id) WHERE kind IN ('negation', 'not')
            AND len(list_filter(string_split(key, ' ')[low:high], lambda w: regexp_matches(w, '{NEW_CLAUSE}'))) > 0)
        SELECT number, min(kind) AS context FROM near ANTI JOIN turned USING (number, kind, low) ANTI JOIN apart USING (number, kind, low)
        GROUP BY number""")


def _before(kind: str) -> str:
    """SQL: the context begins before the cue ends. A negation denies the parts of a cue, so it stands before the whole of one."""
    return "x.stop <= l.start" if kind in ("negation", "not") else "x.stop <= l.stop"
