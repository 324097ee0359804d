"""Splits keep groups whole on both sides of a pair, move little when rows are added, and leave nothing of train in the held-out texts."""

import random
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curation.contamination import Overlap, leaking, ngrams
from curation.params import Params, SplitParams
from curation.splits import split_expression, split_records

SPLIT = SplitParams(validation=0.1, test=0.3, seed=42, stock_askings=3, min_welding_letters=20, overlap_words=8, overlap_share=0.7)
Row = dict[str, Any]
LONG = "جواب طويل بما يكفي ليجمع سؤالين"


def row(record_id: str, cluster: str, answer_cluster: str | None, question: str = "", answer: str = LONG) -> Row:
    return {
        "record_id": record_id,
        "cluster_id": cluster,
        "answer_cluster_id": answer_cluster,
        "question_key": question,
        "answer_key": answer if answer_cluster else None,
    }


def splits(
    con: duckdb.DuckDBPyConnection, rows: list[Row], dropped: list[Row] | None = None, params: SplitParams = SPLIT
) -> dict[str, str]:
    """Record id -> split; `dropped` stand in `duplicates` alone."""
    kinds = pa.schema([(name, pa.string()) for name in row("", "", "")])
    selected = con.from_arrow(pa.Table.from_pylist(rows, kinds))
    everything = con.from_arrow(pa.Table.from_pylist([*rows, *(dropped or [])], kinds))
    return dict(split_records(con, selected, everything, SPLIT)[0].fetchall())


def place(con: duckdb.DuckDBPyConnection, name: str) -> str:
    return str(con.execute(f"SELECT {split_expression('name', SPLIT)} FROM (SELECT ? AS name)", [name]).fetchall()[0][0])


def test_a_group_is_whole_on_both_sides(con: duckdb.DuckDBPyConnection) -> None:
    """a-b by their question, b-c by their answer, c-d by their question; e stands alone."""
    for i in range(20):
        a, b, c, d, e = (f"{name}{i}" for name in "abcde")
        found = splits(con, [row(a, a, None), row(b, a, b), row(c, c, b), row(d, c, d), row(e, e, e)])
        assert {found[x] for x in (a, b, c, d)} == {place(con, a)}
        assert found[e] == place(con, e)


@pytest.mark.parametrize(
    ("askings", "answer", "welded"),
    [
        (2, LONG, True),
        (3, LONG, True),
        (4, LONG, False),
        (2, "راجع الطبيب", False),
    ],
    ids=["two askings", "three askings", "more askings than stock_askings", "too short"],
)
def test_a_stock_answer_welds_nothing(con: duckdb.DuckDBPyConnection, askings: int, answer: str, welded: bool) -> None:
    rows = [row(f"q{i}", f"q{i}", "q0", answer=answer) for i in range(askings)]
    found = splits(con, rows)
    assert found == {r["record_id"]: place(con, "q0" if welded else r["record_id"]) for r in rows}


def test_records_without_answer_are_not_welded_by_it(con: duckdb.DuckDBPyConnection) -> None:
    rows = [row(f"q{i}", f"q{i}", None) for i in range(30)]
    assert set(splits(con, rows).values()) == {"train", "validation", "test"}


def test_another_representative_moves_nothing(con: duckdb.DuckDBPyConnection) -> None:
    """A longer answer comes in and represents the cluster: its name is still the lowest record id, dropped or not."""
    for i in range(20):
        old, new = f"m{i}", f"z{i}"
        before = splits(con, [row(old, old, old)])
        after = splits(con, [row(new, new, new)], dropped=[row(old, new, old)])
        assert before[old] == after[new]


ROWS = st.lists(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("abcdefgh")), min_size=1, max_size=20)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ROWS, st.randoms(use_true_random=False))
def test_rows_of_their_own_and_another_order_move_nothing(
    con: duckdb.DuckDBPyConnection, pairs: list[tuple[str, str]], rng: random.Random
) -> None:
    rows = [row(f"r{i:03d}", f"q{q}", f"a{a}", question=f"{q} ?", answer=f"{a * 30}") for i, (q, a) in enumerate(pairs)]
    more = [row(f"s{i:03d}", f"s{i}", f"s{i}", question=f"{i} !", answer=f"{i}" * 30) for i in range(5)]
    mixed = [*rows, *more]
    rng.shuffle(mixed)
    before = splits(con, rows)
    assert before.items() <= splits(con, mixed).items()
    for column in ("cluster_id", "answer_cluster_id"):
        for value in {r[column] for r in rows}:
            askings = {r["cluster_id"] for r in rows if r["answer_cluster_id"] == value}
            whole = {before[r["record_id"]] for r in rows if r[column] == value}
            assert len(whole) == 1 or (column == "answer_cluster_id" and len(askings) > SPLIT.stock_askings)


