"""The words of all texts, once: each distinct word with its stem and the texts it stands in."""

import duckdb

from curation.text.phrases import PROCLITICS, bare


def index_words(con: duckdb.DuckDBPyConnection, texts: duckdb.DuckDBPyRelation, table: str = "_words") -> None:
    """`id, key` in, `id` a whole number; makes the table: `word, stem, ids`, a row a distinct word, an id each time it stands.

    Grouping by word and taking the lists apart again is twice as fast as a join of every word with a table of words.
    """
    texts.create_view("_indexed", replace=True)
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE {table} AS
        SELECT word, {bare("word", PROCLITICS)} AS stem, ids FROM (
            SELECT word, list(id) AS ids FROM (SELECT id, unnest(string_split(key, ' ')) AS word FROM _indexed) GROUP BY word)
        WHERE word <> ''""")
