"""What failed, where, how many, and what to do, in sentences: for the gate's message and for `tibyan gate explain`."""

import json
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from curation.engine import INTERIM
from curation.errors import TibyanError
from validators.checks import BUILT_QUARANTINE, BUILT_VALIDATION, CHECK_SEVERITIES, CRITICAL, QUARANTINE, VALIDATION

Check = dict[str, Any]  # as validate writes it
SHOWN = 5  # record ids of a check; the quarantine has all of them
WRITTEN = ((VALIDATION, QUARANTINE, "python -m validators.validate"), (BUILT_VALIDATION, BUILT_QUARANTINE, "dvc repro validate_built"))
MEANS = {
    "critical": "nothing is built past it",
    "warning": "the gate stays open: decide whether the data may go out so",
    "info": "told, no more",
}


def read_checks(path: Path, command: str) -> list[Check]:
    """The checks of a validation.json. Raises TibyanError where it is not there, or holds none."""
    try:
        checks: list[Check] = json.loads(path.read_text(encoding="utf-8"))["checks"]
    except (OSError, ValueError, KeyError, TypeError):
        raise TibyanError(f"{path}: not there or not a report. Run `{command}` first.") from None
    if not checks:
        raise TibyanError(f"{path}: holds no checks. Nothing checked is nothing proven: run `{command}`.")
    return checks


def name_of(check: Check) -> str:
    """`suite/check`."""
    return f"{check['suite']}/{check['name']}"


def how_many(check: Check) -> str:
    """What was found: places at fault, rows at fault, or the number that is out of bounds."""
    count, places = check["unexpected_count"], check.get("places") or {}
    if places:
        return ", ".join(name if n is None else f"{name} {n:g}" for name, n in places.items())
    if count is None:
        return f"observed {'nothing' if check['observed'] is None else check['observed']}"
    return f"{count:,} row{'' if count == 1 else 's'}"


def line(check: Check, quarantine: Path = QUARANTINE) -> str:
    """One line for a failed check: what, which, why, what to do."""
    ids, count = check["record_ids"], check["unexpected_count"]
    named = f" ({', '.join(ids)}{', …' if (count or 0) > len(ids) else ''}; all in {quarantine})" if ids else ""
    return f"{name_of(check)}: {how_many(check)}{named}: {check['reason']}. {check['mend']}"


def explanation(check: Check, quarantine: Path = QUARANTINE) -> list[str]:
    """The same over several lines, with the sources of the records."""
    if check["success"]:
        return [f"{name_of(check)} ({check['severity']}) passed: {check['reason']}."]
    said = [f"{name_of(check)} ({check['severity']}) failed: {MEANS[check['severity']]}."]
    said.append(f"  where       {_where(check)}")
    by_source = check.get("by_source") or {}
    sources = f", of source {', '.join(f'{name} {n:,}' for name, n in by_source.items())}" if by_source else ""
    said.append(f"  how many    {how_many(check)}{sources}")
    if ids := check["record_ids"][:SHOWN]:
        more = f" and {check['records'] - len(ids):,} more in {quarantine}" if check["records"] > len(ids) else ""
        said.append(f"  records     {', '.join(ids)}{more}; `tibyan explain {ids[0]}` shows what was done to it")
    return [*said, f"  why         {check['reason']}", f"  what to do  {check['mend']}"]


def _where(check: Check) -> str:
    files = (
        ", ".join(name if "/" in name else str(INTERIM / f"{name}.parquet") for name in check.get("files") or ())
        or f"the suite {check['suite']}"
    )
    return f"{files}, column {', '.join(check['columns'])}" if check.get("columns") else files


def explain(asked: str | None, everything: bool = False) -> list[str]:
    """Lines about all failed checks, or about those of a suite, a check, or a record that is `asked` for.

    Raises TibyanError where there are no results, or nothing of that name in them.
    """
    written = [(checks, quarantine) for path, quarantine, command in WRITTEN if (checks := _read(path, command))]
    every = [(check, quarantine) for checks, quarantine in written for check in checks]
    chosen = every if asked is None else [(c, q) for c, q in every if asked in (c["suite"], c["name"], name_of(c))]
    if asked and not chosen:
        chosen = _of_record(asked, every)
    shown = [(c, q) for c, q in chosen if everything or not c["success"] or asked in (c["name"], name_of(c))]
    failed = sorted((pair for pair in shown if not pair[0]["success"]), key=lambda pair: CHECK_SEVERITIES.index(pair[0]["severity"]))
    passed = [pair for pair in shown if pair[0]["success"]]
    lines = [text for check, quarantine in (*failed, *passed) for text in explanation(check, quarantine)]
    return [*lines, _summary([check for check, _ in chosen], [check for check, _ in every], asked)]


def _read(path: Path, command: str) -> list[Check]:
    return [] if path == BUILT_VALIDATION and not path.exists() else read_checks(path, command)


def _of_record(asked: str, every: list[tuple[Check, Path]]) -> list[tuple[Check, Path]]:
    """The checks that put a record into the quarantine."""
    quarantined = {
        (quarantine, row["suite"], row["expectation"])
        for quarantine in {path for _, path in every}
        if quarantine.exists()
        for row in pq.read_table(quarantine, filters=[("record_id", "=", asked)]).to_pylist()
    }
    found = [(check, path) for check, path in every if (path, check["suite"], check["name"]) in quarantined]
    if not found:
        near = get_close_matches(asked, [name_of(check) for check, _ in every], 3, 0.5)
        meant = f" Perhaps {' or '.join(near)} is meant." if near else " Without a name all that failed is explained."
        raise TibyanError(f"{asked}: no suite or check of that name, and no record of that id in the quarantine.{meant}")
    return found


def _summary(checks: list[Check], every: list[Check], asked: str | None) -> str:
    failed = [check for check in checks if not check["success"]]
    critical = sum(check["severity"] == CRITICAL and not check["success"] for check in every)
    of = f" of {asked}" if asked else ""
    state = f"{critical} critical in all: the gate is closed" if critical else "no critical one in all: the gate can open"
    return f"{len(failed)} of {len(checks)} check{'' if len(checks) == 1 else 's'}{of} failed; {state}."
