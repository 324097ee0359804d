"""Splits of whole groups of records: near-duplicate clusters of questions, welded by the answers that they share.

A group is a connected component over clusters of questions and clusters of answers. Not every answer welds: one that is shorter than
`min_welding_letters`, or that is pasted under more than `stock_askings` clusters of questions, is a stock answer ("see a doctor"). It may
stand in several splits, and the gate asks nothing of it: welding by it would put a dataset into one group.

A group's place comes from its name and the seed alone, and its name is the lowest record id of its clusters, members that were dropped
included. So new rows move no old ones, but for these: a row whose id is lower than all of its group's names the group anew; a row that
connects two groups takes one of them along; an answer that has become a stock answer lets its groups go; and a held-out group of which a
text stands for the most part in a train text (curation/contamination.py) joins train. Nothing ever leaves train by that last rule.
"""

import duckdb
import numpy as np
import pyarrow as pa

from curation.contamination import Overlap, leaking, ngrams
from curation.duplicates.components import join, settle
from curation.duplicates.shingles import LOW, Rows
from curation.params import SplitParams
from curation.text.letters import at_least

SIDES = ("question", "answer")


def split_expression(name: str, params: SplitParams) -> str:
    """SQL for `train`, `validation` or `test` out of a group's name. md5 rather than hash(): DuckDB may change its own."""
    share = f"(('0x' || md5({name} || '/{params.seed}')[:8])::UINTEGER / 4294967296.0)"
    return (
        f"CASE WHEN {share} < {params.test} THEN 'test' WHEN {share} < {params.test + params.validation} THEN 'validation' ELSE 'train' END"
    )


def stock_answers(rows: str, params: SplitParams) -> str:
    """SELECT of `answer_cluster_id`: the stock answers among `rows`, a relation with the columns of `selected`."""
    is_short = f"NOT ({at_least('answer_key', params.min_welding_letters)})"
    return f"""SELECT answer_cluster_id FROM {rows} WHERE answer_cluster_id IS NOT NULL GROUP BY answer_cluster_id
        HAVING count(DISTINCT cluster_id) > {params.stock_askings} OR bool_and({is_short})"""


def split_records(
    con: duckdb.DuckDBPyConnection, selected: duckdb.DuckDBPyRelation, duplicates: duckdb.DuckDBPyRelation, params: SplitParams
) -> tuple[duckdb.DuckDBPyRelation, dict[str, int]]:
    """The hand-overs `selected` and `duplicates` in; `record_id, split` out, and counts: groups, the largest, records moved to train."""
    selected.project("record_id, cluster_id, answer_cluster_id, question_key, answer_key").create_view("_selected", replace=True)
    duplicates.create_view("_duplicates", replace=True)
    _group(con, params)
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE _placed AS
        SELECT row_number() OVER () - 1 AS row, s.*, root, {split_expression("name", params)} AS split,
               (answer_cluster_id IN (FROM _stock)) IS TRUE AS is_stock
        FROM _selected s JOIN _groups USING (cluster_id)""")
    moved = _moved(con, params)
    con.from_arrow(pa.table({"row": moved})).create_view("_moved", replace=True)
    groups, largest = con.execute("SELECT count(*), coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM _placed GROUP BY root)").fetchall()[
        0
    ]
    split = con.sql("SELECT record_id, if(row IN (FROM _moved), 'train', split) AS split FROM _placed")
    return split, {"groups": groups, "largest_group": largest, "moved_to_train": len(moved)}


def _group(con: duckdb.DuckDBPyConnection, params: SplitParams) -> None:
    """The tables `_stock` (answer_cluster_id) and `_groups` (cluster_id, root, name): clusters are numbered by their names."""
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE _stock AS {stock_answers("_selected", params)};
        CREATE OR REPLACE TEMP TABLE _asked AS
        SELECT row_number() OVER (ORDER BY name) - 1 AS number, cluster_id, name FROM (
            SELECT cluster_id, min(record_id) AS name FROM _duplicates SEMI JOIN _selected USING (cluster_id) GROUP BY cluster_id)""")
    edges = con.sql("""
        SELECT number, min(number) OVER (PARTITION BY answer_cluster_id) AS lowest
        FROM (SELECT DISTINCT cluster_id, answer_cluster_id FROM _selected ANTI JOIN _stock USING (answer_cluster_id)
              WHERE answer_cluster_id IS NOT NULL) JOIN _asked USING (cluster_id)""").fetchnumpy()
    roots = np.arange(con.execute("SELECT count(*) FROM _asked").fetchall()[0][0])
    join(roots, np.asarray(edges["number"]), np.asarray(edges["lowest"]))
    settle(roots)
    con.from_arrow(pa.table({"number": np.arange(len(roots)), "root": roots})).create_view("_roots_of_groups", replace=True)
    con.execute("""
        CREATE OR REPLACE TEMP TABLE _groups AS
        SELECT a.cluster_id, root, r.name FROM _asked a JOIN _roots_of_groups USING (number) JOIN _asked r ON r.number = root""")


def _moved(con: duckdb.DuckDBPyConnection, params: SplitParams) -> Rows:
    """The rows of the groups that join train, since a held-out text of theirs stands in a train text or in one that joined before."""
    overlap = Overlap(params.overlap_words, params.overlap_share, params.stock_askings)
    of = "SELECT row, {side}_key AS key FROM _placed WHERE split {is_held_out} 'train'"
    held_out = {side: ngrams(con, of.format(side=side, is_held_out="<>"), overlap.words) for side in SIDES}
    train = {side: ngrams(con, of.format(side=side, is_held_out="="), overlap.words, among=held_out[side]) for side in SIDES}
    columns = con.sql("SELECT root, split <> 'train' AS open, is_stock FROM _placed ORDER BY row").fetchnumpy()
    root, is_open, is_stock = (np.asarray(columns[name]) for name in ("root", "open", "is_stock"))
    moved = np.zeros(len(root), bool)
    while True:
        leaks = {side: leaking(held_out[side], train[side], overlap) for side in SIDES}
        rows = np.concatenate([leaks["question"], leaks["answer"][~is_stock[leaks["answer"]]]])
        joining = is_open & ~moved & np.isin(root, root[rows])
        if not joining.any():
            return np.flatnonzero(moved)
        moved |= joining
        for side, grams in held_out.items():
            joins = joining[(grams & LOW).astype(np.int64)]
            held_out[side], train[side] = grams[~joins], grams[joins]
