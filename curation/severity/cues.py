"""Which cues of the word lists stand in which texts: the longest fixed phrase at each place, and combinations of words and numbers.

All lists are matched at once; from there on everything works on the few places that were found.
"""

from dataclasses import replace

import duckdb
import pyarrow as pa

from curation.lexicons import load
from curation.severity.combinations import find_combinations
from curation.severity.facts import find_facts
from curation.severity.latin import reading
from curation.severity.wording import folded, plain
from curation.text.phrases import PROCLITICS, find_phrases
from curation.text.words import Words, words_of


def find_cues(con: duckdb.DuckDBPyConnection, texts: duckdb.DuckDBPyRelation) -> None:
    """`id, key` in; the tables `_cues` (id, level, topic, cue, weight, start, stop) and `_contexts` (id, kind, start, stop) out."""
    words = words_of(con, texts)
    words = replace(words, vocabulary=words.each(con, plain("word"))[0].combine_chunks())
    _match_lists(con, words)
    find_facts(con, texts, words)
    con.execute("""
        CREATE OR REPLACE TEMP TABLE _contexts AS
        WITH found AS (SELECT DISTINCT id, kind, start, start + length AS stop FROM _list_hits JOIN _context_list USING (entry))
        -- "كل ما" is whenever and "مش بس" not only: within a longer phrase a word says nothing of its own.
        FROM found x WHERE NOT EXISTS (FROM found o WHERE o.id = x.id AND o.start <= x.start AND o.stop >= x.stop
                                       AND o.stop - o.start > x.stop - x.start)""")
    con.execute("""
        CREATE OR REPLACE TEMP TABLE _phrases AS
        SELECT id, phrase_key, level, topic, weight, start, start + length AS stop FROM _list_hits JOIN _cue_list USING (entry)""")
    find_combinations(con, words)
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
    keys = folded([row["phrase"] for row in (*cues, *contexts)])
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
    where, which, length = find_phrases(con, words, keys, PROCLITICS, reading)
    texts = words.text_of(where)
    start = where - words.first[texts] + 1
    hits = pa.table({"id": words.ids.take(pa.array(texts)), "entry": which, "start": start, "length": length})
    con.from_arrow(hits).create_view("_list_hits", replace=True)
