import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training_recipes.overlap import chrf, chrf_signature, repeated, rouge_l
from training_recipes.words import words_of

WORDS = st.lists(st.sampled_from(["الم", "راس", "حرارة", "طبيب", "ماء", "دواء"]), max_size=14)


ROUGE_L = [
    ("اشرب ماء كثيرا", "اشرب ماء كثيرا", 1.0, "the same"),
    ("إشرب ماءً كثيراً!", "اشرب ماء كثيرا", 1.0, "hamza, vowels and signs do not count"),
    ("اشرب كثيرا", "اشرب ماء كثيرا", 0.8, "two words of three in their order: 2 · 2 / 5"),
    ("كثيرا ماء اشرب", "اشرب ماء كثيرا", 1 / 3, "the order counts"),
    ("", "اشرب ماء", 0.0, "an empty answer"),
    ("؟!", "اشرب ماء", 0.0, "signs are no words"),
    ("panadol 500", "Panadol 500", 1.0, "Latin letters and digits are words too"),
]


@pytest.fixture(scope="module", autouse=True)
def folded() -> None:
    """All at once, since each folding takes a third of a second."""
    words_of([text for answer, reference, _, _ in ROUGE_L for text in (answer, reference)])


@pytest.mark.parametrize(("answer", "reference", "expected", "why"), ROUGE_L)
def test_rouge_l(answer: str, reference: str, expected: float, why: str) -> None:
    one, other = words_of([answer, reference])
    assert rouge_l(one, other) == pytest.approx(expected), why


@given(WORDS, WORDS)
@settings(deadline=None)
def test_rouge_l_is_that_of_the_package_over_the_same_words(answer: list[str], reference: list[str]) -> None:
    scorer = pytest.importorskip("rouge_score.rouge_scorer", reason="rouge-score is not installed: make setup")

    class Blanks:
        def tokenize(self, text: str) -> list[str]:
            return text.split()

    theirs = scorer.RougeScorer(["rougeL"], tokenizer=Blanks()).score(" ".join(reference), " ".join(answer))["rougeL"].fmeasure
    assert rouge_l(answer, reference) == pytest.approx(theirs)


def test_the_package_sees_no_arabic_words_by_itself() -> None:
    """Why there is an own one: should this fail, the package has learnt Arabic."""
    scorer = pytest.importorskip("rouge_score.rouge_scorer", reason="rouge-score is not installed: make setup")
    assert scorer.RougeScorer(["rougeL"]).score("اشرب ماء", "اشرب ماء")["rougeL"].fmeasure == 0


@given(WORDS, WORDS)
def test_rouge_l_is_a_share_and_symmetric(answer: list[str], reference: list[str]) -> None:
    assert 0 <= rouge_l(answer, reference) <= 1
    assert rouge_l(answer, reference) == rouge_l(reference, answer)
    assert rouge_l(answer, answer) == (1 if answer else 0)


def test_chrf_is_sacrebleus() -> None:
    from sacrebleu.metrics import CHRF

    pair = ("راجع الطبيب غدا", "راجع الطبيب اليوم")
    assert chrf(*pair) == CHRF(word_order=2).sentence_score(pair[0], [pair[1]]).score
    assert chrf("ماء", "ماء") == pytest.approx(100) and chrf("", "ماء") == 0
    assert "nw:2" in chrf_signature() and "version:" in chrf_signature()


@pytest.mark.parametrize(
    ("text", "share", "why"),
    [
        ("راجع الطبيب اليوم", 0.0, "said once"),
        ("اشرب ماء", 0.0, "shorter than a run"),
        ("", 0.0, "nothing"),
        ("اشرب ماء كثيرا اشرب ماء كثيرا", 0.25, "one of four runs was said before"),
        ("ماء ماء ماء ماء ماء ماء", 0.75, "three of four"),
    ],
)
def test_repeated(text: str, share: float, why: str) -> None:
    assert repeated(text.split()) == pytest.approx(share), why
