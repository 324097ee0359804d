import json
from pathlib import Path

import pytest
import torch

from curation.errors import TibyanError
from curation.params import Params
from curation.pretrained import folder_digest
from tests.training_recipes.tiny_project import contents, prepare, rows, shrink, write_dataset, write_split
from training_recipes import base_model, train
from training_recipes.models import check_length, load_adapted, load_base


def named(params: Params, name: str) -> Params:
    return params.model_copy(update={"base_model": params.base_model.model_copy(update={"name": name})})


def test_it_is_made_loaded_and_measured(project: Path, params: Params) -> None:
    prepare(params)
    metrics = json.loads(Path("reports/metrics/base_model.json").read_text())
    model, tokenizer = load_base()
    assert metrics["parameters"] == model.num_parameters()
    assert metrics["vocabulary"] == len(tokenizer) == model.config.vocab_size <= 400
    assert metrics["steps"] == 6
    assert set(metrics) == {"parameters", "vocabulary", "steps", "tokens", "train_loss", "validation_loss"}
    assert not list(Path("models").rglob("*.bin"))


def test_the_same_run_in_another_folder_gives_the_same_bytes(
    project: Path, params: Params, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(params)
    first = contents("models", "reports")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    torch.manual_seed(99)
    prepare(params)
    assert contents("models", "reports") == first
    assert not [name for name, content in first.items() if str(tmp_path).encode() in content]


def test_only_the_train_split_teaches(project: Path, params: Params) -> None:
    prepare(params)
    first = contents("models")
    write_split("test", rows("test", 3))
    write_split("validation", rows("validation", 3))
    base_model.run(shrink(params))
    assert contents("models") == first


def test_another_model_is_named_not_copied(project: Path, params: Params) -> None:
    small = prepare(params)
    Path("models/base").rename("mine")
    base_model.run(named(small, "mine"))
    assert [path.name for path in Path("models/base").iterdir()] == ["base.json"]
    assert json.loads(Path("models/base/base.json").read_text()) == {
        "name": "mine",
        "revision": None,
        "prompt": {"before": "سؤال: ", "after": "\nجواب:", "lead": " "},
        "precision": None,
        "sha256": folder_digest(Path("mine")),
    }
    assert json.loads(Path("reports/metrics/base_model.json").read_text())["train_loss"] is None
    model, _ = load_base()
    assert model.num_parameters() > 0


def test_a_folder_that_holds_another_model_by_now_is_refused(project: Path, params: Params) -> None:
    small = prepare(params)
    Path("models/base").rename("mine")
    base_model.run(named(small, "mine"))
    train.run(small, "lora_ce")
    assert json.loads(Path("models/lora_ce/adapter_config.json").read_text())["base_model_name_or_path"] == "mine"
    load_adapted("lora_ce")
    weights = Path("mine/model.safetensors")
    content = weights.read_bytes()
    weights.write_bytes(content[:-4] + b"\0\0\0\0")
    for load in (load_base, lambda: load_adapted("lora_ce")):
        with pytest.raises(
            TibyanError, match=r"mine: holds another base model than models/base/base.json says. Run `dvc repro -fs base_model`"
        ):
            load()
    base_model.run(named(small, "mine"))
    load_base()
    with pytest.raises(TibyanError, match=r"models/lora_ce: trained on another base model than models/base"):
        load_adapted("lora_ce")


def test_problems_are_sentences(project: Path, params: Params, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    small = shrink(params)
    with pytest.raises(TibyanError, match=r"base.json: not there"):
        load_base()
    write_dataset()
    with pytest.raises(TibyanError, match=r"nobody/nothing cannot be loaded .*gated.*tiny-gpt2"):
        base_model.run(named(small, "nobody/nothing"))
    with pytest.raises(TibyanError, match=r"base_model.name: gpt3 is no model of .*Known: tiny-gpt2, Mistral-7B-Instruct-v0.2"):
        base_model.run(named(small, "gpt3"))
    for change, message in (({"vocabulary": 100}, "vocabulary: 100 is too small"), ({"heads": 3}, "3 must divide")):
        wrong = small.model_copy(update={"base_model": small.base_model.model_copy(update=change)})
        with pytest.raises(TibyanError, match=message):
            base_model.run(wrong)
    assert not Path("models/base").exists()


def test_a_length_that_the_model_cannot_read(project: Path, params: Params) -> None:
    prepare(params)
    model, _ = load_base()
    check_length(model, 96, "train.max_length")
    with pytest.raises(
        TibyanError, match=r"train.max_length: 97 tokens, but the base model reads 96. Lower it in the recipe where it says one"
    ):
        check_length(model, 97, "train.max_length")
    with pytest.raises(TibyanError, match=r"base_model.context: 97 tokens, but the base model reads 96. Lower it in params.yaml"):
        check_length(model, 97, "base_model.context")
