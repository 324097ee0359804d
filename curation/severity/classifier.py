"""`transformer`: severity by a sequence classifier of the Hub or a folder, as training_recipes.severity_classifier makes them."""

from functools import lru_cache

import duckdb
import numpy as np
import pyarrow as pa

from curation.errors import TibyanError
from curation.params import SeverityParams
from curation.schema import SEVERITIES
from curation.sequence_classifier import SequenceClassifier
from curation.softmax import level_of

DIGITS = 6  # that a text keeps in any batch
UNNAMED = "by a classifier, which names no words"
UNREAD = "nothing is written"


def classifier_of(params: SeverityParams) -> SequenceClassifier:
    """The model that `model` and `revision` name, loaded once.

    Raises TibyanError where there is none, or its labels are not the three levels.
    """
    return _load(str(params.model), params.revision, params.batch_size)


@lru_cache(maxsize=1)
def _load(model: str, revision: str | None, batch_size: int) -> SequenceClassifier:
    classifier = SequenceClassifier("severity", model, revision, batch_size)
    if sorted(classifier.labels) != sorted(SEVERITIES):
        raise TibyanError(
            f"severity.model: the labels of {model} are {', '.join(classifier.labels[:5])}, not {', '.join(SEVERITIES)}. "
            "Make one with `python -m training_recipes.severity_classifier`."
        )
    return classifier


def score(con: duckdb.DuckDBPyConnection, texts: duckdb.DuckDBPyRelation, params: SeverityParams) -> duckdb.DuckDBPyRelation:
    """`id, text` in; `id, severity, p_mild, p_moderate, p_critical, evidence` out. A text without a letter has the prior."""
    table = texts.project("id, text, coalesce(regexp_matches(text, '\\p{L}'), false) AS written").to_arrow_table()
    written = table["written"].to_numpy(zero_copy_only=False)
    classifier = classifier_of(params)
    shares = np.tile(np.array(params.prior), (len(table), 1))
    found = classifier.scores(table["text"].filter(table["written"]).to_pylist())
    logs = np.log(np.maximum(found[:, [classifier.labels.index(level) for level in SEVERITIES]], 1e-12)) / params.temperature
    raised = np.exp(logs - logs.max(axis=1, keepdims=True))
    shares[written] = raised / raised.sum(axis=1, keepdims=True)
    shares = shares.round(DIGITS)
    shares[:, -1] = np.maximum(1 - shares[:, :-1].sum(axis=1), 0).round(DIGITS)
    evidence = pa.array([[UNNAMED] if is_one else [UNREAD] for is_one in written.tolist()], pa.list_(pa.string()))
    columns = {"id": table["id"], **{f"p_{level}": shares[:, i] for i, level in enumerate(SEVERITIES)}, "evidence": evidence}
    order = ", ".join(f"p_{level}" for level in SEVERITIES)
    return con.from_arrow(pa.table(columns)).project(f"id, {level_of(params.critical_from)} AS severity, {order}, evidence")
