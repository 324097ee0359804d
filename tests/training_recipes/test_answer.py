import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from peft import PeftModel
from transformers import GenerationConfig

from curation.errors import TibyanError
from curation.params import Params
from tests.training_recipes.tiny_project import contents, prepare, rows, with_train, write_split
from training_recipes import answer, base_model, train
from training_recipes.generation import generate
from training_recipes.models import load_adapted, load_base
from training_recipes.records import read_split
from training_recipes.trainer import plain_loss

NAME = "lora_ce"


@pytest.fixture
def small(project: Path, params: Params) -> Params:
    made = prepare(params)
    train.run(made, NAME)
    return made


def with_evaluate(params: Params, **changes: Any) -> Params:
    return params.model_copy(update={"evaluate": params.evaluate.model_copy(update=changes)})


def metrics(run: str = NAME) -> dict[str, Any]:
    return dict(json.loads(Path(f"reports/metrics/answer_{run}.json").read_text()))


def test_answers_are_stored_by_record_in_their_order(small: Params, capsys: pytest.CaptureFixture[str]) -> None:
    answer.run(small, NAME)
    answers = pq.read_table(f"data/interim/answers_{NAME}.parquet")
    assert answers.column_names == ["record_id", "answer_generated"]
    assert answers["record_id"].to_pylist() == [f"test-{i:03}" for i in range(6)]
    assert sorted(path.name for path in Path("data/interim").iterdir()) == [f"answers_{NAME}.parquet", "built.parquet"]
    assert not any("ء" <= letter <= "ي" for letter in "".join(capsys.readouterr()))


def test_what_it_was_answered_by_and_to_is_said(small: Params) -> None:
    answer.run(small, NAME)
    made, trained = metrics(), json.loads(Path(f"models/{NAME}/recipe.json").read_text())
    assert (made["recipe"], made["seed"], made["question_column"], made["max_length"]) == (NAME, small.train.seed, "question", 96)
    assert made["examples"] == 6 and made["perplexity"] > 1
    assert made["decoding"] == {"temperature": 0.0, "top_p": 1.0, "max_new_tokens": 12, "seed": small.evaluate.seed}
    assert (made["base"], made["dataset"]) == (trained["base"], trained["dataset"]["sha256"])


def test_the_untrained_model_is_the_base_without_the_adapter(small: Params) -> None:
    answer.run(small, "untrained")
    made = metrics("untrained")
    assert (made["recipe"], made["seed"]) == ("untrained", None)
    model, tokenizer = load_adapted(NAME)
    with model.disable_adapter():
        answers, perplexity = answer.answers_and_perplexity(model, tokenizer, read_split("test")[:6], 96, small.evaluate)
    assert pq.read_table("data/interim/answers_untrained.parquet")["answer_generated"].to_pylist() == answers
    assert made["perplexity"] == round(perplexity, 4)
    answer.run(small, NAME)
    assert metrics()["perplexity"] != made["perplexity"]


def test_twice_is_the_same(small: Params) -> None:
    for wanted in (small, with_evaluate(small, temperature=0.9, top_p=0.8)):
        answer.run(wanted, NAME)
        first = contents("data", "reports")
        answer.run(wanted, NAME)
        assert contents("data", "reports") == first


def test_drawn_answers_depend_on_the_seed(small: Params) -> None:
    def answered(seed: int, temperature: float) -> list[str]:
        answer.run(with_evaluate(small, seed=seed, temperature=temperature), NAME)
        return list(pq.read_table(f"data/interim/answers_{NAME}.parquet")["answer_generated"].to_pylist())

    assert answered(1, 1.0) != answered(2, 1.0)
    assert answered(1, 0.0) == answered(2, 0.0)


