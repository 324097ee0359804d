"""`lexicon_v1`: severity from cues in their context, all of them rows of lexicons/severity_*.csv.

A cue is a fixed phrase (severity_cues), words that stand near one another in any order (severity_combinations), or a measured number
(measures.py). score(level) = log prior + the weights of the level's cues, each cue once, times `context_factor` where a negation, a history
or a question about the thing (severity_context) stands before it, or its end after it; softmax makes probabilities. Without any cue they
are the prior, not a confident mild.
Written by hand, checked by no clinician, fitted to nothing; phrases outside the list are not seen. Not a triage tool.
"""

from math import log

import duckdb
import pyarrow as pa

from curation.lexicons import load
from curation.params import SeverityParams
from curation.schema import SEVERITIES
from curation.severity.measures import measured
from curation.text.phrases import fold, match_phrases

SCORER = "lexicon_v1"
# Of one level: ten cues of one trouble are not ten troubles, and no number of milder ones outweighs one plain danger
# (over-triage is the safer error).
MAX_SCORE = {"mild": 1.5, "moderate": 2.0, "critical": 5.0}
ALWAYS = "self-harm"  # cues of this group count unless a negation stands right before them
REACH = 10  # words between the parts of a combination
SLOTS = (1, 2, 3)
NEW_CLAUSE = r"^و\p{Arabic}{4,}$"  # وأفكر, وصار; not وجع or ورم
# راح is "went away" after a cue and the future before it, so the end of a trouble is looked for after the cue alone.
RESOLVED = "resolved"


def score(con: duckdb.DuckDBPyConnection, texts: duckdb.DuckDBPyRelation, params: SeverityParams) -> duckdb.DuckDBPyRelation:
    """`id, key` in; `id, severity, p_mild, p_moderate, p_critical, evidence` out, one row a text. Ties go to the more severe."""
    texts.create_view("_severity_texts", replace=True)
    for table in ("_cues", "_contexts"):
        con.execute(f"DROP TABLE IF EXISTS {table}")
    _phrase_hits(con, "severity_context", "kind").create("_contexts")
    _phrase_cues(con).union(_combination_cues(con)).union(measured(con, con.view("_severity_texts"))).create("_cues")
    prior = ", ".join(
        f"('{name}', {i}, {log(max(p, 1e-6))}, {MAX_SCORE[name]})" for i, (name, p) in enumerate(zip(SEVERITIES, params.prior, strict=True))
    )
    columns = ", ".join(f"max(p) FILTER (level = '{name}') AS p_{name}" for name in SEVERITIES)
    return con.sql(f"""
        WITH words AS (SELECT id, unnest(string_split(key, ' ')) AS word, generate_subscripts(string_split(key, ' '), 1) AS place
                       FROM _severity_texts),
        clauses AS (  -- where a word begins with "and": what was negated before it ends there, "ولا" aside
            SELECT id, coalesce(list(place::BIGINT) FILTER (regexp_matches(word, '{NEW_CLAUSE}')), []) AS clauses FROM words GROUP BY id),
        in_context AS (
            SELECT l.*, (
                SELECT min(x.kind) FROM _contexts x WHERE x.id = l.id AND CASE
                    WHEN l.topic = '{ALWAYS}' THEN x.kind = 'negation' AND x.stop = l.start
                    WHEN x.kind = '{RESOLVED}' THEN x.start >= l.stop AND x.start - l.stop < {params.context_window}
                    ELSE x.stop <= l.start AND l.start - x.stop < {params.context_window}
                         AND NOT list_has_any(w.clauses, range(x.stop, l.start + 1)) END) AS context
            FROM _cues l JOIN clauses w USING (id)),
        weighed AS (
            SELECT id, level, cue, context, weight * CASE WHEN context IS NULL THEN 1 ELSE {params.context_factor} END AS weight
            FROM in_context),
        each_once AS (
            SELECT id, level, cue, arg_max(context, weight) AS context, max(weight) AS weight FROM weighed GROUP BY id, level, cue),
        scores AS (
            SELECT t.id, p.level, p.rank,
                   (p.log_prior + least(coalesce(sum(e.weight ORDER BY e.cue), 0), p.most)) / {params.temperature} AS score
            FROM _severity_texts t CROSS JOIN (VALUES {prior}) p(level, rank, log_prior, most)
            LEFT JOIN each_once e ON e.id = t.id AND e.level = p.level GROUP BY t.id, p.level, p.rank, p.log_prior, p.most),
        softmax AS (SELECT *, exp(score - max(score) OVER (PARTITION BY id)) AS e FROM scores),
        probabilities AS (
            SELECT *, e / sum(e) OVER (PARTITION BY id ORDER BY rank ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS p
            FROM softmax),
        said AS (
            SELECT id, list(level || ': ' || cue || printf(' +%.1f', weight) || coalesce(' (' || context || ')', '')
                            ORDER BY weight DESC, level, cue) AS evidence
            FROM each_once GROUP BY id),
        classes AS (SELECT id, arg_max(level, (p, rank)) AS severity, {columns} FROM probabilities GROUP BY id)
        SELECT id, severity, p_mild, p_moderate, p_critical, coalesce(evidence, []::VARCHAR[]) AS evidence
        FROM classes LEFT JOIN said USING (id)""")


