"""clean: the light text that models train on, the key for matching, and the language."""

from curation.engine import Session
from curation.params import Params
from curation.schema import CLEANED
from curation.stages import main
from curation.text.cleaning import clean_columns
from curation.text.language import with_language


def run(session: Session, params: Params) -> str:
    raw = session.read("records").project("record_id, question_raw AS question, answer_raw AS answer")
    cleaned = clean_columns(raw, ("question", "answer"), params.clean)
    result = with_language(session.con, cleaned, "question").project(", ".join(CLEANED))
    # Each row by itself, from one file into the other: all texts of a dump in a table, and those sorted, would be gigabytes.
    count = session.write(result, "cleaned", order_by="" if session.in_order("records") else "record_id")
    shorter = session.read("cleaned").aggregate("count(question_cut), count(answer_cut)").fetchall()[0]
    return f"{count} records; something taken from the ends of {shorter[0]} questions, {shorter[1]} answers"


if __name__ == "__main__":
    main(run)
