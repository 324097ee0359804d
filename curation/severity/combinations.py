"""Rules of severity_combinations: words that stand near one another in any order, and numbers that the text gives."""

import re
from functools import cache
from math import inf

import duckdb
import numpy as np
import pyarrow as pa

from curation.lexicons import load
from curation.severity.latin import reading
from curation.severity.wording import spelled
from curation.text.phrases import PROCLITICS, find_phrases
from curation.text.words import Words

REACH = 9  # words between the parts of a combination
SLOTS = (1, 2, 3)
FAR = "^"  # before a set of words that count wherever they stand: what somebody is or has besides, as a pregnancy
DENIED = 2  # words from a negation to the part that it denies: "بدون أي حرارة"
GIVEN = re.compile(r"^([a-z]+)(>=|<)([0-9.]+)$")


def find_combinations(con: duckdb.DuckDBPyConnection, words: Words) -> None:
    """`_combinations`, with the columns of `_cues`: rules whose words all stand within REACH words of the first, numbers anywhere."""
    _find_slots(con, words)
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE _slot_hits AS
        WITH denied AS (  -- "ولا ومضات": not said, unless the negation is itself a part of the rule
            SELECT DISTINCT h.id, h.rule, h.start FROM _said_slots h
            JOIN _contexts x ON x.id = h.id AND (x.kind = 'negation' AND x.stop <= h.start AND h.start - x.stop < {DENIED}
                                                 OR x.kind = 'not' AND x.stop = h.start
                                                 OR x.kind = 'normal' AND x.start = h.stop
                                                 OR x.kind = 'unsaid' AND x.start <= h.start AND h.start <= x.stop)
            WHERE NOT EXISTS (
                SELECT 1 FROM _said_slots o WHERE o.id = h.id AND o.rule = h.rule AND o.start >= x.start AND o.start < x.stop))
        FROM _said_slots ANTI JOIN denied USING (id, rule, start)""")
    con.execute("""
        CREATE OR REPLACE TEMP TABLE _met AS
        SELECT f.id, g.rule, min(f.start) AS start, max(f.stop) AS stop FROM _facts f
        JOIN _givens g ON g.fact = f.fact AND f.value >= g.low AND f.value < g.high
        GROUP BY f.id, g.rule, g.wanted HAVING count(DISTINCT g.number) = g.wanted""")
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE _combinations AS
        WITH worded AS (
            SELECT f.id, r.rule, min(CASE WHEN o.far THEN f.start ELSE least(f.start, o.start) END) AS start,
                   max(CASE WHEN o.far THEN f.stop ELSE greatest(f.stop, o.stop) END) AS stop
            FROM _slot_hits f JOIN _slot_hits o
                ON o.id = f.id AND o.rule = f.rule AND (o.far OR abs(o.start - f.start) <= {REACH})
                AND (o.slot = f.slot) = (o.start = f.start)
            JOIN _rules r ON r.rule = f.rule
            WHERE f.slot = 1 GROUP BY f.id, f.start, r.rule, r.needs
            HAVING count(DISTINCT o.slot) = r.needs AND count(DISTINCT o.start) >= r.needs),
        met AS (
            SELECT w.* FROM worded w JOIN _rules r USING (rule) WHERE r.wanted = 0
            UNION ALL SELECT w.* FROM worded w SEMI JOIN _met USING (id, rule)
            UNION ALL SELECT m.id, m.rule, m.start, m.stop FROM _met m JOIN _rules r USING (rule) WHERE r.needs = 0)
        SELECT id, r.level, r.topic, r.cue, r.weight, start, stop FROM met JOIN _rules r USING (rule)""")


