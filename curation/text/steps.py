"""The very same rules as the pipeline's, one by one, for `tibyan explain` and the report."""

from collections.abc import Iterable
from typing import NamedTuple

import duckdb

from curation.text.compiler import compile_rules
from curation.text.rule import Rule


class Step(NamedTuple):
    """A rule that changed a text."""

    rule: Rule
    before: str
    after: str


def steps(con: duckdb.DuckDBPyConnection, text: str, rules: Iterable[Rule]) -> list[Step]:
    """The rules that change `text`, in order, each with the text before and after it."""
    changed = []
    for rule in rules:
        after = con.execute(f"SELECT {compile_rules([rule], 't')} FROM (SELECT ? AS t)", [text]).fetchall()[0][0]
        if after != text:
            changed.append(Step(rule, text, after))
        text = after
    return changed
