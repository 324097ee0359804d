"""Severity: how many of each level, of which dialect and specialty, and how the probabilities are spread."""

from typing import Any

from curation.report.material import Material
from curation.report.queries import bins, cross, in_order, one, rows
from curation.schema import DIALECT_LABELS, SEVERITIES

BINS = 10  # of the histograms
SPECIALTIES = 15  # shown by name, the most frequent; the others together
NOT_GIVEN, OTHERS = "not given", "others"


def figures(material: Material) -> dict[str, Any]:
    """By severity: records, kept, kept without any cue; the kept by dialect and specialty; each probability of the kept in equal bins."""
    session = material.session
    table = rows(
        session,
        """
        SELECT severity AS name, count(*) AS records, count(*) FILTER (kept) AS kept,
               count(*) FILTER (kept AND NOT has_cue) AS without FROM tagged GROUP BY severity""",
    )
    counts = {level: bins(session, f"p_{level}", BINS, "kept") for level in SEVERITIES}
    by_specialty = f"""
        WITH frequent AS (
            SELECT specialty FROM tagged WHERE kept AND specialty IS NOT NULL
            GROUP BY specialty ORDER BY count(*) DESC, specialty LIMIT {SPECIALTIES})
        SELECT CASE WHEN specialty IS NULL THEN '{NOT_GIVEN}' WHEN specialty IN (FROM frequent) THEN specialty ELSE '{OTHERS}' END,
               severity, count(*) FROM tagged WHERE kept GROUP BY ALL"""
    specialties = cross(session, by_specialty)
    named = sorted((set(specialties) - {NOT_GIVEN, OTHERS}), key=lambda name: (-sum(specialties[name].values()), name))
    return {
        "rows": in_order(table, SEVERITIES),
        "by_dialect": cross(session, "SELECT dialect, severity, count(*) FROM tagged WHERE kept GROUP BY ALL", DIALECT_LABELS),
        "by_specialty": {name: specialties[name] for name in (*named, OTHERS, NOT_GIVEN) if name in specialties},
        "named": named,
        "levels": SEVERITIES,
        "histograms": counts,
        "bins": [(f"{i / BINS:.1f} to {(i + 1) / BINS:.1f}", f"{i / BINS:.1f}") for i in range(BINS)],
        "scorer": one(session, "SELECT max(severity_scorer) FROM severity"),
    }
