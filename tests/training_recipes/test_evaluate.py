import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from curation.errors import TibyanError
from curation.params import Params
from tests.training_recipes.tiny_project import contents, prepare
from training_recipes import base_model, evaluate, train
from training_recipes.generation import generate
from training_recipes.models import load_adapted, load_base
from training_recipes.records import read_split

NAME = "lora_ce"


@pytest.fixture
def small(project: Path, params: Params, tiny_bert: Path) -> Params:
    """Trained, and to be scored by the tiny encoder beside the project."""
    Path("encoder").symlink_to(tiny_bert)
    made = prepare(params)
    train.run(made, NAME)
    return made.model_copy(update={"evaluate": made.evaluate.model_copy(update={"encoder": "encoder"})})


def metrics() -> dict:
    return json.loads(Path(f"reports/metrics/evaluate_{NAME}.json").read_text())


def test_the_metrics_say_what_was_measured(small: Params, capsys: pytest.CaptureFixture[str]) -> None:
    evaluate.run(small, NAME)
    made = metrics()
    assert made["examples"] == 6
    assert made["encoder"] == {"name": "encoder", "revision": None, "layer": 4}
    assert {severity: part["n"] for severity, part in made["f1_by_severity"].items()} == {
        "mild": 2,
        "moderate": 2,
        "critical": 2,
    }
    assert set(made["baselines"]) == {"question_echoed", "nearest_question", "untrained"}
    for part in (made, *made["baselines"].values()):
        assert all(-1 <= part[name] <= 1 and part[name] == round(part[name], 4) for name in ("precision", "recall", "f1"))
    assert made["perplexity"] > 1 and made["baselines"]["untrained"]["perplexity"] > 1
    assert made["perplexity"] != made["baselines"]["untrained"]["perplexity"]
    # The test questions are those of training in other words, so the nearest one's answer beats the question.
    assert made["baselines"]["nearest_question"]["f1"] > made["baselines"]["question_echoed"]["f1"]
    assert not any("ء" <= letter <= "ي" for letter in "".join(capsys.readouterr()))


def test_a_recipe_is_asked_in_the_column_that_it_was_trained_on(small: Params) -> None:
    """The recipe's own column goes before that of params.yaml, and nothing else differs: the same seed, base and steps."""
    read = evaluate.read_split
    asked = []

    def noted(split: str, column: str = "question") -> list:
        asked.append((split, column))
        return read(split, column)

    train.run(small, "lora_ce_msa")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evaluate, "read_split", noted)
        evaluate.run(small, "lora_ce_msa")
        evaluate.run(small, NAME)
    assert asked == [("test", "question_msa"), ("train", "question_msa"), ("test", "question"), ("train", "question")]
    plain, msa = (json.loads(Path(f"models/{name}/recipe.json").read_text()) for name in (NAME, "lora_ce_msa"))
    assert msa["train"] == plain["train"] | {"question_column": "question_msa"}
    assert all(plain[part] == msa[part] for part in ("base", "dataset", "versions"))
    for kind in ("train", "evaluate"):
        plain, msa = (json.loads(Path(f"reports/metrics/{kind}_{name}.json").read_text()) for name in (NAME, "lora_ce_msa"))
        assert (plain["question_column"], msa["question_column"]) == ("question", "question_msa")
        assert plain["seed"] == msa["seed"] == getattr(small, kind).seed


def test_answers_are_stored_by_record_in_their_order(small: Params) -> None:
    evaluate.run(small, NAME)
    answers = pq.read_table(f"data/interim/answers_{NAME}.parquet")
    assert answers.column_names == ["record_id", "answer_generated"]
    assert answers["record_id"].to_pylist() == [f"test-{i:03}" for i in range(6)]
    assert sorted(path.name for path in Path("data/interim").iterdir()) == [f"answers_{NAME}.parquet", "built.parquet"]


def test_twice_is_the_same(small: Params) -> None:
    evaluate.run(small, NAME)
    first = contents("data", "reports")
    evaluate.run(small, NAME)
    assert contents("data", "reports") == first


def test_a_severity_without_examples_has_no_score(small: Params) -> None:
    evaluate.run(small.model_copy(update={"evaluate": small.evaluate.model_copy(update={"max_examples": 2})}), NAME)
    assert metrics()["f1_by_severity"]["critical"] == {"f1": None, "n": 0}


def test_batches_and_padding_do_not_change_an_answer(small: Params) -> None:
    model, tokenizer = load_adapted(NAME)
    questions = [record.question for record in read_split("test")]
    questions[0] = "سعال"
    one_by_one = generate(model, tokenizer, questions, 96, 12, batch=1)
    assert generate(model, tokenizer, questions, 96, 12, batch=4) == one_by_one
    assert all(isinstance(answer, str) and "\ufffd" not in answer for answer in one_by_one)


def test_without_its_adapter_the_model_is_the_base(small: Params) -> None:
    model, tokenizer = load_adapted(NAME)
    base, _ = load_base()
    test = read_split("test")
    with model.disable_adapter():
        untrained = evaluate.answers_and_perplexity(model, tokenizer, test, 96, small.evaluate)
    assert untrained == evaluate.answers_and_perplexity(base, tokenizer, test, 96, small.evaluate)


def test_problems_are_sentences(small: Params) -> None:
    with pytest.raises(TibyanError, match=r"models/lora_severity_balanced/recipe.json: not there.*dvc repro"):
        evaluate.run(small, "lora_severity_balanced")
    with pytest.raises(TibyanError, match="no recipe"):
        evaluate.run(small, "other")
    long = small.model_copy(update={"evaluate": small.evaluate.model_copy(update={"max_new_tokens": 96})})
    with pytest.raises(TibyanError, match="max_new_tokens: 96 leaves no room"):
        evaluate.run(long, NAME)
    base_model.run(small.model_copy(update={"base_model": small.base_model.model_copy(update={"seed": 2})}))
    with pytest.raises(TibyanError, match="trained on another base model"):
        evaluate.run(small, NAME)
