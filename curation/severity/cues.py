"""Which cues of the word lists stand in which texts: the longest fixed phrase at each place, and words near one another in any order.

All lists are matched at once; from there on everything works on the few places that were found.
"""

import duckdb
import numpy as np
import pyarrow as pa

from curation.lexicons import load
from curation.text.phrases import PROCLITICS, find_phrases, fold, match_phrases
from curation.text.words import Words, words_of

REACH = 10  # words between the parts of a combination
SLOTS = (1, 2, 3)


def find_cues(con: duckdb.DuckDBPyConnection, texts: duckdb.DuckDBPyRelation) -> None:
    """`id, key` in; the tables `_cues` (id, level, topic, cue, weight, start, stop) and `_contexts` (id, kind, start, stop) out."""
    words = words_of(con, texts)
    _match_lists(con, words)
    con.execute("""
        CREATE OR REPLACE TEMP TABLE _contexts AS
        SELECT DISTINCT id, kind, start, start + length AS stop FROM _list_hits JOIN _context_list USING (entry)""")
    con.execute("""
        CREATE OR REPLACE TEMP TABLE _phrases AS
        SELECT id, phrase_key, level, topic, weight, start, start + length AS stop FROM _list_hits JOIN _cue_list USING (entry)""")
    _find_combinations(con, words)
    # The longest phrase at each place: "مش قادر اتنفس" is one cue.
    con.execute("""
        CREATE OR REPLACE TEMP TABLE _cues AS
        SELECT id, level, topic, phrase_key AS cue, weight, start, stop FROM _phrases h
        WHERE NOT EXISTS (SELECT 1 FROM _phrases o WHERE o.id = h.id AND o.start <= h.start AND o.stop >= h.stop
                          AND o.stop - o.start > h.stop - h.start)
        UNION ALL FROM _combinations""")


def _match_lists(con: duckdb.DuckDBPyConnection, words: Words) -> None:
    """`_list_hits` (id, entry, start, length): every place of every phrase of `_cue_list` and `_context_list`."""
    cues, contexts = load("severity_cues"), load("severity_context")
    keys = fold([row["phrase"] for row in (*cues, *contexts)])
    listed = {
        "_cue_list": {
            "entry": range(len(cues)),
            "phrase_key": keys[: len(cues)],
            "level": [row["level"] for row in cues],
            "topic": [row["topic"] for row in cues],
            "weight": [float(row["weight"]) for row in cues],
        },
        "_context_list": {"entry": range(len(cues), len(keys)), "kind": [row["kind"] for row in contexts]},
    }
    for name, columns in listed.items():
        con.from_arrow(pa.table(columns)).create_view(name, replace=True)
    entries = con.from_arrow(pa.table({"entry": range(len(keys)), "phrase_key": keys}))
    match_phrases(con, words, entries).create_view("_list_hits", replace=True)


