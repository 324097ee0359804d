"""Questions put to the hand-overs, plain data back: rows, one value, a table of two columns against each other, excerpts."""

from collections.abc import Callable
from typing import Any

from curation.engine import Session

EXCERPT = 160  # characters of a text that stands for many: enough to know it by, too little to tell a story
Rows = list[dict[str, Any]]


def rows(session: Session, query: str) -> Rows:
    """The result of a query as dictionaries."""
    result = session.con.sql(query)
    return [dict(zip(result.columns, row, strict=True)) for row in result.fetchall()]


def one(session: Session, query: str) -> Any:
    """The one value that a query answers."""
    return session.con.execute(query).fetchall()[0][0]


def cross(session: Session, query: str, names: tuple[str, ...] = ()) -> dict[str, dict[str, int]]:
    """A query of row, column and count as a table, rows by their place in `names`, the others after them by name."""
    table: dict[str, dict[str, int]] = {}
    for row, column, count in sorted(session.con.execute(query).fetchall()):
        table.setdefault(row, {})[column] = count
    return {row: table[row] for row in sorted(table, key=place(names))}


def in_order(table: Rows, names: tuple[str, ...]) -> Rows:
    """The rows by the place of their `name` in `names`; what is not named there comes last, so that no count is lost."""
    places = place(names)
    return sorted(table, key=lambda row: places(row["name"]))


def place(names: tuple[str, ...]) -> Callable[[str], tuple[int, str]]:
    """A key to sort by: the place in `names`, the others after them by name."""
    places = {name: i for i, name in enumerate(names)}
    return lambda name: (places.get(name, len(places)), name)


def mean(column: str, where: str = "true") -> str:
    """SQL for the mean. A sum of whole numbers, since that of floats depends on the order in which threads add them."""
    return f"sum(round({column} * 1000000)::BIGINT) FILTER ({where}) / count({column}) FILTER ({where}) / 1000000"


def bins(session: Session, column: str, count: int, where: str = "true") -> list[int]:
    """How many rows of `tagged` stand in each of `count` equal bins of a probability."""
    bin_of = f"least(floor({column} * {count}), {count - 1})::INTEGER"
    found = dict(
        session.con.execute(f"SELECT {bin_of}, count(*) FROM tagged WHERE {where} AND {column} IS NOT NULL GROUP BY ALL").fetchall()
    )
    return [found.get(i, 0) for i in range(count)]


def excerpt(text: str, length: int = EXCERPT) -> str:
    """The beginning of a text, cut between words."""
    text = " ".join(text.split())
    if len(text) <= length:
        return text
    cut = text[:length].rpartition(" ")[0] or text[: length - 1]
    return cut + " …"
