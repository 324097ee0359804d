"""Cleaning: by rule how often it changes a question and one that it changed; of each dialect those in which most rules did."""

from itertools import chain, zip_longest
from typing import Any

from curation.engine import Session
from curation.params import CleanParams
from curation.report.diff import Piece, merged, shortened, word_diff
from curation.report.material import Material
from curation.report.queries import one, rows
from curation.schema import DIALECT_LABELS, UNKNOWN
from curation.text.compiler import compile_rules
from curation.text.rule import Rule
from curation.text.rules import text_rules

DRAW = 300  # candidates of a dialect, by record_id, which is a hash: a fair draw that stays the same
LONGEST = 420  # characters of an example: it is there to be read


def figures(material: Material) -> dict[str, Any]:
    """`rules` that changed any of the `drawn` questions, and `examples`: kept records, the dialects in turn, with their texts as pieces."""
    session = material.session
    session.con.execute(f"""
        CREATE OR REPLACE TEMP TABLE candidates AS
        SELECT record_id, dialect, question_raw
        FROM records JOIN cleaned USING (record_id) JOIN tagged USING (record_id)
        WHERE kept AND question_raw <> question AND length(question_raw) <= {LONGEST}
        QUALIFY row_number() OVER (PARTITION BY dialect ORDER BY record_id) <= {DRAW}""")
    by_dialect: dict[str, list[tuple[int, str]]] = {name: [] for name in DIALECT_LABELS}
    by_rule, changed_by = _rules(session, material.params.clean)
    for record_id, dialect in session.con.execute("SELECT record_id, dialect FROM candidates").fetchall():
        by_dialect.setdefault(dialect, []).append((-len(changed_by[record_id]), record_id))
    in_turn = chain.from_iterable(zip_longest(*(sorted(found) for found in by_dialect.values())))
    chosen = [place[1] for place in in_turn if place is not None][: material.params.report.examples]
    return {
        "drawn": len(changed_by),
        "longest": LONGEST,
        "rules": by_rule,
        "examples": [_example(row, changed_by[row["record_id"]]) for row in _texts(session, chosen)],
        "by_words": bool(one(session, "SELECT coalesce(bool_or(len(dialect_evidence) > 0), false) FROM dialect")),
        "scorer": one(session, "SELECT max(dialect_scorer) FROM dialect"),
    }


def _rules(session: Session, params: CleanParams) -> tuple[list[dict[str, Any]], dict[str, list[str]]]:
    """What each rule changed, and by candidate the names of the rules that changed it, found by running them one after the other."""
    con = session.con
    found: list[dict[str, Any]] = []
    changed_by: dict[str, list[str]] = {row[0]: [] for row in con.execute("SELECT record_id FROM candidates").fetchall()}
    con.execute("CREATE OR REPLACE TEMP TABLE _step AS SELECT record_id, question_raw AS text FROM candidates")
    for rule in text_rules(params):
        con.execute(f"CREATE OR REPLACE TEMP TABLE _next AS SELECT record_id, {compile_rules([rule], 'text')} AS text FROM _step")
        changed = con.execute("""
            SELECT record_id, _step.text, _next.text FROM _step JOIN _next USING (record_id)
            WHERE _step.text <> _next.text ORDER BY record_id""").fetchall()
        for record_id, _, _ in changed:
            changed_by[record_id].append(rule.name)
        if changed:
            found.append(_by_rule(rule, len(changed), *changed[0]))
        con.execute("CREATE OR REPLACE TEMP TABLE _step AS FROM _next")
    return found, changed_by


def _by_rule(rule: Rule, count: int, record_id: str, before: str, after: str) -> dict[str, Any]:
    """The rule with what it changed first in one question."""
    return {"name": rule.name, "why": rule.why, "changed": count, "record_id": record_id, "pieces": shortened(merged(before, after))}


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
