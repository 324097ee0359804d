"""What other stages found: the checks and the gate, and the models' metrics where there are any."""

import json
from pathlib import Path
from typing import Any

from curation.engine import METRICS
from curation.errors import TibyanError

VALIDATION = Path("reports/validation.json")
GATE = Path("reports/gate.json")
RANK = {"critical": 0, "warning": 1, "info": 2}
FAMILIES = (
    ("base_model", "Base model", "pretraining of our own small model on the train split"),
    ("train_*", "Training", "one column a run"),
)


def read_json(path: Path) -> Any:
    """Raises TibyanError when the file is not there or not JSON."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise TibyanError(f"{path}: cannot be read. Run `dvc repro`, which makes it first.") from None


def checks(path: Path = VALIDATION) -> dict[str, Any]:
    """All checks by suite, the failed ones first by severity, and how many passed."""
    content = read_json(path)
    found: list[dict[str, Any]] = content.get("checks", []) if isinstance(content, dict) else content
    if not found:
        raise TibyanError(f"{path}: holds no checks. Run `python -m validators.validate`.")
    failed = sorted((c for c in found if not c["success"]), key=lambda c: (RANK.get(c["severity"], 9), c["suite"], c["name"]))
    suites: dict[str, list[dict[str, Any]]] = {}
    for check in found:
        suites.setdefault(check["suite"], []).append(check)
    return {"count": len(found), "passed": len(found) - len(failed), "failed": failed, "suites": suites}


def gate(failed: list[dict[str, Any]]) -> dict[str, Any]:
    """Open where the gate stage says so and no critical check fails; else closed, when a report is needed most.

    The gate takes its file away when it closes, so a missing file is an answer and no error.
    """
    passed = read_json(GATE) if GATE.exists() else {}
    is_open = bool(passed.get("open")) and all(check["severity"] != "critical" for check in failed)
    return {"open": is_open, "digest": str(passed.get("digest", "")) if is_open else ""}


def models() -> list[dict[str, Any]]:
    """The families of metrics that exist: every number by its path, one column a run."""
    found = []
    for pattern, title, note in FAMILIES:
        runs = {
            path.stem.removeprefix(pattern.rstrip("*")) or path.stem: read_json(path) for path in sorted(METRICS.glob(f"{pattern}.json"))
        }
        if runs:
            columns = {name: flat(content) for name, content in runs.items()}
            keys = list(dict.fromkeys(key for values in columns.values() for key in values))
            found.append({"title": title, "note": note, "runs": columns, "keys": keys})
    return found


def flat(content: Any, path: str = "", between: str = " › ") -> dict[str, Any]:
    """Nested values as `outer › inner: value`. Whatever keys another stage writes are shown, none is asked for."""
    if isinstance(content, dict):
        inner = ((value, f"{path}{between}{key}" if path else str(key)) for key, value in content.items())
        return {k: v for value, key in inner for k, v in flat(value, key, between).items()}
    return {path: json.dumps(content, ensure_ascii=False) if isinstance(content, list) else content}
