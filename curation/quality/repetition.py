"""Repeated lines and copied runs: the share of a text's words that stand in a run of words which the text has said before.

After the duplicate n-grams of Gopher (Rae et al. 2021, table A1), in words, since a Facebook post has few lines and they are short.
"""

import duckdb

RUN = 3  # words; two repeat in any text ("في البطن")
# A first look by a set of 64 slots for the words of a text: n different words fill 64 (1 - (1 - 1/64)^n) of them. Where fewer than this
# share is filled, its runs are looked at one by one; other texts score 0. Long texts fill all, so there different words are counted.
FILLED, LEAST_WORDS = 0.8, 6
LONG, DIFFERENT = 100, 0.6  # words, and the share of them that differ; texts that repeat nothing have 0.65 and more


def repetition_scores(con: duckdb.DuckDBPyConnection, texts: duckdb.DuckDBPyRelation) -> None:
    """`id, key` in; makes the table `_repeated`: `id, value, said` (the first run said again), where anything is."""
    texts.create_view("_repetition_texts", replace=True)
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE _repeated AS
        WITH slots AS (
            SELECT id, count(*) AS words, bit_count(bit_or(1::UBIGINT << (hash(word) % 64)::INTEGER)::BIT) AS filled
            FROM (SELECT id, unnest(string_split(key, ' ')) AS word FROM _repetition_texts) GROUP BY id),
        looked AS (
            SELECT id, words > {LONG} AS long FROM slots
            WHERE words > {LONG} OR (words >= {LEAST_WORDS} AND filled < {FILLED} * 64 * (1 - pow(1 - 1 / 64, words)))),
        split AS (
            SELECT id, words FROM (SELECT id, long, string_split(key, ' ') AS words FROM _repetition_texts JOIN looked USING (id))
            WHERE NOT long OR list_unique(words) < {DIFFERENT} * len(words)),
        runs AS (
            SELECT id, place, array_to_string(words[place:place + {RUN - 1}], ' ') AS run
            FROM (SELECT id, words, unnest(range(1, len(words) - {RUN - 2})) AS place FROM split)),
        again AS (
            SELECT id, place, run FROM runs QUALIFY row_number() OVER (PARTITION BY id, run ORDER BY place) > 1),
        places AS (SELECT DISTINCT id, unnest(range(place, place + {RUN})) AS place FROM again),
        covered AS (SELECT id, count(*) AS words FROM places GROUP BY id)
        SELECT id, covered.words / len(split.words) AS value, earliest AS said
        FROM covered JOIN split USING (id) JOIN (SELECT id, arg_min(run, place) AS earliest FROM again GROUP BY id) USING (id)""")