def _find_slots(con: duckdb.DuckDBPyConnection, words: Words) -> None:
    """`_said_slots` (id, rule, slot, start, stop), of each rule and each text with a word for all its slots; `_rules` and `_givens`.

    Words of the lists are frequent ones: three of five in a text are some. So a flag for each set of words and text says first where a rule
    is likely, and only words of its sets there are gone on with.
    """
    rules, far = _tabulate_rules(con)
    listed, of_word, in_set = _sets()
    first = np.searchsorted(of_word, np.arange(len(listed) + 1))
    where, which, length = find_phrases(con, words, listed, PROCLITICS, reading)
    count = np.diff(first)[which]
    hit = np.repeat(np.arange(len(which)), count)  # once for each set that the word is in
    of_hit = in_set[np.arange(len(hit)) + np.repeat(first[which] - (np.cumsum(count) - count), count)]
    texts = words.text_of(where)
    said = np.zeros((int(in_set.max()) + 1, len(words.counts)), bool)
    said[of_hit, texts[hit]] = True
    likely = [np.flatnonzero(said[list(slots)].all(axis=0)) if slots else np.empty(0, np.int64) for slots in rules]
    said[:] = False
    for slots, at in zip(rules, likely, strict=True):
        said[np.array(slots, np.int64)[:, None], at] = True
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
        "far": np.repeat(np.array([far[r][s - 1] for r, s in zip(rule, slot, strict=True)], bool), count),
        "start": start,
        "stop": start + length[found],
    }
    con.execute("DROP TABLE IF EXISTS _said_slots")
    con.from_arrow(pa.table(columns)).distinct().create("_said_slots")


def _tabulate_rules(con: duckdb.DuckDBPyConnection) -> tuple[list[tuple[int, ...]], list[tuple[bool, ...]]]:
    """`_rules` and `_givens`; for each rule the numbers of its sets, and which of them may stand anywhere."""
    rows, numbers = load("severity_combinations"), _numbers()
    slots = [tuple(numbers[words.removeprefix(FAR)] for words in _slots_of(row)) for row in rows]
    far = [tuple(words.startswith(FAR) for words in _slots_of(row)) for row in rows]
    wanted = [len(row["given"].split()) for row in rows]
    givens = [(rule, number, *_given(said)) for rule, row in enumerate(rows) for number, said in enumerate(row["given"].split())]
    rules = {
        "rule": range(len(rows)),
        **{name: [row[name] for row in rows] for name in ("level", "topic")},
        "weight": [float(row["weight"]) for row in rows],
        "cue": [row["note"] for row in rows],
        "needs": [len(of) for of in slots],
        "wanted": wanted,
    }
    con.from_arrow(pa.table(rules)).create_view("_rules", replace=True)
    names = ("rule", "number", "fact", "low", "high")
    columns = {name: [given[i] for given in givens] for i, name in enumerate(names)}
    con.from_arrow(pa.table({**columns, "wanted": [wanted[given[0]] for given in givens]})).create_view("_givens", replace=True)
    return slots, far


def _slots_of(row: dict[str, str]) -> list[str]:
    """The sets of a row, those that may stand anywhere behind the others: the first is the place of the whole."""
    return sorted((row[f"words_{s}"] for s in SLOTS if row[f"words_{s}"]), key=lambda words: words.startswith(FAR))


@cache
def _numbers() -> dict[str, int]:
    """Each distinct set of words as the list has it, numbered."""
    rows = load("severity_combinations")
    return {words: i for i, words in enumerate(dict.fromkeys(words.removeprefix(FAR) for row in rows for words in _slots_of(row)))}


@cache
def _sets() -> tuple[list[str], np.ndarray, np.ndarray]:
    """The keys of the words of all sets; and which word, in order, is in which set."""
    members = {(word, number) for words, number in _numbers().items() for word in spelled(words)}
    listed = sorted({word for word, _ in members})
    place = {word: i for i, word in enumerate(listed)}
    of_word, in_set = np.array(sorted((place[word], number) for word, number in members), np.int64).T
    return listed, of_word, in_set


def _given(said: str) -> tuple[str, float, float]:
    """What a rule wants of a number: its name, from, below. "age<0.25" or "systolic>=180"."""
    match = GIVEN.match(said)
    if not match:
        raise ValueError(f"severity_combinations.csv: {said!r} is no condition such as age<0.25")
    name, sign, number = match.groups()
    return (name, float(number), inf) if sign == ">=" else (name, -inf, float(number))
