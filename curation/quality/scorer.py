"""`quality_v1`: every score of a record, from 0 to 1, with what made it. Nothing is dropped here.

Each score is made by a module of its own over numbered texts: text 2n is the question of record n, text 2n + 1 its answer.
"""

import duckdb
import numpy as np
import pyarrow as pa

from curation.engine import threads_of
from curation.quality.advertisement import advertisement_scores
from curation.quality.asking import asking_scores
from curation.quality.letters import LATIN, count_characters
from curation.quality.relation import relation_scores, shared_words, sides, topic_sums
from curation.quality.repetition import repetition_scores
from curation.quality.stems import stems_of
from curation.quality.talk import talk_scores
from curation.schema import SCORES
from curation.text.letters import LETTER
from curation.text.words import split

SCORER = "quality_v1"
SAID = 0.2  # from this score on the evidence says why
SIDES = {"question": 0, "answer": 1}
PLAIN = ("record_id", "specialty", "answer", "answer_cut")


def score(con: duckdb.DuckDBPyConnection, records: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    """`record_id, specialty` and the texts of the hand-over `cleaned` in; the columns of the hand-over `quality` out, a row a record.

    What kind of text it is, the whole of it says: "book now" at its end is no part of the text that is kept, and says it best.
    """
    table = records.project(", ".join(["record_id, specialty", *(sql for side in SIDES for sql in _columns(side))])).to_arrow_table()
    rows = np.arange(table.num_rows, dtype=np.int32)
    ids = pa.array(np.concatenate([2 * rows + of for of in SIDES.values()]))
    whole = split(ids, [chunk for side in SIDES for chunk in table[f"{side}_whole"].chunks], threads_of(con))
    keys = whole.begin(whole.counts - np.concatenate([table[f"{side}_cut_words"].to_numpy() for side in SIDES]))
    stems = stems_of(con, whole)
    topic_sums(con, keys, stems)
    shared_words(con, keys, stems)
    talk_scores(con, whole)
    advertisement_scores(con, whole, stems)
    repetition_scores(con, keys)
    unmarked = ~table["question_marked"].to_numpy()
    asking_scores(con, keys.only(np.concatenate([unmarked, np.zeros(len(rows), bool)])))
    counts = {f"{side}_letters": count_characters(con, table[side], LETTER) for side in SIDES}
    counts["answer_latin"] = count_characters(con, table["answer"], LATIN)
    con.from_arrow(pa.table({"row": rows, **{name: table[name] for name in PLAIN}, **counts})).create_view("_rows", replace=True)
    sides(con, con.sql("SELECT row, specialty FROM _rows"))
    relation_scores(con)
    _gather(con)
    columns = ", ".join(f"{_value(name)} AS {name}" for name in SCORES)
    return con.sql(f"""
        SELECT record_id, question_letters, CASE WHEN answer <> '' THEN answer_letters END AS answer_letters,
               CASE WHEN answer <> '' THEN
                   CASE WHEN answer_latin = 0 THEN 1.0 WHEN regexp_matches(answer, '[A-Za-z]')
                        THEN round(1 - answer_latin / greatest(answer_letters, 1), 4) ELSE 1.0 END::DOUBLE
               END AS answer_arabic_share,
               {columns}, '{SCORER}' AS quality_scorer, coalesce(evidence, []::VARCHAR[]) AS quality_evidence
        FROM _rows LEFT JOIN _scored USING (row) LEFT JOIN _unrelated USING (row)""")


def _columns(side: str) -> tuple[str, ...]:
    """SQL for a side: its text, all that was written, of how many words the cut part is, whether a question mark stands in it."""
    key, cut = f"{side}_key", f"{side}_cut"
    return (
        f"{side}, {cut}",
        f"CASE WHEN {cut} <> '' THEN trim(concat_ws(' ', {key}, {cut})) ELSE {key} END AS {side}_whole",
        f"CASE WHEN {cut} <> '' THEN len(string_split({cut}, ' ')) ELSE 0 END AS {side}_cut_words",
        f"coalesce(contains({side}, '?') OR contains({side}, '؟'), true) AS {side}_marked",
    )


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
