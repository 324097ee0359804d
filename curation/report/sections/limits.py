"""Limits: what the report does not say, and where to sign."""

from typing import Any

from curation.report.material import Material


def figures(material: Material) -> dict[str, Any]:
    """Nothing is measured here."""
    return {}
