"""Which cues of the word lists stand in which texts: the longest fixed phrase at each place, and words near one another in any order.

All lists are matched at once; from there on everything works on the few places that were found.
"""

import duckdb
import pyarrow as pa

from curation.lexicons import load
from curation.text.phrases import fold, match_phrases
from curation.text.words import words_of

REACH = 10  # words between the parts of a combination
SLOTS = (1, 2, 3)


def find_cues(con: duckdb.DuckDBPyConnection, texts: duckdb.DuckDBPyRelation) -> None:
    """`id, key` in; the tables `_cues` (id, level, topic, cue, weight, start, stop) and `_contexts` (id, kind, start, stop) out."""
    _match_lists(con, texts)
    con.execute("""
        CREATE OR REPLACE TEMP TABLE _contexts AS
        SELECT DISTINCT id, kind, start, start + length AS stop FROM _list_hits JOIN _context_list USING (phrase_key)""")
    con.execute("""
        CREATE OR REPLACE TEMP TABLE _phrases AS
        SELECT id, phrase_key, level, topic, weight, start, start + length AS stop FROM _list_hits JOIN _cue_list USING (phrase_key)""")
    _find_combinations(con)
    # The longest phrase at each place: "مش قادر اتنفس" is one cue.
    con.execute("""
        CREATE OR REPLACE TEMP TABLE _cues AS
        SELECT id, level, topic, phrase_key AS cue, weight, start, stop FROM _phrases h
        WHERE NOT EXISTS (SELECT 1 FROM _phrases o WHERE o.id = h.id AND o.start <= h.start AND o.stop >= h.stop
                          AND o.stop - o.start > h.stop - h.start)
        UNION ALL FROM _combinations""")


def _match_lists(con: duckdb.DuckDBPyConnection, texts: duckdb.DuckDBPyRelation) -> None:
    """`_list_hits` (id, phrase_key, start, length): every place of every phrase and word of the three lists."""
    cues, contexts = load("severity_cues"), load("severity_context")
    rules = load("severity_combinations")
    words = sorted({word for row in rules for slot in SLOTS for word in row[f"words_{slot}"].split("|") if word})
    listed = {
        "_cue_list": {
            "phrase_key": fold([row["phrase"] for row in cues]),
            "level": [row["level"] for row in cues],
            "topic": [row["topic"] for row in cues],
            "weight": [float(row["weight"]) for row in cues],
        },
        "_context_list": {"phrase_key": fold([row["phrase"] for row in contexts]), "kind": [row["kind"] for row in contexts]},
        "_word_list": {"word": words, "phrase_key": fold(words)},
    }
    for name, columns in listed.items():
        con.execute(f"DROP TABLE IF EXISTS {name}")
        con.from_arrow(pa.table(columns)).create(name)
    con.execute("""
        CREATE OR REPLACE TEMP TABLE _all_phrases AS SELECT row_number() OVER (ORDER BY phrase_key) AS entry, phrase_key FROM (
            SELECT phrase_key FROM _cue_list UNION SELECT phrase_key FROM _context_list UNION SELECT phrase_key FROM _word_list)""")
    hits = match_phrases(con, words_of(con, texts), con.table("_all_phrases"))
    hits.set_alias("h").join(con.table("_all_phrases").set_alias("p"), "h.entry = p.entry").project(
        "id, phrase_key, start, length"
    ).create_view("_list_hits", replace=True)


def _find_combinations(con: duckdb.DuckDBPyConnection) -> None:
    """`_combinations`, with the columns of `_cues`: rules whose words all stand within REACH words of the first one's place.

    A text is looked at closely only where a bit set for each of a rule's slots is set: most words of the lists are frequent ones.
    """
    _tabulate_rules(con)
    con.execute("""
        CREATE OR REPLACE TEMP TABLE _word_hits AS
        SELECT id, start, start + length AS stop, sets FROM _list_hits JOIN _word_sets USING (phrase_key)""")
    con.execute("CREATE OR REPLACE TEMP TABLE _sets_of AS SELECT id, bit_or(sets) AS sets FROM _word_hits GROUP BY id")
    con.execute("""
        CREATE OR REPLACE TEMP TABLE _likely AS SELECT id, rule, set_1, set_2, set_3 FROM _sets_of
        JOIN _rules ON get_bit(sets, set_1) = 1 AND get_bit(sets, set_2) = 1 AND (set_3 IS NULL OR get_bit(sets, set_3) = 1)""")
    in_slots = " UNION ALL ".join(
        f"SELECT DISTINCT h.id, rule, {slot} AS slot, start, stop FROM _likely JOIN _word_hits h USING (id)"
        f" WHERE get_bit(h.sets, set_{slot}) = 1"
        for slot in SLOTS
    )
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE _slot_hits AS
        WITH hits AS MATERIALIZED ({in_slots}),
        denied AS (  -- "ولا ومضات": not said, unless the negation is itself a part of the rule
            SELECT DISTINCT h.id, h.rule, h.start FROM hits h JOIN _contexts x ON x.id = h.id AND x.kind = 'negation' AND x.stop = h.start
            WHERE NOT EXISTS (
                SELECT 1 FROM hits o WHERE o.id = h.id AND o.rule = h.rule AND o.start >= x.start AND o.stop <= x.stop))
        FROM hits ANTI JOIN denied USING (id, rule, start)""")
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE _combinations AS
        SELECT f.id, r.level, r.topic, r.cue, r.weight, min(least(f.start, o.start)) AS start, max(greatest(f.stop, o.stop)) AS stop
        FROM _slot_hits f JOIN _slot_hits o
            ON o.id = f.id AND o.rule = f.rule AND abs(o.start - f.start) <= {REACH} AND (o.slot = f.slot) = (o.start = f.start)
        JOIN _rules r ON r.rule = f.rule
        WHERE f.slot = 1 GROUP BY f.id, f.start, r.rule, r.level, r.topic, r.cue, r.weight, r.needs
        HAVING count(DISTINCT o.slot) = r.needs""")


def _tabulate_rules(con: duckdb.DuckDBPyConnection) -> None:
    """`_rules`, each with the numbers of its sets of words, and `_word_sets`, for each word the bits of the sets that it is in."""
    rows = load("severity_combinations")
    numbers = {words: i for i, words in enumerate(dict.fromkeys(row[f"words_{s}"] for row in rows for s in SLOTS if row[f"words_{s}"]))}
    members = [(i, word) for words, i in numbers.items() for word in words.split("|")]
    rules = {
        "rule": list(range(len(rows))),
        **{name: [row[name] for row in rows] for name in ("level", "topic")},
        "weight": [float(row["weight"]) for row in rows],
        "cue": [row["note"] for row in rows],
        "needs": [sum(bool(row[f"words_{s}"]) for s in SLOTS) for row in rows],
        **{f"set_{s}": pa.array([numbers.get(row[f"words_{s}"]) for row in rows], pa.int32()) for s in SLOTS},
    }
    con.execute("DROP TABLE IF EXISTS _rules")
    con.from_arrow(pa.table(rules)).create("_rules")
    listed = pa.table({"number": [i for i, _ in members], "word": [word for _, word in members]})
    con.from_arrow(listed).create_view("_set_members", replace=True)
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE _word_sets AS
        SELECT phrase_key, bit_or(set_bit('{"0" * len(numbers)}'::BIT, number::INTEGER, 1)) AS sets
        FROM _set_members JOIN _word_list USING (word) GROUP BY phrase_key""")
