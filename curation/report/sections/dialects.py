"""Dialects: how many of each, of which source, and how sure the scorer is of them."""

from typing import Any

from curation.report.material import Material
from curation.report.queries import bins, cross, in_order, mean, one, rows
from curation.schema import DIALECT_LABELS

BINS = 10  # of the histogram of confidence


def figures(material: Material) -> dict[str, Any]:
    """By dialect: records, kept, mean confidence of the kept, kept without a marked word; the kept and their confidence by source."""
    session = material.session
    table = rows(
        session,
        f"""
        SELECT dialect AS name, count(*) AS records, count(*) FILTER (kept) AS kept,
               round({mean("confidence", "kept")}, 3) AS confidence, count(*) FILTER (kept AND NOT has_words) AS without
        FROM tagged GROUP BY dialect""",
    )
    sure = rows(
        session,
        f"""
        SELECT source, dialect, round({mean("confidence")}, 3) AS confidence FROM tagged WHERE kept GROUP BY ALL ORDER BY ALL""",
    )
    confidence: dict[str, dict[str, float]] = {}
    for row in sure:
        confidence.setdefault(row["source"], {})[row["dialect"]] = row["confidence"]
    found = [name for name in DIALECT_LABELS if any(row["name"] == name for row in table)]
    counts = bins(session, "confidence", BINS, "kept")
    return {
        "rows": in_order(table, DIALECT_LABELS),
        "names": found,
        "by_source": cross(session, "SELECT source, dialect, count(*) FROM tagged WHERE kept GROUP BY ALL"),
        "confidence": confidence,
        "histogram": [{"name": f"{i / BINS:.1f} to {(i + 1) / BINS:.1f}", "kept": n} for i, n in enumerate(counts)],
        "least": material.params.dialect.min_confidence,
        "scorer": one(session, "SELECT max(dialect_scorer) FROM dialect"),
        "by_words": bool(one(session, "SELECT coalesce(bool_or(len(dialect_evidence) > 0), false) FROM dialect")),
    }
