"""dialect: which dialect each question is in, with the words that say so, and the question in MSA beside it."""

import pyarrow as pa

from curation.dialect.msa import to_msa
from curation.dialect.tagger import SCORER, identify
from curation.engine import METRICS, Session, write_json
from curation.params import Params
from curation.schema import DIALECT
from curation.stages import main


def run(session: Session, params: Params) -> str:
    con = session.con
    cleaned = session.read("cleaned")
    identify(con, cleaned.project("record_id AS id, question_key AS key, language"), params.dialect).create("tagged")
    questions = con.sql("SELECT id, question, dialect FROM tagged JOIN cleaned ON record_id = id ORDER BY id").fetchall()
    in_msa = [to_msa(text, dialect if params.dialect.normalise else None) for _, text, dialect in questions]
    con.from_arrow(
        pa.table(
            {
                "id": pa.array([row[0] for row in questions], pa.string()),
                "question_msa": pa.array([text for text, _ in in_msa], pa.string()),
                "msa_changes": pa.array([changes for _, changes in in_msa], pa.list_(pa.string())),
            }
        )
    ).create("normalised")
    result = con.sql(
        f"SELECT *, id AS record_id, '{SCORER}' AS dialect_scorer, evidence AS dialect_evidence FROM tagged JOIN normalised USING (id)"
    )
    count = session.write(result.project(", ".join(DIALECT)), "dialect", order_by="record_id")
    shares = session.counts("SELECT coalesce(dialect, 'unknown'), count(*) FROM tagged GROUP BY ALL")
    changed = sum(bool(changes) for _, changes in in_msa)
    write_json(
        METRICS / "dialect.json",
        {"by_dialect": shares, "questions_changed_to_msa": changed, "words_changed": sum(len(c) for _, c in in_msa)},
    )
    return f"{count} questions, {changed} with MSA beside them, " + ", ".join(f"{name} {n}" for name, n in shares.items())


if __name__ == "__main__":
    main(run)
