"""A sequence classifier in place of the words: the same columns, each label the right dialect, and every failure a sentence."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.dialect.classifiers.labels import dialects_of
from curation.dialect.classifiers.transformer import DialectClassifier
from curation.dialect.identify import identify, load_classifier
from curation.errors import TibyanError
from curation.params import Params
from curation.schema import ARABIC_DIALECTS
from tests.curation.camel_data import CITIES
from tests.curation.dialect_backends import ARABIZI, ENGLISH, LONG, TEXTS, params_of, same_whatever_the_threads

Saved = Callable[..., str]


@pytest.fixture(scope="module")
def save(tmp_path_factory: pytest.TempPathFactory) -> Saved:
    """A folder with a small BERT over pieces of our own sentences that chooses between the labels."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    specials = ["[PAD]", "[CLS]", "[SEP]", "[UNK]"]
    tokenizer.train_from_iterator(TEXTS, trainers.WordPieceTrainer(vocab_size=200, special_tokens=specials))
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 1), ("[SEP]", 2)])
    names = {"pad_token": "[PAD]", "cls_token": "[CLS]", "sep_token": "[SEP]", "unk_token": "[UNK]"}
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names)

    def write(*labels: str, seed: int = 0, name: str = "did", **changes: Any) -> str:
        folder = tmp_path_factory.mktemp("model") / name
        torch.manual_seed(seed)
        config = BertConfig(
            vocab_size=len(fast), hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64,
            max_position_embeddings=64, initializer_range=0.5, id2label=dict(enumerate(labels)), **changes,
        )  # fmt: skip
        BertForSequenceClassification(config).save_pretrained(folder)
        fast.save_pretrained(folder)
        return str(folder)

    return write


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)


def classifier(model: str, **changes: Any) -> DialectClassifier:
    made = load_classifier(params_of(backend="transformers", model=model, **changes))
    assert isinstance(made, DialectClassifier)
    return made


SETS = [
    ("EGY", "GLF", "LAV", "MSA", "NOR"),
    ("Egypt", "Iraq", "Jordan", "Lebanon", "Libya", "Saudi_Arabia", "Sudan", "Yemen"),
    tuple(city for cities in CITIES.values() for city in cities),
]


@pytest.mark.parametrize("labels", SETS, ids=["regions", "countries", "cities"])
def test_scores_are_the_models_own_summed_by_dialect(save: Saved, labels: tuple[str, ...]) -> None:
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    folder = save(*labels)
    model, tokenizer = AutoModelForSequenceClassification.from_pretrained(folder).eval(), AutoTokenizer.from_pretrained(folder)
    result = classifier(folder).probabilities(TEXTS)
    of_label = dialects_of(labels, {}, "")
    for text, row in zip(TEXTS, result, strict=True):
        with torch.no_grad():
            scores = model(**tokenizer(text, return_tensors="pt")).logits[0].softmax(-1).tolist()
        expected = [sum(score for score, dialect in zip(scores, of_label, strict=True) if dialect == d) for d in ARABIC_DIALECTS]
        assert row.tolist() == pytest.approx(expected, abs=1e-5)
    assert result.dtype == np.float64 and np.allclose(result.sum(axis=1), 1, atol=1e-12)
    assert len({tuple(row) for row in result}) > len(TEXTS) // 2, "a model that says the same of all tests nothing"


def test_a_score_is_the_texts_own_in_any_batch_order_and_number_of_threads(save: Saved) -> None:
    import torch

    folder = save(*SETS[2])
    texts = [*TEXTS, LONG, *(f"{text} {number}" for text in TEXTS for number in (5, 50, 500))]
    expected = classifier(folder, batch_size=1).probabilities(texts)
    before = torch.get_num_threads()
    try:
        for batch_size, threads in ((3, 1), (64, 1), (64, 2)):
            torch.set_num_threads(threads)
            found = classifier(folder, batch_size=batch_size).probabilities(texts[::-1])[::-1]
            assert (found == expected).all(), (batch_size, threads)
    finally:
        torch.set_num_threads(before)


