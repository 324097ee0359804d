"""dialect: which dialect each question is in, with the words that say so, and the question in MSA beside it."""

import pyarrow as pa

from curation.dialect.msa import to_msa
from curation.dialect.tagger import SCORER, identify
from curation.engine import METRICS, Session, write_json
from curation.params import Params
from curation.processes import in_order
from curation.schema import DIALECT
from curation.stages import main

TEXTS = 10_000  # in a process at a time
NORMALISED = pa.schema([("id", pa.int64()), ("question_msa", pa.string()), ("msa_changes", pa.list_(pa.string()))])


def run(session: Session, params: Params) -> str:
    con = session.con
    for block in session.blocks("cleaned", "question, question_key AS key, language"):
        for table in ("questions", "found", "normalised"):
            con.execute(f"DROP TABLE IF EXISTS {table}")
        block.create("questions")
        identify(con, con.sql("SELECT id, key, language FROM questions"), params.dialect).create("found")
        con.from_arrow(NORMALISED.empty_table()).create("normalised")
        if params.dialect.normalise:
            _normalise(session)
        rows = con.sql(f"""
            SELECT record_id, f.*, '{SCORER}' AS dialect_scorer, evidence AS dialect_evidence,
                   coalesce(question_msa, question) AS question_msa, coalesce(msa_changes, []) AS msa_changes
            FROM questions JOIN found AS f USING (id) LEFT JOIN normalised USING (id)""")
        session.add(rows.project(", ".join(DIALECT)), "tagged")
    count = session.write(con.table("tagged"), "dialect", order_by="record_id")
    shares = session.counts("SELECT coalesce(dialect, 'unknown'), count(*) FROM tagged GROUP BY ALL")
    changed = session.number("SELECT count(*) FROM tagged WHERE len(msa_changes) > 0")
    words = session.number("SELECT coalesce(sum(len(msa_changes)), 0) FROM tagged")
    write_json(METRICS / "dialect.json", {"by_dialect": shares, "questions_changed_to_msa": changed, "words_changed": words})
    return f"{count} questions, {changed} with MSA beside them, " + ", ".join(f"{name} {n}" for name, n in shares.items())


def _normalise(session: Session) -> None:
    """Into `normalised`, the questions that have words of their dialect in them."""
    in_dialect = session.con.sql(
        "SELECT id, question, dialect FROM questions JOIN found USING (id) WHERE dialect NOT IN ('MSA', 'arabizi')"
    )
    batches = in_dialect.to_arrow_table().to_batches(TEXTS)
    for _, normalised in in_order(_in_msa, batches, lambda batch: batch, session.threads):
        session.con.from_arrow(pa.Table.from_batches([normalised])).insert_into("normalised")


def _in_msa(batch: pa.RecordBatch) -> pa.RecordBatch:
    """`id, question, dialect` in; `id, question_msa, msa_changes` of what changes out."""
    texts = zip(*(column.to_pylist() for column in batch.columns), strict=True)
    changed = [(i, *in_msa) for i, text, dialect in texts if (in_msa := to_msa(text, dialect))[1]]
    return pa.record_batch([[row[i] for row in changed] for i in range(len(NORMALISED))], schema=NORMALISED)


if __name__ == "__main__":
    main(run)
