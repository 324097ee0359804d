"""Rules of severity_combinations in texts: words that stand near one another in any order, and numbers that the text gives."""

import duckdb
import numpy as np
import pyarrow as pa

from curation.severity.latin import reading
from curation.severity.rules import groups, sets_of_rules, tabulate
from curation.text.phrases import PROCLITICS, find_phrases
from curation.text.words import Words

REACH = 9  # words between the parts of a combination
DENIED = 2  # words from a negation to the part that it denies: "بدون أي حرارة"


def find_combinations(con: duckdb.DuckDBPyConnection, words: Words) -> None:
    """`_combinations`, with the columns of `_cues`: rules whose words all stand within REACH words of the first, numbers anywhere."""
    tabulate(con)
    _find_words(con, words)
    con.execute("""
        CREATE OR REPLACE TEMP TABLE _met AS
        SELECT f.id, g.rule, min(f.start) AS start, max(f.stop) AS stop FROM _facts f
        JOIN _givens g ON g.fact = f.fact AND f.value >= g.low AND f.value < g.high
        GROUP BY f.id, g.rule, g.wanted HAVING count(DISTINCT g.number) = g.wanted""")
    con.execute("""
        CREATE OR REPLACE TEMP TABLE _said_slots AS
        WITH possible AS (
            SELECT id, rule FROM _likely JOIN _rules USING (rule) WHERE wanted = 0
            UNION ALL SELECT id, rule FROM _likely SEMI JOIN _met USING (id, rule))
        SELECT id, rule, slot, far, start, stop FROM possible JOIN _slots USING (rule) JOIN _set_hits USING (id, words)""")
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE _slot_hits AS
        WITH denying AS (
            SELECT h.id, h.start, h.stop, x.start AS low, x.stop AS high FROM (SELECT DISTINCT id, start, stop FROM _said_slots) h
            JOIN _contexts x ON x.id = h.id AND (x.kind = 'negation' AND x.stop <= h.start AND h.start - x.stop < {DENIED}
                                                 OR x.kind = 'not' AND x.stop = h.start
                                                 OR x.kind = 'normal' AND x.start = h.stop
                                                 OR x.kind = 'unsaid' AND x.start <= h.start AND h.start <= x.stop)),
        denied AS (  -- "ولا ومضات": not said, unless the negation is itself a part of the rule
            SELECT DISTINCT h.id, h.rule, h.start FROM _said_slots h JOIN denying d USING (id, start, stop) WHERE NOT EXISTS (
                SELECT 1 FROM _said_slots o WHERE o.id = h.id AND o.rule = h.rule AND o.start >= d.low AND o.start < d.high))
        FROM _said_slots ANTI JOIN denied USING (id, rule, start)""")
    # Each slot has a word, and no two slots the same one: of the second and the third then one stands before the other.
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE _combinations AS
        WITH worded AS (
            SELECT f.id, f.rule, min(CASE WHEN o.far THEN f.start ELSE least(f.start, o.start) END) AS start,
                   max(CASE WHEN o.far THEN f.stop ELSE greatest(f.stop, o.stop) END) AS stop
            FROM _slot_hits f JOIN _slot_hits o
                ON o.id = f.id AND o.rule = f.rule AND (o.far OR abs(o.start - f.start) <= {REACH})
                AND (o.slot = f.slot) = (o.start = f.start)
            JOIN _rules r ON r.rule = f.rule
            WHERE f.slot = 1 GROUP BY f.id, f.start, f.rule, r.needs
            HAVING bit_count(bit_or(1 << o.slot)) = r.needs
               AND (r.needs < 3 OR min(o.start) FILTER (o.slot > 1) < max(o.start) FILTER (o.slot > 1))),
        met AS (
            FROM worded UNION ALL SELECT m.id, m.rule, m.start, m.stop FROM _met m JOIN _rules r USING (rule) WHERE r.needs = 0)
        SELECT id, r.level, r.topic, r.cue, r.weight, start, stop FROM met JOIN _rules r USING (rule)""")


def _find_words(con: duckdb.DuckDBPyConnection, words: Words) -> None:
    """`_likely` (id, rule): texts with a word of each set of a rule; `_set_hits` (id, words, start, stop): words of the sets there.

    Words of the lists are frequent ones, three of five in a text are some, and a word is in many sets. So a flag for each set and text
    says first where a rule is likely, and only words of its sets there are gone on with.
    """
    listed, group_of, sets = groups()
    where, which, length = find_phrases(con, words, listed, PROCLITICS, reading)
    group = group_of[which]
    order = np.argsort(group, kind="stable")
    where, length, texts = where[order], length[order], words.texts[where[order]].astype(np.int64)
    first = np.searchsorted(group[order], np.arange(len(sets) + 1))
    said = np.zeros((1 + max(of.max() for of in sets), len(words.counts)), bool)
    for of, begin, end in zip(sets, first[:-1], first[1:], strict=True):
        said[np.ix_(of, texts[begin:end])] = True
    likely = [np.flatnonzero(said[slots].all(axis=0)) if len(slots) else np.empty(0, np.int64) for slots in sets_of_rules()]
    said[:] = False
    for slots, at in zip(sets_of_rules(), likely, strict=True):
        said[np.ix_(slots, at)] = True
    found = []
    for of, begin, end in zip(sets, first[:-1], first[1:], strict=True):
        number, hit = np.divmod(np.flatnonzero(said[np.ix_(of, texts[begin:end])]), max(end - begin, 1))
        found.append(np.stack([of[number], hit + begin]))
    number, hit = np.concatenate(found, axis=1)
    start = where[hit] - words.first[texts[hit]] + 1
    rule = np.repeat(np.arange(len(likely)), [len(at) for at in likely])
    tables = {
        "_likely": {"id": words.ids.take(pa.array(np.concatenate(likely))), "rule": rule},
        "_set_hits": {"id": words.ids.take(pa.array(texts[hit])), "words": number, "start": start, "stop": start + length[hit]},
    }
    for name, columns in tables.items():
        con.from_arrow(pa.table(columns)).create_view(name, replace=True)
