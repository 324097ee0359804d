"""Models: what training found, where there is any."""

from typing import Any

from curation.report.material import Material
from curation.report.results import models


def figures(material: Material) -> list[dict[str, Any]] | None:
    """The families of metrics as report/results.py has them; None where no model was trained."""
    return models() or None
