from pathlib import Path

import pytest

from curation.errors import TibyanError
from training_recipes.recipe import FOLDER, load_recipe


def test_the_first_line_of_every_recipe_is_its_command() -> None:
    for path in FOLDER.glob("*.yaml"):
        first = path.read_text(encoding="utf-8").splitlines()[0]
        assert first.startswith(f"# python -m training_recipes.train {path.stem}")
        load_recipe(path.stem)


def test_balanced_is_the_preset_of_the_paper() -> None:
    recipe = load_recipe("lora_severity_balanced")
    assert (recipe.weights, recipe.form, recipe.normalise) == ((0.5, 1.0, 1.5), "token", True)


def test_lora_ce_msa_is_lora_ce_but_for_the_column() -> None:
    recipe = load_recipe("lora_ce_msa")
    assert recipe.question_column == "question_msa"
    assert recipe.model_copy(update={"question_column": None}) == load_recipe("lora_ce")


def test_an_unknown_recipe_names_the_known_ones() -> None:
    with pytest.raises(TibyanError, match=r"no recipe '../lora'.*Known: lora_ce, lora_ce_msa, lora_severity_balanced"):
        load_recipe("../lora")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("loss: cross_entropy\nweight: 2", "weight is not a key"),
        ("form: token", "loss is missing"),
        ("loss: focal", "loss: Input should be 'cross_entropy' or 'severity_weighted'"),
        ("loss: severity_weighted", "needs weights"),
        ("loss: severity_weighted\nweights: [0, 0, 0]", "needs weights"),
        ("loss: severity_weighted\nweights: [1, 2]", "weights.2 is missing|weights"),
        ("loss: severity_weighted\nweights: [-1, 1, 2]", "weights.0"),
        ("loss: severity_weighted\nweights: [.nan, 1, 2]", "weights.0"),
        ("loss: cross_entropy\nnormalise: false", "takes no weights"),
        ("loss: cross_entropy\nquestion_column: answer", "question_column: Input should be 'question' or 'question_msa'"),
        ("loss: [", "not valid YAML"),
        ("", "the whole file"),
    ],
)
def test_a_wrong_recipe_is_a_sentence(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "mine.yaml").write_text(content)
    with pytest.raises(TibyanError, match=message) as raised:
        load_recipe("mine", tmp_path)
    assert "mine.yaml" in str(raised.value)
