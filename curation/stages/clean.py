"""clean: the light text that models train on, the key for matching, and the language."""

from curation.engine import Session
from curation.params import Params
from curation.schema import CLEANED
from curation.stages import main
from curation.text.cleaning import clean_texts
from curation.text.language import identify_language


def run(session: Session, params: Params) -> str:
    con = session.con
    records = session.read("records")
    for side in ("question", "answer"):
        cleaned = clean_texts(records.project(f"record_id AS id, {side}_raw AS text"), params.clean)
        cleaned.create(f"{side}s")
    identify_language(con, con.sql("SELECT id, text FROM questions")).create("languages")
    result = con.sql("""
        SELECT q.id AS record_id, q.text AS question, q.key AS question_key, a.text AS answer, a.key AS answer_key,
               l.language, l.language_method, l.arabic_share::DOUBLE AS arabic_share
        FROM questions q JOIN answers a USING (id) JOIN languages l USING (id)""")
    count = session.write(result.project(", ".join(CLEANED)), "cleaned", order_by="record_id")
    records.create_view("records")
    changed = session.number("SELECT count(*) FROM records JOIN questions ON record_id = id WHERE question_raw <> text")
    return f"{count} records, {changed} questions changed"


if __name__ == "__main__":
    main(run)
