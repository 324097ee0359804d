"""`clean`: the light text that models train on and the folded key for matching, for any texts."""

from collections.abc import Iterable, Sequence

import duckdb

from curation.params import CleanParams
from curation.text.compiler import BLOCK, levels
from curation.text.folding import key_rules
from curation.text.rule import Rule
from curation.text.rules import text_rules


def clean_texts(texts: duckdb.DuckDBPyRelation, params: CleanParams) -> duckdb.DuckDBPyRelation:
    """`id, text` in; `id, text, key` out. Null stays null."""
    return clean_columns(texts, ("text",), params).project("id, text, text_key AS key")


def clean_columns(rows: duckdb.DuckDBPyRelation, columns: Sequence[str], params: CleanParams) -> duckdb.DuckDBPyRelation:
    """The same rows with these columns cleaned, and `<column>_key` beside each. Null stays null."""
    for column in columns:
        rows = _applied(rows, text_rules(params), column)
    rows = rows.project(", ".join(["*", *(f"{column} AS {column}_key" for column in columns)]))
    for column in columns:
        rows = _applied(rows, key_rules(), f"{column}_key")
    return rows


def _applied(rows: duckdb.DuckDBPyRelation, rules: Iterable[Rule], column: str) -> duckdb.DuckDBPyRelation:
    for level in levels(rules, column):
        replaced = [name for name in (column, BLOCK) if name in rows.columns]
        rows = rows.project(f"* EXCLUDE ({', '.join(replaced)}), {level}")
    return rows
