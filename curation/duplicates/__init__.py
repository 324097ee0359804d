"""Which texts are the same asking or answer: exact by key, near by shingles of the key, clustered by connection."""

import duckdb
import numpy as np
import pyarrow as pa

from curation.duplicates.clusters import near
from curation.duplicates.keys import distinct_keys
from curation.engine import threads_of
from curation.params import DuplicatesParams


def find_clusters(con: duckdb.DuckDBPyConnection, texts: duckdb.DuckDBPyRelation, params: DuplicatesParams) -> duckdb.DuckDBPyRelation:
    """`id, key, preference` in; `id, cluster_id, is_representative, kind` out (`exact`, `near`, or null for a text of its own).

    The representative is the member with the highest `preference`, ties by the lowest id; its id is the cluster's. A null or empty key
    stands alone.
    """
    texts.create_view("_texts", replace=True)
    keys = distinct_keys(con, "_texts", "_keys")
    roots = near(keys, params, threads_of(con))
    con.from_arrow(pa.table({"row": np.arange(len(roots)), "root": roots})).create_view("_roots", replace=True)
    return con.sql("""
        WITH members AS (
            SELECT t.id, t.preference, t.key, coalesce('c' || r.root, t.id) AS root
            FROM _texts t LEFT JOIN _keys USING (key) LEFT JOIN _roots r USING (row)),
        named AS (
            SELECT *, first_value(id) OVER w AS cluster_id, first_value(key) OVER w AS kept_key, count(*) OVER (PARTITION BY root) AS size
            FROM members WINDOW w AS (PARTITION BY root ORDER BY preference DESC, id))
        SELECT id, cluster_id, id = cluster_id AS is_representative,
               CASE WHEN size = 1 THEN NULL WHEN key = kept_key THEN 'exact' ELSE 'near' END AS kind
        FROM named""")
