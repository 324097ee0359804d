"""clean: the light text that models train on, the key for matching, and the language."""

from curation.engine import Session
from curation.params import Params
from curation.schema import CLEANED
from curation.stages import main
from curation.text.cleaning import clean_chain
from curation.text.compiler import projected
from curation.text.language import ask_langdetect, language_chain


def run(session: Session, params: Params) -> str:
    raw = session.read("records").project("record_id, question_raw AS question, answer_raw AS answer")
    ask_langdetect(session.con)
    chain = [*clean_chain(("question", "answer"), params.clean), *language_chain("question"), ", ".join(CLEANED)]
    result = projected(raw, chain)
    # Each row by itself, from one file into the other: all texts of a dump in a table, and those sorted, would be gigabytes.
    count = session.write(result, "cleaned", order_by="" if session.is_ordered("records") else "record_id")
    shorter = session.read("cleaned").aggregate("count(question_cut), count(answer_cut)").fetchall()[0]
    return f"{count} records; something taken from the ends of {shorter[0]} questions, {shorter[1]} answers"


if __name__ == "__main__":
    main(run)