def test_the_end_of_a_long_text_is_not_read_and_counted(save: Saved) -> None:
    made = classifier(save(*SETS[0]))
    beginning, other = made.probabilities([LONG, LONG + " " + TEXTS[0]])
    assert made.truncated == 2 and (beginning == other).all()
    made.probabilities(TEXTS)
    assert made.truncated == 2


def test_what_looks_like_a_special_token_is_a_patients_text(save: Saved) -> None:
    made = classifier(save(*SETS[0]))
    plain_text, with_mark = made._ids(["صداع", "صداع [SEP] [PAD]"])
    assert plain_text.count(2) == 1 == with_mark.count(2) and 0 not in with_mark


def test_a_decoder_without_padding_is_a_classifier_too(save: Saved, tmp_path: Path) -> None:
    from transformers import AutoTokenizer, GPT2Config, GPT2ForSequenceClassification

    AutoTokenizer.from_pretrained(save("EGY", "LEV")).save_pretrained(tmp_path)
    config = GPT2Config(
        vocab_size=300, n_embd=16, n_layer=1, n_head=2, n_positions=64, id2label={0: "EGY", 1: "LEV"}, initializer_range=0.5
    )
    GPT2ForSequenceClassification(config).save_pretrained(tmp_path)
    one, three = (classifier(str(tmp_path), batch_size=size).probabilities(TEXTS) for size in (1, 3))
    assert (one == three).all() and len({tuple(row) for row in one}) > len(TEXTS) // 2


def test_labels_of_no_name_are_given(save: Saved) -> None:
    folder = save("LABEL_0", "LABEL_1")
    with pytest.raises(TibyanError, match=r"^dialect\.labels: nothing says which dialect LABEL_0, LABEL_1 of .*did is\. Write"):
        classifier(folder)
    result = classifier(folder, labels={"LABEL_0": "MSA", "LABEL_1": "IRQ"}).probabilities(TEXTS)
    assert np.allclose(result[:, [0, 4]].sum(axis=1), 1)
    with pytest.raises(TibyanError, match=r"^dialect\.labels: .* has no label LABEL_7; it has LABEL_0, LABEL_1\.$"):
        classifier(folder, labels={"LABEL_7": "MSA"})


@pytest.mark.parametrize("name", ["no/such/folder", "someone/no-such-model"])
def test_a_model_that_is_not_there(name: str) -> None:
    with pytest.raises(TibyanError, match=rf"^dialect\.model: {name} cannot be loaded \(.*\)\. Name a folder with a sequence classifier"):
        classifier(name)


def test_a_model_without_its_head_is_not_made_up(save: Saved) -> None:
    from transformers import BertModel

    folder = save("EGY", "LEV")
    BertModel.from_pretrained(folder).save_pretrained(folder)
    with pytest.raises(TibyanError, match=r"^dialect\.model: .* has no weights for classifier\.bias, nor for 1 other parameters"):
        classifier(folder)


@pytest.mark.parametrize("changes", [{"problem_type": "multi_label_classification"}, {"problem_type": "regression"}])
def test_a_model_that_does_not_choose_is_no_classifier(save: Saved, changes: dict[str, Any]) -> None:
    with pytest.raises(TibyanError, match=r"^dialect\.model: .* does not choose one label of several"):
        classifier(save("EGY", "LEV", **changes))


def test_a_model_whose_scores_are_no_numbers_is_a_sentence(save: Saved) -> None:
    made = classifier(save("EGY", "LEV"))
    made._model.classifier.bias.data.fill_(float("nan"))
    with pytest.raises(TibyanError, match=r"^dialect\.model: .* answers with what is no number"):
        made.probabilities(TEXTS)


