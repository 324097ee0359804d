"""How often each feature of `linear_v1` stands in each text, of the features that something can be learnt of."""

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

from curation.privacy.redaction import redact_text
from curation.severity.features import PAIR, features_of, find_features
from curation.severity.linear import kind_of
from curation.text.words import Places

LEAST = {"word": 3, "letters": 8, "pair": 3, "mark": 3}  # texts that a feature must be in
CORPORA = 2  # that a word must be in, where there are so many: one alone may be talking of a person or a place


def count_features(
    con: duckdb.DuckDBPyConnection, texts: duckdb.DuckDBPyRelation, lexicon: pa.Table, corpus: pa.ChunkedArray, start: pa.Table | None
) -> tuple[list[str], sparse.csr_matrix]:
    """The features that enough texts have, and all that one begins with which stand here; and how often each stands in each text."""
    found = find_features(con, texts, lexicon, None)
    con.from_arrow(pa.table({"word": found.words})).create_view("_learnt_words", replace=True)
    parts = con.sql(features_of("_learnt_words")).to_arrow_table()
    names = pa.array(sorted({*parts["feature"].to_pylist(), *found.marks}), pa.string())
    of_part = pc.index_in(parts["feature"], value_set=names).to_numpy()
    word = pc.index_in(parts["word"], value_set=found.words).to_numpy()
    said = _ones(found.said_by, found.said, (len(found.ids), len(found.words)))
    counts = said @ _ones(word, of_part, (len(found.words), len(names)))
    marks = pc.index_in(pa.array(found.marks, pa.string()), value_set=names).to_numpy()
    counts = (counts + _ones(found.marked, marks[found.mark], counts.shape)).tocsr()
    of_text = corpus.combine_chunks().dictionary_encode()
    corpora = len(of_text.dictionary)
    of_corpus = _ones(of_text.indices.to_numpy().astype(np.int64), np.arange(len(corpus)), (corpora, len(corpus)))
    seen = np.asarray((counts > 0).sum(axis=0)).ravel()
    spread = np.asarray(((of_corpus @ counts) > 0).sum(axis=0)).ravel()
    begun = set() if start is None else set(start["feature"].to_pylist())
    kept = []
    for i, name in enumerate(names.to_pylist()):
        kind = kind_of(name)
        enough = seen[i] >= LEAST[kind] and (kind == "mark" or spread[i] >= min(CORPORA, corpora))
        # A name of a person is no sign of anything.
        if (seen[i] and name in begun) or (enough and (kind not in ("word", "pair") or not redact_text(name.replace(PAIR, " "))[1])):
            kept.append(i)
    return [names[i].as_py() for i in kept], counts[:, kept]


def _ones(rows: Places, columns: Places, shape: tuple[int, int]) -> sparse.csr_matrix:
    return sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=shape)
