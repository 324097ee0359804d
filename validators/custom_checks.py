"""The checks of validators/custom: what is defined there joins the suite it names."""

import runpy
from dataclasses import replace
from pathlib import Path

from curation.errors import TibyanError
from validators.checks import CHECK_SEVERITIES, Check, Suite

CUSTOM = Path(__file__).parent / "custom"


def with_custom_checks(suites: tuple[Suite, ...], folder: Path = CUSTOM) -> tuple[Suite, ...]:
    """The suites with the `CHECKS` of each `folder`/*.py added. Raises TibyanError where one cannot be used."""
    found = {path: _checks(path) for path in sorted(folder.glob("*.py")) if path.name != "__init__.py"}
    names = [suite.name for suite in suites]
    for path, checks in found.items():
        for unknown in sorted(set(checks) - set(names)):
            raise TibyanError(f"{path}: there is no suite '{unknown}'. The suites are {', '.join(names)}.")
    return tuple(
        replace(
            suite,
            checks=_unique(suite, (*suite.checks, *(c for checks in found.values() for c in checks.get(suite.name, ())))),
        )
        for suite in suites
    )


def _checks(path: Path) -> dict[str, tuple[Check, ...]]:
    try:
        checks: dict[str, tuple[Check, ...]] = runpy.run_path(str(path)).get("CHECKS", {})
    except Exception as error:  # whatever a user's file does wrong
        raise TibyanError(f"{path}: cannot be read ({type(error).__name__}: {error}). Mend it or move it elsewhere.") from error
    rows = [row for rows in checks.values() for row in rows] if isinstance(checks, dict) else [checks]
    for row in rows:
        if not isinstance(row, Check) or row.severity not in CHECK_SEVERITIES:
            raise TibyanError(
                f"{path}: CHECKS must map the name of a suite to a tuple of Check(name, severity, test, reason), "
                f"severity one of {', '.join(CHECK_SEVERITIES)}. See validators/custom/__init__.py."
            )
    return checks


def _unique(suite: Suite, checks: tuple[Check, ...]) -> tuple[Check, ...]:
    names = [check.name for check in checks]
    for name in sorted({name for name in names if names.count(name) > 1}):
        raise TibyanError(f"validators/custom: suite '{suite.name}' has a check '{name}' already. Give yours another name.")
    return checks
