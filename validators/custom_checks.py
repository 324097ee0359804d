"""What a user adds: the checks and suites of validators/custom, and the severities of params.yaml."""

import runpy
from collections.abc import Iterable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from curation.errors import TibyanError
from validators.checks import CHECK_SEVERITIES, Check, Suite

CUSTOM = Path(__file__).parent / "custom"


def with_custom_checks(suites: tuple[Suite, ...], folder: Path = CUSTOM) -> tuple[Suite, ...]:
    """The suites with the `CHECKS` of each `folder`/*.py added, and its `SUITES`. Raises TibyanError where one cannot be used."""
    files = {path: _read(path) for path in sorted(folder.glob("*.py")) if path.name != "__init__.py"}
    every = (*suites, *(suite for path, found in files.items() for suite in _suites(path, found)))
    names = [suite.name for suite in every]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise TibyanError(f"validators/custom: there is a suite '{twice[0]}' already. Give yours another name, or add to it in CHECKS.")
    added = {path: _checks(path, found) for path, found in files.items()}
    for path, checks in added.items():
        for unknown in sorted(set(checks) - set(names)):
            raise TibyanError(f"{path}: there is no suite '{unknown}'. The suites are {', '.join(names)}.")
    more = {name: [check for checks in added.values() for check in checks.get(name, ())] for name in names}
    return tuple(replace(suite, checks=_unique(suite, (*suite.checks, *more[suite.name]))) for suite in every)


def with_severities(suites: tuple[Suite, ...], severities: Mapping[str, str]) -> tuple[Suite, ...]:
    """The suites with the severities of `validate.severities` in params.yaml. Raises TibyanError where a name is no check's."""
    names = sorted(f"{suite.name}/{check.name}" for suite in suites for check in suite.checks)
    for name in severities:
        if name not in names:
            near = get_close_matches(name, names, 3, 0.5)
            meant = f"Perhaps {' or '.join(near)} is meant" if near else f"The suites are {', '.join(s.name for s in suites)}"
            raise TibyanError(f"params.yaml: validate.severities: there is no check '{name}'. {meant}; reports/validation.json lists all.")
    return tuple(
        replace(s, checks=tuple(replace(c, severity=severities.get(f"{s.name}/{c.name}", c.severity)) for c in s.checks)) for s in suites
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        return runpy.run_path(str(path))
    except Exception as error:  # whatever a user's file does wrong
        raise TibyanError(f"{path}: cannot be read ({type(error).__name__}: {error}). Mend it or move it elsewhere.") from error


def _checks(path: Path, found: dict[str, Any]) -> dict[str, tuple[Check, ...]]:
    checks: dict[str, tuple[Check, ...]] = found.get("CHECKS", {})
    rows = [row for rows in checks.values() for row in rows] if isinstance(checks, dict) else [checks]
    if not _are_checks(rows):
        raise TibyanError(
            f"{path}: CHECKS must map the name of a suite to a tuple of Check(name, severity, test, reason), "
            f"severity one of {', '.join(CHECK_SEVERITIES)}. See validators/custom/__init__.py."
        )
    return checks


def _suites(path: Path, found: dict[str, Any]) -> tuple[Suite, ...]:
    suites: tuple[Suite, ...] = found.get("SUITES", ())
    if not isinstance(suites, tuple | list) or not all(isinstance(s, Suite) and _are_checks(s.checks) for s in suites):
        raise TibyanError(f"{path}: SUITES must be a tuple of Suite(name, batch, mend, checks). See validators/custom/__init__.py.")
    return tuple(suites)


def _are_checks(rows: Iterable[Any]) -> bool:
    return all(isinstance(row, Check) and row.severity in CHECK_SEVERITIES for row in rows)


def _unique(suite: Suite, checks: tuple[Check, ...]) -> tuple[Check, ...]:
    names = [check.name for check in checks]
    for name in sorted({name for name in names if names.count(name) > 1}):
        raise TibyanError(f"validators/custom: suite '{suite.name}' has a check '{name}' already. Give yours another name.")
    return checks
