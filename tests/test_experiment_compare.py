"""The differences of the experiment: their intervals, their corrected p and the seeds behind them, on answers whose scores are made up."""

import numpy as np
import pytest

from benchmarks.experiment.compare import compared, difference
from benchmarks.experiment.questions import BY_EMBEDDINGS, BY_WORDS, CE, CURRICULUM, MSA, QUESTIONS, SEVERITY
from training_recipes.leaderboard import Bootstrap
from training_recipes.significance import Measure, draws, mean_of
from training_recipes.systems import UNTRAINED

QUESTIONS_ASKED = 80
BOOTSTRAP = Bootstrap(500, 3, 0.95)
CHANCE = np.random.default_rng(1)
HARD = CHANCE.uniform(0.2, 0.8, QUESTIONS_ASKED)  # of a question, the same for every system


def runs(better: float, noise: float = 0.02, seeds: int = 3) -> list[Measure]:
    return [mean_of(HARD + better + CHANCE.normal(0, noise, QUESTIONS_ASKED)) for _ in range(seeds)]


MEASURED = {
    CE: runs(0.0),
    SEVERITY: runs(0.1),
    CURRICULUM: runs(-0.1),
    MSA: runs(0.0, noise=0.2),
    UNTRAINED: runs(-0.2, seeds=1),
    BY_WORDS: runs(0.3, seeds=1),
    BY_EMBEDDINGS: runs(0.0, seeds=1),
}


def test_every_question_has_its_difference() -> None:
    over = {"all": np.arange(QUESTIONS_ASKED), "critical": np.arange(12)}
    found = compared(MEASURED, over, BOOTSTRAP)
    assert [(pair["of"], pair["against"], pair["questions"]) for pair in found] == [asked[1:] for asked in QUESTIONS]
    by_pair = {(pair["of"], pair["against"], pair["questions"]): pair for pair in found}
    better, worse, unsure = by_pair[SEVERITY, CE, "all"], by_pair[CE, BY_WORDS, "all"], by_pair[MSA, CE, "all"]
    assert 0.08 < better["low"] < better["value"] < better["high"] < 0.13 and better["n"] == QUESTIONS_ASKED
    assert worse["high"] < -0.25 and worse["value"] == pytest.approx(-0.3, abs=0.02)
    assert unsure["low"] < 0 < unsure["high"]
    assert by_pair[SEVERITY, CE, "critical"]["n"] == 12
    for pair in found:
        assert pair["low"] <= pair["value"] <= pair["high"] and pair["p"] <= pair["p_holm"] <= 1
        assert len(pair["by_seed"]) == 3 and pair["value"] == pytest.approx(np.mean(pair["by_seed"]), abs=1e-4)


def test_what_no_question_is_asked_over_is_left_out() -> None:
    found = compared(MEASURED, {"all": np.arange(QUESTIONS_ASKED), "critical": np.array([], np.intp)}, BOOTSTRAP)
    assert {pair["questions"] for pair in found} == {"all"}


def test_seeds_are_held_against_the_same_seed() -> None:
    ours, theirs = [mean_of([1.0, 0.0]), mean_of([0.5, 0.5])], [mean_of([0.0, 0.0]), mean_of([1.0, 1.0])]
    drawn = draws(2, 50, 1)
    assert difference(ours, theirs, drawn, 0.9)["by_seed"] == [0.5, -0.5]
    assert difference(ours, theirs[:1], drawn, 0.9)["by_seed"] == [0.5, 0.5]
    assert difference(ours, ours, drawn, 0.9) == {"value": 0.0, "low": 0.0, "high": 0.0, "p": 1.0, "by_seed": [0.0, 0.0]}
