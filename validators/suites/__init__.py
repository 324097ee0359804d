"""The suites: what has to be true of each hand-over, one file a hand-over, as rows to read and to change.

A row says the check's name, its severity, its test, the reason, and what to do where the suite's own `mend` does not say it. Thresholds
stand in params.yaml, sections `validate` and `select`; what the names of conditions mean, in conditions.py. A test is an expectation
(`expect`, `not_null`, `one_of`), a condition of every row (`holds`), or SQL for what is at fault.
"""

from curation.params import Params
from validators.checks import Suite
from validators.suites import cleaned, drift, duplicates, ingested, quality, scored, selected, split

HAND_OVERS = ("records", "rejects", "cleaned", "quality", "dialect", "severity", "duplicates", "selection", "selected", "split")
SUITES = (ingested, cleaned, quality, scored, duplicates, selected, split, drift)


def suites(params: Params) -> tuple[Suite, ...]:
    """Every suite of the hand-overs before `build` under these parameters, in the order of the pipeline."""
    return tuple(module.suite(params) for module in SUITES)
