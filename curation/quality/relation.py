"""Is the answer about what was asked? Words of both sides weighed by rarity, and topics of both sides that go together or do not.

A side's topics are the words of topic_words.csv in it, a question's specialty among them; two topics go together as often as they did in
right pairs against chance (topic_kinship.csv), and a logistic regression weighs both (coefficients.csv). Everything is a table, applied as
joins and sums of whole numbers, which come out the same whatever the order. A side that names no topic stays in doubt.
"""

import duckdb
import pyarrow as pa

from curation.quality.tables import MOST_RARE, coefficients, learned, topic_stems, topics
from curation.text.phrases import PROCLITICS, bare, key_expression

TOPIC_WORD = 1_500  # thousandths of log-odds that a word gives its topic, shared among its topics
SPECIALTY_WORD = 2_000  # a word of the specialty says more: somebody filed the question there
MOST_TOPIC = 50_000  # a word said a hundred times; keeps exp() in range
MOST_SHARED, MOST_TOPICAL = 15.0, 6.0
IN_DOUBT = 0.5  # the most for a side that names no topic: Arabizi, "see a doctor"
FLOOR = 0.02  # under the kinship of two sides, so that no pair is impossible


def relation_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Out of `_words`: `_stems` (`stem, code, rarity`), `_rarer` (`id, code, times`), `_topics` (`id`, a column a topic)."""
    rows = learned("word_rarity")
    rarity = {"stem": [row["stem"] for row in rows], "rarity": pa.array([int(row["rarity"]) for row in rows], pa.int32())}
    con.from_arrow(pa.table(rarity)).create_view("_rarity", replace=True)
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE _stems AS
        SELECT stem, row_number() OVER ()::INTEGER AS code, rarity FROM (
            SELECT stem, coalesce(rarity, {MOST_RARE}) AS rarity FROM (SELECT DISTINCT stem FROM _words) LEFT JOIN _rarity USING (stem))
        WHERE rarity > 0""")
    con.execute("""
        CREATE OR REPLACE TEMP TABLE _rarer AS
        SELECT id, code, count(*)::INTEGER AS times FROM (SELECT code, unnest(ids) AS id FROM _words JOIN _stems USING (stem))
        GROUP BY id, code""")
    topic_table(con, TOPIC_WORD).create_view("_topic_stems", replace=True)
    sums = ", ".join(f"least(sum({t}), {MOST_TOPIC})::INTEGER AS {t}" for t in topics())
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE _topics AS
        SELECT id, {sums} FROM (SELECT unnest(ids) AS id, {", ".join(topics())} FROM _words JOIN _topic_stems USING (stem)) GROUP BY id""")


def topic_table(con: duckdb.DuckDBPyConnection, weight: int) -> duckdb.DuckDBPyRelation:
    """`stem` and a column a topic: what the stem gives to each, in thousandths."""
    found = topic_stems()
    columns = {t: pa.array([weight // len(of) if t in of else 0 for of in found.values()], pa.int32()) for t in topics()}
    return con.from_arrow(pa.table({"stem": list(found), **columns}))


def pair_features(con: duckdb.DuckDBPyConnection, specialties: duckdb.DuckDBPyRelation) -> None:
    """`row, specialty` in; makes `_shared` (`row, shared, said`) and `_sides` (`row`, `q_<topic>`, `a_<topic>` in log-odds)."""
    con.execute("""
        CREATE OR REPLACE TEMP TABLE _shared AS
        SELECT row, sum(rarity) / 1000 AS shared, list(stem ORDER BY rarity DESC, stem)[:3] AS said FROM (
            SELECT q.id // 2 AS row, code FROM (FROM _rarer WHERE id % 2 = 0) q JOIN (FROM _rarer WHERE id % 2 = 1) a USING (code)
            WHERE a.id = q.id + 1) JOIN _stems USING (code) GROUP BY row""")
    specialties.create_view("_specialties", replace=True)
    topic_table(con, SPECIALTY_WORD).create_view("_specialty_stems", replace=True)
    words = f"unnest(string_split({key_expression('specialty')}, ' '))"
    sums = ", ".join(f"sum({t})::INTEGER AS {t}" for t in topics())
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE _filed AS
        SELECT specialty, {sums}
        FROM (SELECT specialty, {bare("word", PROCLITICS)} AS stem FROM (
            SELECT specialty, {words} AS word FROM (SELECT DISTINCT specialty FROM _specialties WHERE specialty IS NOT NULL)))
        JOIN _specialty_stems USING (stem) GROUP BY specialty""")
    asked = ", ".join(f"(coalesce(q.{t}, 0) + coalesce(f.{t}, 0)) / 1000 AS q_{t}, coalesce(a.{t}, 0) / 1000 AS a_{t}" for t in topics())
    con.execute(f"""
        CREATE OR REPLACE TEMP VIEW _sides AS
        SELECT s.row, {asked} FROM _specialties s LEFT JOIN _topics q ON q.id = 2 * s.row LEFT JOIN _topics a ON a.id = 2 * s.row + 1
        LEFT JOIN _filed f USING (specialty)""")


def relation_scores(con: duckdb.DuckDBPyConnection) -> None:
    """Out of `_sides` and `_shared`, makes `_unrelated`: `row, value` and the topic that each side speaks most of, if any."""
    kinship = {(row["question"], row["answer"]): float(row["kinship"]) for row in learned("topic_kinship")}
    weights = coefficients("answer_unrelated")
    odds = ", ".join(f"exp({side}_{t}) AS {side}_{t}" for side in "qa" for t in topics())
    together = " + ".join(f"a_{a} * ({' + '.join(f'{kinship[q, a]} * q_{q}' for q in topics())})" for a in topics())
    total = {side: " + ".join(f"{side}_{t}" for t in topics()) for side in "qa"}
    best = ", ".join(
        f"CASE greatest({', '.join(f'{side}_{t}' for t in topics())}) WHEN 0 THEN NULL "
        + " ".join(f"WHEN {side}_{t} THEN '{t}'" for t in topics())
        + f" END AS {name}"
        for side, name in (("q", "asked"), ("a", "answered"))
    )
    features = {
        "shared": f"least(shared, {MOST_SHARED})",
        "root_shared": "sqrt(shared)",
        "kinship": "kinship",
        "kinship_by_topical": "kinship * topical",
        "topical": "topical",
    }
    log_odds = " + ".join([str(weights["intercept"]), *(f"{weights[name]} * ({sql})" for name, sql in features.items())])
    unrelated = f"1 / (1 + exp({log_odds}))"
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE _unrelated AS
        WITH weighed AS (
            SELECT row, {best}, least({total["a"]}, {MOST_TOPICAL}) AS topical, {odds} FROM _sides),
        compared AS (
            SELECT row, asked, answered, topical, ln(({together}) / (({total["q"]}) * ({total["a"]})) + {FLOOR}) AS kinship FROM weighed)
        SELECT row, asked, answered,
               CASE WHEN asked IS NULL OR answered IS NULL THEN least({IN_DOUBT}, {unrelated}) ELSE {unrelated} END AS value
        FROM (SELECT compared.*, coalesce(shared, 0) AS shared FROM compared LEFT JOIN _shared USING (row))""")
