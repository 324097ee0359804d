"""validate: every suite over the hand-overs, and a report, whatever it finds. `gate` decides.

No report holds a patient's words: of what Great Expectations answers only counts and numbers are taken, and the
record ids of a failed check are asked for in DuckDB.
"""

import csv
import io
import numbers
import re
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pyarrow as pa

from curation.engine import METRICS, Session, write_json, write_text
from curation.errors import TibyanError
from curation.params import Params
from curation.stages import main
from validators.checks import CRITICAL, INFO, QUARANTINE, VALIDATION, WARNING, Check, Expect, Suite
from validators.contamination import OVERLAPS, overlaps
from validators.custom_checks import with_custom_checks
from validators.duckdb_adapter import SelectError, import_gx, leave, open_batch, open_datasource, query
from validators.personal_data import LEAKS, SUSPECTS, leaks, suspects
from validators.suites import HAND_OVERS, suites

MAX_IDS = 10  # in the report; reports/quarantine.csv has all of them
RESULTS = {  # of Great Expectations: counts and the query for the rows, no values
    "result_format": "COMPLETE",
    "unexpected_index_column_names": ["record_id"],
    "exclude_unexpected_values": True,
    "partial_unexpected_count": 0,
}


def run(session: Session, params: Params) -> str:
    """Writes reports/validation.json, reports/metrics/validation.json and reports/quarantine.csv."""
    for name in HAND_OVERS:
        session.read(name)
    with ThreadPoolExecutor(1) as aside:  # the leak scan is Python's work: the other core is DuckDB's meanwhile
        found_leaks = aside.submit(leaks, replace(session, con=session.con.cursor()))
        session.con.register("found_overlaps", overlaps(session, params))
        outcomes = validate(session, with_custom_checks(suites(params)), found_leaks)
    failed = [o for o in outcomes if not o["success"]]
    write_json(VALIDATION, {"checks": [{**o, "record_ids": o["record_ids"][:MAX_IDS]} for o in outcomes]})
    write_text(QUARANTINE, _csv([(i, o["suite"], o["name"]) for o in failed for i in o["record_ids"]]))
    by_severity = {s: sum(o["severity"] == s for o in failed) for s in (CRITICAL, WARNING, INFO)}
    counts = {"checks": len(outcomes), "passed": len(outcomes) - len(failed)}
    write_json(METRICS / "validation.json", {**counts, **{f"failed_{s}": n for s, n in by_severity.items()}})
    return f"{len(outcomes)} checks, {counts['passed']} passed; failed: " + ", ".join(f"{s} {n}" for s, n in by_severity.items())


def validate(session: Session, suites: tuple[Suite, ...], found_leaks: Future[pa.Table]) -> list[dict[str, Any]]:
    """The outcome of every check, sorted by suite and name, each with all record ids at fault."""
    made = _made(session, suites, found_leaks)
    try:
        with open_datasource(session, HAND_OVERS, made) as datasource:
            outcomes = [outcome for suite in suites for outcome in _run_suite(datasource, suite)]
    except SelectError as error:
        if "/" in error.name:
            raise TibyanError(f"check {error.name} cannot be run: {_quotable(error.why)}. Mend it where it is defined.") from None
        raise TibyanError(f"a hand-over cannot be read as the suites need it ({error.kind}). Run `dvc repro --force`.") from None
    return sorted(outcomes, key=lambda o: (o["suite"], o["name"]))


def _made(session: Session, suites: tuple[Suite, ...], found_leaks: Future[pa.Table]) -> Iterator[tuple[str, str, str]]:
    """What the checks read, in order; what asks for leaks comes last, which may still be looked for."""
    yield from (("TABLE", f"facts_{suite.name}", suite.facts) for suite in suites if suite.facts)
    yield from (("VIEW", _table(suite), suite.batch) for suite in suites)
    yield from (("TABLE", OVERLAPS, "FROM found_overlaps"), ("TABLE", SUSPECTS, suspects()))
    faults = [(_faults(suite, check), _rows(suite, check)) for suite in suites for check in suite.checks if isinstance(check.test, str)]
    yield from (("TABLE", name, rows) for name, rows in faults if LEAKS not in rows)
    session.con.register("found_leaks", found_leaks.result())
    yield "TABLE", LEAKS, "FROM found_leaks"
    yield from (("TABLE", name, rows) for name, rows in faults if LEAKS in rows)


