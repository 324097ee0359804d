import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curation.errors import TibyanError
from curation.params import Params
from tests.training_recipes.tiny_project import contents, prepare, rows, shrink, write_dataset, write_split
from training_recipes import answer, evaluate, running, train
from training_recipes.records import BUILT, Record, digest, read_split
from training_recipes.systems import answers_path, description_path

BASE = {"name": "tiny-gpt2", "revision": None, "sha256": "ab"}


def put(run: str, answers: list[str], **changes: Any) -> None:
    """The answers of a run as the stage `answer` leaves them."""
    recipe, _, seed = run.partition("-")
    ids = [record.record_id for record in read_split("test")[: len(answers)]]
    pq.write_table(pa.table({"record_id": ids, "answer_generated": answers}), answers_path(run))
    described = {"recipe": recipe, "seed": int(seed or 7), "question_column": "question", "perplexity": 20.0 + int(seed or 0)}
    described |= {"base": BASE, "dataset": digest(BUILT)} | changes
    description_path(run).parent.mkdir(parents=True, exist_ok=True)
    description_path(run).write_text(json.dumps(described), encoding="utf-8")


def real() -> list[str]:
    return [record.answer for record in read_split("test")[:6]]


@pytest.fixture
def small(project: Path, params: Params, tiny_bert: Path) -> Params:
    """Answers of lora_ce in two seeds, of another recipe and of the untrained model, to be scored by the tiny encoder."""
    Path("encoder").symlink_to(tiny_bert)
    write_dataset()
    made = shrink(params)
    put("lora_ce", [f"{text} راجع" for text in real()])
    put("lora_ce-2", [text.split()[0] for text in real()])
    put("lora_severity_balanced", ["اشرب ماء وخذ 1000 ملغ بنادول"] * 6)
    put("untrained", ["ماء ماء ماء ماء"] * 5 + [""], seed=None)
    return made.model_copy(update={"evaluate": made.evaluate.model_copy(update={"encoder": "encoder"})})


RUNS = ("lora_ce", "lora_ce-2", "lora_severity_balanced")


def evaluated(params: Params, *runs: str) -> dict[str, Any]:
    evaluate.run(params, *(runs or RUNS))
    return dict(json.loads(evaluate.EVALUATION.read_text()))


def test_every_system_has_every_metric(small: Params, capsys: pytest.CaptureFixture[str]) -> None:
    made = evaluated(small)
    assert made["examples"] == 6 and made["critical"] == 2
    assert made["encoder"] == {"name": "encoder", "revision": None, "layer": 4}
    baselines = {"untrained", "most_frequent_answer", "random_same_specialty", "nearest_bm25", "nearest_embedding", "question_echoed"}
    kinds = {name: system["kind"] for name, system in made["systems"].items()}
    assert kinds == {"lora_ce": "recipe", "lora_severity_balanced": "recipe"} | dict.fromkeys(baselines, "baseline")
    metrics = {tuple(sorted(system["metrics"])) for system in made["systems"].values()}
    (names,) = metrics
    assert set(names) == {"precision", "recall", "f1", "f1_rescaled", "chrf", "rouge_l", "length_ratio", "repetition"} | {
        *("empty", "unsupported", "unsupported_numbers", "unsupported_drugs", "unsafe_omission")
    }
    for system in made["systems"].values():
        for figure in system["metrics"].values():
            assert figure["low"] <= figure["value"] <= figure["high"] or figure["value"] == pytest.approx(figure["low"], abs=1e-3)
    assert not any("ء" <= letter <= "ي" for letter in "".join(capsys.readouterr()))


def test_from_training_to_the_table(project: Path, params: Params, tiny_bert: Path) -> None:
    """The stages one after another: what each leaves is what the next one reads."""
    Path("encoder").symlink_to(tiny_bert)
    made = prepare(params)
    made = made.model_copy(update={"evaluate": made.evaluate.model_copy(update={"encoder": "encoder"})})
    for name in ("lora_ce", "lora_severity_balanced"):
        train.run(made, name)
        answer.run(made, name)
    answer.run(made, "untrained")
    found = evaluated(made, "lora_ce", "lora_severity_balanced")
    assert [found["systems"][name]["seeds"] for name in ("lora_ce", "lora_severity_balanced", "untrained")] == [[7], [7], [None]]
    assert len({found["systems"][name]["perplexity"] for name in ("lora_ce", "lora_severity_balanced", "untrained")}) == 3
    first = contents("reports/metrics", "data")
    answer.run(made, "untrained")
    evaluated(made, "lora_ce", "lora_severity_balanced")
    assert contents("reports/metrics", "data") == first


