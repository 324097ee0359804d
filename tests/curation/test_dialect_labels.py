"""Whose label is which dialect, how labels add up, and parameters that do not fit each other."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.api import DIALECT
from curation.dialect.classifiers.labels import dialects_of, plain, summed
from curation.dialect.identify import tempered
from curation.errors import TibyanError
from curation.lexicons import load
from curation.params import DialectParams
from curation.schema import ARABIC_DIALECTS
from curation.sequence_classifier import batches

LABELS = [
    ("MSA", "MSA", "as it is here"),
    ("modern_standard_arabic", "MSA", "with a word that says nothing"),
    ("arb_Arab", "MSA", "FLORES"),
    ("EGY", "EGY", "AOC"),
    ("Egyptian Arabic", "EGY", "a language's name"),
    ("ar-EG", "EGY", "a locale"),
    ("egypt", "EGY", "ArSarcasm"),
    ("Sudan", "EGY", "the Nile valley"),
    ("Nile_Basin", "EGY", "MADAR's region"),
    ("LAV", "LEV", "ADI5"),
    ("levant", "LEV", "ArSarcasm"),
    ("Lebanon", "LEV", "NADI"),
    ("PL", "LEV", "QADI's Palestine"),
    ("apc_Arab", "LEV", "FLORES"),
    ("Saudi_Arabia", "GLF", "NADI"),
    ("United_Arab_Emirates", "GLF", "NADI"),
    ("UAE", "GLF", "NADI again"),
    ("Gulf", "GLF", "a region"),
    ("Gulf_of_Aden", "GLF", "Yemen"),
    ("IRQ", "IRQ", "DART"),
    ("Iraqi Dialect", "IRQ", "with a word that says nothing"),
    ("BAG", "IRQ", "MADAR"),
    ("magreb", "MGR", "ArSarcasm's spelling"),
    ("NOR", "MGR", "ADI5"),
    ("Libya", "MGR", "NADI"),
    ("ary", "MGR", "ISO 639-3"),
]


@pytest.mark.parametrize(("label", "dialect", "why"), LABELS, ids=[label for label, _, _ in LABELS])
def test_labels_in_use(label: str, dialect: str, why: str) -> None:
    assert dialects_of([label], {}, "a model") == [dialect], why


def test_the_list_of_labels_says_one_thing_of_each() -> None:
    rows = load("dialect_labels")
    assert {row["dialect"] for row in rows} == set(ARABIC_DIALECTS)
    looked_up = [plain(row["label"]) for row in rows]
    assert all(looked_up) and len(looked_up) == len(set(looked_up))
    assert all(row["note"] for row in rows)


@pytest.mark.parametrize("label", ["LABEL_0", "Arabic", "Dialectal Arabic", "OTHER", "French"])
def test_a_label_that_nobody_knows_is_named_with_the_key(label: str) -> None:
    with pytest.raises(TibyanError, match=rf"^dialect\.labels: nothing says which dialect {label} of a model is\. Write .*{label}: MSA"):
        dialects_of(["EGY", label], {}, "a model")


def test_labels_that_are_given_go_first() -> None:
    assert dialects_of(["EGY", "LABEL_1"], {"LABEL_1": "IRQ", "EGY": "MGR"}, "a model") == ["MGR", "IRQ"]
    with pytest.raises(TibyanError, match=r"^dialect\.labels: a model has no label LABEL_2; it has EGY, LABEL_1\.$"):
        dialects_of(["EGY", "LABEL_1"], {"LABEL_1": "IRQ", "LABEL_2": "MSA"}, "a model")


def test_labels_of_one_dialect_add_up() -> None:
    scores = np.array([[0.25, 0.25, 0.5], [0.1, 0.0, 0.1], [0.0, 0.0, 0.0]])
    result = summed(scores, ["MGR", "EGY", "MGR"])
    assert result[0].tolist() == [0, 0.25, 0, 0, 0, 0.75]
    assert result[1].tolist() == [0, 0, 0, 0, 0, 1]
    assert result[2].tolist() == pytest.approx([1 / 6] * 6)


@given(st.lists(st.floats(1e-6, 1), min_size=6, max_size=6), st.floats(0.05, 50))
def test_temperature_keeps_the_order_and_the_sum(scores: list[float], temperature: float) -> None:
    probabilities = np.array([scores]) / sum(scores)
    result = tempered(probabilities, temperature)
    assert result.sum() == pytest.approx(1)
    assert result[0, probabilities.argmax()] == result.max()
    np.testing.assert_allclose(tempered(probabilities, 1), probabilities, rtol=1e-12)


@given(st.lists(st.integers(0, 9), max_size=60), st.integers(1, 7))
def test_batches_hold_every_place_once_and_one_length(lengths: list[int], most: int) -> None:
    made = list(batches(lengths, most))
    assert sorted(i for places in made for i in places) == list(range(len(lengths)))
    assert all(1 <= len(places) <= most and len({lengths[i] for i in places}) == 1 for places in made)


WRONG = [
    ({"backend": "transformers"}, "model must name a hub id or a folder where backend is transformers"),
    ({"model": "model6"}, "model model6 is read by backend camel or transformers, not by words_v1"),
    (
        {"backend": "camel", "model": "CAMeL-Lab/some-model"},
        "model must be model26 or model6 where backend is camel, it is CAMeL-Lab/some-model",
    ),
    ({"backend": "camel", "weights": "mine.parquet"}, "weights is read by backend words_v1, not by camel"),
    ({"backend": "camel", "revision": "main"}, "revision is read by backend transformers, not by camel"),
    ({"labels": {"LABEL_0": "MSA"}}, "labels is read by backend transformers, not by words_v1"),
    ({"backend": "transformers", "model": "m", "labels": {"LABEL_0": "Egyptian"}}, "Input should be 'MSA', 'EGY'"),
    ({"backend": "transformers", "model": "m", "batch_size": 0}, "batch_size"),
    ({"backend": "fasttext"}, "Input should be 'words_v1', 'camel' or 'transformers'"),
]


@pytest.mark.parametrize(("changes", "sentence"), WRONG, ids=[sentence for _, sentence in WRONG])
def test_parameters_that_do_not_fit_each_other(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        DialectParams.model_validate(DIALECT.model_dump() | changes)
