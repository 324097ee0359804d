"""Disagreement: where the word lists and the learnt weights differ most over how grave a question is."""

from typing import Any

import duckdb

from curation.engine import Session
from curation.report.material import Material
from curation.report.queries import cross, excerpt, rows
from curation.schema import SEVERITIES
from curation.severity.scorers import score
from curation.text.phrases import with_key

DRAW = 2_000  # kept records scored by both; the first by record_id, which is a hash: a fair draw that stays the same
SHOWN = 8
CUES = 4  # shown of what a scorer names
SCORERS = {"lists": "lexicon_v1", "learnt": "linear_v1"}


def figures(material: Material) -> dict[str, Any] | None:
    """Of at most DRAW kept records: how often both give the same level, and the SHOWN with the greatest distance; None without records.

    The distance is half the sum of the differences of the three probabilities: 0 the same, 1 each sure of another level.
    """
    session = material.session
    if not _score(material):
        return None
    table = cross(session, "SELECT lists, learnt, count(*) FROM both_scorers GROUP BY ALL", SEVERITIES)
    drawn = sum(sum(row.values()) for row in table.values())
    found = rows(
        session,
        f"""
        SELECT b.*, question, dialect FROM both_scorers b JOIN cleaned USING (record_id) JOIN tagged USING (record_id)
        ORDER BY distance DESC, record_id LIMIT {SHOWN}""",
    )
    return {
        "drawn": drawn,
        "same": sum(table.get(name, {}).get(name, 0) for name in SEVERITIES),
        "table": table,
        "levels": SEVERITIES,
        "rows": [row | {"text": excerpt(row["question"] or ""), "scorers": [_side(row, side) for side in SCORERS]} for row in found],
    }


def _score(material: Material) -> int:
    """The table `both_scorers`: of each drawn record both levels, probabilities and evidence, and their distance. Returns how many."""
    con, params = material.session.con, material.params.severity
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE chosen AS
        SELECT record_id, question_key AS key, dialect.dialect IS NOT NULL AS told,
               CASE WHEN len(msa_changes) > 0 THEN question_msa END AS changed
        FROM cleaned JOIN dialect USING (record_id)
        JOIN (SELECT record_id FROM tagged WHERE kept ORDER BY record_id LIMIT {DRAW}) USING (record_id)""")
    if not material.session.number("SELECT count(*) FROM chosen"):
        return 0
    with_key(con.sql("SELECT record_id, changed FROM chosen WHERE changed IS NOT NULL"), "changed", "msa").create_view(
        "in_msa", replace=True
    )
    con.execute("""
        CREATE OR REPLACE TEMP TABLE drawn AS
        SELECT row_number() OVER (ORDER BY record_id) AS id, record_id, key, CASE WHEN told THEN coalesce(msa, key) END AS msa
        FROM chosen LEFT JOIN in_msa USING (record_id)""")
    for side, name in SCORERS.items():
        found = score(con, con.sql("SELECT id, key, msa FROM drawn"), params.model_copy(update={"scorer": name}))
        con.from_arrow(found.to_arrow_table()).create_view(f"of_{side}", replace=True)
    return _together(material.session, con)


def _together(session: Session, con: duckdb.DuckDBPyConnection) -> int:
    probabilities = ", ".join(f"{side}.p_{name} AS {side}_{name}" for side in SCORERS for name in SEVERITIES)
    distance = " + ".join(f"abs(lists.p_{name} - learnt.p_{name})" for name in SEVERITIES)
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE both_scorers AS
        SELECT record_id, lists.severity AS lists, learnt.severity AS learnt, {probabilities},
               lists.evidence AS lists_evidence, learnt.evidence AS learnt_evidence, round(({distance}) / 2, 4) AS distance
        FROM drawn JOIN of_lists lists USING (id) JOIN of_learnt learnt USING (id)""")
    return session.number("SELECT count(*) FROM both_scorers")


def _side(row: dict[str, Any], side: str) -> dict[str, Any]:
    cues = [tuple(cue.partition(": ")[::2]) for cue in row[f"{side}_evidence"] if ": " in cue][:CUES]
    return {"name": SCORERS[side], "level": row[side], "probabilities": [row[f"{side}_{name}"] for name in SEVERITIES], "cues": cues}
