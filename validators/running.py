"""Suites run by Great Expectations inside DuckDB: the tables are made, the checks asked, the outcomes told."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from curation.engine import Session
from curation.errors import TibyanError
from curation.schema import DIALECT_LABELS, HAND_OVERS, SEVERITIES, SPLITS
from validators import data_docs
from validators.checks import Check, Suite
from validators.duckdb_adapter import SelectError, import_gx, open_batch, open_datasource, query
from validators.outcomes import Outcome, faults, outcome, quotable

Made = tuple[str, str, str]  # VIEW or TABLE, its name, its SELECT
RESULTS = {  # of Great Expectations: counts and the query for the rows, no values
    "result_format": "COMPLETE",
    "unexpected_index_column_names": ["record_id"],
    "exclude_unexpected_values": True,
    "partial_unexpected_count": 0,
}
# What may be named in a report beside record ids; the sources are added.
NAMES = frozenset({*DIALECT_LABELS, *SEVERITIES, *SPLITS, *HAND_OVERS, *(column for columns in HAND_OVERS.values() for column in columns)})
OTHER_NAMES = frozenset({"prompt", "completion", "messages", "read", "kept", "rejected", "records", "rejects", *SPLITS})


def run_suites(
    session: Session, suites: tuple[Suite, ...], hand_overs: tuple[str, ...], made: Iterable[Made], docs: Path | None
) -> list[Outcome]:
    """The outcome of every check, sorted by suite and name, each with all record ids at fault and how many of each source they are.

    `made` is what the checks of these suites read, in order. Great Expectations' own pages go to the folder `docs`.
    """
    try:
        with open_datasource(session, hand_overs, made) as datasource:
            sources = {row[0] for row in query(datasource, "SELECT DISTINCT source FROM records")[1] if row[0]}
            known = NAMES | OTHER_NAMES | sources
            answers = {suite.name: _run_suite(datasource, suite) for suite in suites}
            outcomes = [o for suite in suites for o in _outcomes(datasource, suite, answers[suite.name], known)]
    except SelectError as error:
        if "/" in error.name:
            raise TibyanError(f"check {error.name} cannot be run: {quotable(error.why)}. Mend it where it is defined.") from None
        raise TibyanError(f"a hand-over cannot be read as the suites need it ({error.kind}). Run `dvc repro --force`.") from None
    if docs:
        data_docs.write_pages(docs, answers)
    return sorted(outcomes, key=lambda o: (o["suite"], o["name"]))


def suite_tables(suites: tuple[Suite, ...]) -> Iterator[Made]:
    """Facts and batches."""
    yield from (("TABLE", f"facts_{suite.name}", suite.facts) for suite in suites if suite.facts)
    yield from (("VIEW", _batch(suite), suite.batch) for suite in suites)


def fault_tables(suites: tuple[Suite, ...]) -> list[Made]:
    """What is at fault by each check in SQL."""
    tests = [(suite, check) for suite in suites for check in suite.checks if isinstance(check.test, str)]
    return [("TABLE", faults(suite, check), str(check.test).replace("{batch}", _batch(suite))) for suite, check in tests]


def _batch(suite: Suite) -> str:
    return f"batch_{suite.name}"


def _run_suite(datasource: Any, suite: Suite) -> Any:
    gx = import_gx()
    expectations = [_expectation(gx.expectations, suite, check) for check in suite.checks]
    return open_batch(datasource, _batch(suite)).validate(gx.ExpectationSuite(suite.name, expectations=expectations), result_format=RESULTS)


def _outcomes(datasource: Any, suite: Suite, answer: Any, known: frozenset[str]) -> list[Outcome]:
    by_name = {result.expectation_config.meta["name"]: result for result in answer.results}
    return [outcome(datasource, suite, check, by_name[check.name], known) for check in suite.checks]


def _expectation(expectations: Any, suite: Suite, check: Check) -> Any:
    common = {"severity": check.severity, "meta": {"name": check.name}}
    if isinstance(check.test, str):
        found = f'SELECT * FROM "{faults(suite, check)}" /* of {{batch}} */'
        said = f"{check.name}: {check.reason}"  # in the Data Docs; of other expectations these have a sentence of their own
        return expectations.UnexpectedRowsExpectation(unexpected_rows_query=found, description=said, **common)
    try:
        return getattr(expectations, f"Expect{check.test.name}")(**check.test.arguments, **common)
    except (AttributeError, TypeError, ValueError) as error:  # pydantic's errors are ValueErrors
        raise TibyanError(f"check {suite.name}/{check.name}: Great Expectations does not take it ({error!s:.200}).") from error