def test_it_takes_one_run_or_more(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "load_params", lambda: None)
    with pytest.raises(SystemExit):
        running.main("evaluate", lambda params: "", [], takes=("RUN…",))
    assert capsys.readouterr().err == "evaluate: usage: python -m training_recipes.evaluate RUN…\n"
    running.main("evaluate", lambda params, *names: f"{len(names)} runs", ["a", "b"], takes=("RUN…",))
    assert capsys.readouterr().out == "evaluate: a b 2 runs\n"


def test_no_text_is_written(small: Params) -> None:
    evaluated(small)
    written = evaluate.EVALUATION.read_text() + Path("reports/metrics/evaluate.json").read_text()
    specialties = {record.specialty for record in read_split("test")}
    for specialty in filter(None, specialties):
        written = written.replace(specialty, "")
    assert not any("ء" <= letter <= "ي" for letter in written)


def test_figures_that_can_be_worked_out_by_hand(small: Params) -> None:
    systems = evaluated(small)["systems"]
    own = systems["lora_severity_balanced"]["metrics"]
    assert own["unsupported_numbers"]["value"] == own["unsupported_drugs"]["value"] == own["unsupported"]["value"] == 1
    assert own["unsafe_omission"]["value"] == 1, "tells a critical case to drink water"
    untrained = systems["untrained"]["metrics"]
    assert untrained["empty"]["value"] == pytest.approx(1 / 6, abs=1e-4) and own["empty"]["value"] == 0
    assert untrained["repetition"]["value"] == pytest.approx(5 / 6 * 0.5, abs=1e-4)
    words = sum(len(text.split()) for text in real())
    assert untrained["length_ratio"]["value"] == pytest.approx(20 / words, abs=0.02)
    assert systems["nearest_bm25"]["metrics"]["unsafe_omission"]["value"] == 0, "it quotes answers that send to hospital"
    assert systems["nearest_bm25"]["metrics"]["f1"]["value"] > systems["question_echoed"]["metrics"]["f1"]["value"]
    assert systems["untrained"]["perplexity"] == 20.0


def test_runs_of_a_recipe_are_one_system_with_their_deviation(small: Params) -> None:
    systems = evaluated(small)["systems"]
    pooled = systems["lora_ce"]
    assert pooled["runs"] == ["lora_ce", "lora_ce-2"] and pooled["seeds"] == [7, 2]
    assert pooled["perplexity"] == 21.0 and pooled["perplexity_sd"] == pytest.approx(2**0.5, abs=1e-4)
    one, other = (evaluated(small, run)["systems"]["lora_ce"]["metrics"]["f1"] for run in ("lora_ce", "lora_ce-2"))
    assert pooled["metrics"]["f1"]["value"] == pytest.approx((one["value"] + other["value"]) / 2, abs=2e-4)
    assert pooled["metrics"]["f1"]["sd"] == pytest.approx(abs(one["value"] - other["value"]) / 2**0.5, abs=2e-4)
    assert one["sd"] is None and systems["lora_severity_balanced"]["metrics"]["f1"]["sd"] is None


def test_differences_are_from_the_one_that_is_named(small: Params) -> None:
    made = evaluated(small)
    assert made["against"] == "lora_ce" and "difference" not in made["systems"]["lora_ce"]["metrics"]["f1"]
    for name, system in made["systems"].items():
        for metric, figure in system["metrics"].items():
            if name != "lora_ce" and figure["value"] is not None:
                theirs = made["systems"]["lora_ce"]["metrics"][metric]["value"]
                assert figure["difference"]["value"] == pytest.approx(figure["value"] - theirs, abs=2e-4)
                assert 0 < figure["difference"]["p"] <= figure["difference"]["p_holm"] <= 1
    against = small.model_copy(update={"evaluate": small.evaluate.model_copy(update={"against": "untrained"})})
    made = evaluated(against)
    assert "difference" in made["systems"]["lora_ce"]["metrics"]["f1"] and "difference" not in made["systems"]["untrained"]["metrics"]["f1"]


def test_slices_add_up(small: Params) -> None:
    made = evaluated(small)
    assert set(made["slices"]) == {"severity", "dialect", "specialty", "length"}
    for by, parts in made["slices"].items():
        assert sum(part["n"] for part in parts) == 6, by
        for name, system in made["systems"].items():
            mean = sum(part["n"] * part["systems"][name]["f1"]["value"] for part in parts) / 6
            assert mean == pytest.approx(system["metrics"]["f1"]["value"], abs=2e-4)
            assert all(part["systems"][name]["f1"]["low"] is None for part in parts), "under ten questions there is no interval"
    assert [part["name"] for part in made["slices"]["severity"]] == ["mild", "moderate", "critical"]
    assert made["slices"]["specialty"][-1]["name"] == "not stated"


def test_twice_is_the_same_in_whatever_order_the_runs_are_named(small: Params) -> None:
    evaluated(small)
    first = contents("reports")
    evaluated(small)
    assert contents("reports") == first
    one = json.loads(first["reports/evaluation.json"])["systems"]
    assert evaluated(small, *RUNS[::-1])["systems"]["lora_severity_balanced"] == one["lora_severity_balanced"]