def test_a_recipe_is_asked_in_the_column_that_it_was_trained_on(small: Params, monkeypatch: pytest.MonkeyPatch) -> None:
    """The recipe's own column goes before that of params.yaml, and nothing else differs: the same seed, base and steps."""
    read = answer.read_split
    asked = []

    def noted(split: str, column: str = "question") -> list:
        asked.append((split, column))
        return read(split, column)

    train.run(small, "lora_ce_msa")
    monkeypatch.setattr(answer, "read_split", noted)
    answer.run(small, "lora_ce_msa")
    answer.run(small, NAME)
    assert asked == [("test", "question_msa"), ("test", "question")]
    plain, msa = (json.loads(Path(f"models/{name}/recipe.json").read_text()) for name in (NAME, "lora_ce_msa"))
    assert msa["train"] == plain["train"] | {"question_column": "question_msa"}
    assert all(plain[part] == msa[part] for part in ("base", "dataset", "versions"))


def test_perplexity_is_computed_in_chunks_where_training_was(small: Params, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run's own number goes before that of params.yaml, which is the untrained model's."""
    asked = []

    def noted(*given: Any, **options: Any) -> float:
        asked.append(options)
        return plain_loss(*given, **options)

    answer.run(small, NAME)
    whole = metrics()
    train.run(with_train(small, loss_chunk=7), NAME)
    monkeypatch.setattr(answer, "plain_loss", noted)
    for name in (NAME, "untrained"):
        answer.run(with_train(small, loss_chunk=5), name)
    assert asked == [{"loss_chunk": 7}, {"loss_chunk": 5}]
    assert metrics().keys() == whole.keys()
    assert metrics()["perplexity"] == pytest.approx(whole["perplexity"], rel=1e-4)


def test_batches_and_padding_do_not_change_an_answer(small: Params) -> None:
    model, tokenizer = load_adapted(NAME)
    questions = [record.question for record in read_split("test")]
    questions[0] = "سعال"
    one_by_one = generate(model, tokenizer, questions, 96, 12, batch=1)
    assert generate(model, tokenizer, questions, 96, 12, batch=4) == one_by_one
    assert all(isinstance(text, str) and "\ufffd" not in text for text in one_by_one)


def test_nothing_is_decoded_as_the_base_models_own_file_says(small: Params) -> None:
    """The generation_config.json of a hub model may forbid tokens, or sample, or penalise."""
    questions = [record.question for record in read_split("test")]
    for model, tokenizer in (load_adapted(NAME), load_base()):
        answers = generate(model, tokenizer, questions, 96, 12, batch=4)
        own = GenerationConfig(suppress_tokens=list(range(300)), min_new_tokens=12, repetition_penalty=5.0, do_sample=True)
        inner = model.get_base_model() if isinstance(model, PeftModel) else model
        inner.generation_config = own
        assert generate(model, tokenizer, questions, 96, 12, batch=4) == answers
        assert model.generation_config is own


def test_without_its_adapter_the_model_is_the_base(small: Params) -> None:
    model, tokenizer = load_adapted(NAME)
    base, _ = load_base()
    test = read_split("test")
    with model.disable_adapter():
        untrained = answer.answers_and_perplexity(model, tokenizer, test, 96, small.evaluate)
    assert untrained == answer.answers_and_perplexity(base, tokenizer, test, 96, small.evaluate)


def test_problems_are_sentences(small: Params) -> None:
    with pytest.raises(TibyanError, match=r"models/lora_severity_balanced/recipe.json: not there.*dvc repro"):
        answer.run(small, "lora_severity_balanced")
    with pytest.raises(TibyanError, match="no recipe"):
        answer.run(small, "other")
    with pytest.raises(TibyanError, match="no run"):
        answer.run(small, "lora_ce-x")
    with pytest.raises(TibyanError, match="max_new_tokens: 96 leaves no room"):
        answer.run(with_evaluate(small, max_new_tokens=96), NAME)
    base_model.run(small.model_copy(update={"base_model": small.base_model.model_copy(update={"seed": 2})}))
    with pytest.raises(TibyanError, match="trained on another base model"):
        answer.run(small, NAME)
    write_split("train", rows("train", 31))
    with pytest.raises(
        TibyanError, match=r"models/lora_ce: trained on another dataset than data/interim/built.parquet is. Run `dvc repro`"
    ):
        answer.run(small, NAME)
