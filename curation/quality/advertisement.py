"""Advertisements: booking and price phrases of comment_kinds.csv, the link or number to call, and learned words, in one regression."""

import duckdb
import pyarrow as pa

from curation.quality.tables import coefficients, learned

CONTACTS = ("phone", "link", "email")  # what redaction leaves of a number, a link, an address
MOST_COVERAGE = 0.25  # a quarter of a text in phrases that sell is all that can be said


def advertisement_features(con: duckdb.DuckDBPyConnection) -> str:
    """SQL over `_talk`, `_words`, `_cut_words`: `id, coverage, learned, contact, said`, where any of the three stands."""
    weights = {row["stem"]: round(1000 * float(row["weight"])) for row in learned("advertisement_words")}
    rows = {**weights, **dict.fromkeys(CONTACTS, 0)}
    table = pa.table({"stem": [*rows], "weight": pa.array(rows.values(), pa.int32()), "contact": [stem in CONTACTS for stem in rows]})
    con.from_arrow(table).create_view("_advertising_stems", replace=True)
    return f"""
        SELECT id, least(coalesce(value, 0), {MOST_COVERAGE}) AS coverage, coalesce(learned, 0) AS learned,
               coalesce(contact, 0) AS contact, list_concat(coalesce(said, []), coalesce(stems, [])) AS said
        FROM (SELECT id, value, said FROM _talk WHERE score = 'advertisement') FULL JOIN (
            SELECT id, sum(weight) / 1000 AS learned, max(contact::INTEGER) AS contact, list(stem ORDER BY stem) AS stems
            FROM (SELECT DISTINCT unnest(ids) AS id, stem, weight, contact
                  FROM (FROM _words UNION ALL FROM _cut_words) JOIN _advertising_stems USING (stem))
            GROUP BY id) USING (id)"""


def advertisement_scores(con: duckdb.DuckDBPyConnection) -> None:
    """Makes the table `_advertised`: `id, value, said`, of the texts that anything speaks for."""
    weights = coefficients("advertisement")
    log_odds = " + ".join([str(weights["intercept"]), *(f"{weight} * {name}" for name, weight in weights.items() if name != "intercept")])
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE _advertised AS
        SELECT id, array_to_string(said, ', ') AS said, 1 / (1 + exp(-({log_odds}))) AS value FROM ({advertisement_features(con)})""")
