"""That no held-out text stands in train: n-grams of test and validation against train, on both sides of a pair.

What is compared, and by what rule, stands in curation/contamination.py; which answers are exempt, in curation/splits.py.
"""

import pyarrow as pa

from curation.contamination import Overlap, leaking, ngrams
from curation.engine import Session
from curation.params import Params
from curation.splits import SIDES, stock_answers
from validators.checks import CRITICAL, Check

OVERLAPS = "contaminated"  # the table of what leaks, beside the hand-overs


def no_overlap() -> tuple[Check, ...]:
    """One critical check a side, over the suite `split`."""
    return tuple(
        Check(
            f"{side}_not_in_train",
            CRITICAL,
            f"SELECT record_id FROM {{batch}} JOIN {OVERLAPS} USING (record_id) WHERE side = '{side}'",
            f"a held-out {side} stands for the most part in a train {side}: scores on it would be too good",
            "`split` takes such groups into train by its overlap_words and overlap_share: give it the numbers of validate.leak_*.",
        )
        for side in SIDES
    )


def overlaps(session: Session, params: Params) -> pa.Table:
    """What `no_overlap` asks: `record_id, side` of the held-out records whose text of that side leaks."""
    con, limits = session.con, params.validate_
    overlap = Overlap(limits.leak_words, limits.leak_share, params.split.stock_askings)
    session.read("split").join(session.read("selected"), "record_id").create_view("_joined", replace=True)
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE _stock AS {stock_answers("_joined", params.split)};
        CREATE OR REPLACE TEMP TABLE _placed AS
        SELECT row_number() OVER () - 1 AS row, record_id, question_key, answer_key, split <> 'train' AS is_held_out,
               (answer_cluster_id IN (FROM _stock)) IS TRUE AS is_stock
        FROM _joined""")
    found = []
    for side in SIDES:
        exempt = "AND NOT is_stock" if side == "answer" else ""
        ours = ngrams(con, f"SELECT row, {side}_key AS key FROM _placed WHERE is_held_out {exempt}", overlap.words)
        train = ngrams(con, f"SELECT row, {side}_key AS key FROM _placed WHERE NOT is_held_out", overlap.words, among=ours)
        con.from_arrow(pa.table({"row": leaking(ours, train, overlap)})).create_view("_leaking", replace=True)
        found.append(con.sql(f"SELECT record_id, '{side}' AS side FROM _placed SEMI JOIN _leaking USING (row)").to_arrow_table())
    return pa.concat_tables(found)
