"""Figures of the report: questions put to the hand-overs, plain data back. What is counted stands in each docstring."""

from collections.abc import Callable
from typing import Any

from curation.engine import Session
from curation.params import SelectParams
from curation.schema import DIALECT_LABELS, DIALECTS, HAS_CUE, SCORES, SEVERITIES, SPLITS, UNKNOWN

HAND_OVERS = ("records", "rejects", "cleaned", "quality", "dialect", "severity", "duplicates", "selection", "split")
CLUSTER_SIZES = (("2", 2, 2), ("3", 3, 3), ("4", 4, 4), ("5 to 9", 5, 9), ("10 and more", 10, 10**9))
HIGH_SCORE = 0.5
EVIDENCE = 3  # records shown of a score
BINS = 10  # of the histogram of p_critical
Rows = list[dict[str, Any]]


def open_hand_overs(session: Session) -> None:
    """Every hand-over as a view, and `tagged`: one row a record with all that is known of it."""
    for name in HAND_OVERS:
        session.read(name).create_view(name)
    confidence = f"greatest({', '.join(f'p_{name.lower()}' for name in DIALECTS)})"
    session.con.execute(f"""
        CREATE TEMP VIEW tagged AS
        SELECT record_id, source, answer_raw IS NOT NULL AS answered, coalesce(dialect, '{UNKNOWN}') AS dialect,
               {confidence} AS confidence,
               len(dialect_evidence) > 0 OR dialect = 'arabizi' AS has_words,  -- Arabizi is told by its script
               severity, p_critical, {HAS_CUE} AS has_cue, kept, reject_reason, split
        FROM records JOIN cleaned USING (record_id) JOIN dialect USING (record_id) JOIN severity USING (record_id)
        JOIN duplicates USING (record_id) JOIN selection USING (record_id) LEFT JOIN split USING (record_id)""")


def sources(session: Session) -> Rows:
    """By source: pieces left out at reading, records, how many with an answer, dropped, kept, and the kept by split."""
    by_split = ", ".join(f"count(*) FILTER (split = '{name}') AS {name}" for name in SPLITS)
    return rows(
        session,
        f"""
        SELECT source, coalesce(any_value(rejected), 0) AS rejected, count(record_id) AS records,
               count(*) FILTER (answered) AS answered, count(*) FILTER (NOT kept) AS dropped,
               count(*) FILTER (kept) AS kept, {by_split}
        FROM tagged FULL JOIN (SELECT source, count(*) AS rejected FROM rejects GROUP BY source) USING (source)
        GROUP BY source ORDER BY source""",
    )


def dialects(session: Session) -> dict[str, Any]:
    """By dialect: records, kept, mean confidence of the kept, kept without a marked word; the kept by source; whether words are shown."""
    # A sum of whole numbers, since the mean of floats depends on the order in which threads add them.
    confidence = "sum((confidence * 1000000)::BIGINT) FILTER (kept) / count(confidence) FILTER (kept) / 1000000"
    table = rows(
        session,
        f"""
        SELECT dialect AS name, count(*) AS records, count(*) FILTER (kept) AS kept,
               round({confidence}, 3) AS confidence, count(*) FILTER (kept AND NOT has_words) AS without
        FROM tagged GROUP BY dialect""",
    )
    found = [name for name in DIALECT_LABELS if any(row["name"] == name for row in table)]
    return {
        "rows": _in_order(table, DIALECT_LABELS),
        "names": found,
        "by_source": cross(session, "SELECT source, dialect, count(*) FROM tagged WHERE kept GROUP BY ALL"),
        "scorer": one(session, "SELECT max(dialect_scorer) FROM dialect"),
        "by_words": bool(one(session, "SELECT coalesce(bool_or(len(dialect_evidence) > 0), false) FROM dialect")),
    }


def severities(session: Session) -> dict[str, Any]:
    """By severity: records, kept, kept without any cue; the kept by dialect; p_critical of the kept in equal bins."""
    table = rows(
        session,
        """
        SELECT severity AS name, count(*) AS records, count(*) FILTER (kept) AS kept,
               count(*) FILTER (kept AND NOT has_cue) AS without FROM tagged GROUP BY severity""",
    )
    place = f"least(floor(p_critical * {BINS}), {BINS - 1})::INTEGER"
    bins = dict(session.con.execute(f"SELECT {place}, count(*) FROM tagged WHERE kept GROUP BY ALL").fetchall())
    return {
        "rows": _in_order(table, SEVERITIES),
        "by_dialect": cross(session, "SELECT dialect, severity, count(*) FROM tagged WHERE kept GROUP BY ALL", DIALECT_LABELS),
        "histogram": [{"name": f"{i / BINS:.1f} to {(i + 1) / BINS:.1f}", "kept": bins.get(i, 0)} for i in range(BINS)],
        "scorer": one(session, "SELECT max(severity_scorer) FROM severity"),
    }