def _table(suite: Suite) -> str:
    return f"batch_{suite.name}"


def _faults(suite: Suite, check: Check) -> str:
    """Where the rows at fault of a check in SQL stand: it is run once, and Great Expectations, which would run it twice, reads these."""
    return f"{suite.name}/{check.name}"


def _rows(suite: Suite, check: Check) -> str:
    return str(check.test).replace("{batch}", _table(suite))


def _run_suite(datasource: Any, suite: Suite) -> list[dict[str, Any]]:
    gx = import_gx()
    expectations = [_expectation(gx.expectations, suite, check) for check in suite.checks]
    batch = open_batch(datasource, _table(suite))
    results = batch.validate(gx.ExpectationSuite(suite.name, expectations=expectations), result_format=RESULTS).results
    by_name = {result.expectation_config.meta["name"]: result for result in results}
    return [_outcome(datasource, suite, check, by_name[check.name]) for check in suite.checks]


def _expectation(expectations: Any, suite: Suite, check: Check) -> Any:
    common = {"severity": check.severity, "meta": {"name": check.name}}
    if isinstance(check.test, str):
        found = f'SELECT * FROM "{_faults(suite, check)}" /* of {{batch}} */'
        return expectations.UnexpectedRowsExpectation(unexpected_rows_query=found, description=check.reason, **common)
    try:
        return getattr(expectations, f"Expect{check.test.name}")(**check.test.arguments, **common)
    except (AttributeError, TypeError, ValueError) as error:  # pydantic's errors are ValueErrors
        raise TibyanError(f"check {suite.name}/{check.name}: Great Expectations does not take it ({error!s:.200}).") from error


def _outcome(datasource: Any, suite: Suite, check: Check, result: Any) -> dict[str, Any]:
    problem = _problem(result)
    if problem:
        raise TibyanError(f"check {suite.name}/{check.name} cannot be run: {problem}. Mend it where it is defined.")
    observed, count = result.result.get("observed_value"), result.result.get("unexpected_count")
    if isinstance(check.test, str):
        observed, count = None, observed
    return {
        "suite": suite.name,
        "name": check.name,
        "severity": check.severity,
        "reason": check.reason,
        "mend": suite.mend,
        "success": bool(result.success),
        "unexpected_count": count,
        "observed": _number(observed),
        "record_ids": [] if result.success else _record_ids(datasource, suite, check, result),
    }


def _record_ids(datasource: Any, suite: Suite, check: Check, result: Any) -> list[str]:
    """All record ids at fault, sorted; none where the check is about the table as a whole."""
    if isinstance(check.test, Expect):
        rows = (result.result.get("unexpected_index_query") or "").rstrip("; ")
    else:
        rows = f'SELECT * FROM "{_faults(suite, check)}"'
    if not rows or "record_id" not in query(datasource, f"SELECT * FROM ({rows}) LIMIT 0")[0]:
        return []
    ids = query(datasource, f"SELECT DISTINCT record_id FROM ({rows}) WHERE record_id IS NOT NULL ORDER BY record_id")[1]
    return [str(row[0]) for row in ids]


def _number(value: Any) -> float | int | None:
    """A number as it is, anything else as null: the values of a text column are patients' words."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        return None
    return int(value) if isinstance(value, numbers.Integral) else round(float(value), 6)


def _problem(result: Any) -> str:
    """Why a check could not be run. Only errors about the SQL are quoted: a conversion error would quote a value."""
    infos = result.exception_info or {}
    infos = [infos] if "raised_exception" in infos else list(infos.values())
    messages = [str(info.get("exception_message")) for info in infos if info.get("raised_exception")]
    if not messages:
        return ""
    return _quotable(messages[0])


def _quotable(message: str) -> str:
    quotable = re.search(r"(?:Binder|Catalog|Parser) Error: [^\n]*", message)
    return quotable.group() if quotable else "DuckDB or Great Expectations gave up on a value in it"


def _csv(rows: list[tuple[str, str, str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([("record_id", "suite", "name"), *sorted(rows)])
    return text.getvalue()


if __name__ == "__main__":
    try:
        main(run)
    except SystemExit as exit_:
        leave(int(exit_.code or 0))
    leave(0)
