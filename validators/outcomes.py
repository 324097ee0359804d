"""What a check came to, out of what Great Expectations answers: counts, numbers, record ids and known names, never a value of a text."""

import numbers
import re
from typing import Any

from curation.errors import TibyanError
from validators.checks import Check, Expect, Suite
from validators.duckdb_adapter import query

PLACES = 20  # of a check, at most: dialects, splits, sources, columns
Outcome = dict[str, Any]


def faults(suite: Suite, check: Check) -> str:
    """The table of what is at fault by a check in SQL: it is run once, and Great Expectations, which would run it twice, reads these."""
    return f"{suite.name}/{check.name}"


def outcome(datasource: Any, suite: Suite, check: Check, result: Any, known: frozenset[str]) -> Outcome:
    """One check's. `record_ids` are all at fault; `places` are names at fault with a number beside each, those of `known` alone.

    Raises TibyanError where the check could not be run.
    """
    if problem := _problem(result):
        raise TibyanError(f"check {suite.name}/{check.name} cannot be run: {problem}. Mend it where it is defined.")
    observed, count = result.result.get("observed_value"), result.result.get("unexpected_count")
    if isinstance(check.test, str):
        observed, count = None, observed
    ids, places = ([], {}) if result.success else _at_fault(datasource, suite, check, result, known)
    return {
        "suite": suite.name,
        "name": check.name,
        "severity": check.severity,
        "reason": check.reason,
        "mend": check.mend or suite.mend,
        "files": list(suite.files),
        "columns": _columns(check),
        "success": bool(result.success),
        "unexpected_count": count,
        "observed": number(observed),
        "places": places,
        "record_ids": ids,
    }


def _columns(check: Check) -> list[str]:
    """The column that an expectation is about."""
    column = check.test.arguments.get("column") if isinstance(check.test, Expect) else None
    return [column] if column else []


def _at_fault(datasource: Any, suite: Suite, check: Check, result: Any, known: frozenset[str]) -> tuple[list[str], dict[str, Any]]:
    """All record ids, sorted; none where the check is about the table as a whole. And the places."""
    if isinstance(check.test, Expect):
        rows = (result.result.get("unexpected_index_query") or "").rstrip("; ")
    else:
        rows = f'SELECT * FROM "{faults(suite, check)}"'
    columns = query(datasource, f"SELECT * FROM ({rows}) LIMIT 0")[0] if rows else []
    ids: list[str] = []
    places: dict[str, Any] = {}
    if "record_id" in columns:
        found = query(datasource, f"SELECT DISTINCT record_id FROM ({rows}) WHERE record_id IS NOT NULL ORDER BY record_id")[1]
        ids = [str(row[0]) for row in found]
    if "place" in columns:
        beside = "any_value(observed)" if "observed" in columns else "NULL"
        found = query(datasource, f"SELECT place::VARCHAR, {beside} FROM ({rows}) GROUP BY place ORDER BY place NULLS LAST")[1]
        named = {place if place in known else "other": number(value) for place, value in found}
        places = dict(sorted(named.items())[:PLACES])
    return ids, places


def number(value: Any) -> float | int | None:
    """A number as it is, anything else as null: the values of a text column are patients' words."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        return None
    return int(value) if isinstance(value, numbers.Integral) else round(float(value), 6)


def _problem(result: Any) -> str:
    """Why a check could not be run. Only errors about the SQL are quoted: a conversion error would quote a value."""
    infos = result.exception_info or {}
    infos = [infos] if "raised_exception" in infos else list(infos.values())
    messages = [str(info.get("exception_message")) for info in infos if info.get("raised_exception")]
    return quotable(messages[0]) if messages else ""


def quotable(message: str) -> str:
    """An error of DuckDB's about SQL; of one about a value, that it is one."""
    found = re.search(r"(?:Binder|Catalog|Parser) Error: [^\n]*", message)
    return found.group() if found else "DuckDB or Great Expectations gave up on a value in it"
