"""Near-duplicate questions: exact by key, near by shingles of the key (curation/minhash.py), clustered by connection.

A changed number is another question: two keys whose numbers differ are never near-duplicates (5 mg is not 50 mg).
"""

import duckdb
import pyarrow as pa

from curation.minhash import clusters
from curation.params import DuplicatesParams


def find_clusters(con: duckdb.DuckDBPyConnection, texts: duckdb.DuckDBPyRelation, params: DuplicatesParams) -> duckdb.DuckDBPyRelation:
    """`id, key, preference` in; `id, cluster_id, is_representative, kind` out (`exact`, `near`, or null for a text of its own).

    The representative is the member with the highest `preference`, ties by id; its id is the cluster's.
    """
    texts.create_view("_texts", replace=True)
    keys = con.sql(r"""
        SELECT key, hash(list_sort(regexp_extract_all(key, '[0-9][0-9./]*'))) AS numbers
        FROM (SELECT DISTINCT key FROM _texts WHERE key <> '') ORDER BY key""").to_arrow_table()
    roots = clusters(keys["key"].to_pylist(), keys["numbers"].to_numpy(), params)
    con.from_arrow(pa.table({"key": keys["key"], "root": roots})).create_view("_roots", replace=True)
    return con.sql("""
        WITH members AS (
            SELECT t.id, t.preference, t.key, coalesce('c' || r.root, t.id) AS root
            FROM _texts t LEFT JOIN _roots r USING (key)),
        named AS (
            SELECT *, first_value(id) OVER w AS cluster_id, first_value(key) OVER w AS kept_key, count(*) OVER (PARTITION BY root) AS size
            FROM members WINDOW w AS (PARTITION BY root ORDER BY preference DESC, id))
        SELECT id, cluster_id, id = cluster_id AS is_representative,
               CASE WHEN size = 1 THEN NULL WHEN key = kept_key THEN 'exact' ELSE 'near' END AS kind
        FROM named""")
