"""What a check is: a row of a suite, tested by an expectation of Great Expectations or by SQL for what is at fault."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPORTS = Path("reports")
VALIDATION = REPORTS / "validation.json"  # the outcome of each check
QUARANTINE = REPORTS / "quarantine.parquet"  # the records at fault, each with the check that found it
BUILT_VALIDATION = REPORTS / "validation_built.json"  # the same of the dataset's folder, once it is built
BUILT_QUARANTINE = REPORTS / "quarantine_built.parquet"
CRITICAL, WARNING, INFO = "critical", "warning", "info"  # a failed critical check closes the gate; the others are told
CHECK_SEVERITIES = (CRITICAL, WARNING, INFO)


@dataclass(frozen=True)
class Expect:
    """An expectation of Great Expectations by its name without `Expect`, with its arguments."""

    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Check:
    """One row of a suite. `test` is an expectation, or SQL over `{batch}` that returns what is at fault.

    The SQL gives `record_id` where records are at fault, and `place` where something else is: a dialect, a split, a source, a column;
    beside it may stand `observed`, a number. `mend` is what to do where it fails; left out, the suite says it.
    """

    name: str
    severity: str
    test: Expect | str
    reason: str
    mend: str = ""


@dataclass(frozen=True)
class Suite:
    """The checks of one hand-over, run on `batch`, a SELECT over hand-overs. `mend` is what to do where one fails.

    `files` are the hand-overs that are looked at, to be named in messages.

    `batch` is a view: each check reads the columns that it asks for. What is worth working out once stands in `facts`, a SELECT too: it
    is the table `facts_<name>`, for `batch` to join. Numbers whose range is checked stand there too: the statistics of a Parquet file leave
    NaN out, and DuckDB believes them.
    """

    name: str
    batch: str
    mend: str
    checks: tuple[Check, ...]
    facts: str = ""
    files: tuple[str, ...] = ()


def expect(name: str, **arguments: Any) -> Expect:
    """Any expectation: `expect("ColumnMeanToBeBetween", column="p_mild", max_value=0.9)`."""
    return Expect(name, arguments)


def not_null(column: str) -> Expect:
    """No value of the column is null."""
    return expect("ColumnValuesToNotBeNull", column=column)


def one_of(column: str, values: tuple[str, ...]) -> Expect:
    """A vocabulary. Null passes: put `not_null` beside it where null means nothing."""
    return expect("ColumnValuesToBeInSet", column=column, value_set=list(values))


def table_checks(min_rows: int) -> tuple[Check, ...]:
    """The guards of every hand-over: an empty table and an all-null column would pass most other expectations."""
    rows = expect("TableRowCountToBeBetween", min_value=min_rows)
    return (
        Check("row_count", CRITICAL, rows, "too few rows: a stage before lost them, or the dumps hold no more"),
        Check("record_id_not_null", CRITICAL, not_null("record_id"), "a row without id cannot be traced"),
        Check("record_id_unique", CRITICAL, expect("ColumnValuesToBeUnique", column="record_id"), "rows are joined by it"),
    )


def required(reasons: dict[str, str]) -> tuple[Check, ...]:
    """One critical `<column>_not_null` a column, with why it may not be null. What is not named may be null."""
    return tuple(Check(f"{column}_not_null", CRITICAL, not_null(column), reason) for column, reason in reasons.items())
