"""Near-duplicate questions: exact by key, near by MinHash over character shingles, verified by true Jaccard, clustered by connection.

A changed number is another question: two keys whose numbers differ are never near-duplicates (5 mg is not 50 mg).
MinHash: Broder 1997; banding as in Leskovec, Rajaraman, Ullman, Mining of Massive Datasets, chapter 3.
"""

import random

import duckdb
import numpy as np
import pyarrow as pa

from curation.params import DuplicatesParams

PRIME = (1 << 31) - 1  # products of two such numbers fit 64 bits
MAX_BUCKET = 200  # rows of one band that look the same; beyond it only neighbours by id are compared, which connection mends


def find_clusters(con: duckdb.DuckDBPyConnection, texts: duckdb.DuckDBPyRelation, params: DuplicatesParams) -> duckdb.DuckDBPyRelation:
    """`id, key, preference` in; `id, cluster_id, is_representative, kind` out (`exact`, `near`, or null for a text of its own).

    The representative is the member with the highest `preference`, ties by id; its id is the cluster's.
    """
    texts.create_view("_texts", replace=True)
    con.execute("DROP TABLE IF EXISTS _keys")
    con.execute(r"""
        CREATE TEMP TABLE _keys AS
        SELECT key, row_number() OVER (ORDER BY key) AS k, list_sort(regexp_extract_all(key, '[0-9][0-9./]*')) AS numbers
        FROM (SELECT DISTINCT key FROM _texts WHERE key <> '')""")
    edges = _near_edges(con, params)
    cluster = _connect(con.execute("SELECT count(*) FROM _keys").fetchall()[0][0], edges)
    con.from_arrow(pa.table({"k": np.arange(len(cluster)), "root": cluster})).create_view("_roots", replace=True)
    return con.sql("""
        WITH members AS (
            SELECT t.id, t.preference, t.key, coalesce('c' || r.root, t.id) AS root
            FROM _texts t LEFT JOIN _keys USING (key) LEFT JOIN _roots r USING (k)),
        named AS (
            SELECT *, first_value(id) OVER w AS cluster_id, first_value(key) OVER w AS kept_key, count(*) OVER (PARTITION BY root) AS size
            FROM members WINDOW w AS (PARTITION BY root ORDER BY preference DESC, id))
        SELECT id, cluster_id, id = cluster_id AS is_representative,
               CASE WHEN size = 1 THEN NULL WHEN key = kept_key THEN 'exact' ELSE 'near' END AS kind
        FROM named""")


def _near_edges(con: duckdb.DuckDBPyConnection, params: DuplicatesParams) -> np.ndarray:
    """Pairs of key numbers (n, 2) whose shingles are alike enough and whose numbers are the same, sorted."""
    rng = random.Random(params.seed)
    rows = params.permutations // params.bands
    coefficients = [(rng.randrange(1, PRIME), rng.randrange(PRIME)) for _ in range(params.permutations)]
    bands = [
        "hash(["
        + ", ".join(f"list_min(list_transform(h, lambda x: (x * {a} + {b}) % {PRIME}))" for a, b in coefficients[i : i + rows])
        + "])"
        for i in range(0, params.permutations, rows)
    ]
    width = params.shingle
    con.execute("DROP TABLE IF EXISTS _shingles")
    con.execute(f"""
        CREATE TEMP TABLE _shingles AS
        SELECT k, numbers, list_distinct(list_transform(
            range(1, greatest(length(key) - {width - 2}, 2)), lambda i: (hash(key[i:i + {width - 1}]) % {PRIME})::BIGINT)) AS h
        FROM _keys""")
    con.execute("DROP TABLE IF EXISTS _candidates")
    con.execute(f"""
        CREATE TEMP TABLE _candidates AS
        WITH signatures AS (
            SELECT k, unnest([{", ".join(bands)}]) AS bucket, unnest(range({len(bands)})) AS band FROM _shingles),
        placed AS (SELECT k, band, bucket, row_number() OVER (PARTITION BY band, bucket ORDER BY k) AS place FROM signatures)
        SELECT DISTINCT a.k AS a, b.k AS b FROM placed a JOIN placed b USING (band, bucket)
        WHERE a.place < b.place AND b.place - a.place <= {MAX_BUCKET}""")
    pairs = con.sql(f"""
        SELECT a, b FROM (
            SELECT c.a, c.b, len(list_intersect(x.h, y.h)) AS shared, len(x.h) + len(y.h) AS total
            FROM _candidates c JOIN _shingles x ON x.k = c.a JOIN _shingles y ON y.k = c.b WHERE x.numbers = y.numbers)
        WHERE shared >= {params.threshold} * (total - shared) ORDER BY a, b""").fetchnumpy()
    return np.stack([pairs["a"], pairs["b"]], axis=1)


def _connect(count: int, edges: np.ndarray) -> np.ndarray:
    """The smallest connected key number of each of 0..count (union-find with path halving)."""
    root = np.arange(count + 1)
    for a, b in edges:
        while root[a] != a:
            root[a] = root[root[a]]
            a = root[a]
        while root[b] != b:
            root[b] = root[root[b]]
            b = root[b]
        root[max(a, b)] = min(a, b)
    for i in range(len(root)):
        root[i] = root[root[i]]
    return root
