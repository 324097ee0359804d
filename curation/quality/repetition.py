"""Repeated lines and copied runs: the share of a text's words that stand in a run of words which the text has said before.

After the duplicate n-grams of Gopher (Rae et al. 2021, table A1), in words, since a Facebook post has few lines and they are short.
"""

import duckdb

RUN = 3  # words; two repeat in any text ("في البطن")
# Only where so many of the rarer words stand more than once is a text looked at run by run; other texts score 0.
FIRST_LOOK, LEAST_WORDS = 0.2, 3


def repetition_scores(con: duckdb.DuckDBPyConnection, texts: duckdb.DuckDBPyRelation) -> None:
    """`id, key` in, and the table `_rarer` (`id, code, times`: words of a text and how often); makes `_repeated`: `id, value, said`."""
    texts.create_view("_repetition_texts", replace=True)
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE _repeated AS
        WITH suspects AS (
            SELECT id FROM _rarer GROUP BY id
            HAVING sum(times) - count(*) >= greatest({LEAST_WORDS}, {FIRST_LOOK} * sum(times))),
        split AS (SELECT id, string_split(key, ' ') AS words FROM _repetition_texts SEMI JOIN suspects USING (id)),
        runs AS (
            SELECT id, place, array_to_string(words[place:place + {RUN - 1}], ' ') AS run
            FROM (SELECT id, words, unnest(range(1, len(words) - {RUN - 2})) AS place FROM split)),
        again AS (
            SELECT id, place, run FROM runs QUALIFY row_number() OVER (PARTITION BY id, run ORDER BY place) > 1),
        places AS (SELECT DISTINCT id, unnest(range(place, place + {RUN})) AS place FROM again),
        covered AS (SELECT id, count(*) AS words FROM places GROUP BY id)
        SELECT id, covered.words / len(split.words) AS value, first AS said
        FROM covered JOIN split USING (id) JOIN (SELECT id, arg_min(run, place) AS first FROM again GROUP BY id) USING (id)""")
