"""duplicates: which questions are the same asking, exactly by key or nearly by shingles."""

from curation.duplicates import find_clusters
from curation.engine import METRICS, Session, write_json
from curation.params import Params
from curation.schema import DUPLICATES
from curation.stages import main

# The asking that has an answer, then the longer answer, represents its cluster: that is the one to learn from.
PREFERENCE = "coalesce(length(answer), 0)"


def run(session: Session, params: Params) -> str:
    con = session.con
    cleaned = session.read("cleaned")
    find_clusters(con, cleaned.project(f"record_id AS id, question_key AS key, {PREFERENCE} AS preference"), params.duplicates).create(
        "clusters"
    )
    result = con.sql("SELECT id AS record_id, cluster_id, is_representative, kind AS duplicate_kind FROM clusters")
    count = session.write(result.project(", ".join(DUPLICATES)), "duplicates", order_by="record_id")
    kinds = session.counts("SELECT kind, count(*) FROM clusters WHERE NOT is_representative GROUP BY ALL")
    sizes = "FROM (SELECT count(*) AS n FROM clusters GROUP BY cluster_id) WHERE n > 1"
    metrics = {
        "exact": kinds.get("exact", 0),
        "near": kinds.get("near", 0),
        "clusters": session.number(f"SELECT count(*) {sizes}"),
        "largest": session.number(f"SELECT coalesce(max(n), 0) {sizes}"),
    }
    write_json(METRICS / "duplicates.json", metrics)
    return f"{count} questions, {metrics['exact']} exact and {metrics['near']} near duplicates in {metrics['clusters']} clusters"


if __name__ == "__main__":
    main(run)
