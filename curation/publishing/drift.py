"""How far a column's distribution moved from one version to the next: Jensen-Shannon divergence to the base 2, 0 alike, 1 apart."""

from collections.abc import Collection
from math import log2

import duckdb

NAMES = ("source", "dialect", "severity", "split")
NUMBERS = ("question_letters", "answer_letters", "arabic_share", "p_mild", "p_moderate", "p_critical")
BINS = 10  # of a number: the deciles of the older version


def drift(con: duckdb.DuckDBPyConnection, old: str, new: str, columns: Collection[str]) -> dict[str, float]:
    """For the columns of two tables that can drift, rounded to four places."""
    bins = {name: f"coalesce(CAST({name} AS VARCHAR), 'none')" for name in NAMES if name in columns}
    bins |= {name: _bin(con, old, name) for name in NUMBERS if name in columns}
    return {name: round(divergence(*(_shares(con, table, of) for table in (old, new))), 4) for name, of in bins.items()}


def divergence(p: dict[str, float], q: dict[str, float]) -> float:
    """Of two distributions over names. Lin 1991, https://doi.org/10.1109/18.61115."""
    middle = {name: (p.get(name, 0) + q.get(name, 0)) / 2 for name in p.keys() | q.keys()}
    return max(0.0, sum(sum(x * log2(x / middle[name]) for name, x in sorted(of.items()) if x) / 2 for of in (p, q)))


def _bin(con: duckdb.DuckDBPyConnection, old: str, name: str) -> str:
    """SQL for how many deciles of the older version a number is above."""
    shares = [i / BINS for i in range(1, BINS)]
    edges = con.execute(f"SELECT quantile_disc({name}, {shares}) FROM {old}").fetchall()[0][0] or []
    above = " + ".join(f"({name} > {edge!r})::INTEGER" for edge in sorted(set(edges))) or "0"
    return f"coalesce(CAST({above} AS VARCHAR), 'none')"


def _shares(con: duckdb.DuckDBPyConnection, table: str, of: str) -> dict[str, float]:
    counts = dict(con.execute(f"SELECT {of}, count(*) FROM {table} GROUP BY ALL").fetchall())
    total = sum(counts.values())
    return {name: count / total for name, count in counts.items()} if total else {}
