"""gate: a door. Nothing is built, trained or published past it while a critical check fails."""

import hashlib
import json
from pathlib import Path
from typing import Any

from curation.engine import Session, write_json
from curation.errors import TibyanError
from curation.params import Params
from curation.stages import main
from validators.checks import CRITICAL, REPORTS, VALIDATION, WARNING
from validators.explain import line, name_of, read_checks

GATE = REPORTS / "gate.json"


def run(session: Session, params: Params) -> str:
    """Opens, writing reports/gate.json, or raises TibyanError with one line for each critical check that failed."""
    GATE.unlink(missing_ok=True)  # a gate once open says nothing about this data
    checks = read_checks(VALIDATION, "python -m validators.validate")
    failed = [c for c in checks if not c["success"]]
    critical = [c for c in failed if c["severity"] == CRITICAL]
    if critical:
        raise TibyanError(
            "\n".join(
                [
                    f"closed, {len(critical)} critical of {len(checks)} checks failed; `tibyan gate explain` says more.",
                    *map(line, critical),
                ]
            )
        )
    warnings = [name_of(c) for c in failed if c["severity"] == WARNING]
    write_json(
        GATE,
        {"open": True, "digest": _digest(_passed_through(session.folder)), "checks": len(checks), "warnings": warnings},
    )
    return f"open, {len(checks)} checks, warnings: {', '.join(warnings) or 'none'}"


def check_open(folder: Path) -> dict[str, Any]:
    """What the gate wrote when it opened. Raises TibyanError when it is closed, or the data is no longer what passed through."""
    try:
        gate: dict[str, Any] = json.loads(GATE.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise TibyanError(f"{GATE}: the gate is closed. Run `dvc repro`, which says what holds it.") from None
    if gate.get("digest") != _digest(_passed_through(folder)):
        raise TibyanError(f"{GATE}: the gate opened for other data than is in {folder} now. Run `dvc repro`.")
    return gate


def _passed_through(folder: Path) -> list[Path]:
    return [folder / "selected.parquet", folder / "split.parquet", VALIDATION]


def _digest(paths: list[Path]) -> str:
    """sha256 over the sha256 of each file, in this order."""
    digests = []
    for path in paths:
        if not path.exists():
            raise TibyanError(f"{path}: not there. Run `dvc repro`, which makes it first.")
        with path.open("rb") as file:
            digests.append(hashlib.file_digest(file, "sha256").hexdigest())
    return hashlib.sha256("".join(digests).encode()).hexdigest()


if __name__ == "__main__":
    main(run)
