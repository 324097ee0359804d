"""How far a column of a dataset has moved from one version to another: population stability and Jensen-Shannon, out of counts by bin."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import duckdb

from curation.errors import TibyanError
from curation.schema import DIALECTS
from curation.text.compiler import literal
from curation.text.letters import letters

ANNOTATIONS, DATA = "annotations", "data"  # parts of a dataset folder; where there are both, the first has all rows of the other
BINS = 10  # of a column of numbers: deciles of the earlier version, as credit scoring has it
Counts = Mapping[str, int]


class Column(NamedTuple):
    """What is compared: SQL over the rows of a dataset, and the columns that it needs. Numbers are put into BINS."""

    sql: str
    needs: tuple[str, ...]
    is_number: bool = False


def _number(sql: str, *needs: str) -> Column:
    return Column(sql, needs, True)


_P_DIALECT = tuple(f"p_{name.lower()}" for name in DIALECTS)
# One of several where versions differ in what they hold: the first of which all columns are there.
COLUMNS: dict[str, tuple[Column, ...]] = {
    "source": (Column("source", ("source",)),),
    "split": (Column("split", ("split",)),),
    "dialect": (Column("coalesce(dialect, 'unknown')", ("dialect",)),),
    "severity": (Column("severity", ("severity",)),),
    "dialect_confidence": (_number(f"greatest({', '.join(_P_DIALECT)})", *_P_DIALECT),),
    "p_critical": (_number("p_critical", "p_critical"),),
    "question_letters": (_number("question_letters", "question_letters"), _number(letters("question"), "question")),
    "answer_letters": (_number("answer_letters", "answer_letters"), _number(letters("answer"), "answer")),
    "arabic_share": (_number("arabic_share", "arabic_share"),),
}


def population_stability(before: Counts, now: Counts) -> float:
    """The population stability index: the sum of (b - a) ln(b / a) over the shares a, b of each bin. Half a row is added to each bin,
    so that an empty one is no infinity. Below 0.1 nothing has moved, above 0.25 much has (Siddiqi 2006, Credit Risk Scorecards)."""
    pairs = _shares(before, now, 0.5)
    return round(sum((b - a) * math.log(b / a) for a, b in pairs), 6)


def jensen_shannon(before: Counts, now: Counts) -> float:
    """The Jensen-Shannon divergence in bits, from 0, the same shares, to 1, no bin in common (Lin 1991)."""
    pairs = _shares(before, now, 0)
    return round(sum(_towards(a, (a + b) / 2) + _towards(b, (a + b) / 2) for a, b in pairs) / 2, 6)


def _shares(before: Counts, now: Counts, more: float) -> list[tuple[float, float]]:
    """Of every bin the share of both; in the order of the bins, since sums of floats depend on it."""
    bins = sorted({*before, *now})
    whole = [sum(counts.values()) + more * len(bins) or 1 for counts in (before, now)]
    return [((before.get(name, 0) + more) / whole[0], (now.get(name, 0) + more) / whole[1]) for name in bins]


def _towards(a: float, middle: float) -> float:
    return a * math.log2(a / middle) if a else 0.0


def counts_by_bin(con: duckdb.DuckDBPyConnection, before: str, now: str) -> dict[str, tuple[Counts, Counts]]:
    """By name of COLUMNS the rows in each bin of both relations; what either cannot give is not there. A null is a bin of its own."""
    had, has = (set(con.sql(f"FROM {rows} LIMIT 0").columns) for rows in (before, now))
    found: dict[str, tuple[Counts, Counts]] = {}
    for name, ways in COLUMNS.items():
        old, new = (next((way for way in ways if columns.issuperset(way.needs)), None) for columns in (had, has))
        if old and new:
            found[name] = _counts(con, (before, old), (now, new))
    return found


def _counts(con: duckdb.DuckDBPyConnection, before: tuple[str, Column], now: tuple[str, Column]) -> tuple[Counts, Counts]:
    bin_of = "{}::VARCHAR"
    if before[1].is_number:
        shares = ", ".join(str(i / BINS) for i in range(1, BINS))
        edges = con.sql(f"SELECT quantile_disc(({before[1].sql})::DOUBLE, [{shares}]) FROM {before[0]}").fetchall()[0][0] or []
        # The number of the bin: how many edges lie below. Edges that fall together leave the bin between them empty in both.
        bin_of = " + ".join([f"({{0}} > {edge!r})::INTEGER" for edge in sorted(set(edges))] or ["0"])
        bin_of = f"({bin_of})::VARCHAR"
    both = []
    for rows, column in (before, now):
        place = f"coalesce({bin_of.format(f'({column.sql})')}, 'null')"
        both.append(dict(con.sql(f"SELECT {place} AS bin, count(*) FROM {rows} GROUP BY bin").fetchall()))
    return both[0], both[1]


def released_rows(folder: Path) -> str:
    """SELECT of the rows of a dataset folder with their `split`: those of its widest part. Raises TibyanError where there is none."""
    for part in (ANNOTATIONS, DATA):
        if rows := part_rows(folder, part):
            return rows
    raise TibyanError(
        f"{folder}: holds no data/*.parquet of a released version. Name its folder in validate.released of params.yaml, or null."
    )


def part_rows(folder: Path, part: str) -> str | None:
    """The same of one part of it; None where it has no files.

    A file is named by its split, as `data/train.parquet` or `data/train-00000-of-00001.parquet`.
    """
    files = ", ".join(literal(str(file.absolute())) for file in sorted((folder / part).glob("*.parquet")))
    split = "regexp_extract(parse_filename(filename), '^[a-z]+') AS split"
    return f"SELECT * EXCLUDE (filename), {split} FROM read_parquet([{files}], filename = true)" if files else None
