"""Phrases in texts, as a join: which entries of a word list stand where in which text. Every tagger here is built on this."""

from collections.abc import Iterable
from functools import cache

import duckdb
import pyarrow as pa

from curation.params import CleanParams
from curation.text.compiler import compile_rules
from curation.text.folding import key_rules
from curation.text.rules import text_rules

# The words that Arabic writes onto the next one: conjunctions, prepositions, article. Taken off only where three letters remain.
CONJUNCTION = r"^[وف](\p{Arabic}{3,})$"
PROCLITICS = r"^(?:[وف]?(?:[بكل]?ال|لل|عال|هال)|و?[فبل]|و)(\p{Arabic}{3,})$"

# The pronouns and endings that Arabic writes onto the end: صدري, صدره, صدرها are one word here. Three letters remain here too.
# Not ك: askers write of themselves and theirs, and نتحرك is not نتحر.
ENDINGS = r"^(\p{Arabic}{3,}?)(?:ها|هم|هن|كم|نا|ني|ين|ون|ات|تي|ته|تها|ه|ي|و|ا)$"

# Word lists are folded by the plain rules: nothing in a list is a greeting to be taken off, and elongation is not kept.
FOLDING = CleanParams(elongation=1, digits="western", emoji="drop", keep_tashkeel="", boilerplate="keep", advertisement_tails="keep")


def key_expression(expression: str) -> str:
    """SQL for the folded key of any text expression, for word lists and for texts that did not come through `clean`."""
    return compile_rules((*text_rules(FOLDING), *key_rules()), expression)


def fold(texts: Iterable[str]) -> list[str]:
    """The keys of `texts`, in their order; those of a word list are worked out once."""
    return list(_fold(tuple(texts)))


@cache
def _fold(texts: tuple[str, ...]) -> tuple[str, ...]:
    table = pa.table({"i": range(len(texts)), "text": pa.array(texts, pa.string())})
    with duckdb.connect() as con:
        return tuple(row[0] for row in con.from_arrow(table).order("i").project(key_expression("text")).fetchall())


def bare(word: str, clitics: str) -> str:
    """SQL for a word without the words that are written onto its front and, with PROCLITICS, onto its end."""
    front = rf"regexp_replace({word}, '{clitics}', '\1')"
    return rf"regexp_replace({front}, '{ENDINGS}', '\1')" if clitics == PROCLITICS else front


def match_phrases(
    con: duckdb.DuckDBPyConnection,
    texts: duckdb.DuckDBPyRelation,
    entries: duckdb.DuckDBPyRelation,
    clitics: str = PROCLITICS,
) -> duckdb.DuckDBPyRelation:
    """Every place where an entry stands in a text, as a run of whole words, clitics on the front of each word aside.

    `texts` has columns `id, key`; `entries` has `entry` (its number) and `phrase_key` (folded). Returns `id, entry, start, length`,
    `start` counted in words from 1. Where a longer entry covers a shorter one, both are returned: the caller decides.
    """
    words = texts.project("id, string_split(key, ' ') AS typed").filter("len(typed) > 0")
    words = words.project(f"id, list_transform(typed, lambda w: {bare('w', clitics)}) AS plain")
    first = words.project("id, plain, unnest(plain) AS first, unnest(range(1, len(plain) + 1)) AS start")
    listed = (
        entries.project("entry, phrase_key, string_split(phrase_key, ' ') AS parts")
        .project(f"entry, list_transform(parts, lambda w: {bare('w', clitics)}) AS parts")
        .project("entry, parts, parts[1] AS first, len(parts) AS length")
    )
    return (
        first.set_alias("f")
        .join(listed.set_alias("e"), "f.first = e.first AND f.plain[f.start:f.start + e.length - 1] = e.parts")
        .project("f.id AS id, e.entry AS entry, f.start AS start, e.length AS length")
    )
