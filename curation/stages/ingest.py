"""ingest: raw dumps in, records without personal data out, and every piece that could not be used with its reason."""

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pyarrow as pa

from curation.engine import METRICS, SPILL, Session, write_json
from curation.errors import TibyanError
from curation.ingestion import Found, load_items
from curation.pairing import pair_up
from curation.params import Params
from curation.privacy.takedown import load_takedown
from curation.schema import RECORDS, REJECTS, SOURCES
from curation.sources.dump import Reject
from curation.sources.inputs import Reading, all_readings
from curation.sources.terms import Terms, source_terms
from curation.stages import main

# For DuckDB, which begins when the readers have ended: with what this process holds beside it under 900 MB. Ids and places of all records
# are joined and ranked in memory, some 350 bytes each, so that from 1.4 million on more is needed, up to engine.memory_limit.
MEMORY, BYTES_A_RECORD = 500_000_000, 350
MOST_PROCESSES = 8  # each learns up to 300,000 words of its own


def run(session: Session, params: Params) -> str:
    with TemporaryDirectory(prefix="ingest-", dir=SPILL) as folder:
        return _ingest(session, params, Path(folder))


def _ingest(session: Session, params: Params, folder: Path) -> str:
    con = session.con
    allowed = session.number("SELECT parse_formatted_bytes(current_setting('memory_limit'))")
    con.execute(f"SET memory_limit = '{min(MEMORY, allowed)}B'")
    entries = all_readings(params.ingest.inputs)
    terms = source_terms(params.ingest.inputs, entries)
    takedown = load_takedown()
    redacted: Found = Counter()
    load_items(con, entries, params.ingest, takedown, redacted, folder, min(session.threads, MOST_PROCESSES))
    needed = BYTES_A_RECORD * session.number("SELECT (SELECT count(*) FROM posts) + (SELECT count(*) FROM comments)")
    con.execute(f"SET memory_limit = '{min(max(MEMORY, needed), allowed)}B'")
    with_content = {row[0] for row in con.execute("SELECT DISTINCT file FROM posts").fetchall()}
    for entry, readings in zip(params.ingest.inputs, entries, strict=True):
        if not any(dump.name in with_content for dump, _ in readings):
            names = [dump.name for dump, _ in readings]
            reasons = con.execute("SELECT DISTINCT reason FROM unread WHERE file IN (SELECT unnest(?)) ORDER BY reason", [names]).fetchall()
            why = f" ({', '.join(reason for (reason,) in reasons)})" if reasons else ""
            raise TibyanError(
                f"{entry.path}: holds no posts and no rows{why}. Remove it from ingest.inputs in params.yaml, or scrape it again."
            )
    pair_up(con, params.ingest, takedown)
    records = con.sql(f"SELECT {', '.join(RECORDS)} FROM ranked WHERE version = 1 AND NOT taken_down")
    rejects = con.sql(f"""
        SELECT {", ".join(REJECTS)} FROM unread UNION ALL
        SELECT source, file, position, CASE WHEN taken_down THEN 'taken_down' ELSE 'older_version' END AS reason,
               CASE WHEN taken_down THEN '' ELSE 'replaced by record ' || record_id END AS detail
        FROM ranked WHERE version > 1 OR taken_down""")
    kept = session.write(records, "records", order_by="record_id")
    session.write(_sources(session, terms), "sources", order_by="source")
    lost = session.write(rejects, "rejects", order_by="file, position, reason, detail")
    metrics = _metrics(session, redacted, [reading for entry in entries for reading in entry])
    if metrics["read"] != kept - metrics["further_answers"] + lost:
        raise TibyanError(f"the counts do not add up: {metrics['read']} pieces read, {kept} records, {lost} rejects. Please report this.")
    write_json(METRICS / "ingest.json", metrics)
    return f"{metrics['read']} pieces read, {kept} records, {lost} rejects, {sum(redacted.values())} pieces of personal data redacted"


def _sources(session: Session, terms: list[Terms]) -> duckdb.DuckDBPyRelation:
    columns = zip(SOURCES, zip(*terms, strict=True), strict=True)
    return session.con.from_arrow(pa.table({name: pa.array(values, pa.string()) for name, values in columns}))


def _metrics(session: Session, redacted: Found, readings: list[Reading]) -> dict[str, Any]:
    number, counts = session.number, session.counts
    rejects = counts(f"SELECT reason, count(*) FROM read_parquet('{session.folder / 'rejects.parquet'}') GROUP BY ALL")
    return {
        "read": number("SELECT (SELECT count(*) FROM posts) + (SELECT count(*) FROM unread)"),
        "records": session.count("records"),
        "rejects": session.count("rejects"),
        "further_answers": number("SELECT count(*) FROM ranked WHERE rank > 1"),
        "comments": number("SELECT count(*) FROM comments"),
        "replaced_versions": rejects.get("older_version", 0),
        "taken_down": rejects.get("taken_down", 0),
        "by_source": counts("SELECT source, count(*) FROM ranked WHERE version = 1 AND NOT taken_down GROUP BY ALL"),
        "by_format": dict(sorted(Counter("none" if isinstance(r, Reject) else r.NAME for _, r in readings).items())),
        "by_encoding": dict(sorted(Counter(dump.notes.encoding or "binary" for dump, _ in readings).items())),
        "rejects_by_reason": rejects,
        "answers_by_rule": counts(
            "SELECT coalesce(answer_rule, 'none'), count(*) FROM ranked WHERE version = 1 AND NOT taken_down GROUP BY ALL"
        ),
        "redacted": {
            source: {kind: n for (origin, kind), n in sorted(redacted.items()) if origin == source}
            for source in sorted({source for source, _ in redacted})
        },
    }


if __name__ == "__main__":
    main(run)
