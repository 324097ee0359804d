"""The gate: every check by suite, those that failed first with what to do; and the checks of the dataset once it is built."""

from pathlib import Path
from typing import Any

from curation.report.material import Material
from curation.report.results import checks

BUILT = Path("reports/validation_built.json")


def figures(material: Material) -> dict[str, Any]:
    """`before` the build, and `built` where the dataset's folder was checked too: each as report/results.py has them."""
    return {"before": material.checks, "built": checks(BUILT) if BUILT.exists() else None}
