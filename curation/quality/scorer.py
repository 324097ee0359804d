"""`quality_v1`: every score of a record, from 0 to 1, with what made it. Nothing is dropped here.

Each score is made by a module of its own over numbered texts: text 2n is the question of record n, text 2n + 1 its answer.
"""

import duckdb

from curation.quality.advertisement import advertisement_scores
from curation.quality.asking import asking_scores
from curation.quality.relation import relation_scores, shared_words, sides, topic_sums
from curation.quality.repetition import repetition_scores
from curation.quality.talk import talk_scores
from curation.quality.words import index_words
from curation.schema import SCORES

SCORER = "quality_v1"
SAID = 0.2  # from this score on the evidence says why
LETTERS = r"length(regexp_replace({}, '[^\p{{L}}]+', '', 'g'))"
LATIN = r"length(regexp_replace({}, '[^\p{{Latin}}]+', '', 'g'))"
SIDES = {"question": 0, "answer": 1}


def score(con: duckdb.DuckDBPyConnection, records: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    """`record_id, specialty` and the texts of the hand-over `cleaned` in; the columns of the hand-over `quality` out, a row a record.

    What kind of text it is, the whole of it says: "book now" at its end is no part of the text that is kept, and says it best.
    """
    records.create_view("_quality_records", replace=True)
    con.execute("CREATE OR REPLACE TEMP TABLE _rows AS SELECT row_number() OVER ()::INTEGER AS row, * FROM _quality_records")
    con.execute("""
        CREATE OR REPLACE TEMP VIEW _texts AS
        SELECT 2 * row AS id, question AS text, question_key AS key, question_cut AS cut FROM _rows
        UNION ALL SELECT 2 * row + 1, answer, answer_key, answer_cut FROM _rows WHERE answer <> '' OR answer_cut <> ''""")
    keys = con.sql("SELECT id, key FROM _texts")
    index_words(con, keys)
    topic_sums(con)
    shared_words(con)
    index_words(con, con.sql("SELECT id, cut AS key FROM _texts WHERE cut <> ''"), "_cut_words")
    talk_scores(con, con.sql("SELECT id, trim(concat_ws(' ', key, cut)) AS key FROM _texts"))
    advertisement_scores(con)
    repetition_scores(con, keys)
    asking_scores(con, con.sql("SELECT id, text, key FROM _texts WHERE id % 2 = 0"))
    sides(con, con.sql("SELECT row, specialty FROM _rows"))
    relation_scores(con)
    _gather(con)
    columns = ", ".join(f"{_value(name)} AS {name}" for name in SCORES)
    return con.sql(f"""
        SELECT record_id, {LETTERS.format("coalesce(question, '')")} AS question_letters,
               CASE WHEN answer <> '' THEN {LETTERS.format("answer")} END AS answer_letters,
               CASE WHEN answer <> '' THEN
                   CASE WHEN regexp_matches(answer, '[A-Za-z]')
                        THEN round(1 - {LATIN.format("answer")} / greatest({LETTERS.format("answer")}, 1), 4) ELSE 1.0 END::DOUBLE
               END AS answer_arabic_share,
               {columns}, '{SCORER}' AS quality_scorer, coalesce(evidence, []::VARCHAR[]) AS quality_evidence
        FROM _rows LEFT JOIN _scored USING (row) LEFT JOIN _unrelated USING (row)""")


def _value(name: str) -> str:
    """The score as a column: 0 where nothing speaks for it, null where there is no answer to score."""
    if name == "answer_unrelated":
        return "CASE WHEN answer <> '' THEN round(value, 4) END"
    value = f"round(coalesce({name}, 0.0), 4)"
    return f"CASE WHEN answer <> '' OR answer_cut <> '' THEN {value} END" if name.startswith("answer") else value


def _gather(con: duckdb.DuckDBPyConnection) -> None:
    """The table `_scored`: `row`, a column a score, `evidence`, for the records where any score is above 0 or the answer in doubt."""
    side = "CASE id % 2 " + " ".join(f"WHEN {of} THEN '{name}_'" for name, of in SIDES.items()) + " END"
    columns = ", ".join(f"max(value) FILTER (name = '{name}') AS {name}" for name in SCORES if name != "answer_unrelated")
    shares = "coalesce(array_to_string(said, ', '), 'none')"
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE _scored AS
        WITH scores AS (
            SELECT id // 2 AS row, {side} || score AS name, value, array_to_string(said, ', ') AS said FROM _talk
            WHERE score <> 'advertisement'
            UNION ALL SELECT id // 2, {side} || 'advertisement', value, said FROM _advertised
            UNION ALL SELECT id // 2, {side} || 'repeated', value, 'from ' || said FROM _repeated
            UNION ALL SELECT id // 2, 'question_no_question', value, 'neither mark nor asking word nor complaint' FROM _silent
            UNION ALL
            SELECT row, 'answer_unrelated', value,
                   'asked ' || coalesce(asked, 'nothing known') || ', answered ' || coalesce(answered, 'nothing known')
                   || ', words in common: ' || {shares}
            FROM _unrelated LEFT JOIN _shared USING (row) WHERE value > 0.5)
        SELECT row, {columns},
               list(name || printf(' %.2f: ', value) || said ORDER BY value DESC, name) FILTER (value >= {SAID}) AS evidence
        FROM scores GROUP BY row""")
