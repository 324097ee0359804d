"""`clean`: the light text that models train on and the folded key for matching, for any texts."""

import duckdb

from curation.params import CleanParams
from curation.text.compiler import compile_rules
from curation.text.rules import key_rules, text_rules


def clean_texts(texts: duckdb.DuckDBPyRelation, params: CleanParams) -> duckdb.DuckDBPyRelation:
    """`id, text` in; `id, text, key` out. Null stays null."""
    light = texts.project(f"id, {compile_rules(text_rules(params), 'text')} AS text")
    return light.project(f"id, text, {compile_rules(key_rules(), 'text')} AS key")
