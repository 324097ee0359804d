"""Personal data: pieces replaced at reading, by source and kind, as ingest counted them."""

from typing import Any

from curation.report.material import Material


def figures(material: Material) -> dict[str, Any]:
    """`kinds`, pieces `by_source` and kind, and `totals` by kind, the most frequent first."""
    table: dict[str, dict[str, int]] = material.ingest["redacted"]
    totals = {
        kind: sum(counts.get(kind, 0) for counts in table.values()) for kind in {kind for counts in table.values() for kind in counts}
    }
    kinds = sorted(totals, key=lambda kind: (-totals[kind], kind))
    return {"kinds": kinds, "by_source": table, "totals": {kind: totals[kind] for kind in kinds}}
