"""The classifier of severity: it learns, stops, keeps its best epoch, and the folder that it writes says what it is."""

import json
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from curation import score_severity
from curation.api import SEVERITY
from curation.errors import TibyanError
from curation.params import SeverityParams
from curation.schema import SEVERITIES
from curation.severity.labels import Label
from training_recipes import severity_fit
from training_recipes.severity_classifier import train
from training_recipes.severity_fit import Settings

WORDS = {"mild": "زكام", "moderate": "حرقة", "critical": "نزيف"}


def labels(times: int) -> list[Label]:
    return [Label(f"r{i}", f"عندي {word} {'ا' * (i % 7 + 1)} {i}", level, "a") for i in range(times) for level, word in WORDS.items()]


def small(tiny_bert: Path, **changes: object) -> Settings:
    return Settings(**({"encoder": str(tiny_bert), "epochs": 8, "learning_rate": 3e-3, "max_length": 32} | changes))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def trained(tiny_bert: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("trained") / "model"
    train(labels(30), out, small(tiny_bert))
    return out


def test_it_learns_and_loads_by_itself(trained: Path) -> None:
    figures = json.loads((trained / "metrics.json").read_text())
    assert figures["macro_f1"] > 0.9 and figures["loss"] < 0.6
    assert figures["held_out"] + figures["learnt_from"] == 90
    model, tokenizer = AutoModelForSequenceClassification.from_pretrained(trained), AutoTokenizer.from_pretrained(trained)
    assert [model.config.id2label[i] for i in range(3)] == list(SEVERITIES)
    with torch.no_grad():
        p = model(**tokenizer([f"جاني {word}" for word in WORDS.values()], return_tensors="pt", padding=True)).logits.softmax(dim=1)
    assert p.argmax(dim=1).tolist() == [0, 1, 2]


def by(model: Path) -> SeverityParams:
    return SEVERITY.model_copy(update={"scorer": "transformer", "model": str(model)})


def test_it_scores_as_the_others_do(trained: Path) -> None:
    texts = [*(f"جاني {word}" for word in WORDS.values()), "", None, "؟؟", "😀", "نزيف " * 3_000]
    rows = score_severity(texts, by(trained)).to_pylist()
    assert [row["severity"] for row in rows[:3]] == list(WORDS) and rows[-1]["severity"] == "critical"
    for row in rows:
        assert sum(row[f"p_{level}"] for level in SEVERITIES) == pytest.approx(1, abs=1e-6) and len(row["evidence"]) == 1
    for row in rows[3:-1]:
        assert [row[f"p_{level}"] for level in SEVERITIES] == pytest.approx(SEVERITY.prior), "what has no letter has the prior"
    assert score_severity(texts[1:2], by(trained)).to_pylist() == rows[1:2], "rows do not look at each other"


def test_a_model_of_other_labels_is_a_sentence(tiny_bert: Path, tmp_path: Path) -> None:
    model = AutoModelForSequenceClassification.from_pretrained(
        tiny_bert, id2label={0: "urgent", 1: "not"}, label2id={"urgent": 0, "not": 1}
    )
    model.save_pretrained(tmp_path / "other")
    AutoTokenizer.from_pretrained(tiny_bert).save_pretrained(tmp_path / "other")
    with pytest.raises(TibyanError, match=r"severity\.model: the labels of .*other are urgent, not, not mild, moderate, critical"):
        score_severity(["صداع"], by(tmp_path / "other"))
    with pytest.raises(TibyanError, match=r"severity\.model: .*nowhere cannot be loaded"):
        score_severity(["صداع"], by(tmp_path / "nowhere"))


def test_the_card_has_figures_settings_and_no_text(trained: Path) -> None:
    card = (trained / "README.md").read_text(encoding="utf-8")
    for part in ("macro_f1", "critical_recall", "temperature", "learning_rate: 0.003", "No medical device"):
        assert part in card
    assert not any(word in card for word in WORDS.values())


def test_the_same_labels_give_the_same_weights(trained: Path, tiny_bert: Path, tmp_path: Path) -> None:
    train(labels(30), tmp_path / "again", small(tiny_bert))
    assert (tmp_path / "again/model.safetensors").read_bytes() == (trained / "model.safetensors").read_bytes()


def test_bf16_learns_the_same_and_leaves_float32(tiny_bert: Path, tmp_path: Path) -> None:
    figures = train(labels(30), tmp_path / "m", small(tiny_bert, precision="bf16"))
    assert figures["macro_f1"] == 1.0
    model = AutoModelForSequenceClassification.from_pretrained(tmp_path / "m")
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}
    with pytest.raises(TibyanError, match="--precision: fp8 is not known"):
        train(labels(12), tmp_path / "n", small(tiny_bert, precision="fp8"))


def test_it_stops_when_nothing_gets_better(tiny_bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked = []
    whole = severity_fit.logits_of

    def counted(*arguments: object) -> torch.Tensor:
        looked.append(1)
        return whole(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(severity_fit, "logits_of", counted)
    figures = train(labels(12), tmp_path / "m", small(tiny_bert, epochs=50, learning_rate=0.0, patience=2))
    # The first epoch is the best, two more change nothing.
    assert figures["epochs"] == 1 and len(looked) == 3


def test_what_is_scaled_is_the_held_out_texts_temperature(tiny_bert: Path, tmp_path: Path) -> None:
    known = torch.tensor([0, 1, 2, 0])
    sure = torch.eye(3)[known] * 8
    wrong = sure.clone()
    wrong[3] = torch.tensor([0.0, 8.0, 0.0])
    assert severity_fit.temperature_of(sure, known) == pytest.approx(0.25)
    assert severity_fit.temperature_of(wrong, known) > 2


@pytest.mark.parametrize(
    ("given", "encoder", "said"),
    [
        (labels(3), None, "fewer than 10 texts are mild or moderate or critical"),
        ([label for label in labels(20) if label.severity != "critical"], None, "are critical"),
        ([Label("r", "نص واحد", level, "a") for level in SEVERITIES] * 10, None, "of 1 different texts"),
        (labels(12), "nowhere/at-all", "--encoder: nowhere/at-all cannot be loaded"),
    ],
)
def test_what_is_wrong_is_a_sentence(
    tiny_bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: list[Label], encoder: str | None, said: str
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(TibyanError, match=said):
        train(given, tmp_path / "m", small(tiny_bert, **({"encoder": encoder} if encoder else {})))
    assert not (tmp_path / "m").exists()
