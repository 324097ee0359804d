"""Is the answer about what was asked? Words of both sides weighed by rarity, and topics of both sides that go together or do not.

A side's topics are the words of topic_words.csv in it, a question's specialty among them; two topics go together as often as they did in
right pairs against chance (topic_kinship.csv), and a logistic regression weighs both (coefficients.csv). Everything is a table, applied as
joins and sums of whole numbers, which come out the same whatever the order. A side that names no topic stays in doubt.
"""

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curation.quality.stems import Stems
from curation.quality.tables import MOST_RARE, coefficients, learned, topic_stems, topics
from curation.text.phrases import PROCLITICS, bare, with_key
from curation.text.words import NUMBER, Places, Words, distinct

TOPIC_WORD = 1_500  # thousandths of log-odds that a word gives its topic, shared among its topics
SPECIALTY_WORD = 2_000  # a word of the specialty says more: somebody filed the question there
MOST_TOPIC = 50_000  # a word said a hundred times; keeps exp() in range
MOST_SHARED, MOST_TOPICAL = 15.0, 6.0
IN_DOUBT = 0.5  # the most for a side that names no topic: Arabizi, "see a doctor"
SHOWN = 3  # shared words that the evidence names
FLOOR = 0.02  # under the kinship of two sides, so that no pair is impossible


def topic_sums(con: duckdb.DuckDBPyConnection, words: Words, stems: Stems) -> None:
    """Makes the view `_topics`: `id` and a column a topic, in thousandths, of the texts that name any."""
    table = topic_table(TOPIC_WORD)
    rows = stems.rows_in(table["stem"].combine_chunks())
    places = stems.places(words, rows)
    row, texts = rows[stems.of_word[words.numbers[places]]], words.texts[places]
    named = np.flatnonzero(np.bincount(texts, minlength=len(words.counts)))
    columns = {"id": words.ids.take(pa.array(named))}
    for topic in topics():
        sums = np.bincount(texts, table[topic].to_numpy()[row], len(words.counts))  # whole numbers, so the same in any order
        columns[topic] = pa.array(np.minimum(sums[named], MOST_TOPIC).astype(np.int32))
    con.from_arrow(pa.table(columns)).create_view("_topics", replace=True)


def topic_table(weight: int) -> pa.Table:
    """`stem` and a column a topic: what the stem gives to each, in thousandths."""
    found = topic_stems()
    columns = {t: pa.array([weight // len(of) if t in of else 0 for of in found.values()], pa.int32()) for t in topics()}
    return pa.table({"stem": pa.array(found, pa.string()), **columns})


def sides(con: duckdb.DuckDBPyConnection, specialties: duckdb.DuckDBPyRelation) -> None:
    """`row, specialty` in, and `_topics`; makes the view `_sides`: `row`, `q_<topic>`, `a_<topic>` in log-odds."""
    specialties.create_view("_specialties", replace=True)
    named = con.sql("SELECT DISTINCT specialty FROM _specialties WHERE specialty IS NOT NULL")
    with_key(named, "specialty", "key").create_view("_named_specialties", replace=True)
    con.from_arrow(topic_table(SPECIALTY_WORD)).create_view("_specialty_stems", replace=True)
    sums = ", ".join(f"sum({t})::INTEGER AS {t}" for t in topics())
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE _filed AS
        SELECT specialty, {sums}
        FROM (SELECT specialty, {bare("word", PROCLITICS)} AS stem FROM (
            SELECT specialty, unnest(string_split(key, ' ')) AS word FROM _named_specialties))
        JOIN _specialty_stems USING (stem) GROUP BY specialty""")
    asked = ", ".join(f"(coalesce(q.{t}, 0) + coalesce(f.{t}, 0)) / 1000 AS q_{t}, coalesce(a.{t}, 0) / 1000 AS a_{t}" for t in topics())
    con.execute(f"""
        CREATE OR REPLACE TEMP VIEW _sides AS
        SELECT s.row, {asked} FROM _specialties s LEFT JOIN _topics q ON q.id = 2 * s.row LEFT JOIN _topics a ON a.id = 2 * s.row + 1
        LEFT JOIN _filed f USING (specialty)""")


def shared_words(con: duckdb.DuckDBPyConnection, words: Words, stems: Stems) -> None:
    """Makes the view `_shared`: `row, shared, said`, the rarity of the stems that both texts of a row hold, and the rarest three of them.

    Text 2n is the question of row n, text 2n + 1 its answer.
    """
    rarity = rarity_of(stems)
    counted = (rarity > 0)[stems.of_word][words.numbers]
    ids = words.ids.to_numpy().astype(np.int64)[words.texts[counted]]
    said = distinct(ids >> 1 << NUMBER + 1 | stems.of_word[words.numbers[counted]].astype(np.int64) << 1 | ids & 1)
    both = said[1:][(said[1:] ^ said[:-1]) == 1] >> 1  # side by side and nothing but the side differs
    row, stem = both >> NUMBER, both & (1 << NUMBER) - 1
    known = distinct(stem.copy())
    by_rarity = pa.table({"rarity": rarity[known], "stem": stems.vocabulary.take(pa.array(known))})
    rank = np.empty(len(rarity), np.int64)
    rank[known[pc.sort_indices(by_rarity, [("rarity", "descending"), ("stem", "ascending")]).to_numpy()]] = np.arange(len(known))
    order = np.lexsort((rank[stem], row))
    row, stem = row[order], stem[order]
    first = np.flatnonzero(np.diff(row, prepend=-1))
    rows, count = row[first], np.diff(first, append=len(row))
    shown = np.arange(len(row)) - np.repeat(first, count) < SHOWN
    names = stems.vocabulary.take(pa.array(stem[shown]))
    ends = np.concatenate([np.zeros(1, np.int64), np.cumsum(np.minimum(count, SHOWN))])
    shared = np.add.reduceat(rarity[stem], first) / 1000 if len(first) else np.empty(0)
    columns = {"row": rows, "shared": shared, "said": pa.ListArray.from_arrays(pa.array(ends, pa.int32()), names)}
    con.from_arrow(pa.table(columns)).create_view("_shared", replace=True)


def rarity_of(stems: Stems) -> Places:
    """The rarity of each stem in thousandths; the empty word has none."""
    table = learned("word_rarity")
    rows = stems.rows_in(pa.array([row["stem"] for row in table], pa.string()))
    rarity = np.append([int(row["rarity"]) for row in table], MOST_RARE)[rows]
    rarity[pc.equal(stems.vocabulary, "").to_numpy(zero_copy_only=False)] = 0
    return rarity


def relation_scores(con: duckdb.DuckDBPyConnection) -> None:
    """Out of `_sides` and `_shared` makes `_unrelated`: `row, value` and the topic that each side speaks most of, if any."""
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
    value = f"1 / (1 + exp({log_odds}))"
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE _unrelated AS
        WITH weighed AS (
            SELECT row, {best}, least({total["a"]}, {MOST_TOPICAL}) AS topical, {odds} FROM _sides),
        compared AS (
            SELECT row, asked, answered, topical, ln(({together}) / (({total["q"]}) * ({total["a"]})) + {FLOOR}) AS kinship FROM weighed)
        SELECT row, asked, answered,
               CASE WHEN asked IS NULL OR answered IS NULL THEN least({IN_DOUBT}, {value}) ELSE {value} END AS value
        FROM (SELECT compared.*, coalesce(shared, 0) AS shared FROM compared LEFT JOIN _shared USING (row))""")
