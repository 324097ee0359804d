"""Quality: by score its threshold, how many are above it, what said so; and the same by source."""

from typing import Any

from curation.report.material import Material
from curation.report.queries import Rows, one, rows
from curation.schema import SCORES

HIGH_SCORE = 0.5
EVIDENCE = 3  # records shown of a score


def figures(material: Material) -> dict[str, Any]:
    """By score: its usual threshold, records above HIGH_SCORE in all and by source, records dropped for it first, and why in a few."""
    session, most = material.session, material.params.select.max_score
    dropped = session.counts("SELECT reject_reason, count(*) FROM selection WHERE reject_reason IS NOT NULL GROUP BY ALL")
    above = ", ".join(f"count(*) FILTER (q.{name} > {HIGH_SCORE}) AS {name}" for name in SCORES)
    by_source = rows(session, f"SELECT source, {above} FROM tagged JOIN quality q USING (record_id) GROUP BY source ORDER BY source")
    table = [
        {
            "name": name,
            "why": why,
            "most": most[name],
            "by_source": {row["source"]: row[name] for row in by_source},
            "above": sum(row[name] for row in by_source),
            "dropped": dropped.get(name, 0),
            "because": _because(material, name),
        }
        for name, why in SCORES.items()
    ]
    sources = [row["source"] for row in by_source]
    return {"rows": table, "sources": sources, "scorer": one(session, "SELECT max(quality_scorer) FROM quality"), "high": HIGH_SCORE}


def _because(material: Material, name: str) -> Rows:
    """What made the score, of the first EVIDENCE records dropped for it."""
    return rows(
        material.session,
        f"""
        SELECT record_id, list_filter(quality_evidence, lambda e: starts_with(e, '{name} '))[1] AS said
        FROM quality JOIN selection USING (record_id) WHERE reject_reason = '{name}' ORDER BY record_id LIMIT {EVIDENCE}""",
    )
