"""Questions for people to label: which, and as a sheet (CSV) or as an import file of Argilla or Label Studio.

A sheet has the columns that `tibyan severity learn` and `severity.labelled` read: record_id, text (redacted, as in the hand-over), severity
(empty) and annotator (empty). Nothing of what the scorer thinks is in it unless asked for: who sees an answer tends to agree with it.
"""

import csv
import io
import json
from typing import Any

import duckdb
import pyarrow as pa

from curation.engine import Session
from curation.errors import TibyanError
from curation.schema import SEVERITIES

BY = ("uncertainty", "random", "level")
TOOLS = ("argilla", "label-studio")
FIELDS = ("record_id", "text", "severity", "annotator")
PRESENT = ("given", *(f"p_{level}" for level in SEVERITIES))
# The annotation interface for Label Studio: its CSV export then has a column `severity`.
INTERFACE = (
    '<View><Text name="question" value="$text"/><Choices name="severity" toName="question" choice="single" required="true">'
    + "".join(f'<Choice value="{level}"/>' for level in SEVERITIES)
    + "</Choices></View>"
)


def draw(session: Session, n: int, by: str, seed: int) -> pa.Table:
    """`record_id, text, given, p_mild, p_moderate, p_critical` of n questions or of all there are, each key once.

    `uncertainty` takes those whose probabilities are most even (entropy), `level` as many of each level given, `random` any. They come
    in an order that says nothing. The same seed draws the same. Raises TibyanError where there is nothing to label.
    """
    session.read("cleaned").create_view("_of_cleaned", replace=True)
    session.read("severity").create_view("_of_severity", replace=True)
    entropy = " + ".join(f"p_{level} * ln(greatest(p_{level}, 1e-12))" for level in SEVERITIES)  # the most even is the least
    chance = f"md5(record_id || '{seed}')"
    order = {"uncertainty": f"round({entropy}, 9), {chance}", "random": chance, "level": f"place, {chance}"}[by]
    table = session.con.sql(f"""
        WITH questions AS (
            SELECT record_id, question AS text, severity AS given, {", ".join(PRESENT[1:])}
            FROM _of_cleaned JOIN _of_severity USING (record_id)
            WHERE trim(coalesce(question, '')) <> ''
            QUALIFY row_number() OVER (PARTITION BY question_key ORDER BY record_id) = 1),
        ranked AS (SELECT *, row_number() OVER (PARTITION BY given ORDER BY {chance}) AS place FROM questions),
        drawn AS (FROM ranked ORDER BY {order}, record_id LIMIT {n})
        SELECT record_id, text, {", ".join(PRESENT)} FROM drawn ORDER BY md5('{seed}' || record_id), record_id""").to_arrow_table()
    if not len(table):
        raise TibyanError(f"{session.folder}: no question to label. Run `dvc repro severity` over dumps with questions first.")
    return table


def sheet(drawn: pa.Table, show: bool) -> str:
    """A CSV with a row a question, `severity` and `annotator` to be filled in."""
    rows = [{"record_id": row["record_id"], "text": row["text"], **(_present(row) if show else {})} for row in drawn.to_pylist()]
    file = io.StringIO()
    writer = csv.DictWriter(file, [*FIELDS, *(PRESENT if show else ())], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return "\ufeff" + file.getvalue()  # spreadsheets take a CSV without the mark for a code page


def argilla(drawn: pa.Table, show: bool) -> str:
    """Records for `dataset.records.log(json.load(…))`, of a dataset with a TextField `text` and a LabelQuestion `severity`.

    A key that is the name of a question is a suggestion there.
    """
    rows = drawn.to_pylist()
    return _json([{"id": row["record_id"], "text": row["text"], **({"severity": row["given"]} if show else {})} for row in rows])


def label_studio(drawn: pa.Table, show: bool) -> str:
    """Tasks to import into a project with the labelling interface INTERFACE; what the scorer thinks is a prediction."""
    return _json([{"data": {name: row[name] for name in FIELDS[:2]}, **(_prediction(row) if show else {})} for row in drawn.to_pylist()])


def _prediction(row: dict[str, Any]) -> dict[str, Any]:
    choice = {"from_name": "severity", "to_name": "question", "type": "choices", "value": {"choices": [row["given"]]}}
    return {"predictions": [{"result": [choice], "score": round(row[f"p_{row['given']}"], 4)}]}


def _present(row: dict[str, Any]) -> dict[str, Any]:
    return {"given": row["given"], **{name: f"{row[name]:.3f}" for name in PRESENT[1:]}}


def _json(rows: list[dict[str, Any]]) -> str:
    return json.dumps(rows, ensure_ascii=False, indent=1) + "\n"


def changes(con: duckdb.DuckDBPyConnection, before: duckdb.DuckDBPyRelation, after: duckdb.DuckDBPyRelation) -> dict[tuple[str, str], int]:
    """How many texts went from which level to which, of two relations with `id, severity`; those that stayed are not in it."""
    before.create_view("_of_before", replace=True)
    after.create_view("_of_after", replace=True)
    rows = con.execute("""
        SELECT b.severity, a.severity, count(*) FROM _of_before b JOIN _of_after a USING (id)
        WHERE a.severity <> b.severity GROUP BY ALL ORDER BY ALL""").fetchall()
    return {(first, second): count for first, second, count in rows}
