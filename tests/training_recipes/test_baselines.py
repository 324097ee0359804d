from training_recipes.baselines import nearest_answers
from training_recipes.records import Record


def record(i: int, question: str) -> Record:
    return Record(f"r{i}", question, f"answer {i}", "mild", (1.0, 0.0, 0.0))


TRAIN = [
    record(0, "صداع منذ يومين"),
    record(1, "صداع شديد مع قيء"),
    record(2, "الم في الركبة"),
    record(3, "الم في الركبة"),
]


def test_the_rarer_word_decides() -> None:
    assert nearest_answers(["عندي صداع مع قيء"], TRAIN) == ["answer 1"]


def test_of_equals_the_first() -> None:
    assert nearest_answers(["الم في الركبة", "لا شيء من هذا", ""], TRAIN) == ["answer 2", "answer 0", "answer 0"]
