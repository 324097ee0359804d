"""Drift: how far the columns have moved from the version that was released last, as `validate` measured it."""

from typing import Any

from curation.engine import METRICS
from curation.report.material import Material
from curation.report.results import read_json

METRIC = METRICS / "drift.json"
# Of the population stability index: Siddiqi 2006, Credit Risk Scorecards.
STEADY, MOVED = 0.1, 0.25


def figures(material: Material) -> dict[str, Any] | None:
    """By column both measures and the most that params.yaml allows, the furthest first; None where drift was not measured.

    `released` is the folder of that version, or None: then there are no rows.
    """
    if not METRIC.exists():
        return None
    content = read_json(METRIC)
    limits: dict[str, float] = getattr(material.params.validate_, "max_drift", {})
    table = [
        {"name": name, "psi": of["psi"], "jensen_shannon": of["jensen_shannon"], "most": limits.get(name), "said": _said(of["psi"])}
        for name, of in content["columns"].items()
    ]
    checks = [check for check in material.checks["suites"].get("drift", []) if not check["success"]]
    return {
        "released": content["released"],
        "rows": sorted(table, key=lambda row: (-row["psi"], row["name"])),
        "counts": {
            **{f"rows {name}": n for name, n in content["rows"].items()},
            **{f"records {k}": n for k, n in content["records"].items()},
        },
        "failed": checks,
    }


def _said(psi: float) -> str:
    return "as it was" if psi < STEADY else "has moved" if psi < MOVED else "has moved much"
