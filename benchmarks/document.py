"""How the parts of docs/benchmarks.md write numbers, tables and whether a target was met."""

from collections.abc import Iterable, Sequence

HEADER = ("target", "aimed at", "measured", "met")


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def at_most(what: str, aim: float, measured: float, unit: str) -> tuple[str, str, str, str]:
    """A row of a table under HEADER."""
    met = "yes" if measured <= aim else f"no, {measured / aim - 1:.0%} above"
    return what, f"at most {number(aim)} {unit}".strip(), f"{number(measured)} {unit}".strip(), met


def at_least(what: str, aim: float, measured: float, unit: str) -> tuple[str, str, str, str]:
    """A row of a table under HEADER."""
    met = "yes" if measured >= aim else f"no, {1 - measured / aim:.0%} below"
    return what, f"at least {number(aim)} {unit}".strip(), f"{number(measured)} {unit}".strip(), met


def number(value: float) -> str:
    """Three digits that say something, thousands apart: 0.42, 3.1, 61,300."""
    if value < 1_000 and value == int(value):
        return f"{value:.0f}"
    if value >= 1_000:
        return f"{round(value, -max(len(str(int(value))) - 3, 0)):,.0f}"
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def megabytes(value: float) -> str:
    """Bytes as MB."""
    return f"{value / 1e6:,.0f}"
