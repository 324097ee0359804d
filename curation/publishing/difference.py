"""What differs between two versions of a dataset: rows, values, labels, distributions. Counts, never texts."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from curation.drift import counts_by_bin, jensen_shannon
from curation.errors import TibyanError
from curation.publishing.configs import ANNOTATIONS, DEFAULT
from curation.publishing.versions import Version

LABELS = ("dialect", "severity")
NOT_SAID = "not said"  # the version holds no reasons: those of the Hub do not
GONE = "no longer in what was read"


@dataclass(frozen=True)
class Difference:
    """Rows of either; of those in one alone by source or reason; of those in both by column; labels from, to; drift by column."""

    old: int
    new: int
    added: dict[str, int]
    removed: dict[str, int]
    changed: dict[str, int]
    shifts: dict[str, dict[str, int]]
    drift: dict[str, float]

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return asdict(self)


def difference(con: duckdb.DuckDBPyConnection, old: Version, new: Version) -> Difference:
    """Rows are the same by their record_id. Raises TibyanError where a version holds none."""
    before, after = _rows(con, old, "old"), _rows(con, new, "new")
    shared = [name for name in before.columns if name in after.columns and name != "record_id"]
    con.sql("SELECT o.record_id AS was, n.record_id AS is_now FROM old o FULL JOIN new n USING (record_id)").create("pairs")
    changed = {
        name: count
        for name in sorted(shared)
        if (count := _number(con, f'SELECT count(*) FROM old o JOIN new n USING (record_id) WHERE o."{name}" IS DISTINCT FROM n."{name}"'))
    }
    shifts = {
        label: _counts(
            con,
            f"""SELECT coalesce(o.{label}, 'none') || ' to ' || coalesce(n.{label}, 'none'), count(*)
                FROM old o JOIN new n USING (record_id) WHERE o.{label} IS DISTINCT FROM n.{label} GROUP BY ALL""",
        )
        for label in LABELS
        if label in changed
    }
    return Difference(
        old=len(before),
        new=len(after),
        added=_counts(con, "SELECT n.source, count(*) FROM new n ANTI JOIN old o USING (record_id) GROUP BY ALL"),
        removed=_removed(con, new.selection),
        changed=changed,
        shifts=shifts,
        drift={name: round(jensen_shannon(*counts), 4) for name, counts in counts_by_bin(con, "old", "new").items()},
    )


def _rows(con: duckdb.DuckDBPyConnection, version: Version, name: str) -> duckdb.DuckDBPyRelation:
    """The table `name`: every row that has an id there, with its split, and its text where that is published."""
    parts = [config for config in (ANNOTATIONS, DEFAULT) if any((version.folder / config.folder).glob("*.parquet"))]
    if not parts:
        raise TibyanError(f"{version.named}: holds no Parquet files of a dataset. Name one that Tibyan built.")
    first, *others = (_files(con, version.folder / config.folder) for config in parts)
    for other in others:
        own = [column for column in other.columns if column not in first.columns]
        first = first.join(other.project(", ".join(("record_id", *own))), "record_id", how="left")
    first.create(name)
    return con.table(name)


def _files(con: duckdb.DuckDBPyConnection, folder: Path) -> duckdb.DuckDBPyRelation:
    return con.read_parquet(str(folder / "*.parquet"), filename=True).project(
        "* EXCLUDE (filename), parse_filename(filename, true) AS split"
    )


def _removed(con: duckdb.DuckDBPyConnection, selection: Path | None) -> dict[str, int]:
    gone = "SELECT record_id FROM old ANTI JOIN new USING (record_id)"
    if selection is None:
        count = _number(con, f"SELECT count(*) FROM ({gone})")
        return {NOT_SAID: count} if count else {}
    reasons = f"SELECT record_id, coalesce(reject_reason, 'kept, and not published') AS reason FROM read_parquet('{selection}')"
    return _counts(con, f"SELECT coalesce(reason, '{GONE}'), count(*) FROM ({gone}) LEFT JOIN ({reasons}) USING (record_id) GROUP BY ALL")


def _number(con: duckdb.DuckDBPyConnection, query: str) -> int:
    return int(con.execute(query).fetchall()[0][0])


def _counts(con: duckdb.DuckDBPyConnection, query: str) -> dict[str, int]:
    return dict(sorted(con.execute(query).fetchall(), key=lambda row: (-row[1], row[0])))
