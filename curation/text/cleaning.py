"""`clean`: the light text that models train on and the folded key for matching, for any texts."""

from collections.abc import Sequence

import duckdb

from curation.params import CleanParams
from curation.text.compiler import levels, projected
from curation.text.folding import key_rules
from curation.text.rules import ends_rules, writing_rules


def clean_texts(texts: duckdb.DuckDBPyRelation, params: CleanParams) -> duckdb.DuckDBPyRelation:
    """`id, text` in; `id, text, key, cut` out. Null stays null."""
    return clean_columns(texts, ("text",), params).project("id, text, text_key AS key, text_cut AS cut")


def clean_columns(rows: duckdb.DuckDBPyRelation, columns: Sequence[str], params: CleanParams) -> duckdb.DuckDBPyRelation:
    """The same rows with these columns cleaned, and beside each `<column>_key` and `<column>_cut`. Null stays null.

    `cut` is the key of what went from the ends, greetings, closings and advertisement tails; null where nothing did. They carry nothing
    medical, but what kind of text it is they may say best.
    """
    return projected(rows, clean_chain(columns, params))


def clean_chain(columns: Sequence[str], params: CleanParams) -> list[str]:
    """The projections of `clean_columns`."""
    chain: list[str] = []
    for column in columns:
        key, cut = f"{column}_key", f"{column}_cut"
        chain += [
            *levels(writing_rules(params), column),
            f"*, {column} AS {cut}",
            *levels(ends_rules(params), column),
            f"* REPLACE (CASE WHEN {cut} <> {column} THEN replace({cut}, {column}, ' ') END AS {cut}), {column} AS {key}",
            *levels(key_rules(), key),
            *levels(key_rules(), cut),
            f"* REPLACE (nullif({cut}, '') AS {cut})",
        ]
    return chain
