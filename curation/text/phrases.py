"""Phrases in texts, as a join: which entries of a word list stand where in which text. Every tagger here is built on this."""

from collections.abc import Iterable
from functools import cache
from itertools import count

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

_CALLS = count()  # names of the tables of one call

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

    Clitics are taken off each distinct word once; entries of each length are then joined on their words. A whole number for `id` is several
    times as fast as a text, and lists must not travel with the words: DuckDB would copy them for each.
    """
    n = next(_CALLS)
    shown, words, listed, hits = (f"_phrase_{what}_{n}" for what in ("texts", "words", "entries", "hits"))
    texts.project("id, string_split(key, ' ') AS words").create_view(shown, replace=True)
    parts = f"list_transform(string_split(phrase_key, ' '), lambda w: {bare('w', clitics)})"
    entries.project(f"entry, {parts} AS parts").create_view(f"{listed}_given", replace=True)
    con.execute(f"CREATE TEMP TABLE {listed} AS SELECT *, len(parts) AS length FROM {listed}_given")
    # With a conjunction a word can be written in three ways; with all that may stand before and behind it, the texts have to say which.
    written = (
        f"SELECT unnest([part, 'و' || part, 'ف' || part]) FROM (SELECT DISTINCT unnest(parts) AS part FROM {listed})"
        if clitics == CONJUNCTION
        else f"SELECT DISTINCT unnest(words) FROM {shown}"
    )
    con.execute(f"CREATE TEMP TABLE {words} AS SELECT DISTINCT word, {bare('word', clitics)} AS plain FROM ({written}) AS written(word)")
    con.execute(f"CREATE TEMP TABLE {hits} (id {texts.types[texts.columns.index('id')]}, entry BIGINT, start BIGINT, length BIGINT)")
    longest = con.execute(f"SELECT coalesce(max(length), 0) FROM {listed}").fetchall()[0][0]
    for only, length in (("= 1", 1), ("> 1", longest)):
        if length >= 1:
            con.execute(f"INSERT INTO {hits} {_places(only, length, shown, words, listed, clitics)}")
    for kind, name in (("VIEW", f"{listed}_given"), ("VIEW", shown), ("TABLE", listed), ("TABLE", words)):
        con.execute(f"DROP {kind} {name}")
    return con.table(hits)


def _places(lengths: str, longest: int, texts: str, words: str, entries: str, clitics: str) -> str:
    """SQL for the places of entries of these lengths: joined on their first two words, the others compared where those stand."""
    spread = ", ".join(f"unnest(words[{i}:]) AS w{i}" for i in range(1, longest + 1))
    joined = range(1, min(longest, 2) + 1)
    plain = "".join(
        f" JOIN (SELECT word, plain FROM {words} WHERE plain IN (SELECT parts[{i}] FROM {entries} WHERE length {lengths})) AS b{i}"
        f" ON w{i} = b{i}.word"
        for i in joined
    )
    same = "".join(f" AND e.parts[{i}] = b{i}.plain" for i in joined)
    others = "".join(
        f" AND CASE WHEN length < {i} THEN true ELSE {bare(f'w{i}', clitics)} = e.parts[{i}] END" for i in range(3, longest + 1)
    )
    return f"""
        SELECT id, entry, spot AS start, length
        FROM (SELECT id, {spread}, generate_subscripts(words, 1) AS spot FROM {texts}) {plain}
        JOIN {entries} AS e ON e.length {lengths} {same} WHERE true{others}"""
