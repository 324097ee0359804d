"""What was planted in our own sample and what the pipeline made of it; only where data/sample is what was read.

Rows of tables have no native id, so they cannot be traced to their record: they take part in the search for personal
data alone.
"""

import csv
from pathlib import Path
from typing import Any

import pyarrow as pa

from curation.engine import Session, write_json
from curation.ingestion import record_id
from curation.report.leaks import leaks
from curation.report.material import Material
from curation.report.provenance import RawFile
from curation.report.queries import Rows, rows
from curation.schema import DIALECTS, MIXED, SEVERITIES, UNKNOWN

SAMPLE = Path("data/sample")
KNOWN = SAMPLE / "known"
PLANTED = Path("reports/planted.json")
KINDS = ("question", "no_answer", "picture", "advertisement", "greeting_only", "other_language", "empty")
COLUMNS = ("kind", "seed_id", "dialect", "severity", "duplicate_group")


def figures(material: Material) -> dict[str, Any] | None:
    """The comparison, also in reports/planted.json, which is empty where other data was read; then None."""
    session = material.session
    posts = load_known(session, material.files)
    if not posts:
        write_json(PLANTED, {})
        return None
    result = {
        "posts": len(posts),
        "traced": sum(bool(post["native_id"]) for post in posts),
        "personal_data": leaks(_read(KNOWN / "personal_data.csv"), posts, _texts(session)),
        "dialect": _confusion(session, "dialect", DIALECTS),
        "severity": _confusion(session, "severity", SEVERITIES),
        "kinds": _kinds(session),
        "duplicates": _duplicates(session),
    }
    write_json(PLANTED, result)
    return result


def load_known(session: Session, files: list[RawFile]) -> list[dict[str, str]]:
    """The posts of the sample, as they were written; none where other data was read. The view `known` has those with a native id."""
    source_of = {file.path.name: file.source for file in files if file.path.is_relative_to(SAMPLE)}
    posts = [post for post in _read(KNOWN / "posts.csv") if post["file"] in source_of]
    if posts:
        _load(session, posts, source_of)
    return posts


def _texts(session: Session) -> list[tuple[str, str]]:
    both = "question_raw || chr(10) || coalesce(answer_raw, '')"
    return session.con.execute(f"SELECT record_id, {both} FROM records ORDER BY record_id").fetchall()


def _read(path: Path) -> list[dict[str, str]]:
    """The rows of a table of answers known; none where it was not written."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _load(session: Session, posts: list[dict[str, str]], source_of: dict[str, str]) -> None:
    """The view `known`, one row a post with a native id, named by the id that ingest gives its record."""
    traced = [post for post in posts if post["native_id"]]
    ids = [record_id(source_of[post["file"]] + chr(31) + post["native_id"]) for post in traced]
    columns = {name: [post[name] or None for post in traced] for name in COLUMNS}
    table = pa.table({name: pa.array(of, pa.string()) for name, of in {"record_id": ids, **columns}.items()})
    session.con.from_arrow(table).create_view("known", replace=True)


def _confusion(session: Session, column: str, names: tuple[str, ...]) -> dict[str, Any]:
    """Posts that ask something, by what they were written as and what the scorer called them."""
    counted = session.con.execute(f"""
        SELECT known.{column}, coalesce(found.{column}, '{UNKNOWN}'), count(*)
        FROM known JOIN {column} AS found USING (record_id)
        WHERE seed_id IS NOT NULL AND known.{column} IS NOT NULL GROUP BY ALL""").fetchall()
    counts = {(written, found): n for written, found, n in counted}
    columns = [*names, *(name for name in (MIXED, UNKNOWN) if any(found == name for _, found in counts))]
    table = []
    for name in names:
        found = {other: counts.get((name, other), 0) for other in columns}
        total = sum(found.values())
        table.append({"name": name, "posts": total, "right": found[name], "recall": _share(found[name], total), "found": found})
    right, total = sum(row["right"] for row in table), sum(row["posts"] for row in table)
    return {"posts": total, "right": right, "accuracy": _share(right, total), "names": columns, "rows": table}


def _kinds(session: Session) -> Rows:
    """Posts by kind: how many became records, how many were kept, and why the others were not, most frequent first."""
    table = rows(
        session,
        """
        SELECT kind, count(*) AS posts, count(s.record_id) AS records, count(*) FILTER (kept) AS kept
        FROM known LEFT JOIN selection s USING (record_id) GROUP BY kind""",
    )
    reasons: dict[str, list[tuple[str, int]]] = {}
    for kind, reason, n in session.con.execute("""
        SELECT kind, reject_reason, count(*) AS n FROM known JOIN selection USING (record_id)
        WHERE NOT kept GROUP BY ALL ORDER BY kind, n DESC, reject_reason""").fetchall():
        reasons.setdefault(kind, []).append((reason, n))
    by_kind = {row["kind"]: row | {"reasons": reasons.get(row["kind"], [])} for row in table}
    return [by_kind[kind] for kind in (*KINDS, *sorted(set(by_kind) - set(KINDS))) if kind in by_kind]


def _duplicates(session: Session) -> dict[str, Any]:
    """Pairs of records: how many of the same written asking share a cluster, and how many of another one do."""
    same, merged, wrongly = session.con.execute("""
        WITH asked AS (
            SELECT DISTINCT record_id, duplicate_group AS asking, cluster_id
            FROM known JOIN duplicates USING (record_id) WHERE duplicate_group IS NOT NULL),
        pairs AS (
            SELECT a.asking = b.asking AS same, a.cluster_id = b.cluster_id AS together
            FROM asked a JOIN asked b ON a.record_id < b.record_id)
        SELECT count(*) FILTER (same), count(*) FILTER (same AND together), count(*) FILTER (together AND NOT same)
        FROM pairs""").fetchall()[0]
    return {
        "pairs": same,
        "merged": merged,
        "recall": _share(merged, same),
        "wrongly": wrongly,
        "precision": _share(merged, merged + wrongly),
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