def test_the_metrics_of_dvc_are_the_values(small: Params) -> None:
    made = evaluated(small)
    short = json.loads(Path("reports/metrics/evaluate.json").read_text())
    assert short["systems"]["lora_ce"]["f1"] == made["systems"]["lora_ce"]["metrics"]["f1"]["value"]
    assert short["systems"]["untrained"]["perplexity"] == 20.0 and "perplexity" not in short["systems"]["nearest_bm25"]


def test_runs_asked_in_two_columns_have_baselines_of_each(small: Params) -> None:
    put("lora_ce_msa", real(), question_column="question_msa")
    systems = evaluated(small, "lora_ce", "lora_ce_msa")["systems"]
    assert {"question_echoed (question)", "question_echoed (question_msa)", "most_frequent_answer"} < set(systems)
    assert systems["question_echoed (question)"]["metrics"]["f1"] != systems["question_echoed (question_msa)"]["metrics"]["f1"]
    assert systems["lora_ce_msa"]["metrics"]["f1"]["value"] == pytest.approx(1, abs=1e-4)


def test_a_selection_is_a_system(small: Params) -> None:
    put("by_question", real())
    description_path("by_question").unlink()
    among = {"lora_ce": digest(answers_path("lora_ce"))}
    Path("reports/metrics/selection_by_question.json").write_text(json.dumps({"method": "question", "answers": among}))
    made = evaluated(small, "lora_ce", "by_question")["systems"]["by_question"]
    assert made["kind"] == "selection" and made["perplexity"] is None and made["metrics"]["rouge_l"]["value"] == 1
    put("lora_ce", real()[::-1])
    with pytest.raises(TibyanError, match=r"answers_by_question.parquet: chosen among other answers of lora_ce .* Select again"):
        evaluate.run(small, "lora_ce", "by_question")


def test_a_severity_without_examples_has_no_share(small: Params) -> None:
    two = small.model_copy(update={"evaluate": small.evaluate.model_copy(update={"max_examples": 2})})
    put("lora_ce", real()[:2])
    put("untrained", real()[:2])
    made = evaluated(two, "lora_ce")
    omission = made["systems"]["lora_ce"]["metrics"]["unsafe_omission"]
    assert made["critical"] == 0 and omission["value"] is None and omission["low"] is None
    assert [part["name"] for part in made["slices"]["severity"]] == ["mild", "moderate"]


def test_problems_are_sentences(small: Params) -> None:
    def refused(*runs: str, params: Params = small) -> str:
        with pytest.raises(TibyanError) as raised:
            evaluate.run(params, *runs)
        return str(raised.value)

    assert "reports/metrics/answer_other.json: not there" in refused("lora_ce", "other")
    assert "lora_ce: named twice" in refused("lora_ce", "lora_ce")
    assert "evaluate.against: lora_ce is not among what is compared (lora_severity_balanced, untrained)" in refused(
        "lora_severity_balanced"
    )
    put("lora_ce", real(), dataset="cd")
    assert "answers_lora_ce.parquet: answers to another dataset than is here" in refused("lora_ce")
    put("lora_ce", real(), base=BASE | {"sha256": "cd"})
    assert "answers_lora_ce.parquet: from another base model than the answers of untrained" in refused("lora_ce")
    put("lora_ce", real()[:5])
    assert "answers to other questions than the 6 of evaluate.max_examples" in refused("lora_ce")
    put("lora_ce", real())
    put("lora_ce-2", real(), question_column="question_msa")
    assert "lora_ce: its runs were asked in question and question_msa" in refused("lora_ce", "lora_ce-2")
    answers_path("lora_ce").write_bytes(b"no parquet")
    assert "answers_lora_ce.parquet: cannot be read" in refused("lora_ce")
    write_split("test", rows("test", 8))
    assert "another dataset" in refused("lora_severity_balanced")


def test_groups_know_lengths_and_what_nobody_stated(small: Params) -> None:
    test = [
        Record("a", "س", "كلمة " * 12, "mild", (1.0, 0.0, 0.0), "EGY", "عيون"),
        Record("b", "س", "كلمة " * 13, "mild", (1.0, 0.0, 0.0), "unknown"),
        Record("c", "س", "كلمة " * 28, "critical", (0.0, 0.0, 1.0), "arabizi"),
    ]
    found = evaluate.groups(test, evaluate.know(test))
    assert {name: chosen.tolist() for name, chosen in found["length"].items()} == {
        "1 to 12 words": [1, 0, 0],
        "13 to 27 words": [0, 1, 0],
        "28 words and more": [0, 0, 1],
    }
    assert list(found["dialect"]) == ["EGY", "arabizi", "unknown"]
    assert found["specialty"]["not stated"].tolist() == [0, 1, 1]
