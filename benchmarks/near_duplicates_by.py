"""The same near-duplicates by four means, each a process of its own: `python -m benchmarks.near_duplicates_by NAME KEYS.parquet OUT.npy`.

All take the same keys apart into the same shingles (characters of 5, single words), verify every candidate by its true Jaccard similarity
at 0.8, numbers being words like others, and connect what is alike. rensa, datasketch and DuckDB get 128 permutations in 32 bands.
THREADS in the environment is the number of threads, where there is one to set.
"""

import os
import sys
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any

import duckdb
import numpy as np

from curation.api import DUPLICATES
from curation.duplicates.clusters import near
from curation.duplicates.components import join, settle
from curation.duplicates.keys import distinct_keys
from curation.duplicates.shingles import Rows

THRESHOLD, CHARACTERS, WORDS, PERMUTATIONS, BANDS = 0.8, 5, 1, 128, 32
ALL_LONG = DUPLICATES.model_copy(
    update={"threshold": THRESHOLD, "characters": CHARACTERS, "words": WORDS, "numbers": "same", "short": 1, "short_characters": 1}
)
LIBRARIES = ("rensa", "datasketch")
Pairs = Iterable[tuple[int, int]]


def shingles(key: str) -> set[str]:
    """As Python has them; a key shorter than a shingle has its words alone."""
    return {key[i : i + CHARACTERS] for i in range(len(key) - CHARACTERS + 1)} | {f"word {word}" for word in key.split(" ")}


def tibyan(con: duckdb.DuckDBPyConnection, threads: int) -> Rows:
    """Shortest first is what `near` wants; the rows come back in the order of the file."""
    roots = near(distinct_keys(con, "keys", "ordered"), ALL_LONG, threads)
    rows = con.sql("SELECT k.row FROM ordered JOIN keys k USING (key) ORDER BY ordered.row").fetchnumpy()["row"]
    labels = np.empty(len(rows), np.int64)
    labels[rows] = rows[roots]
    return labels


def rensa(con: duckdb.DuckDBPyConnection, threads: int) -> Rows:
    """Rust behind Python: bulk signatures, an index, one query a key."""
    module = needs("rensa")
    os.environ["RAYON_NUM_THREADS"] = str(threads)
    sets = [shingles(key) for key in _keys(con)]
    signatures = module.RMinHash.from_token_sets([list(s) for s in sets], PERMUTATIONS, 1)
    index = module.RMinHashLSH(THRESHOLD, PERMUTATIONS, BANDS)
    index.insert_many(signatures)
    return _connected(sets, ((i, j) for i, found in enumerate(index.query_all(signatures)) for j in found if j < i))


def datasketch(con: duckdb.DuckDBPyConnection, threads: int) -> Rows:
    """NumPy behind Python: the signatures in bulk, an index, one query a key."""
    module = needs("datasketch")
    sets = [shingles(key) for key in _keys(con)]
    index = module.MinHashLSH(num_perm=PERMUTATIONS, params=(BANDS, PERMUTATIONS // BANDS))
    pairs = []
    for i, minhash in enumerate(module.MinHash.generator(([s.encode() for s in of] for of in sets), num_perm=PERMUTATIONS, seed=1)):
        pairs += [(i, j) for j in index.query(minhash)]
        index.insert(i, minhash)
    return _connected(sets, pairs)


def duckdb_alone(con: duckdb.DuckDBPyConnection, threads: int) -> Rows:
    """Nothing but SQL up to the pairs: shingles unnested, one aggregate a permutation, a join on bands, lists intersected."""
    minima = ", ".join(f"min(hash(h + {i}::UBIGINT)) AS m{i}" for i in range(PERMUTATIONS))
    rows = PERMUTATIONS // BANDS
    codes = ", ".join(f"hash({', '.join(f'm{i}' for i in range(b * rows, (b + 1) * rows))}, {b})" for b in range(BANDS))
    con.execute(f"""
        CREATE TEMP TABLE sets AS SELECT row, list_distinct(list_concat(
            list_transform(range(1, length(key) - {CHARACTERS - 2}), lambda i: hash(substring(key, i, {CHARACTERS})) >> 1),
            list_transform(string_split(key, ' '), lambda w: hash('word ' || w) >> 1))) AS members FROM keys;
        CREATE TEMP TABLE bands AS SELECT row, unnest([{codes}]) AS code
        FROM (SELECT row, {minima} FROM (SELECT row, unnest(members) AS h FROM sets) GROUP BY row)""")
    pairs = con.sql(f"""
        SELECT a.row AS a, b.row AS b
        FROM (SELECT DISTINCT x.row AS i, y.row AS j FROM bands x JOIN bands y ON x.code = y.code AND x.row < y.row)
        JOIN sets a ON a.row = i JOIN sets b ON b.row = j
        WHERE (1 + {THRESHOLD}) * len(list_intersect(a.members, b.members)) >= {THRESHOLD} * (len(a.members) + len(b.members)) - 1e-9
    """).fetchnumpy()
    labels = np.arange(con.sql("FROM keys").shape[0])
    join(labels, np.asarray(pairs["a"]), np.asarray(pairs["b"]))
    settle(labels)
    return labels


MEANS: dict[str, Callable[[duckdb.DuckDBPyConnection, int], Rows]] = {
    "tibyan": tibyan,
    "rensa": rensa,
    "datasketch": datasketch,
    "DuckDB": duckdb_alone,
}


def _keys(con: duckdb.DuckDBPyConnection) -> list[str]:
    return [row[0] for row in con.execute("SELECT key FROM keys ORDER BY row").fetchall()]


def needs(name: str) -> Any:
    """The library of that name where one of the means is a library. Raises SystemExit with one sentence where it is missing."""
    if name not in LIBRARIES:
        return None
    try:
        return import_module(name)
    except ImportError:
        raise SystemExit(f"{name} is not installed here, and near-duplicates are measured beside it: pip install {name}") from None


def _connected(sets: list[set[str]], candidates: Pairs) -> Rows:
    """Verified one by one, as a user of these libraries would."""
    alike = []
    for i, j in candidates:
        shared = len(sets[i] & sets[j])
        if shared >= THRESHOLD * (len(sets[i]) + len(sets[j]) - shared):
            alike.append((i, j))
    labels = np.arange(len(sets))
    a, b = np.array(alike, np.int64).reshape(-1, 2).T
    join(labels, a, b)
    settle(labels)
    return labels


if __name__ == "__main__":
    name, path, out = sys.argv[1:]
    threads = int(os.environ.get("THREADS", "1"))
    with duckdb.connect(config={"threads": threads}) as con:
        con.execute("CREATE TEMP TABLE keys AS SELECT row_number() OVER () - 1 AS row, key FROM read_parquet(?)", [path])
        np.save(out, MEANS[name](con, threads))
