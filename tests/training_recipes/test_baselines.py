from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training_recipes.baselines import most_frequent_answer, nearest, nearest_answers, nearest_by_embedding, random_answers
from training_recipes.encoders import load_encoder
from training_recipes.records import Record
from training_recipes.words import words_of


def record(i: int, question: str, specialty: str | None = None, answer: str | None = None) -> Record:
    return Record(f"r{i}", question, answer or f"answer {i}", "mild", (1.0, 0.0, 0.0), specialty=specialty)


TRAIN = [
    record(0, "صداع منذ يومين"),
    record(1, "صداع شديد مع قيء"),
    record(2, "الم في الركبة"),
    record(3, "الم في الركبة"),
]


def test_the_rarer_word_decides() -> None:
    assert nearest_answers(["عندي صداع مع قيء"], TRAIN) == ["answer 1"]


def test_spelling_does_not() -> None:
    assert nearest_answers(["ألمٌ في الرُكبه؟"], TRAIN) == ["answer 2"]


def test_of_equals_the_first() -> None:
    assert nearest_answers(["الم في الركبة", "لا شيء من هذا", ""], TRAIN) == ["answer 2", "answer 0", "answer 0"]


WORDS = ["صداع", "حرارة", "ركبة", "سعال", "طفلي", "يومين", "شديد"]
WORD = st.sampled_from(WORDS)
TEXT = st.lists(WORD, min_size=1, max_size=2).map(" ".join)


@pytest.fixture(scope="module", autouse=True)
def folded() -> None:
    """All at once, since each folding takes a third of a second."""
    words_of([*WORDS, *(f"{one} {other}" for one in WORDS for other in WORDS)])


@given(st.lists(TEXT, min_size=2, max_size=8), TEXT)
@settings(deadline=None, max_examples=20)
def test_it_is_as_near_as_bm25s_finds(questions: list[str], asked: str) -> None:
    bm25s = pytest.importorskip("bm25s", reason="bm25s is not installed: make setup")
    retriever = bm25s.BM25(method="lucene", k1=1.5, b=0.75)
    retriever.index(words_of(questions), show_progress=False)
    known = {word for words in words_of(questions) for word in words}
    words = [word for word in dict.fromkeys(words_of([asked])[0]) if word in known]
    (found,) = nearest_answers([asked], [record(i, question) for i, question in enumerate(questions)])
    if words:
        scores = retriever.get_scores(words)
        assert scores[int(found.split()[1])] == pytest.approx(np.max(scores), rel=1e-4)


def test_the_most_frequent_answer_is_one_however_it_is_spelt() -> None:
    answers = ["راجع الطبيب", "اشرب ماء", "إشرب ماءً.", "نم مبكرا"]
    assert most_frequent_answer([record(i, "س", answer=answer) for i, answer in enumerate(answers)]) == "اشرب ماء"
    assert most_frequent_answer(TRAIN) == "answer 0"


def test_a_random_answer_is_of_the_specialty() -> None:
    train = [record(i, "س", specialty) for i, specialty in enumerate(["عيون", "عيون", "عظام", None, None])]
    test = [record(10 + i, "س", specialty) for i, specialty in enumerate(["عيون", "عظام", None, "اسنان"] * 5)]
    for seed in range(5):
        found = random_answers(test, train, seed)
        places = [int(answer.split()[1]) for answer in found]
        assert {*places[0::4]} <= {0, 1} and {*places[1::4]} == {2} and {*places[2::4]} <= {3, 4}
    assert {*random_answers(test * 1, train, 1)} > {"answer 0", "answer 1", "answer 2"}


def test_a_random_answer_does_not_depend_on_the_others() -> None:
    test = [record(10 + i, "س") for i in range(6)]
    assert random_answers(test, TRAIN, 3)[2:] == random_answers(test[2:], TRAIN, 3)
    assert random_answers(test * 8, TRAIN, 3) != random_answers(test * 8, TRAIN, 4)


def test_the_nearest_by_embeddings(tiny_bert: Path) -> None:
    encoder = load_encoder(str(tiny_bert), None, 4)
    asked = ["الم في الركبة", "صداع شديد مع قيء"]
    for among in (None, 2, 100):
        assert nearest_by_embedding(asked, TRAIN, encoder, 2, among) == ["answer 2", "answer 1"]
    assert nearest_by_embedding(["", asked[0]], TRAIN, encoder, 1, None) == ["answer 0", "answer 2"]
    assert nearest_by_embedding(["صداع"], TRAIN, encoder, 2, 1) == nearest_answers(["صداع"], TRAIN), "of one there is no choice"


def test_candidates_come_the_nearest_first() -> None:
    assert nearest(["صداع مع قيء"], TRAIN, 3) == [[1, 0, 2]] and nearest(["الم"], TRAIN, 9) == [[2, 3, 0, 1]]
