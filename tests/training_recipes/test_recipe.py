from pathlib import Path

import pytest

from curation.errors import TibyanError
from curation.params import Params
from training_recipes.recipe import FOLDER, Recipe, load_recipe, run_parts, settings

NAMES = sorted(path.stem for path in FOLDER.glob("*.yaml"))
WEIGHTS = {"mild": (0.75, 1.0, 1.25), "balanced": (0.5, 1.0, 1.5), "strong": (0.25, 1.0, 1.75)}


@pytest.mark.parametrize("name", NAMES)
def test_the_first_line_of_every_recipe_is_its_command(name: str, params: Params) -> None:
    """And it is a run's name, says of itself what it is for, and fits params.yaml."""
    lines = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8").splitlines()
    assert lines[0] == f"# python -m training_recipes.train {name}"
    assert lines[1].startswith("# ")
    assert run_parts(name) == (name, None)
    chosen = settings(params.train, load_recipe(name), name, seed=5)
    assert chosen.seed == 5 and chosen.precision


@pytest.mark.parametrize("preset", WEIGHTS)
def test_weights_are_the_presets_of_the_paper_and_nothing_else_differs(preset: str) -> None:
    recipe = load_recipe(f"lora_severity_{preset}")
    assert (recipe.weights, recipe.form, recipe.normalise) == (WEIGHTS[preset], "token", True)
    assert recipe.model_copy(update={"weights": None, "loss": "cross_entropy"}) == load_recipe("lora_ce")


def test_a_curriculum_has_falling_rates_and_nothing_else_of_its_own() -> None:
    cumulative, sequential = (load_recipe(f"curriculum_{kind}") for kind in ("cumulative", "sequential"))
    assert cumulative.learning_rates == sequential.learning_rates == (2e-5, 1e-5, 8e-6)
    assert sequential.model_copy(update={"curriculum": "cumulative"}) == cumulative
    assert cumulative.model_copy(update={"curriculum": None, "learning_rates": None}) == load_recipe("lora_ce")
    both = load_recipe("curriculum_severity")
    assert both.model_copy(update={"curriculum": None, "learning_rates": None}) == load_recipe("lora_severity_balanced")


def test_the_papers_settings(params: Params) -> None:
    first = settings(params.train, load_recipe("paper_2509_10095"), "paper_2509_10095")
    assert (first.batch * first.accumulation, first.warmup_steps, first.scheduler, first.precision) == (8, 200, "cosine", "fp16")
    second = settings(params.train, load_recipe("paper_2604_06346"), "paper_2604_06346")
    assert (second.lora_rank, second.lora_alpha, second.lora_dropout) == (16, 32, 0.05)
    assert (second.batch, second.accumulation, second.learning_rate) == (1, 8, 2e-4)
    assert (second.epochs, second.steps, second.max_length) == (3, None, 512)
    assert load_recipe("paper_2604_06346").form == "sample"


def test_what_a_recipe_says_goes_before_params_but_for_the_precision(params: Params) -> None:
    recipe = Recipe(loss="cross_entropy", train={"precision": "fp16", "steps": 7, "lora_targets": ["c_attn"]})
    chosen = settings(params.train, recipe, "mine")
    assert (chosen.precision, chosen.steps, chosen.lora_targets) == ("fp16", 7, ["c_attn"])
    assert settings(params.train.model_copy(update={"precision": "auto"}), recipe, "mine").precision == "auto"
    assert settings(params.train, Recipe(loss="cross_entropy"), "mine").precision == "auto"
    by_epochs = params.train.model_copy(update={"steps": None, "epochs": 2.0})
    assert settings(by_epochs, recipe, "mine").epochs is None
    with pytest.raises(TibyanError, match=r"recipes/mine.yaml: train: batch: Input should be greater than 0"):
        settings(params.train, Recipe(loss="cross_entropy", train={"batch": 0}), "mine")
    with pytest.raises(TibyanError, match=r"steps or epochs must be a number"):
        settings(params.train, Recipe(loss="cross_entropy", train={"steps": 3, "epochs": 1}), "mine")


def test_a_run_is_a_recipe_with_a_seed() -> None:
    assert run_parts("lora_ce") == ("lora_ce", None)
    assert run_parts("lora_ce-0") == ("lora_ce", 0)
    assert run_parts("lora_ce-12") == ("lora_ce", 12)
    for name in ("lora_ce-", "lora-ce", "lora_ce-1-2", "lora_ce--1", "", "-3", "lora_ce-x"):
        with pytest.raises(TibyanError, match=r"there is no run .*A run is a recipe, or a recipe with its seed"):
            run_parts(name)


def test_lora_ce_msa_is_lora_ce_but_for_the_column() -> None:
    recipe = load_recipe("lora_ce_msa")
    assert recipe.question_column == "question_msa"
    assert recipe.model_copy(update={"question_column": None}) == load_recipe("lora_ce")


def test_an_unknown_recipe_names_the_known_ones() -> None:
    with pytest.raises(TibyanError, match=r"no recipe '../lora'.*Known: .*, lora_ce, lora_ce_msa, lora_severity_balanced"):
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
        ("loss: cross_entropy\nmethod: dora", "method: Input should be 'lora', 'full' or 'qlora_nf4'"),
        ("loss: cross_entropy\ncurriculum: cumulative", "curriculum and learning_rates: .* belong together"),
        ("loss: cross_entropy\nlearning_rates: [1, 2, 3]", "curriculum and learning_rates: .* belong together"),
        ("loss: cross_entropy\ncurriculum: sequential\nlearning_rates: [1, 2, 3]\ntrain: {learning_rate: 1}", "no train.learning_rate"),
        ("loss: cross_entropy\ntrain: {rank: 4}", "train.rank is not a key of train in params.yaml; there are .*lora_rank"),
        ("loss: cross_entropy\nquestion_column: question\ntrain: {question_column: question}", "question_column stands twice"),
        ("loss: [", "not valid YAML"),
        ("", "the whole file has no keys. Set loss to"),
    ],
)
def test_a_wrong_recipe_is_a_sentence(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "mine.yaml").write_text(content)
    with pytest.raises(TibyanError, match=message) as raised:
        load_recipe("mine", tmp_path)
    assert "mine.yaml" in str(raised.value)