def _find_combinations(con: duckdb.DuckDBPyConnection, words: Words) -> None:
    """`_combinations`, with the columns of `_cues`: rules whose words all stand within REACH words of the first one's place."""
    _find_slots(con, words)
    con.execute("""
        CREATE OR REPLACE TEMP TABLE _slot_hits AS
        WITH denied AS (  -- "ولا ومضات": not said, unless the negation is itself a part of the rule
            SELECT DISTINCT h.id, h.rule, h.start FROM _said_slots h
            JOIN _contexts x ON x.id = h.id AND x.kind = 'negation' AND x.stop = h.start
            WHERE NOT EXISTS (
                SELECT 1 FROM _said_slots o WHERE o.id = h.id AND o.rule = h.rule AND o.start >= x.start AND o.stop <= x.stop))
        FROM _said_slots ANTI JOIN denied USING (id, rule, start)""")
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE _combinations AS
        SELECT f.id, r.level, r.topic, r.cue, r.weight, min(least(f.start, o.start)) AS start, max(greatest(f.stop, o.stop)) AS stop
        FROM _slot_hits f JOIN _slot_hits o
            ON o.id = f.id AND o.rule = f.rule AND abs(o.start - f.start) <= {REACH} AND (o.slot = f.slot) = (o.start = f.start)
        JOIN _rules r ON r.rule = f.rule
        WHERE f.slot = 1 GROUP BY f.id, f.start, r.rule, r.level, r.topic, r.cue, r.weight, r.needs
        HAVING count(DISTINCT o.slot) = r.needs""")


def _find_slots(con: duckdb.DuckDBPyConnection, words: Words) -> None:
    """`_said_slots` (id, rule, slot, start, stop), of each rule and each text with a word for all its slots; and `_rules`.

    Words of the lists are frequent ones: three of five in a text are some. So a flag for each set of words and text says first where a rule
    is likely, and only words of its sets there are gone on with.
    """
    sets, rules = _tabulate_rules(con)
    listed = sorted({word for of in sets for word in of.split("|")})
    number = {word: i for i, word in enumerate(listed)}
    members = sorted((number[word], i) for i, of in enumerate(sets) for word in of.split("|"))
    of_word, in_set = np.array(members, np.int64).T
    first = np.searchsorted(of_word, np.arange(len(listed) + 1))
    where, which, length = find_phrases(con, words, fold(listed), PROCLITICS)
    count = np.diff(first)[which]
    hit = np.repeat(np.arange(len(which)), count)  # once for each set that the word is in
    of_hit = in_set[np.arange(len(hit)) + np.repeat(first[which] - (np.cumsum(count) - count), count)]
    texts = words.text_of(where)
    said = np.zeros((len(sets), len(words.counts)), bool)
    said[of_hit, texts[hit]] = True
    likely = [np.flatnonzero(said[list(slots)].all(axis=0)) for slots in rules]
    said[:] = False
    for slots, at in zip(rules, likely, strict=True):
        said[np.array(slots)[:, None], at] = True
    kept = said[of_hit, texts[hit]]
    hit, of_hit = hit[kept], of_hit[kept]
    by = of_hit * len(words.counts) + texts[hit]
    order = np.argsort(by, kind="stable")
    hit, by = hit[order], by[order]
    wanted = [(at + of * len(words.counts), rule, slot) for rule, at in enumerate(likely) for slot, of in enumerate(rules[rule], start=1)]
    pairs = np.concatenate([np.empty(0, np.int64), *(pair for pair, _, _ in wanted)])
    rule, slot = (np.repeat([row[i] for row in wanted], [len(row[0]) for row in wanted]) for i in (1, 2))
    low = np.searchsorted(by, pairs, side="left")
    count = np.searchsorted(by, pairs, side="right") - low
    found = hit[np.arange(count.sum()) + np.repeat(low - (np.cumsum(count) - count), count)]
    start = where[found] - words.first[texts[found]] + 1
    columns = {
        "id": words.ids.take(pa.array(texts[found])),
        "rule": np.repeat(rule, count),
        "slot": np.repeat(slot, count),
        "start": start,
        "stop": start + length[found],
    }
    con.execute("DROP TABLE IF EXISTS _said_slots")
    con.from_arrow(pa.table(columns)).distinct().create("_said_slots")


def _tabulate_rules(con: duckdb.DuckDBPyConnection) -> tuple[list[str], list[tuple[int, ...]]]:
    """`_rules`; and each distinct set of words as the list has it, and for each rule the numbers of its sets."""
    rows = load("severity_combinations")
    slots = [[row[f"words_{s}"] for s in SLOTS if row[f"words_{s}"]] for row in rows]
    numbers = {words: i for i, words in enumerate(dict.fromkeys(words for of in slots for words in of))}
    rules = {
        "rule": range(len(rows)),
        **{name: [row[name] for row in rows] for name in ("level", "topic")},
        "weight": [float(row["weight"]) for row in rows],
        "cue": [row["note"] for row in rows],
        "needs": [len(of) for of in slots],
    }
    con.from_arrow(pa.table(rules)).create_view("_rules", replace=True)
    return list(numbers), [tuple(numbers[words] for words in of) for of in slots]
