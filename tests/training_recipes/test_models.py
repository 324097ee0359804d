import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
import transformers
from huggingface_hub.errors import GatedRepoError
from safetensors.torch import load, load_file
from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM

from curation.errors import TibyanError
from curation.params import Params
from tests.training_recipes.tiny_models import TINY, write_tiny
from tests.training_recipes.tiny_project import contents, prepare, shrink, with_base, with_train, write_dataset
from training_recipes import adapters, base_model, curriculum, merge, models, precision, train
from training_recipes.catalogue import catalogue, listed, prompt_format, read_catalogue
from training_recipes.generation import generate
from training_recipes.models import load_adapted, load_base, resolve
from training_recipes.prompts import collate, format_of
from training_recipes.records import read_split
from training_recipes.trainer import model_inputs

NAME = "lora_ce"
PAPERS = {
    "Mistral-7B-Instruct-v0.2": "mistral_instruct",
    "Llama-2-7B": "plain",
    "AraGPT2-Base": "plain",
    "AraGPT2-Medium": "plain",
    "BLOOM-560M": "plain",
    "BLOOMZ-560M": "plain",
    "GPT-2-Medium": "plain",
    "Al-Atlas-0.5B": "plain",
    "GPT2-Small-Arabic": "plain",
    "LFM2-350M": "chatml",
    "LFM2-700M": "chatml",
    "Dialect-ar-gpt-2021": "plain",
    "Qwen2.5-0.5B": "plain",
    "Qwen3-0.6B": "chatml_unthinking",
    "AraT5": "plain",
}
# How the format of an architecture is tried here, where not by `plain`.
ASKED = {"MistralForCausalLM": "mistral_instruct", "Lfm2ForCausalLM": "chatml", "Qwen3ForCausalLM": "chatml_unthinking"}


@pytest.fixture
def tiny(request: pytest.FixtureRequest, project: Path, params: Params) -> Params:
    """The dataset, and models/base of a tiny model of the architecture, named as a folder."""
    small = with_train(with_base(shrink(params), name="mine", prompt=ASKED.get(request.param)), steps=2, max_length=112, learning_rate=0.01)
    write_dataset()
    write_tiny(request.param, Path("mine"))
    base_model.run(small)
    return small


def test_every_model_of_the_papers_is_listed() -> None:
    assert {name: model.prompt for name, model in catalogue().models.items()} == PAPERS
    for name, model in catalogue().models.items():
        assert hasattr(transformers, model.architecture), name
        assert listed(name.upper()) == listed(model.hub) == model
    assert set(catalogue().architectures) == set(TINY) == {model.architecture for model in catalogue().models.values()}


@pytest.mark.parametrize("tiny", TINY, indirect=True)
def test_every_architecture_is_trained_saved_loaded_asked_and_merged(tiny: Params, request: pytest.FixtureRequest) -> None:
    architecture = request.node.callspec.params["tiny"]
    base, tokenizer = load_base()
    targets = adapters.lora_targets(base, None)
    assert set(targets) <= set(catalogue().architectures[architecture])
    # All linear layers but the last, and none that is not there.
    linear = {name.rpartition(".")[2] for name, m in base.named_modules() if type(m).__name__ in ("Linear", "Conv1D")}
    assert set(targets) == linear - {"lm_head"}
    before = {name: parameter.clone() for name, parameter in base.named_parameters()}

    train.run(tiny, NAME)
    saved = load_file(f"models/{NAME}/adapter_model.safetensors")
    adapted, _ = load_adapted(NAME)
    trainable = [name for name, _ in adapted.named_parameters() if "lora_" in name]
    assert len(saved) == len(trainable) > 0
    assert all(value.any() for name, value in saved.items() if "lora_B" in name), "each began at 0"
    untouched = {name.removeprefix("base_model.model.").replace(".base_layer", ""): p for name, p in adapted.named_parameters()}
    assert all(torch.equal(value, untouched[name]) for name, value in before.items())

    questions = [record.question for record in read_split("test")][:2]
    answers = generate(adapted, tokenizer, questions, 112, 8, batch=2)
    merge.run(tiny, NAME, "merged")
    example = train.make_examples(read_split("test")[:2], [1.0, 1.0], tokenizer, 112)
    batch = model_inputs(collate(example, tokenizer.pad_token_id))
    kind = AutoModelForSeq2SeqLM if architecture.startswith("T5") else AutoModelForCausalLM
    merged = kind.from_pretrained("merged")
    with torch.inference_mode():
        torch.testing.assert_close(merged(**batch).logits, adapted.eval()(**batch).logits, atol=1e-5, rtol=1e-5)
        with adapted.disable_adapter():
            assert (merged(**batch).logits - adapted(**batch).logits).abs().max() > 1e-4
    # A merged model is a base like any other, and is asked as it was trained.
    base_model.run(with_base(tiny, name="merged", prompt=None))
    again, its_tokenizer = load_base()
    assert format_of(its_tokenizer) == format_of(tokenizer)
    assert generate(again, its_tokenizer, questions, 112, 8, batch=2) == answers


