"""ingest: raw dumps in, records without personal data out, and every piece that could not be used with its reason."""

from collections import Counter
from typing import Any

from curation.engine import METRICS, Session, write_json
from curation.errors import TibyanError
from curation.ingestion import load_items, pair_up
from curation.params import Params
from curation.schema import RECORDS, REJECTS
from curation.sources.inputs import all_dumps
from curation.stages import main


def run(session: Session, params: Params) -> str:
    con = session.con
    entries = all_dumps(params.ingest.inputs)
    redacted: Counter[tuple[str, str]] = Counter()
    load_items(con, [pair for entry in entries for pair in entry], params.ingest, redacted)
    with_content = {row[0] for row in con.execute("SELECT DISTINCT file FROM posts").fetchall()}
    for entry, pairs in zip(params.ingest.inputs, entries, strict=True):
        if not any(str(dump.path) in with_content for dump, _ in pairs):
            raise TibyanError(f"{entry.path}: holds no posts and no rows. Remove it from ingest.inputs in params.yaml, or scrape it again.")
    pair_up(con, params.ingest)
    records = con.sql(f"SELECT {', '.join(RECORDS)} FROM ranked WHERE version = 1")
    rejects = con.sql(f"""
        SELECT {", ".join(REJECTS)} FROM unread UNION ALL
        SELECT source, file, position, 'older_version' AS reason, 'replaced by record ' || record_id AS detail
        FROM ranked WHERE version > 1""")
    kept = session.write(records, "records", order_by="record_id")
    lost = session.write(rejects, "rejects", order_by="file, position, reason, detail")
    metrics = _metrics(session, redacted)
    if metrics["read"] != kept - metrics["further_answers"] + lost:
        raise TibyanError(f"the counts do not add up: {metrics['read']} pieces read, {kept} records, {lost} rejects. Please report this.")
    write_json(METRICS / "ingest.json", metrics)
    return f"{metrics['read']} pieces read, {kept} records, {lost} rejects, {sum(redacted.values())} pieces of personal data redacted"


def _metrics(session: Session, redacted: Counter[tuple[str, str]]) -> dict[str, Any]:
    number, counts = session.number, session.counts
    return {
        "read": number("SELECT (SELECT count(*) FROM posts) + (SELECT count(*) FROM unread)"),
        "records": session.count("records"),
        "rejects": session.count("rejects"),
        "further_answers": number("SELECT count(*) FROM ranked WHERE rank > 1"),
        "comments": number("SELECT count(*) FROM comments"),
        "by_source": counts("SELECT source, count(*) FROM ranked WHERE version = 1 GROUP BY ALL"),
        "rejects_by_reason": counts(
            "SELECT reason, count(*) FROM unread GROUP BY ALL UNION ALL SELECT 'older_version', count(*) FROM ranked WHERE version > 1"
        ),
        "answers_by_rule": counts("SELECT coalesce(answer_rule, 'none'), count(*) FROM ranked WHERE version = 1 GROUP BY ALL"),
        "redacted": {
            source: {kind: n for (origin, kind), n in sorted(redacted.items()) if origin == source}
            for source in sorted({source for source, _ in redacted})
        },
    }


if __name__ == "__main__":
    main(run)
