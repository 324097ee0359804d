"""Examples of cleaning: of each dialect the questions in which most rules changed something."""

from itertools import chain, zip_longest
from typing import Any

from curation.engine import Session
from curation.params import CleanParams
from curation.report.diff import Piece, word_diff
from curation.report.figures import rows
from curation.schema import DIALECT_LABELS, UNKNOWN
from curation.text.compiler import compile_rules
from curation.text.rules import text_rules

DRAW = 300  # candidates of a dialect, by record_id, which is a hash: a fair draw that stays the same
LONGEST = 420  # characters of an example: it is there to be read


def examples(session: Session, params: CleanParams, count: int) -> list[dict[str, Any]]:
    """`count` kept records, the dialects in turn; each with its texts as pieces, the rules that changed it, tags."""
    session.con.execute(f"""
        CREATE OR REPLACE TEMP TABLE candidates AS
        SELECT record_id, coalesce(dialect, '{UNKNOWN}') AS dialect, question_raw
        FROM records JOIN cleaned USING (record_id) JOIN dialect USING (record_id) JOIN selection USING (record_id)
        WHERE kept AND question_raw <> question AND length(question_raw) <= {LONGEST}
        QUALIFY row_number() OVER (PARTITION BY dialect ORDER BY record_id) <= {DRAW}""")
    by_dialect: dict[str, list[tuple[int, str]]] = {name: [] for name in DIALECT_LABELS}
    changed_by = _rules_by_record(session, params)
    for record_id, dialect in session.con.execute("SELECT record_id, dialect FROM candidates").fetchall():
        by_dialect.setdefault(dialect, []).append((-len(changed_by[record_id]), record_id))
    in_turn = chain.from_iterable(zip_longest(*(sorted(found) for found in by_dialect.values())))
    chosen = [place[1] for place in in_turn if place is not None][:count]
    return [_example(row, changed_by[row["record_id"]]) for row in _texts(session, chosen)]


def _rules_by_record(session: Session, params: CleanParams) -> dict[str, list[str]]:
    """The names of the rules that changed each candidate, found by running them one after the other."""
    found: dict[str, list[str]] = {row[0]: [] for row in session.con.execute("SELECT record_id FROM candidates").fetchall()}
    session.con.execute("CREATE OR REPLACE TEMP TABLE _step AS SELECT record_id, question_raw AS text FROM candidates")
    for rule in text_rules(params):
        session.con.execute(f"CREATE OR REPLACE TEMP TABLE _next AS SELECT record_id, {compile_rules([rule], 'text')} AS text FROM _step")
        changed = session.con.execute("SELECT record_id FROM _step JOIN _next USING (record_id) WHERE _step.text <> _next.text")
        for (record_id,) in changed.fetchall():
            found[record_id].append(rule.name)
        session.con.execute("CREATE OR REPLACE TEMP TABLE _step AS FROM _next")
    return found


def _texts(session: Session, chosen: list[str]) -> list[dict[str, Any]]:
    if not chosen:
        return []
    listed = ", ".join(f"'{record_id}'" for record_id in chosen)
    found = rows(
        session,
        f"""
        SELECT record_id, source, coalesce(dialect, '{UNKNOWN}') AS dialect, severity,
               question_raw, question, question_msa, msa_changes,
               dialect_evidence, severity_evidence, p_mild, p_moderate, p_critical
        FROM records JOIN cleaned USING (record_id) JOIN dialect USING (record_id) JOIN severity USING (record_id)
        WHERE record_id IN ({listed})""",
    )
    return sorted(found, key=lambda row: chosen.index(row["record_id"]))


def _example(row: dict[str, Any], rules: list[str]) -> dict[str, Any]:
    before, after = word_diff(row["question_raw"], row["question"])
    msa: list[Piece] = word_diff(row["question"], row["question_msa"])[1] if row["msa_changes"] else []
    return row | {
        "before": before,
        "after": after,
        "msa": msa,
        "changes": [(change["form"], change["msa"], change["rule"]) for change in row["msa_changes"]],
        "rules": rules,
        "cues": [evidence.partition(": ")[::2] for evidence in row["severity_evidence"]],
    }
