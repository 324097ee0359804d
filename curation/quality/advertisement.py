"""Advertisements: booking and price phrases of comment_kinds.csv, the link or number to call, and learned words, in one regression."""

import duckdb
import numpy as np
import pyarrow as pa

from curation.quality.stems import Stems
from curation.quality.tables import coefficients, learned
from curation.text.words import Words, distinct

CONTACTS = ("phone", "link", "email")  # what redaction leaves of a number, a link, an address
MOST_COVERAGE = 0.25  # a quarter of a text in phrases that sell is all that can be said


def advertisement_features(con: duckdb.DuckDBPyConnection, words: Words, stems: Stems) -> str:
    """SQL over `_talk`, whose words these are: `id, coverage, learned, contact, said`, where any of the three stands."""
    weights = {row["stem"]: round(1000 * float(row["weight"])) for row in learned("advertisement_words")}
    rows = {**weights, **dict.fromkeys(CONTACTS, 0)}
    table = pa.table({"stem": [*rows], "weight": pa.array(rows.values(), pa.int32()), "contact": [stem in CONTACTS for stem in rows]})
    row_of = stems.rows_in(table["stem"].combine_chunks())
    places = stems.places(words, row_of)
    said = distinct(words.texts[places].astype(np.int64) * len(rows) + row_of[stems.of_word[words.numbers[places]]])
    hits = table.take(pa.array(said % len(rows))).append_column("id", words.ids.take(pa.array(said // len(rows))))
    con.from_arrow(hits).create_view("_advertising", replace=True)
    return f"""
        SELECT id, least(coalesce(value, 0), {MOST_COVERAGE}) AS coverage, coalesce(learned, 0) AS learned,
               coalesce(contact, 0) AS contact, list_concat(coalesce(said, []), coalesce(stems, [])) AS said
        FROM (SELECT id, value, said FROM _talk WHERE score = 'advertisement') FULL JOIN (
            SELECT id, sum(weight) / 1000 AS learned, max(contact::INTEGER) AS contact, list(stem ORDER BY stem) AS stems
            FROM _advertising GROUP BY id) USING (id)"""


def advertisement_scores(con: duckdb.DuckDBPyConnection, words: Words, stems: Stems) -> None:
    """Makes the table `_advertised`: `id, value, said`, of the texts that anything speaks for."""
    weights = coefficients("advertisement")
    log_odds = " + ".join([str(weights["intercept"]), *(f"{weight} * {name}" for name, weight in weights.items() if name != "intercept")])
    features = advertisement_features(con, words, stems)
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE _advertised AS
        SELECT id, array_to_string(said, ', ') AS said, 1 / (1 + exp(-({log_odds}))) AS value FROM ({features})""")
