"""The same code in a notebook: each capability as a function over texts, texts in (list or Arrow array), a pyarrow.Table out.

One row per text, in the same order; a null text gives nulls. The stages of the pipeline are these functions over a table.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb
import pyarrow as pa

from curation import duplicates
from curation.dialect import msa
from curation.dialect.identify import load_classifier
from curation.dialect.texts import SHIPPED, identified, in_msa, normalised
from curation.params import CleanParams, DialectParams, DuplicatesParams, SeverityParams
from curation.privacy.redaction import redact_texts
from curation.severity.scorers import reads_msa, score
from curation.text.cleaning import clean_texts
from curation.text.phrases import with_key

Texts = Sequence[str | None] | Any  # or a pyarrow Array or ChunkedArray

# What params.yaml ships with (a test holds them together); pass your own to change them.
CLEAN = CleanParams(elongation=1, digits="western", emoji="drop", keep_tashkeel="", boilerplate="drop", advertisement_tails="drop")
DIALECT = SHIPPED
SEVERITY = SeverityParams(
    scorer="linear_v1",
    weights=None,
    model=None,
    revision=None,
    batch_size=32,
    labelled=None,
    labelled_columns={"text": "text", "severity": "severity"},
    prior=[0.46, 0.36, 0.18],
    temperature=1.0,
    critical_from=0.2,
    context_window=4,
    context_factor=0.1,
)
DUPLICATES = DuplicatesParams(
    threshold=0.7,
    measure="jaccard",
    contained_from=100,
    numbers="apart",
    characters=5,
    words=1,
    short=60,
    short_characters=3,
    short_threshold=0.8,
    permutations=125,
    bands=25,
    seed=20250910,
)

SPANS = pa.list_(pa.struct([("start", pa.int64()), ("end", pa.int64()), ("kind", pa.string())]))


def redact(texts: Texts, names: bool = True) -> pa.Table:
    """`text` with typed placeholders for personal data, and `spans`: start, end (characters of the input) and kind of each."""
    redacted, spans = redact_texts(_list(texts), names)
    rows = [[span._asdict() for span in found] for found in spans]
    return pa.table({"text": pa.array(redacted, pa.string()), "spans": pa.array(rows, SPANS)})


def clean(texts: Texts, params: CleanParams = CLEAN) -> pa.Table:
    """`text`, lightly cleaned, as models train on it, and `key`, folded, for matching only."""
    with _over(texts) as (_, relation, in_order):
        return in_order(clean_texts(relation, params), "text, key")


def identify_dialect(texts: Texts, params: DialectParams = DIALECT) -> pa.Table:
    """`dialect` (`unknown` and `mixed` instead of a guess; null: no Arabic), `dialect_variety`, `p_msa … p_arabizi` and `evidence`.

    With another backend than words `evidence` is empty, and every call loads the model: give it all texts at once.
    """
    classifier = load_classifier(params)
    with _over(texts) as (con, relation, in_order):
        return in_order(identified(con, relation, params, classifier), "* EXCLUDE (id)")


def normalise_dialect(texts: Texts, dialects: Sequence[str | None] | None = None, params: DialectParams = DIALECT) -> pa.Table:
    """`text` with words of its dialect in MSA, and `changes`: start, end (characters of the input), form, msa and rule of each.

    Without `dialects` they are identified first. Where a text's numbers, Latin words or negations would not stay the same, it stays itself.
    """
    values = _list(texts)
    known = list(dialects) if dialects is not None else identify_dialect(texts, params)["dialect"].to_pylist()
    results = normalised(values, known, params)
    rows = [[change._asdict() for change in changes] for _, changes in results]
    return pa.table({"text": pa.array([text for text, _ in results], pa.string()), "changes": pa.array(rows, msa.CHANGES)})


def score_severity(texts: Texts, params: SeverityParams = SEVERITY) -> pa.Table:
    """`severity` (mild, moderate, critical), `p_mild, p_moderate, p_critical`, `evidence`. Of the complaint as written; not triage."""
    with _over(texts) as (con, relation, in_order):
        keyed = with_key(relation, "text", "key").project("id, text, key, key AS msa")
        if reads_msa(params):
            read = in_msa(con, _list(texts))
            msa_texts = pa.table({"id": pa.array(range(len(read)), pa.int64()), "text": pa.array(read, pa.string())})
            keyed = with_key(con.from_arrow(msa_texts), "text", "msa").project("id, msa").join(keyed.project("id, text, key"), "id")
        return in_order(score(con, keyed, params), "* EXCLUDE (id)")


def find_duplicates(texts: Texts, params: DuplicatesParams = DUPLICATES) -> pa.Table:
    """`cluster_id` (the position of its representative) and `is_representative`; of equals the first represents."""
    with _over(texts) as (con, relation, in_order):
        keyed = with_key(relation, "text", "key").project("id, coalesce(key, '') AS key, -id AS preference")
        found = duplicates.find_clusters(con, keyed.project("printf('%012d', id) AS id, key, preference"), params)
        return in_order(found.project("id::BIGINT AS id, cluster_id::BIGINT AS cluster_id, is_representative"), "* EXCLUDE (id)")


InOrder = Callable[[duckdb.DuckDBPyRelation, str], pa.Table]


@contextmanager
def _over(texts: Texts) -> Iterator[tuple[duckdb.DuckDBPyConnection, duckdb.DuckDBPyRelation, InOrder]]:
    """A connection, the texts as a relation `id, text`, and a function that brings a relation back into their order."""
    values = _list(texts)
    table = pa.table({"id": pa.array(range(len(values)), pa.int64()), "text": pa.array(values, pa.string())})
    with duckdb.connect(config={"autoinstall_known_extensions": False}) as con:
        yield (
            con,
            con.from_arrow(table),
            lambda relation, columns: relation.order("id").project(columns).to_arrow_table(),
        )


def _list(texts: Texts) -> list[str | None]:
    return texts.to_pylist() if isinstance(texts, pa.Array | pa.ChunkedArray) else list(texts)
