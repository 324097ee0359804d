"""What cleaning costs: texts a second on one core with all light rules on, and what each rule takes of it.

Usage: python -m benchmarks.cleaning. All real texts beside the repository, and the sample's; without them the sample's alone.
Only counts leave it. CPU seconds of the process, which a busy machine stretches less than the clock.
"""

import os
import resource
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from statistics import median
from typing import Any

import duckdb
import pyarrow as pa
import yaml

from benchmarks.real_texts import distinct_texts, strings
from curation.api import CLEAN
from curation.text.cleaning import clean_texts
from curation.text.compiler import applied_sql, literal
from curation.text.folding import key_rules
from curation.text.rule import Rule
from curation.text.rules import text_rules

SAMPLE = Path(__file__).resolve().parents[1] / "data" / "sample" / "written"
TARGET = 60_000  # texts a second a core
PASSES = 5
Figures = dict[str, Any]


def run(setting: object = None) -> Figures:
    """Texts and their length, texts a second for `clean` (light text and key), and microseconds a text and texts changed for each rule."""
    texts = [text for text in dict.fromkeys((*distinct_texts(), *sample_texts())) if any(c.isalpha() for c in text)]
    with duckdb.connect(config={"threads": 1, "autoinstall_known_extensions": False}) as con:
        con.from_arrow(pa.table({"id": range(len(texts)), "text": pa.array(texts, pa.string())})).create("texts")
        query = clean_texts(con.table("texts"), CLEAN).sql_query()
        seconds = median(_seconds(con, f"CREATE OR REPLACE TABLE cleaned AS {query}") for _ in range(PASSES))
        by_rule = [*_by_rule(con, text_rules(CLEAN), len(texts)), *_by_rule(con, key_rules(), len(texts))]
    return {
        "texts": len(texts),
        "characters": sum(map(len, texts)) / len(texts),
        "rate": len(texts) / seconds,
        "passes": PASSES,
        "rules": by_rule,
    }


def sample_texts() -> Iterator[str]:
    """What is written for the sample."""
    for path in sorted(SAMPLE.glob("*.yaml")):
        yield from strings(yaml.safe_load(path.read_text(encoding="utf-8")))


def _by_rule(con: duckdb.DuckDBPyConnection, rules: tuple[Rule, ...], texts: int) -> list[Figures]:
    """Each rule over what the ones before it left, less reading the texts; maps of characters that the compiler merges, as one.

    The look that the rules of a block share is a line of its own, and taken off theirs.
    """

    def cost(query: str) -> float:
        return median(_seconds(con, query) for _ in range(3)) * 1e6 / texts

    found, block, look = [], "", 0.0
    reading = cost("SELECT sum(strlen(text)) FROM texts")
    for group in merged(rules):
        if group[0].block != block:
            block, look = group[0].block, 0.0
            if block:
                look = cost(f"SELECT sum(strlen(text)), count(*) FILTER (regexp_matches(text, {literal(block)})) FROM texts") - reading
                held = f"SELECT count(*) FROM texts WHERE regexp_matches(text, {literal(block)})"
                found.append({"rules": [], "microseconds": look, "changed": con.execute(held).fetchall()[0][0]})
        query = applied_sql("SELECT id, text FROM texts", group, "text")
        took = cost(f"SELECT sum(strlen(text)) FROM ({query})") - reading - look
        con.execute(f"CREATE OR REPLACE TABLE after AS {query}")
        changed = con.execute("SELECT count(*) FROM texts JOIN after USING (id) WHERE texts.text <> after.text").fetchall()[0][0]
        con.execute("CREATE OR REPLACE TABLE texts AS FROM after")
        found.append({"rules": [rule.name for rule in group], "microseconds": max(0.0, took), "changed": changed})
    return found


def merged(rules: tuple[Rule, ...]) -> list[list[Rule]]:
    """Neighbouring rules as the compiler takes them together."""

    def kind(rule: Rule) -> tuple[str, str]:
        of_characters = bool(rule.delete or rule.characters) and not rule.only_where
        return rule.block, "" if of_characters else rule.name

    return [list(group) for _, group in groupby(rules, key=kind)]


def _seconds(con: duckdb.DuckDBPyConnection, query: str) -> float:
    before = resource.getrusage(resource.RUSAGE_SELF)
    con.execute(query).fetchall()
    after = resource.getrusage(resource.RUSAGE_SELF)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def section(figures: Figures) -> str:
    """The figures as Markdown."""
    lines = [
        "## Cleaning",
        "",
        f"`clean` alone, every light rule on, light text and key: **{figures['rate']:,.0f} texts a second** of one core "
        f"(target {TARGET:,}), on {figures['texts']:,} texts of {figures['characters']:.0f} characters on average; median of "
        f"{figures['passes']} passes, CPU seconds.",
        "",
        "What each rule takes, over what those before it left. The look that a block of rules shares is a line of its own: how many texts",
        "it lets through stands behind it.",
        "",
        "| rules | µs a text | texts changed |",
        "|---|--:|--:|",
    ]
    for rule in figures["rules"]:
        names = ", ".join(f"`{name}`" for name in rule["rules"]) or "*look of the block below*"
        lines.append(f"| {names} | {rule['microseconds']:.2f} | {rule['changed']:,} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    sys.stdout.write(section(run()))
