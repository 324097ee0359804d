"""`clean`: the light text that models train on and the folded key for matching, for any texts."""

import duckdb

from curation.params import CleanParams
from curation.text.compiler import applied
from curation.text.folding import key_rules
from curation.text.rules import text_rules


def clean_texts(texts: duckdb.DuckDBPyRelation, params: CleanParams) -> duckdb.DuckDBPyRelation:
    """`id, text` in; `id, text, key` out. Null stays null."""
    light = applied(texts, text_rules(params), "text")
    return applied(light.project("*, text AS key"), key_rules(), "key")
