"""dialect: which dialect each question is in, with the words that say so, and the question in MSA beside it; the answer where asked to."""

from functools import partial

import pyarrow as pa

from curation.dialect.identify import Classifier, identify, load_classifier, scorer_of
from curation.dialect.msa import CHANGES
from curation.dialect.normalisation import ARABIZI, check_refused, checked
from curation.dialect.texts import identified
from curation.engine import METRICS, Session, write_json
from curation.params import DialectParams, Params
from curation.processes import in_order
from curation.schema import CHANGES as CHANGES_SQL
from curation.schema import DIALECT, SPOKEN
from curation.stages import main

TEXTS = 10_000  # in a process at a time
FOUND = pa.schema([("id", pa.int64()), ("dialect", pa.string())])
NORMALISED = pa.schema([("id", pa.int64()), ("msa", pa.string()), ("changes", CHANGES), ("failed", pa.bool_())])


def run(session: Session, params: Params) -> str:
    con, wanted = session.con, params.dialect
    check_refused(wanted.refused)
    classifier = load_classifier(wanted)
    for block in session.blocks("cleaned", "question, question_key AS key, language, answer"):
        for table in ("pairs", "found", "normalised", "answers_found", "answers_normalised"):
            con.execute(f"DROP TABLE IF EXISTS {table}")
        block.create("pairs")
        identify(con, con.sql("SELECT id, question AS text, key, language FROM pairs"), wanted, classifier).create("found")
        _normalise(session, "question", "found" if wanted.normalise else None, "normalised", wanted)
        _find_answers(session, wanted, classifier)
        _normalise(session, "answer", "answers_found" if wanted.normalise_answers else None, "answers_normalised", wanted)
        answer_msa = "coalesce(a.msa, answer)" if wanted.normalise_answers else "NULL::VARCHAR"
        no_changes = "[]" if wanted.normalise_answers else f"NULL::{CHANGES_SQL}"
        rows = con.sql(f"""
            SELECT record_id, coalesce(q.failed, false) AS failed, coalesce(a.failed, false) AS answer_failed,
                   f.*, '{scorer_of(classifier)}' AS dialect_scorer, evidence AS dialect_evidence,
                   coalesce(q.msa, question) AS question_msa, coalesce(q.changes, []) AS msa_changes, af.dialect AS answer_dialect,
                   {answer_msa} AS answer_msa, CASE WHEN answer IS NOT NULL THEN coalesce(a.changes, {no_changes}) END AS answer_msa_changes
            FROM pairs JOIN found AS f USING (id) LEFT JOIN normalised AS q USING (id)
                LEFT JOIN answers_found AS af USING (id) LEFT JOIN answers_normalised AS a USING (id)""")
        session.add(rows.project(f"{', '.join(DIALECT)}, failed, answer_failed"), "tagged")
    count = session.write(con.table("tagged").project("* EXCLUDE (failed, answer_failed)"), "dialect", order_by="record_id")
    shares = session.counts("SELECT coalesce(dialect, 'unknown'), count(*) FROM tagged GROUP BY ALL")
    changed = session.number("SELECT count(*) FROM tagged WHERE len(msa_changes) > 0")
    counts = {
        "questions_changed_to_msa": changed,
        "questions_left_by_the_check": session.number("SELECT count(*) FROM tagged WHERE failed"),
        "words_changed": session.number("SELECT coalesce(sum(len(msa_changes)), 0) FROM tagged"),
        "answers_changed_to_msa": session.number("SELECT count(*) FROM tagged WHERE len(answer_msa_changes) > 0"),
        "answers_left_by_the_check": session.number("SELECT count(*) FROM tagged WHERE answer_failed"),
        "texts_not_read_to_their_end": classifier.truncated if classifier else 0,
    }
    write_json(METRICS / "dialect.json", {"by_dialect": shares, **counts})
    return f"{count} questions, {changed} with MSA beside them, " + ", ".join(f"{name} {n}" for name, n in shares.items())


def _find_answers(session: Session, params: DialectParams, classifier: Classifier | None) -> None:
    """Into `answers_found`, the dialect of each answer: doctors seldom write in that of the question. Empty unless it is asked for."""
    if not params.normalise_answers:
        session.con.from_arrow(FOUND.empty_table()).create("answers_found")
        return
    answers = session.con.sql("SELECT id, answer AS text FROM pairs WHERE answer IS NOT NULL")
    identified(session.con, answers, params, classifier).project("id, dialect").create("answers_found")


def _normalise(session: Session, column: str, found: str | None, into: str, params: DialectParams) -> None:
    """Into the table `into`, the texts of `column` that have words of their dialect, which `found` says, in them; none without it."""
    session.con.from_arrow(NORMALISED.empty_table()).create(into)
    if found is None:
        return
    texts = f"SELECT id, {column}, f.dialect FROM pairs JOIN {found} AS f USING (id) WHERE f.dialect IN {(*SPOKEN, ARABIZI)}"
    batches = session.con.sql(texts).to_arrow_table().to_batches(TEXTS)
    for _, normalised in in_order(partial(_in_msa, refused=params.refused), batches, lambda batch: batch, session.threads):
        session.con.from_arrow(pa.Table.from_batches([normalised])).insert_into(into)


def _in_msa(batch: pa.RecordBatch, refused: list[str]) -> pa.RecordBatch:
    """`id, text, dialect` in; `id, msa, changes, failed` of what changes, or would if the check let it, out."""
    texts = zip(*(column.to_pylist() for column in batch.columns), strict=True)
    normalised = [(i, *checked(text, dialect, refused)) for i, text, dialect in texts]
    changed = [(i, text, [c._asdict() for c in changes], failed) for i, text, changes, failed in normalised if changes or failed]
    return pa.record_batch([[row[i] for row in changed] for i in range(len(NORMALISED))], schema=NORMALISED)


if __name__ == "__main__":
    main(run)
