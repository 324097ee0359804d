"""Texts by themselves, outside the stages: which dialect each is in, and what it is in MSA."""

from collections.abc import Sequence

import duckdb
import pyarrow as pa

from curation.dialect.identify import Classifier, identify, load_classifier
from curation.dialect.msa import Change
from curation.dialect.normalisation import checked
from curation.params import DialectParams
from curation.text.language import identify_language
from curation.text.phrases import with_key

# What params.yaml ships with (a test holds them together).
SHIPPED = DialectParams(
    backend="words_v1",
    weights=None,
    model=None,
    revision=None,
    labels={},
    batch_size=32,
    temperature=1.0,
    min_confidence=0.4,
    mixed_share=0.4,
    normalise=True,
    normalise_answers=False,
    refused=[],
)


def identified(
    con: duckdb.DuckDBPyConnection, texts: duckdb.DuckDBPyRelation, params: DialectParams, classifier: Classifier | None
) -> duckdb.DuckDBPyRelation:
    """`id, text` in; the columns of `identify` out."""
    languages = identify_language(con, texts)
    keyed = with_key(texts, "text", "key").project("id, text, key").set_alias("k").join(languages.set_alias("l"), "k.id = l.id")
    return identify(con, keyed.project("k.id AS id, k.text AS text, key, language"), params, classifier)


def normalised(texts: Sequence[str | None], dialects: Sequence[str | None], params: DialectParams) -> list[tuple[str | None, list[Change]]]:
    """Each text in MSA, with what was changed; null stays null."""
    pairs = zip(texts, dialects, strict=True)
    return [checked(text, dialect, params.refused)[:2] if text is not None else (None, []) for text, dialect in pairs]


def in_msa(con: duckdb.DuckDBPyConnection, texts: Sequence[str | None], params: DialectParams = SHIPPED) -> list[str | None]:
    """Each text in MSA, its dialect identified first; null where it is no Arabic."""
    table = pa.table({"id": pa.array(range(len(texts)), pa.int64()), "text": pa.array(texts, pa.string())})
    found = identified(con, con.from_arrow(table), params, load_classifier(params)).order("id").project("dialect").to_arrow_table()
    dialects = found["dialect"].to_pylist()
    return [text if dialect else None for (text, _), dialect in zip(normalised(texts, dialects, params), dialects, strict=True)]
