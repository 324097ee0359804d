"""What a run of suites writes: outcomes as JSON, metrics for DVC, and the quarantine. Ids, counts and names; no text."""

from pathlib import Path
from typing import Any

import pyarrow as pa

from curation.engine import METRICS, Session, write_json, write_table
from validators.checks import CHECK_SEVERITIES
from validators.outcomes import Outcome

MAX_IDS = 10  # in the report; the quarantine has all of them
COLUMNS = ("record_id", "suite", "expectation", "severity")


def write_results(session: Session, outcomes: list[Outcome], validation: Path, quarantine: Path, rows: str | None = None) -> str:
    """Writes both, and reports/metrics/<name of validation>; `rows` is the digest of what was checked. Returns a line of counts."""
    failed = [o for o in outcomes if not o["success"]]
    at_fault = sorted((i, o["suite"], o["name"], o["severity"]) for o in failed for i in o["record_ids"])
    listed = pa.table({name: pa.array([row[n] for row in at_fault], pa.string()) for n, name in enumerate(COLUMNS)})
    by_source = _by_source(session, listed)
    checks = [
        {
            **o,
            "records": len(o["record_ids"]),
            "record_ids": o["record_ids"][:MAX_IDS],
            "by_source": by_source.get((o["suite"], o["name"]), {}),
        }
        for o in outcomes
    ]
    write_table(listed, quarantine)
    write_json(validation, {"checks": checks} | ({"rows": rows} if rows else {}))
    by_severity = {s: sum(o["severity"] == s for o in failed) for s in CHECK_SEVERITIES}
    counts = {"checks": len(outcomes), "passed": len(outcomes) - len(failed)}
    write_json(
        METRICS / validation.name,
        {**counts, **{f"failed_{s}": n for s, n in by_severity.items()}, "quarantined": len({row[0] for row in at_fault})},
    )
    return f"{len(outcomes)} checks, {counts['passed']} passed; failed: " + ", ".join(f"{s} {n}" for s, n in by_severity.items())


def _by_source(session: Session, listed: pa.Table) -> dict[tuple[str, str], dict[str, int]]:
    """How many of the records of each failed check are of which source. Ids that no record has are of none."""
    if not listed.num_rows:
        return {}
    session.con.register("quarantined", listed)
    session.read("records").create_view("_records", replace=True)
    found: dict[tuple[str, str], dict[str, int]] = {}
    counts: list[Any] = session.con.execute("""
        SELECT suite, expectation, coalesce(source, 'none'), count(*)
        FROM quarantined LEFT JOIN (SELECT record_id, any_value(source) AS source FROM _records GROUP BY record_id) USING (record_id)
        GROUP BY ALL ORDER BY ALL""").fetchall()
    for suite, name, source, count in counts:
        found.setdefault((suite, name), {})[source] = count
    return found