@pytest.mark.parametrize("tiny", TINY, indirect=True)
def test_every_parameter_of_every_architecture_moves_and_no_other_does(tiny: Params) -> None:
    """LoRA's matrices alone, and in full fine-tuning all there are."""
    records = read_split("train")[:8]
    for method in ("lora", "full"):
        torch.manual_seed(0)
        base, tokenizer = load_base()
        model = train.trainable(base, tiny.train, method)
        before = {name: p.detach().clone() for name, p in model.named_parameters()}
        examples = train.make_examples(records, [1.0] * len(records), tokenizer, 112)
        parts = [(list(range(len(examples))), curriculum.schedule(tiny.train, train.load_recipe(NAME), len(examples)))]
        train.learn(model, examples, parts, tokenizer.pad_token_id)
        moved = {name for name, p in model.named_parameters() if not torch.equal(p, before[name])}
        assert moved == {name for name in before if method == "full" or "lora_" in name}


@pytest.mark.parametrize("tiny", ["GPT2LMHeadModel", "T5ForConditionalGeneration"], indirect=True)
def test_full_fine_tuning_is_saved_whole(tiny: Params) -> None:
    train.run(tiny, "full_ce")
    first = contents("models/full_ce")
    assert {"models/full_ce/model.safetensors", "models/full_ce/recipe.json"} <= set(first)
    train.run(tiny, "full_ce")
    assert contents("models/full_ce") == first
    model, tokenizer = load_adapted("full_ce")
    assert len(generate(model, tokenizer, ["عندي صداع"], 112, 8, batch=1)) == 1
    with pytest.raises(TibyanError, match=r"models/full_ce: trained whole, so that there is nothing to merge"):
        merge.run(tiny, "full_ce", "merged")


@pytest.mark.parametrize("tiny", ["T5ForConditionalGeneration"], indirect=True)
def test_the_loss_of_an_encoder_decoder_is_transformers_own(tiny: Params) -> None:
    model, tokenizer = load_base()
    examples = train.make_examples(read_split("train")[:5], [1.0] * 5, tokenizer, 112)
    assert all(example.ids == [model.config.decoder_start_token_id, *example.labels[:-1]] for example in examples)
    assert all(example.source and example.source[-1] == tokenizer.eos_token_id for example in examples)
    batch = collate(examples, tokenizer.pad_token_id)
    with torch.inference_mode():
        stock = model.eval()(**{name: batch[name] for name in ("input_ids", "attention_mask", "labels")}).loss
    assert train.plain_loss(model, examples, tokenizer.pad_token_id, 2) == pytest.approx(stock.item(), abs=1e-5)


