"""Which dialect a text is in, by the backend that params.yaml names: the words of the tagger, or somebody's classifier. Same columns."""

from collections.abc import Sequence
from typing import Protocol

import duckdb
import numpy as np
import pyarrow as pa

from curation.dialect import tagger
from curation.dialect.classifiers.camel import MODELS, CamelIdentifier
from curation.dialect.classifiers.labels import Probabilities
from curation.dialect.classifiers.transformer import DialectClassifier
from curation.params import DialectParams
from curation.schema import ARABIC_DIALECTS, DIALECTS, UNKNOWN

TEXTS = 10_000  # that a classifier is given at a time


class Classifier(Protocol):
    """What a backend is that is no list of words."""

    scorer: str  # its name and version, for the column dialect_scorer
    truncated: int  # texts so far whose end it did not read

    def probabilities(self, texts: Sequence[str]) -> Probabilities:
        """A row of each text, in their order; a text's own, whatever stands beside it."""


def load_classifier(params: DialectParams) -> Classifier | None:
    """The classifier that `dialect.backend` names, None where it names the words. Raises TibyanError where it cannot be had."""
    if params.backend == "camel":
        return CamelIdentifier(params.model or MODELS[0])
    if params.backend == "transformers":
        return DialectClassifier(params)
    return None


def scorer_of(classifier: Classifier | None) -> str:
    """The name that goes into the column dialect_scorer."""
    return classifier.scorer if classifier else tagger.SCORER


def identify(
    con: duckdb.DuckDBPyConnection, texts: duckdb.DuckDBPyRelation, params: DialectParams, classifier: Classifier | None
) -> duckdb.DuckDBPyRelation:
    """`id, text, key, language` in; `id, dialect, dialect_variety, p_msa … p_arabizi, evidence` out, as the tagger has them.

    A classifier reads the texts that are Arabic and says nothing of what made up its mind: `evidence` is empty.
    """
    if classifier is None:
        return tagger.identify(con, texts.project("id, key, language"), params)
    texts.create_view("_dialect_texts", replace=True)
    columns = [f"p_{name.lower()}" for name in ARABIC_DIALECTS]
    con.execute(f"CREATE OR REPLACE TEMP TABLE _dialect_said (id BIGINT, {', '.join(f'{column} DOUBLE' for column in columns)})")
    arabic = con.sql("SELECT id, text FROM _dialect_texts WHERE language = 'ar'").to_arrow_table()
    for batch in arabic.to_batches(TEXTS):
        said = tempered(classifier.probabilities(batch["text"].to_pylist()), params.temperature)
        con.from_arrow(pa.table([batch["id"], *map(pa.array, said.T)], names=["id", *columns])).insert_into("_dialect_said")
    best = "CASE " + " ".join(f"WHEN p_{name.lower()} = top THEN '{name}'" for name in sorted(ARABIC_DIALECTS)) + " END"  # ties by name
    shown = ", ".join(f"CASE language WHEN 'ar' THEN {column} WHEN 'arabizi' THEN 0 END::DOUBLE AS {column}" for column in columns)
    return con.sql(f"""
        WITH tagged AS (
            SELECT id, language, {shown}, CASE language WHEN 'ar' THEN 0 WHEN 'arabizi' THEN 1 END::DOUBLE AS p_arabizi,
                   CASE language WHEN 'ar' THEN greatest({", ".join(columns)}) WHEN 'arabizi' THEN 1 END AS top
            FROM _dialect_texts LEFT JOIN _dialect_said USING (id))
        SELECT id, CASE language WHEN 'ar' THEN CASE WHEN top >= {params.min_confidence} THEN {best} ELSE '{UNKNOWN}' END
                                WHEN 'arabizi' THEN 'arabizi' END AS dialect,
               NULL::VARCHAR AS dialect_variety, {", ".join(f"p_{name.lower()}" for name in DIALECTS)}, []::VARCHAR[] AS evidence
        FROM tagged""")


def tempered(probabilities: Probabilities, temperature: float) -> Probabilities:
    """Flatter above 1, sharper below; rows sum to 1 again. What is 0 stays 0."""
    raised = (probabilities / probabilities.max(axis=1, keepdims=True)) ** (1 / temperature)
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))
