"""Duplicates: repeats by kind, clusters by size, and the largest of them by excerpt."""

from typing import Any

from curation.report.material import Material
from curation.report.queries import Rows, excerpt, one, rows

CLUSTER_SIZES = (("2", 2, 2), ("3", 3, 3), ("4", 4, 4), ("5 to 9", 5, 9), ("10 and more", 10, 10**9))
LARGEST = 10  # clusters shown


def figures(material: Material) -> dict[str, Any]:
    """Over all records: repeats by kind, clusters of two and more by size, the largest with the question that stands for each."""
    session = material.session
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
        "rows": _largest(material),
    }


def _largest(material: Material) -> Rows:
    """The LARGEST clusters: how many repeat it to the letter and nearly, how many were kept, of how many sources, and its excerpt."""
    found = rows(
        material.session,
        f"""
        WITH large AS (
            SELECT cluster_id, count(*) AS records, count(*) FILTER (NOT is_representative AND duplicate_kind = 'exact') AS exact,
                   count(*) FILTER (NOT is_representative AND duplicate_kind = 'near') AS near, count(*) FILTER (kept) AS kept,
                   count(DISTINCT source) AS sources, min(record_id) FILTER (is_representative) AS record_id
            FROM duplicates JOIN tagged USING (record_id) GROUP BY cluster_id HAVING count(*) > 1
            ORDER BY records DESC, cluster_id LIMIT {LARGEST})
        SELECT large.*, dialect, question FROM large JOIN tagged USING (record_id) JOIN cleaned USING (record_id)
        ORDER BY records DESC, cluster_id""",
    )
    return [row | {"text": excerpt(row["question"] or "")} for row in found]
