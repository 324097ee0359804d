"""The stems of words: without what Arabic writes onto a word's front and end."""

from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from curation.text.phrases import PROCLITICS, bare
from curation.text.words import Numbers, Places, Words


@dataclass(frozen=True)
class Stems:
    """Distinct stems, and for each word of a vocabulary the number of its own."""

    vocabulary: pa.Array
    of_word: Numbers

    def places(self, words: Words, rows: Numbers) -> Places:
        """Where in `words` a stem stands that has a row of a table: 0 or more in `rows`, as `rows_in` gives them."""
        return np.flatnonzero((rows >= 0)[self.of_word][words.numbers])

    def rows_in(self, stems: pa.Array) -> Numbers:
        """For each stem its row in a table of distinct ones, or -1."""
        found: NDArray[np.int32] = pc.fill_null(pc.index_in(self.vocabulary, value_set=stems), -1).to_numpy()
        return found


def stems_of(con: duckdb.DuckDBPyConnection, words: Words) -> Stems:
    """The stems of a vocabulary."""
    stems = words.each(con, bare("word", PROCLITICS))[0].combine_chunks().dictionary_encode()
    return Stems(stems.dictionary, stems.indices.to_numpy())
