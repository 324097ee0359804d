"""clean: the light text that models train on, the key for matching, and the language."""

from curation.engine import Session
from curation.params import Params
from curation.schema import CLEANED
from curation.stages import main
from curation.text.cleaning import clean_columns
from curation.text.language import identify_language


def run(session: Session, params: Params) -> str:
    con = session.con
    raw = session.numbered("records", "question_raw, question_raw AS question, answer_raw AS answer")
    clean_columns(raw, ("question", "answer"), params.clean).project(
        "* EXCLUDE (question_raw), question_raw <> question AS changed"
    ).create("texts")
    languages = identify_language(con, con.sql("SELECT id, question AS text FROM texts"))
    result = con.table("texts").set_alias("t").join(languages.set_alias("l"), "t.id = l.id")
    count = session.write(result.project(", ".join(CLEANED)), "cleaned", order_by="record_id")
    return f"{count} records, {session.number('SELECT count(*) FROM texts WHERE changed')} questions changed"


if __name__ == "__main__":
    main(run)
