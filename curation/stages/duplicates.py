"""duplicates: which questions, answers and pairs are the same, exactly by key or nearly by shingles."""

from typing import Any

from curation.duplicates import find_clusters
from curation.engine import METRICS, Session, write_json
from curation.params import Params
from curation.schema import DUPLICATES, SCORES
from curation.stages import main

# What represents a cluster is the one to learn from: first the pairs with an answer and no fault that `quality` is sure of, then the longer
# answer.
FAULT = 0.5  # of a score of `quality`; `select` has thresholds of its own, and changing those must not run this stage again
PREFERENCE = f"CASE WHEN answer <> '' THEN (greatest({', '.join(SCORES)}) < {FAULT})::BIGINT * 1000000000 + length(answer) ELSE -1 END"
SIDES = ("question", "answer", "pair")


def run(session: Session, params: Params) -> str:
    con = session.con
    scored = session.read("cleaned").join(session.read("quality"), "record_id")
    scored.project(f"record_id AS id, question_key, answer_key, coalesce({PREFERENCE}, -1) AS preference").create_view("preferred")
    for side in ("question", "answer"):
        texts = con.sql(f"SELECT id, {side}_key AS key, preference FROM preferred")
        find_clusters(con, texts, params.duplicates).create(f"{side}s")
    # A pair is the same where both its sides are: MinHash over both together would let a long answer hide another question.
    con.sql("""
        WITH pairs AS (
            SELECT p.id, preference, hash(question_key, answer_key) AS keys, q.cluster_id, q.is_representative, q.kind,
                   if(answer_key <> '', a.cluster_id, NULL) AS answer_cluster_id, a.kind AS answer_kind
            FROM preferred p JOIN questions q USING (id) JOIN answers a USING (id))
        SELECT id AS record_id, cluster_id, is_representative, kind AS duplicate_kind, answer_cluster_id,
               answer_kind AS answer_duplicate_kind,
               first_value(id) OVER same AS pair_cluster_id,
               CASE WHEN count(*) OVER same > 1 THEN if(keys = first_value(keys) OVER same, 'exact', 'near') END AS pair_duplicate_kind
        FROM pairs
        WINDOW same AS (PARTITION BY cluster_id, answer_cluster_id ORDER BY preference DESC, id
                        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)""").create("found")
    count = session.write(con.table("found").project(", ".join(DUPLICATES)), "duplicates", order_by="record_id")
    metrics = {side: _figures(session, side) for side in SIDES}
    write_json(METRICS / "duplicates.json", metrics)
    told = (f"{side}s: {m['exact']} exact, {m['near']} near in {m['clusters']} clusters" for side, m in metrics.items())
    return f"{count} records; " + "; ".join(told)


def _figures(session: Session, side: str) -> dict[str, Any]:
    """Repeats by kind, and clusters of two and more: how many, the largest, how many of each size up to the next power of two."""
    prefix = "" if side == "question" else f"{side}_"
    kinds = session.counts(f"SELECT {prefix}duplicate_kind, count(*) FROM found WHERE record_id <> {prefix}cluster_id GROUP BY ALL")
    clusters = f"FROM (SELECT count(*) AS n FROM found WHERE {prefix}cluster_id IS NOT NULL GROUP BY {prefix}cluster_id) WHERE n > 1"
    sizes = session.counts(f"SELECT printf('up to %7d', (2 ** ceil(log2(n)))::BIGINT), count(*) {clusters} GROUP BY ALL")
    return {
        "exact": kinds.get("exact", 0),
        "near": kinds.get("near", 0),
        "clusters": session.number(f"SELECT count(*) {clusters}"),
        "largest": session.number(f"SELECT coalesce(max(n), 0) {clusters}"),
        "sizes": {" ".join(name.split()): n for name, n in sizes.items()},
    }


if __name__ == "__main__":
    main(run)