def quality(session: Session, params: SelectParams) -> dict[str, Any]:
    """By score: its usual threshold, records above HIGH_SCORE, records dropped for it first, and what said so in a few."""
    dropped = session.counts("SELECT reject_reason, count(*) FROM selection WHERE reject_reason IS NOT NULL GROUP BY ALL")
    table = [
        {
            "name": name,
            "why": why,
            "most": params.max_score[name],
            "above": one(session, f"SELECT count(*) FROM quality WHERE {name} > {HIGH_SCORE}"),
            "dropped": dropped.get(name, 0),
            "because": _because(session, name),
        }
        for name, why in SCORES.items()
    ]
    return {"rows": table, "scorer": one(session, "SELECT max(quality_scorer) FROM quality")}


def _because(session: Session, name: str) -> Rows:
    """What made the score, of the first EVIDENCE records dropped for it."""
    return rows(
        session,
        f"""
        SELECT record_id, list_filter(quality_evidence, lambda e: starts_with(e, '{name} '))[1] AS said
        FROM quality JOIN selection USING (record_id) WHERE reject_reason = '{name}' ORDER BY record_id LIMIT {EVIDENCE}""",
    )


def duplicates(session: Session) -> dict[str, Any]:
    """Over all records: repeats by kind, and clusters of two and more by size."""
    kinds = session.counts("SELECT duplicate_kind, count(*) FROM duplicates WHERE NOT is_representative GROUP BY ALL")
    clusters = "(SELECT count(*) AS n FROM duplicates GROUP BY cluster_id)"
    sizes = session.con.execute(f"SELECT n, count(*) FROM {clusters} WHERE n > 1 GROUP BY n").fetchall()
    return {
        "exact": kinds.get("exact", 0),
        "near": kinds.get("near", 0),
        "clusters": sum(count for _, count in sizes),
        "largest": max((size for size, _ in sizes), default=0),
        "sizes": [{"name": name, "clusters": sum(c for n, c in sizes if low <= n <= high)} for name, low, high in CLUSTER_SIZES],
        "answers": int(one(session, "SELECT count(answer_cluster_id) - count(DISTINCT answer_cluster_id) FROM duplicates")),
        "pairs": int(one(session, "SELECT count(*) FROM duplicates WHERE record_id <> pair_cluster_id")),
    }


def redacted(ingest: dict[str, Any]) -> dict[str, Any]:
    """Pieces of personal data replaced at reading, by source and kind, as ingest counted them."""
    table: dict[str, dict[str, int]] = ingest["redacted"]
    kinds = sorted({kind for counts in table.values() for kind in counts})
    return {"kinds": kinds, "by_source": table, "totals": {k: sum(c.get(k, 0) for c in table.values()) for k in kinds}}


def rows(session: Session, query: str) -> Rows:
    """The result of a query as dictionaries."""
    result = session.con.sql(query)
    return [dict(zip(result.columns, row, strict=True)) for row in result.fetchall()]


def one(session: Session, query: str) -> Any:
    """The one value that a query answers."""
    return session.con.execute(query).fetchall()[0][0]


def cross(session: Session, query: str, names: tuple[str, ...] = ()) -> dict[str, dict[str, int]]:
    """A query of row, column and count as a table, rows by their place in `names`, the others after them by name."""
    table: dict[str, dict[str, int]] = {}
    for row, column, count in sorted(session.con.execute(query).fetchall()):
        table.setdefault(row, {})[column] = count
    return {row: table[row] for row in sorted(table, key=_place(names))}


def _in_order(table: Rows, names: tuple[str, ...]) -> Rows:
    """The rows by their place in `names`; what is not named there comes last, so that no count is lost."""
    place = _place(names)
    return sorted(table, key=lambda row: place(row["name"]))


def _place(names: tuple[str, ...]) -> Callable[[str], tuple[int, str]]:
    places = {name: i for i, name in enumerate(names)}
    return lambda name: (places.get(name, len(places)), name)
