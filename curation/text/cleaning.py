"""`clean`: the light text that models train on and the folded key for matching, for any texts."""

import duckdb

from curation.params import CleanParams
from curation.text.compiler import levels
from curation.text.folding import key_rules
from curation.text.rules import text_rules


def clean_texts(texts: duckdb.DuckDBPyRelation, params: CleanParams) -> duckdb.DuckDBPyRelation:
    """`id, text` in; `id, text, key` out. Null stays null."""
    for level in levels(text_rules(params), "text"):
        texts = texts.project(f"id, {level}")
    texts = texts.project("id, text, text AS key")
    for level in levels(key_rules(), "key"):
        texts = texts.project(f"id, text, {level}")
    return texts
