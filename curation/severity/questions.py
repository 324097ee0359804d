"""The questions of the hand-overs as scorers read them: block by block, with their keys and, where a scorer reads MSA, the keys of that."""

from collections.abc import Iterator

import duckdb

from curation.engine import Session
from curation.params import SeverityParams
from curation.severity.scorers import reads_msa
from curation.text.phrases import with_key

TEXTS = 61_440  # at a time: what may stand where in a text takes some 15 kB of memory for each


def questions(session: Session, *params: SeverityParams) -> Iterator[duckdb.DuckDBPyRelation]:
    """`id, record_id, text, key, msa` of each block of `cleaned`, for scorers with these parameters."""
    con, in_msa = session.con, any(map(reads_msa, params))
    if in_msa:
        session.read("dialect").create_view("_of_dialect", replace=True)
    for block in session.blocks("cleaned", "question AS text, question_key AS key", TEXTS):
        con.execute("DROP TABLE IF EXISTS _questions")
        block.create("_questions")
        if not in_msa:
            yield con.sql("SELECT id, record_id, text, key, key AS msa FROM _questions")
            continue
        con.execute("DROP TABLE IF EXISTS _said")
        con.sql("""
            SELECT record_id, dialect, CASE WHEN len(msa_changes) > 0 THEN question_msa END AS changed
            FROM _of_dialect SEMI JOIN _questions USING (record_id)
            WHERE record_id BETWEEN (SELECT min(record_id) FROM _questions) AND (SELECT max(record_id) FROM _questions)""").create("_said")
        con.execute("DROP TABLE IF EXISTS _in_msa")
        with_key(con.sql("SELECT record_id, changed FROM _said WHERE changed IS NOT NULL"), "changed", "msa").create("_in_msa")
        yield con.sql("""
            SELECT id, record_id, text, key, CASE WHEN dialect IS NOT NULL THEN coalesce(msa, key) END AS msa
            FROM _questions LEFT JOIN _said USING (record_id) LEFT JOIN _in_msa USING (record_id)""")
