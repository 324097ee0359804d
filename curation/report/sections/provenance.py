"""Provenance: the raw files with their digests, the versions of what read them, and what params.yaml says."""

from typing import Any

from curation.report.material import Material
from curation.report.provenance import settings, versions


def figures(material: Material) -> dict[str, Any]:
    """`files`, `versions` and `settings` as curation/report/provenance.py has them, and the gate's digest."""
    return {
        "files": material.files,
        "versions": versions(),
        "settings": settings(material.params),
        "digest": material.gate["digest"],
    }