def _phrase_cues(con: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyRelation:
    """`id, level, topic, cue, weight, start, stop`: the longest phrase at each place: "مش قادر اتنفس" is one cue."""
    con.execute("DROP TABLE IF EXISTS _phrases")
    _phrase_hits(con, "severity_cues", "level, topic, weight").create("_phrases")
    return con.sql("""
        SELECT id, level, topic, phrase_key AS cue, weight::DOUBLE AS weight, start, stop FROM _phrases h
        WHERE NOT EXISTS (SELECT 1 FROM _phrases o WHERE o.id = h.id AND o.start <= h.start AND o.stop >= h.stop
                          AND o.stop - o.start > h.stop - h.start)""")


def _combination_cues(con: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyRelation:
    """`id, level, topic, cue, weight, start, stop`: rules whose words all stand within REACH words of the first one's place."""
    rows = load("severity_combinations")
    slots = [(i, s, word) for i, row in enumerate(rows) for s in SLOTS if row[f"words_{s}"] for word in row[f"words_{s}"].split("|")]
    listed = {
        "entry": range(len(slots)),
        "phrase_key": fold([word for _, _, word in slots]),
        "rule": [rule for rule, _, _ in slots],
        "slot": [slot for _, slot, _ in slots],
    }
    con.from_arrow(pa.table(listed)).create_view("_slots", replace=True)
    rules = {
        "rule": range(len(rows)),
        "level": [r["level"] for r in rows],
        "topic": [r["topic"] for r in rows],
        "weight": [float(r["weight"]) for r in rows],
    }
    rules |= {"cue": [r["note"] for r in rows], "needs": [sum(bool(r[f"words_{s}"]) for s in SLOTS) for r in rows]}
    con.from_arrow(pa.table(rules)).create_view("_rules", replace=True)
    con.execute("DROP TABLE IF EXISTS _slot_hits")
    hits = match_phrases(con, con.sql("SELECT id, key FROM _severity_texts"), con.sql("SELECT entry, phrase_key FROM _slots"))
    hits.create_view("_slot_matches", replace=True)
    con.execute("""
        CREATE TEMP TABLE _slot_hits AS
        WITH hits AS (SELECT DISTINCT id, rule, slot, start, start + length AS stop FROM _slot_matches JOIN _slots USING (entry))
        SELECT * FROM hits h WHERE NOT EXISTS (  -- "ولا ومضات": not said, unless the negation is itself a part of the rule
            SELECT 1 FROM _contexts x WHERE x.id = h.id AND x.kind = 'negation' AND x.stop = h.start AND NOT EXISTS (
                SELECT 1 FROM hits o WHERE o.id = h.id AND o.rule = h.rule AND o.start >= x.start AND o.stop <= x.stop))""")
    return con.sql(f"""
        SELECT f.id, r.level, r.topic, r.cue, r.weight, min(least(f.start, o.start)) AS start, max(greatest(f.stop, o.stop)) AS stop
        FROM _slot_hits f JOIN _slot_hits o
            ON o.id = f.id AND o.rule = f.rule AND abs(o.start - f.start) <= {REACH} AND (o.slot = f.slot) = (o.start = f.start)
        JOIN _rules r ON r.rule = f.rule
        WHERE f.slot = 1 GROUP BY f.id, f.start, r.rule, r.level, r.topic, r.cue, r.weight, r.needs
        HAVING count(DISTINCT o.slot) = r.needs""")


def _phrase_hits(con: duckdb.DuckDBPyConnection, lexicon: str, columns: str) -> duckdb.DuckDBPyRelation:
    """`id, start, stop, phrase_key` and the named columns of the list, for each place where a phrase of it stands."""
    rows = load(lexicon)
    listed = {"entry": range(len(rows)), "phrase_key": fold([row["phrase"] for row in rows])}
    entries = con.from_arrow(pa.table({**listed, **{c: [row[c] for row in rows] for c in columns.split(", ")}}))
    hits = match_phrases(con, con.sql("SELECT id, key FROM _severity_texts"), entries.project("entry, phrase_key"))
    joined = hits.set_alias("h").join(entries.set_alias("e"), "h.entry = e.entry")
    return joined.project(f"id, start, start + length AS stop, phrase_key, {columns}")
