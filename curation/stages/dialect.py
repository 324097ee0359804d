"""dialect: which dialect each question is in, with the words that say so, and the question in MSA beside it."""

from functools import partial

import pyarrow as pa

from curation.dialect.identify import identify, load_classifier, scorer_of
from curation.dialect.msa import CHANGES
from curation.dialect.normalisation import ARABIZI, check_refused, checked
from curation.engine import METRICS, Session, write_json
from curation.params import DialectParams, Params
from curation.processes import in_order
from curation.schema import DIALECT, SPOKEN
from curation.stages import main

TEXTS = 10_000  # in a process at a time
NORMALISED = pa.schema([("id", pa.int64()), ("question_msa", pa.string()), ("msa_changes", CHANGES), ("failed", pa.bool_())])


def run(session: Session, params: Params) -> str:
    con = session.con
    check_refused(params.dialect.refused)
    classifier = load_classifier(params.dialect)
    for block in session.blocks("cleaned", "question, question_key AS key, language"):
        for table in ("questions", "found", "normalised"):
            con.execute(f"DROP TABLE IF EXISTS {table}")
        block.create("questions")
        identify(con, con.sql("SELECT id, question AS text, key, language FROM questions"), params.dialect, classifier).create("found")
        con.from_arrow(NORMALISED.empty_table()).create("normalised")
        if params.dialect.normalise:
            _normalise(session, params.dialect)
        rows = con.sql(f"""
            SELECT record_id, failed, f.*, '{scorer_of(classifier)}' AS dialect_scorer, evidence AS dialect_evidence,
                   coalesce(question_msa, question) AS question_msa, coalesce(msa_changes, []) AS msa_changes
            FROM questions JOIN found AS f USING (id) LEFT JOIN normalised USING (id)""")
        session.add(rows.project(f"{', '.join(DIALECT)}, failed"), "tagged")
    count = session.write(con.table("tagged").project("* EXCLUDE (failed)"), "dialect", order_by="record_id")
    shares = session.counts("SELECT coalesce(dialect, 'unknown'), count(*) FROM tagged GROUP BY ALL")
    changed = session.number("SELECT count(*) FROM tagged WHERE len(msa_changes) > 0")
    words = session.number("SELECT coalesce(sum(len(msa_changes)), 0) FROM tagged")
    failed = session.number("SELECT count(*) FROM tagged WHERE failed")
    counts = {"questions_changed_to_msa": changed, "questions_left_by_the_check": failed, "words_changed": words}
    counts["questions_not_read_to_their_end"] = classifier.truncated if classifier else 0
    write_json(METRICS / "dialect.json", {"by_dialect": shares, **counts})
    return f"{count} questions, {changed} with MSA beside them, " + ", ".join(f"{name} {n}" for name, n in shares.items())


def _normalise(session: Session, params: DialectParams) -> None:
    """Into `normalised`, the questions that have words of their dialect in them."""
    in_dialect = session.con.sql(f"SELECT id, question, dialect FROM questions JOIN found USING (id) WHERE dialect IN {(*SPOKEN, ARABIZI)}")
    batches = in_dialect.to_arrow_table().to_batches(TEXTS)
    for _, normalised in in_order(partial(_in_msa, refused=params.refused), batches, lambda batch: batch, session.threads):
        session.con.from_arrow(pa.Table.from_batches([normalised])).insert_into("normalised")


def _in_msa(batch: pa.RecordBatch, refused: list[str]) -> pa.RecordBatch:
    """`id, question, dialect` in; `id, question_msa, msa_changes, failed` of what changes, or would if the check let it, out."""
    texts = zip(*(column.to_pylist() for column in batch.columns), strict=True)
    normalised = [(i, *checked(text, dialect, refused)) for i, text, dialect in texts]
    changed = [(i, text, [c._asdict() for c in changes], failed) for i, text, changes, failed in normalised if changes or failed]
    return pa.record_batch([[row[i] for row in changed] for i in range(len(NORMALISED))], schema=NORMALISED)


if __name__ == "__main__":
    main(run)
