"""Severity against labels: right, too mild, and how far a probability can be believed; only where levels are known."""

from typing import Any

from curation.report.material import Material
from curation.report.queries import cross
from curation.report.sections.planted import load_known
from curation.schema import DIALECT_LABELS, SEVERITIES

BINS = 10  # of the probability of the level given
GROUPS = 15  # specialties shown, the most frequent
Counts = dict[str, dict[str, int]]


def figures(material: Material) -> dict[str, Any] | None:
    """Labels are the sources' own where they use our names of levels, else those that our sample was written with; None without any."""
    session = material.session
    session.con.execute(f"""
        CREATE OR REPLACE TEMP TABLE labelled AS
        SELECT record_id, lower(trim(label_severity)) AS label FROM records WHERE lower(trim(label_severity)) IN {SEVERITIES}""")
    own = session.number("SELECT count(*) FROM labelled")
    if not own and load_known(session, material.files):
        session.con.execute("INSERT INTO labelled SELECT record_id, severity FROM known WHERE seed_id IS NOT NULL AND severity IS NOT NULL")
    session.con.execute(
        "CREATE OR REPLACE TEMP VIEW judged AS SELECT label, t.* EXCLUDE (record_id) FROM labelled JOIN tagged t USING (record_id)"
    )
    counts = cross(session, "SELECT label, severity, count(*) FROM judged GROUP BY ALL", SEVERITIES)
    if not counts:
        return None
    curve = _bins(material)
    by = {"dialect": _by(material, "dialect", DIALECT_LABELS), "specialty": _by(material, "coalesce(specialty, 'not given')")[:GROUPS]}
    return {
        "own": own > 0,
        **measures(counts),
        "macro_f1": macro_f1(counts),
        "error": calibration_error(curve),
        "bins": curve,
        "names": SEVERITIES,
        "rows": [_row(name, counts.get(name, {})) for name in SEVERITIES],
        "by": {name: table for name, table in by.items() if len(table) > 1},
    }


def measures(counts: Counts) -> dict[str, Any]:
    """Of labels by row and levels given by column: how many, the share right, the share of critical ones called so, the share too mild."""
    number = sum(sum(row.values()) for row in counts.values())
    critical = counts.get("critical", {})
    right = sum(counts.get(name, {}).get(name, 0) for name in SEVERITIES)
    mild = sum(counts.get(label, {}).get(given, 0) for i, label in enumerate(SEVERITIES) for given in SEVERITIES[:i])
    return {
        "number": number,
        "accuracy": _share(right, number),
        "critical_recall": _share(critical.get("critical", 0), sum(critical.values())),
        "too_mild": _share(mild, number),
    }


def macro_f1(counts: Counts) -> float:
    """The mean over the levels that are labelled of the harmonic mean of precision and recall."""
    found = []
    for name in SEVERITIES:
        labelled = sum(counts.get(name, {}).values())
        given = sum(row.get(name, 0) for row in counts.values())
        if labelled:
            found.append(2 * counts[name].get(name, 0) / (labelled + given))
    return round(sum(found) / len(found), 4)


def calibration_error(curve: list[dict[str, Any]]) -> float:
    """The mean distance, over texts, of a bin's mean probability from the share of it that is right (Naeini et al., 2015)."""
    return round(sum(row["texts"] * abs(row["right"] - row["said"]) for row in curve) / sum(row["texts"] for row in curve), 4)


def _bins(material: Material) -> list[dict[str, Any]]:
    """Of BINS bins of the probability of the level given those with texts: how probable it was said to be, how often it is right."""
    said = " ".join(f"WHEN '{name}' THEN p_{name}" for name in SEVERITIES)
    found = material.session.con.execute(f"""
        SELECT least(floor(said * {BINS}), {BINS - 1})::INTEGER AS bin, count(*), sum(round(said * 1000000)::BIGINT),
               count(*) FILTER (label = severity)
        FROM (SELECT label, severity, CASE severity {said} END AS said FROM judged) GROUP BY bin ORDER BY bin""").fetchall()
    return [
        {
            "name": f"{i / BINS:.1f} to {(i + 1) / BINS:.1f}",
            "texts": n,
            "said": round(int(total) / n / 1e6, 4),
            "right": round(right / n, 4),
        }
        for i, n, total, right in found
    ]


def _by(material: Material, column: str, names: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """The measures of each group, by their place in `names`, else the largest first."""
    groups: dict[str, Counts] = {}
    query = f"SELECT {column} AS name, label, severity, count(*) FROM judged GROUP BY ALL ORDER BY ALL"
    for name, label, severity, n in material.session.con.execute(query).fetchall():
        groups.setdefault(name, {}).setdefault(label, {})[severity] = n
    found = [{"name": name, **measures(counts)} for name, counts in groups.items()]
    return sorted(found, key=lambda row: (names.index(row["name"]) if row["name"] in names else -row["number"], row["name"]))


def _row(name: str, found: dict[str, int]) -> dict[str, Any]:
    total = sum(found.values())
    return {"name": name, "posts": total, "recall": _share(found.get(name, 0), total), "found": {n: found.get(n, 0) for n in SEVERITIES}}


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
