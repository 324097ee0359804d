import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training_recipes.significance import Measure, draws, holm, interval, mean_of, p_value, pooled, resampled, value

SCORES = st.lists(st.floats(0, 1), min_size=2, max_size=30)


def ends(scores, seed: int = 1, samples: int = 1000, confidence: float = 0.95) -> tuple[float, float]:
    found = interval(resampled(mean_of(scores), draws(len(scores), samples, seed)), confidence)
    assert found is not None
    return found


def test_a_draw_has_as_many_questions_as_there_are() -> None:
    drawn = draws(7, 100, 3)
    assert drawn.shape == (100, 7) and (drawn.sum(axis=1) == 7).all()
    assert (drawn == draws(7, 100, 3)).all() and (drawn != draws(7, 100, 4)).any()


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    """Of 400 samples of 60 from a skewed distribution with a known mean. The percentile interval runs a little short on those."""
    generator = np.random.default_rng(0)
    held = 0
    for i in range(400):
        low, high = ends(generator.beta(2, 5, size=60), seed=i)
        held += low <= 2 / 7 <= high
    assert 0.92 <= held / 400 <= 0.975


def test_equal_systems_are_found_different_no_oftener_than_by_luck() -> None:
    generator = np.random.default_rng(1)
    found = 0
    for i in range(300):
        shared = generator.normal(size=60)  # some questions are harder for both
        one, other = shared + generator.normal(size=60), shared + generator.normal(size=60)
        drawn = draws(60, 1000, i)
        p = p_value(resampled(mean_of(one), drawn) - resampled(mean_of(other), drawn))
        found += p is not None and p < 0.05
    assert found / 300 <= 0.09


def test_pairing_sees_what_two_intervals_do_not() -> None:
    """Two systems apart by little on every question, where questions differ by much."""
    generator = np.random.default_rng(2)
    one = generator.uniform(0.2, 0.8, size=80)
    other = one + 0.02 + generator.normal(scale=0.01, size=80)
    (low, high), (low_of_other, _) = ends(one), ends(other)
    assert low < low_of_other < high
    drawn = draws(80, 2000, 5)
    assert p_value(resampled(mean_of(other), drawn) - resampled(mean_of(one), drawn)) == pytest.approx(2 / 2001)


@given(SCORES, st.integers(0, 99))
@settings(deadline=None, max_examples=50)
def test_a_system_differs_from_itself_by_nothing(scores: list[float], seed: int) -> None:
    drawn = draws(len(scores), 200, seed)
    apart = resampled(mean_of(scores), drawn) - resampled(mean_of(list(scores)), drawn)
    assert not apart.any() and p_value(apart) == 1


@given(SCORES, st.integers(0, 99))
@settings(deadline=None, max_examples=50)
def test_an_interval_lies_among_the_scores_and_moves_with_them(scores: list[float], seed: int) -> None:
    low, high = ends(scores, seed, samples=200)
    assert min(scores) - 1e-6 <= low <= high <= max(scores) + 1e-6
    moved = ends([score + 2 for score in scores], seed, samples=200)
    assert moved == pytest.approx((low + 2, high + 2), abs=2e-6)
    wider = ends(scores, seed, samples=200, confidence=0.99)
    assert wider[0] <= low and high <= wider[1]


@given(SCORES, SCORES, st.integers(0, 99))
@settings(deadline=None, max_examples=50)
def test_which_system_is_named_first_does_not_matter(one: list[float], other: list[float], seed: int) -> None:
    count = min(len(one), len(other))
    drawn = draws(count, 200, seed)
    a, b = (resampled(mean_of(scores[:count]), drawn) for scores in (one, other))
    assert p_value(a - b) == p_value(b - a)
    assert 0 < (p_value(a - b) or 0) <= 1


def test_a_share_is_of_those_that_it_can_be_taken_of() -> None:
    share = Measure(np.array([1.0, 0, 0, 0]), np.array([1.0, 1, 0, 0]))
    assert value(share) == 0.5 and value(share.at(np.array([2, 3]))) is None
    drawn = np.array([[0, 0, 2, 2], [2, 0, 1, 1], [0, 4, 0, 0]], np.float64)
    assert resampled(share, drawn).tolist() == pytest.approx([np.nan, 1.0, 0.0], nan_ok=True)
    nothing = Measure(np.zeros(4), np.zeros(4))
    assert interval(resampled(nothing, drawn), 0.95) is None and p_value(resampled(nothing, drawn)) is None


def test_runs_are_pooled_by_question() -> None:
    """Three runs of two questions are two questions, not six."""
    runs = [mean_of([0.0, 1.0]), mean_of([0.5, 1.0]), mean_of([1.0, 1.0])]
    assert pooled(runs).part.tolist() == [0.5, 1.0] and value(pooled(runs)) == 0.75


@pytest.mark.parametrize(
    ("given_p", "corrected"),
    [
        ([], []),
        ([0.04], [0.04]),
        ([0.01, 0.04, 0.03], [0.03, 0.06, 0.06]),
        ([0.5, 0.6], [1.0, 1.0]),
        ([0.02, 0.02], [0.04, 0.04]),
    ],
)
def test_holm(given_p: list[float], corrected: list[float]) -> None:
    assert holm(given_p) == pytest.approx(corrected)


@given(st.lists(st.floats(0, 1), max_size=12))
def test_a_corrected_p_is_no_less_and_keeps_the_order(ps: list[float]) -> None:
    found = holm(ps)
    assert all(p <= corrected <= 1 for p, corrected in zip(ps, found, strict=True))
    assert all(found[i] <= found[j] for i in range(len(ps)) for j in range(len(ps)) if ps[i] < ps[j])
