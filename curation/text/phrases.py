"""Phrases in texts: which entries of a word list stand where in which text. Every tagger here is built on this."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from curation.engine import threads_of
from curation.params import CleanParams
from curation.text.compiler import applied
from curation.text.folding import key_rules
from curation.text.rules import text_rules
from curation.text.words import Flags, Numbers, Places, Words, over

# The words that Arabic writes onto the next one: conjunctions, prepositions, article. Taken off only where three letters remain.
CONJUNCTION = r"^[وف](\p{Arabic}{3,})$"
PROCLITICS = r"^(?:[وف]?(?:[بكل]?ال|لل|عال|هال)|و?[فبل]|و)(\p{Arabic}{3,})$"

# The pronouns and endings that Arabic writes onto the end: صدري, صدره, صدرها are one word here. Three letters remain here too.
# Not ك: askers write of themselves and theirs, and نتحرك is not نتحر.
ENDINGS = r"^(\p{Arabic}{3,}?)(?:ها|هم|هن|كم|نا|ني|ين|ون|ات|تي|ته|تها|ه|ي|و|ا)$"

# Of words of a text and the parts of phrases: for each word the number of the part that it is, or -1.
Reading = Callable[[pa.Array, pa.Array], Numbers]

STRETCH = 1 << 20  # words that a thread looks at at a time

# Word lists are folded by the plain rules: nothing in a list is a greeting to be taken off, and elongation is not kept.
FOLDING = CleanParams(elongation=1, digits="western", emoji="drop", keep_tashkeel="", boilerplate="keep", advertisement_tails="keep")


def with_key(table: duckdb.DuckDBPyRelation, text: str, key: str) -> duckdb.DuckDBPyRelation:
    """The table with the column `key`, the folded key of its column `text`: for word lists, and texts that did not come through `clean`."""
    return applied(table.project(f"*, {text} AS {key}"), (*text_rules(FOLDING), *key_rules()), key)


def fold(texts: Iterable[str]) -> list[str]:
    """The keys of `texts`, in their order; those of a word list are worked out once."""
    return list(_fold(tuple(texts)))


@cache
def _fold(texts: tuple[str, ...]) -> tuple[str, ...]:
    table = pa.table({"i": range(len(texts)), "text": pa.array(texts, pa.string())})
    with duckdb.connect() as con:
        return tuple(row[0] for row in with_key(con.from_arrow(table), "text", "key").order("i").project("key").fetchall())


def bare(word: str, clitics: str) -> str:
    """SQL for a word without the words that are written onto its front and, with PROCLITICS, onto its end."""
    front = rf"regexp_replace({word}, '{clitics}', '\1')"
    return rf"regexp_replace({front}, '{ENDINGS}', '\1')" if clitics == PROCLITICS else front


def match_phrases(
    con: duckdb.DuckDBPyConnection, words: Words, entries: duckdb.DuckDBPyRelation, clitics: str = PROCLITICS
) -> duckdb.DuckDBPyRelation:
    """Every place where an entry stands in a text, as a run of whole words, clitics on the front of each word aside.

    `entries` has `entry` (its number) and `phrase_key` (folded). Returns `id, entry, start, length`, `start` counted in words from 1. Where
    a longer entry covers a shorter one, both are returned: the caller decides.
    """
    listed = entries.project("entry, phrase_key").to_arrow_table().combine_chunks()
    where, which, length = find_phrases(con, words, listed["phrase_key"].to_pylist(), clitics)
    texts = words.text_of(where)
    columns = {
        "id": words.ids.take(pa.array(texts)),
        "entry": listed["entry"].take(pa.array(which)),
        "start": where - words.first[texts] + 1,
        "length": length,
    }
    return con.from_arrow(pa.table(columns))


def find_phrases(
    con: duckdb.DuckDBPyConnection, words: Words, phrases: Sequence[str], clitics: str, reading: Reading | None = None
) -> tuple[Places, Places, Places]:
    """The same as arrays: the place among all words, which phrase, and of how many words it is.

    `reading` is asked which part a word of the vocabulary is that is none as it stands.
    """
    tree, parts = _tree_of(tuple(phrases), clitics)
    part_of = pc.fill_null(pc.index_in(words.each(con, bare("word", clitics))[0].combine_chunks(), value_set=parts), -1).to_numpy()
    if reading:
        unknown = np.flatnonzero(part_of < 0)
        part_of = part_of.copy()
        part_of[unknown] = reading(words.vocabulary.take(pa.array(unknown)), parts)
    return tree.find(words, part_of, threads_of(con))


@lru_cache(maxsize=16)  # a stage asks with the same lists block after block, a notebook call after call
def _tree_of(phrases: tuple[str, ...], clitics: str) -> "tuple[_Tree, pa.Array]":
    """The phrases as a tree of their parts, and what the parts are."""
    numbered, parts = parts_of(phrases, clitics)
    return _Tree.of(numbered), parts


def parts_of(phrases: Sequence[str], clitics: str) -> tuple[list[list[int]], pa.Array]:
    """What stands for each phrase: the numbers of its parts, and what these are; phrases of the same parts stand in the same places."""
    split_up = [phrase.split(" ") for phrase in phrases]
    written = pa.table({"word": pa.array([word for of in split_up for word in of], pa.string())})
    with duckdb.connect() as con:
        plain = con.from_arrow(written).project(bare("word", clitics)).to_arrow_table()[0].combine_chunks().dictionary_encode()
    ends = np.cumsum([len(of) for of in split_up])
    return [row.tolist() for row in np.split(plain.indices.to_numpy(), ends[:-1])] if split_up else [], plain.dictionary


@dataclass(frozen=True)
class _Tree:
    """Entries as a tree of their parts. The edge from `node` by `part` is the number node * `width` + part.

    `edges` are sorted and lead to `to`; `begins` is the node of each part that an entry begins with, 0 of the others (and of part -1);
    `inner` says which nodes have an edge; the entries that end at a node are `ending[first[node]:first[node + 1]]`.
    """

    width: int
    edges: Places
    to: Places
    begins: Numbers
    inner: Flags
    ending: Places
    first: Places

    @staticmethod
    def of(entries: list[list[int]]) -> "_Tree":
        width = max((part for parts in entries for part in parts), default=0) + 1
        nodes: dict[int, int] = {}
        last = []
        for parts in entries:
            node = 0
            for part in parts:
                node = nodes.setdefault(node * width + part, len(nodes) + 1)
            last.append(node)
        edges = np.array(sorted(nodes), np.int64)
        to = np.array([nodes[int(e)] for e in edges], np.int64)
        begins, inner = np.zeros(width + 1, np.int32), np.zeros(len(nodes) + 1, bool)
        begins[edges[edges < width]] = to[edges < width]
        inner[edges // width] = True
        counts = np.bincount(np.array(last, np.int64), minlength=len(nodes) + 1)
        first = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
        return _Tree(width, edges, to, begins, inner, np.argsort(last, kind="stable"), first)

    def find(self, words: Words, part_of: Numbers, threads: int) -> tuple[Places, Places, Places]:
        """Where an entry stands, which one, and its length; `part_of` a word of the vocabulary is its part or -1."""
        begins = self.begins[part_of]
        ends = np.zeros(len(words.numbers), bool)
        ends[words.first[1:][words.counts > 0] - 1] = True

        def walk(start: int) -> NDArray[np.int64]:
            node = begins[words.numbers[start : start + STRETCH]]
            at = np.flatnonzero(node)
            at, node, found = at + start, node[at].astype(np.int64), [np.empty((3, 0), np.int64)]
            for length in range(1, len(self.edges) + 1):
                count = self.first[node + 1] - self.first[node]
                spread = np.repeat(self.first[node] - (np.cumsum(count) - count), count) + np.arange(count.sum())
                found.append(np.stack([np.repeat(at, count), self.ending[spread], np.full(len(spread), length)]))
                further = self.inner[node] & ~ends[at + length - 1]
                at, node = at[further], node[further]
                if not len(at):
                    break
                part = part_of[words.numbers[at + length]]
                edge = node * self.width + part
                i = np.searchsorted(self.edges, edge)
                known = (part >= 0) & (self.edges[np.minimum(i, len(self.edges) - 1)] == edge)
                at, node = at[known], self.to[i[known]]
            return np.concatenate(found, axis=1)

        where, which, length = np.concatenate([np.empty((3, 0), np.int64), *over(range(0, len(ends), STRETCH), walk, threads)], axis=1)
        return where, which, length