def test_shares_are_about_as_asked(con: duckdb.DuckDBPyConnection) -> None:
    rows = con.sql(f"SELECT {split_expression('i::VARCHAR', SPLIT)} AS s, count(*) FROM range(20000) t(i) GROUP BY ALL").fetchall()
    shares = {name: n / 20000 for name, n in rows}
    assert shares["test"] == pytest.approx(0.3, abs=0.01)
    assert shares["validation"] == pytest.approx(0.1, abs=0.01)


WORDS = [f"{a}{b}" for a in ("راس", "بطن", "ظهر", "عين", "جلد") for b in ("ي", "ه", "ها", "نا", "هم", "ك")]


def text(rng: random.Random, words: int) -> str:
    return " ".join(rng.choices(WORDS, k=words))


@pytest.mark.parametrize("side", ["question", "answer"])
def test_a_held_out_text_that_stands_in_a_train_text_joins_train_with_its_group(con: duckdb.DuckDBPyConnection, side: str) -> None:
    rng = random.Random(1)
    rows = [row(f"r{i:03d}", f"r{i:03d}", f"r{i:03d}", text(rng, 40), text(rng, 40)) for i in range(60)]
    before = splits(con, rows)
    train, test = ([r for r in rows if before[r["record_id"]] == name] for name in ("train", "test"))
    quoting, quoted, fellow, chained = train[0], test[0], test[1], test[2]
    quoting[f"{side}_key"] = f"{text(rng, 10)} {quoted[f'{side}_key']} {text(rng, 10)}"
    fellow["cluster_id"] = quoted["cluster_id"]  # of one group
    quoted_too = text(rng, 20)
    fellow[f"{side}_key"], chained[f"{side}_key"] = f"{quoted_too} {text(rng, 30)}", quoted_too  # stands in what joins
    after = splits(con, rows)
    moved = {i for i in before if before[i] != after[i]}
    assert {quoted["record_id"], chained["record_id"]} <= moved <= {r["record_id"] for r in (quoted, fellow, chained)}
    assert {after[i] for i in moved} == {"train"} and after[fellow["record_id"]] == "train"


def found(con: duckdb.DuckDBPyConnection, ours: list[str], train: list[str], of: Overlap) -> list[int]:
    for name, keys in (("ours", ours), ("theirs", train)):
        table = pa.table({"row": pa.array(range(len(keys)), pa.int64()), "key": pa.array(keys, pa.string())})
        con.from_arrow(table).create_view(name, replace=True)
    grams = ngrams(con, "FROM ours", of.words)
    return [int(i) for i in leaking(grams, ngrams(con, "FROM theirs", of.words, among=grams), of)]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data(), st.integers(1, 4), st.sampled_from([0.3, 0.7, 1.0]), st.integers(1, 3))
def test_leaks_are_those_of_pythons_sets(con: duckdb.DuckDBPyConnection, data: st.DataObject, words: int, share: float, stock: int) -> None:
    texts = st.lists(st.lists(st.sampled_from(["ا", "ب", "ت", "5"]), max_size=8).map(" ".join), max_size=6)
    ours, train = data.draw(texts), data.draw(texts)

    def grams(key: str) -> set[str]:
        parts = key.split()
        return {" ".join(parts[i : i + words]) for i in range(len(parts) - words + 1)}

    often = [gram for key in train for gram in grams(key)]
    rare = {gram for gram in often if often.count(gram) <= stock}
    expected = []
    for i, key in enumerate(ours):
        shared = max((len(grams(key) & grams(other) & rare) for other in train), default=0)
        if shared and shared >= share * len(grams(key)):
            expected.append(i)
    assert found(con, ours, train, Overlap(words, share, stock)) == expected


def test_the_gate_asks_what_the_split_kept(params: Params) -> None:
    """With other limits the gate could close on what the split may not mend."""
    assert params.validate_.leak_words == params.split.overlap_words
    assert params.validate_.leak_share >= params.split.overlap_share