@pytest.mark.parametrize("tiny", ["MistralForCausalLM"], indirect=True)
def test_a_question_is_asked_as_it_was_trained(tiny: Params, monkeypatch: pytest.MonkeyPatch) -> None:
    """What reaches `generate` is, to the token, what stands before the answer in training."""
    model, tokenizer = load_base()
    record = read_split("test")[0]
    example = train.make_examples([record], [1.0], tokenizer, 112)[0]
    asked: list[list[int]] = []
    real = type(model).generate

    def noted(self: Any, **inputs: Any) -> Any:
        asked.extend(inputs["input_ids"].tolist())
        return real(self, **inputs)

    monkeypatch.setattr(type(model), "generate", noted)
    generate(model, tokenizer, [record.question], 112, 8, batch=1)
    learned = sum(label != -100 for label in example.labels)
    assert asked == [example.ids[:-learned]]
    assert tokenizer.decode(asked[0]) == f"<s> [INST] {record.question} [/INST]"


def test_a_name_is_resolved(project: Path, params: Params) -> None:
    base = params.base_model

    def of(**changes: Any) -> dict[str, Any]:
        return resolve(base.model_copy(update=changes))

    qwen = catalogue().models["Qwen3-0.6B"]
    found = of(name="qwen3-0.6b")
    assert found == of(name=qwen.hub)
    assert (found["name"], found["revision"], found["precision"]) == (qwen.hub, qwen.revision, "bf16")
    assert found["prompt"]["after"].endswith("</think>\n\n")
    assert of(name="qwen3-0.6b", revision="abc")["revision"] == "abc"
    assert of(name="qwen3-0.6b", prompt="plain")["prompt"] == of(name="somebody/else")["prompt"] == of()["prompt"]
    assert of(name="somebody/else") | {"prompt": None} == {"name": "somebody/else", "revision": None, "prompt": None, "precision": None}
    for name in ("aragpt2", "AraGPT2-Huge", "./not/there", "/not", "a/b/c", "a/"):
        with pytest.raises(TibyanError, match=r"is no model of .*models.yaml, no folder and no hub id.*Known: tiny-gpt2, Mistral-7B"):
            of(name=name)
    with pytest.raises(TibyanError, match=r"base_model.prompt: alpaca is no format of .*there are plain, mistral_instruct"):
        of(prompt="alpaca")
    Path("mine").mkdir()
    with pytest.raises(TibyanError, match=r"base_model.revision: mine is a folder"):
        of(name="mine", revision="abc")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"models": {"X": {"hub": "a/b", "revision": "main"}}}, r"models.X.revision: String should match"),
        ({"formats": {}}, r"mistral_instruct of Mistral-7B-Instruct-v0.2 is no format; there are "),
        ({"architectures": {"GPT2LMHeadModel": []}}, r"architectures.GPT2LMHeadModel: List should have at least 1"),
    ],
)
def test_a_wrong_catalogue_is_a_sentence(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    path = tmp_path / "models.yaml"
    path.write_text(json.dumps(catalogue().model_dump() | change), encoding="utf-8")
    with pytest.raises(TibyanError, match=message):
        read_catalogue(path)
    path.write_text("models: [", encoding="utf-8")
    with pytest.raises(TibyanError, match="not valid YAML"):
        read_catalogue(path)


def test_a_model_that_is_gated_or_not_there(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(TibyanError, match=r"nobody/nothing cannot be loaded .* set HF_HUB_OFFLINE=0"):
        models.load_model("nobody/nothing", None)

    response = SimpleNamespace(headers={}, request=None)

    def refused(*_: Any, **__: Any) -> None:
        raise OSError("401 Client Error.") from GatedRepoError("401", response=response)

    monkeypatch.setattr(models.AutoTokenizer, "from_pretrained", refused)
    with pytest.raises(TibyanError, match=r"It is gated: accept its terms on its page and run `hf auth login`"):
        models.load_model("meta-llama/Llama-2-7b-hf", None)


def test_what_the_machine_cannot_do_is_a_sentence(project: Path, params: Params, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(precision, "find_spec", lambda _: None)
    small = prepare(params)
    with pytest.raises(TibyanError, match=r"train.precision: fp16 needs a GPU .* Set it to auto in params.yaml"):
        train.run(small, "paper_2509_10095")
    with pytest.raises(TibyanError, match=r"four bits need bitsandbytes. Run `pip install bitsandbytes`"):
        train.run(small, "qlora_nf4")


@pytest.mark.parametrize(
    ("gpu", "has_bf16", "expected"), [(False, True, torch.float32), (True, False, torch.float16), (True, True, torch.bfloat16)]
)
def test_four_bits_are_computed_with_as_the_trainer_computes(
    gpu: bool, has_bf16: bool, expected: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A GPU that only emulates bf16 has fp16."""
    monkeypatch.setattr(precision, "find_spec", lambda _: True)
    monkeypatch.setattr(precision, "BitsAndBytesConfig", dict)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: gpu)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation=True: has_bf16 or including_emulation)
    made: Any = precision.nf4()
    assert made["bnb_4bit_compute_dtype"] == expected


def test_a_merged_model_replaces_nothing_else(project: Path, params: Params) -> None:
    for folder, holds in (("kept", ()), ("models/mine", ("recipe.json",)), ("models/base", ("base.json",))):
        Path(folder).mkdir(parents=True)
        for name in holds:
            (Path(folder) / name).write_text("{}", encoding="utf-8")
        with pytest.raises(TibyanError, match=f"{folder}: is there and is no merged model"):
            merge.run(params, NAME, folder)
        assert sorted(path.name for path in Path(folder).iterdir()) == sorted(holds)
    Path("models/mine/base.json").write_text("{}", encoding="utf-8")
    with pytest.raises(TibyanError, match=r"models/lora_ce/recipe.json: not there"):
        merge.run(params, NAME, "models/mine")  # a merged model may be replaced
    with pytest.raises(TibyanError, match=r"models/lora_ce/recipe.json: not there"):
        merge.run(params, NAME, "new")


def test_formats_are_those_of_the_models_own_templates() -> None:
    """As the templates on the hub render one message of a user and the start of an answer, without the beginning-of-sequence."""
    rendered = {
        "mistral_instruct": "[INST] س [/INST]",
        "chatml": "<|im_start|>user\nس<|im_end|>\n<|im_start|>assistant\n",
        "chatml_unthinking": "<|im_start|>user\nس<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n",
    }
    for name, text in rendered.items():
        form = prompt_format(name)
        assert f"{form.before}س{form.after}" == text


def test_four_bits_are_trained_over_and_merged_as_they_were(project: Path, params: Params) -> None:
    """The base stays as it was quantised, and GPT-2's matrices, which lie the other way round, come out the right way."""
    pytest.importorskip("bitsandbytes", reason="bitsandbytes is not among the dependencies")
    small = with_base(shrink(params), width=64)
    write_dataset()
    base_model.run(small)
    train.run(small, "qlora_nf4")
    first = contents("models/qlora_nf4")
    train.run(small, "qlora_nf4")
    assert contents("models/qlora_nf4") == first
    train.run(with_train(small, gradient_checkpointing=True), "qlora_nf4")
    weights = "models/qlora_nf4/adapter_model.safetensors"
    torch.testing.assert_close(load_file(weights), load(first[weights]), atol=1e-6, rtol=1e-5)
    merge.run(small, "qlora_nf4", "merged")
    adapted, tokenizer = load_adapted("qlora_nf4")
    assert any(type(module).__name__ == "Linear4bit" for module in adapted.modules())
    batch = collate(train.make_examples(read_split("test")[:2], [1.0, 1.0], tokenizer, 96), tokenizer.pad_token_id)
    given = model_inputs(batch)
    merged, plain = AutoModelForCausalLM.from_pretrained("merged"), load_base()[0].eval()
    with torch.inference_mode():
        wanted = adapted.train()(**given).logits  # without dropout; asked, a CPU would compute in bfloat16
        torch.testing.assert_close(merged(**given).logits, wanted, atol=1e-5, rtol=1e-5)
        assert (plain(**given).logits - wanted).abs().max() > 1e-3
    assert len(generate(adapted, tokenizer, ["عندي صداع"], 96, 8, batch=1)) == 1
