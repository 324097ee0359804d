"""The words of texts as numbers: each distinct word is looked at once, and everything else is arithmetic on whole arrays."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from curation.engine import threads_of

TEXTS = 30_720  # split at a time by a thread: its distinct words lie in the cache
VOCABULARY = 20_480  # words at a time in SQL: DuckDB gives a thread a batch
NUMBER = 31  # bits of the number of a word

Numbers = NDArray[np.int32]
Places = NDArray[np.int64]
Flags = NDArray[np.bool_]
Given = TypeVar("Given")
Found = TypeVar("Found")
Whole = TypeVar("Whole", NDArray[np.int64], NDArray[np.uint64])


@dataclass(frozen=True)
class Words:
    """Words between blanks, as `string_split` has them: text i, called `ids[i]`, has `numbers[first[i]:first[i + 1]]` of `vocabulary`.

    A null text has none, an empty one the empty word.
    """

    ids: pa.Array
    vocabulary: pa.Array
    numbers: Numbers
    first: Places

    @cached_property
    def counts(self) -> Places:
        """How many words each text has."""
        return np.diff(self.first)

    @cached_property
    def texts(self) -> Numbers:
        """Which text each word stands in."""
        return np.repeat(np.arange(len(self.counts), dtype=np.int32), self.counts)

    def text_of(self, places: Places) -> Places:
        """Which text the words at these places stand in."""
        return np.searchsorted(self.first, places, side="right") - 1

    def only(self, texts: Flags) -> "Words":
        """The words of some of the texts."""
        counts = self.counts[texts]
        return Words(self.ids.filter(pa.array(texts)), self.vocabulary, self.numbers[np.repeat(texts, self.counts)], _first(counts))

    def begin(self, counts: Places) -> "Words":
        """So many words of each text, from its first on."""
        kept = np.arange(len(self.numbers)) < np.repeat(self.first[:-1] + counts, self.counts)
        return Words(self.ids, self.vocabulary, self.numbers[kept], _first(np.minimum(counts, self.counts)))

    def each(self, con: duckdb.DuckDBPyConnection, *columns: str) -> pa.Table:
        """SQL over `word`, for each word of the vocabulary, in its order."""
        table = pa.Table.from_batches(pa.table({"word": self.vocabulary}).to_batches(VOCABULARY), pa.schema([("word", pa.string())]))
        return con.from_arrow(table).project(", ".join(columns)).to_arrow_table()


def words_of(con: duckdb.DuckDBPyConnection, texts: duckdb.DuckDBPyRelation) -> Words:
    """`id, key` in; `ids` are in the order in which the relation gives its rows."""
    table = texts.project("id, key").to_arrow_table()
    return split(table["id"].combine_chunks(), table["key"].chunks, threads_of(con))


def split(ids: pa.Array, keys: Iterable[pa.Array], threads: int) -> Words:
    """The words of keys in any number of arrays: TEXTS of them are split and their words numbered at a time, then numbered as one."""
    parts = over((key.slice(i, TEXTS) for key in keys for i in range(0, len(key), TEXTS)), _split, threads)
    found = pa.concat_arrays([words for words, _, _ in parts] or [pa.array([], pa.string())]).dictionary_encode()
    new = found.indices.to_numpy()
    begins = np.cumsum([0, *(len(words) for words, _, _ in parts)])
    numbers = [new[begin : begin + len(words)][local] for begin, (words, local, _) in zip(begins[:-1], parts, strict=True)]
    counts = [count for _, _, count in parts]
    return Words(
        ids, found.dictionary, np.concatenate([np.empty(0, np.int32), *numbers]), _first(np.concatenate([np.empty(0, np.int64), *counts]))
    )


def over(given: Iterable[Given], work: Callable[[Given], Found], threads: int) -> list[Found]:
    """`work` over each of `given` by threads, in their order: Arrow and NumPy let go of the interpreter while they work."""
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, given))


def distinct(numbers: Whole) -> Whole:
    """The distinct ones in order, which they are put in; `np.unique` hashes them first, at ten times the price."""
    numbers.sort()
    return numbers[np.concatenate([np.ones(min(len(numbers), 1), bool), numbers[1:] != numbers[:-1]])]


def _split(keys: pa.Array) -> tuple[pa.Array, Numbers, Places]:
    words = pc.split_pattern(keys, " ")
    counts = pc.fill_null(pc.list_value_length(words), 0)
    coded = words.flatten().dictionary_encode()
    return coded.dictionary, coded.indices.to_numpy(), counts.to_numpy().astype(np.int64)


def _first(counts: Places) -> Places:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