def test_memory_and_other_failures_name_their_key(save: Saved, monkeypatch: pytest.MonkeyPatch) -> None:
    made = classifier(save("EGY", "LEV"), batch_size=5)

    def fails(message: str) -> None:
        def forward(**_: object) -> None:
            raise RuntimeError(message)

        monkeypatch.setattr(made, "_model", type("Model", (), {"device": "cpu", "__call__": lambda self, **given: forward(**given)})())

    fails("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes")
    with pytest.raises(TibyanError, match=r"^dialect\.batch_size: 5 texts at a time do not fit into memory"):
        made.probabilities(TEXTS)
    fails("expected scalar type Double but found Float")
    with pytest.raises(TibyanError, match=r"^dialect\.model: .* fails on a text \(expected scalar type Double but found Float\)"):
        made.probabilities(TEXTS)


def test_a_folder_is_named_by_what_is_in_it(save: Saved) -> None:
    first, again, other = (classifier(save("EGY", "LEV", seed=seed)).scorer for seed in (0, 0, 1))
    assert first == again != other
    assert first.startswith("transformers:did@") and len(first) == len("transformers:did@") + 12
    with pytest.raises(TibyanError, match=r"^dialect\.revision: .* is a folder and has no main; set it to null\.$"):
        classifier(save("EGY", "LEV"), revision="main")


def test_a_hub_model_is_named_by_its_commit(save: Saved, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit = "0123456789" * 4
    repository = tmp_path / "models--someone--did"  # as the hub's cache lays it out
    shutil.copytree(save("EGY", "LEV"), repository / "snapshots" / commit)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(commit)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    for revision in (None, "main", commit):
        assert classifier("someone/did", revision=revision).scorer == f"transformers:someone/did@{commit}"


def test_thresholds_and_temperature_are_for_every_backend(save: Saved, con: duckdb.DuckDBPyConnection) -> None:
    made = classifier(save(*SETS[2]))
    languages = ["ar"] * len(TEXTS) + ["arabizi", "en", None]
    values = zip(range(len(languages)), [*TEXTS, ARABIZI, ENGLISH, None], languages, strict=True)
    con.execute("CREATE TABLE texts (id BIGINT, text VARCHAR, language VARCHAR)")
    con.executemany("INSERT INTO texts VALUES (?, ?, ?)", [list(row) for row in values])

    def tags(**changes: float) -> list[dict[str, Any]]:
        found = identify(con, con.sql("SELECT id, text, text AS key, language FROM texts"), params_of(**changes), made)
        return list(found.order("id").to_arrow_table().to_pylist())

    rows = tags(min_confidence=0.0)  # what is made of chance is sure of little
    for row in rows[: len(TEXTS)]:
        assert row[f"p_{row['dialect'].lower()}"] == max(row[f"p_{d.lower()}"] for d in ARABIC_DIALECTS) and row["p_arabizi"] == 0
    assert [row["dialect"] for row in rows[len(TEXTS) :]] == ["arabizi", None, None]
    assert rows[-2]["p_msa"] is None and rows[-3]["p_arabizi"] == 1 and not any(row["evidence"] for row in rows)
    assert [row["dialect"] for row in tags(min_confidence=1.0)] == ["unknown"] * len(TEXTS) + ["arabizi", None, None]
    assert all(abs(row["p_msa"] - 1 / 6) < 0.01 for row in tags(temperature=1000.0)[: len(TEXTS)])
    assert [row["dialect"] for row in tags(temperature=0.01, min_confidence=0.0)] == [row["dialect"] for row in rows]


@settings(deadline=None, max_examples=25)
@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=30), max_size=4))
def test_any_text_has_probabilities(save: Saved, texts: list[str]) -> None:
    if not ANY:
        ANY.append(classifier(save("EGY", "LEV")))
    found = ANY[0].probabilities(texts)
    assert found.shape == (len(texts), 6) and np.allclose(found.sum(axis=1), 1)


ANY: list[DialectClassifier] = []  # loaded for the first example


def test_the_stage_is_the_same_whatever_the_threads(project: Path, params: Params, save: Saved, monkeypatch: pytest.MonkeyPatch) -> None:
    same_whatever_the_threads("transformers", save(*SETS[2]), "transformers:did@", 1, project, params, monkeypatch)
