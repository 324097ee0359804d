import json
import runpy
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curation.errors import TibyanError
from curation.params import Params
from tests.training_recipes.tiny_project import ANSWERS, shrink, write_dataset
from training_recipes import select

IDS = [f"test-{i:03}" for i in range(6)]
SAID = {
    "lora_ce": list(ANSWERS.values()) * 2,
    "lora_ce-2": ["لا ادري", *(list(ANSWERS.values()) * 2)[1:]],
    "nearest": ["", "", "", "", "", "صداع"],
}


@pytest.fixture
def small(project: Path, params: Params, tiny_bert: Path) -> Params:
    """Three runs that answered, and the tiny encoder."""
    Path("encoder").symlink_to(tiny_bert)
    write_dataset()
    for name, answers in SAID.items():
        write(name, answer_generated=answers, score=[float(len(text)) for text in answers])
    made = shrink(params)
    return made.model_copy(update={"evaluate": made.evaluate.model_copy(update={"encoder": "encoder"})})


def write(name: str, ids: list[str] = IDS, **columns: list[Any]) -> None:
    """In reverse, since a reader may not count on the order."""
    table = pa.table({"record_id": ids, **columns})
    pq.write_table(table.take(list(range(len(ids)))[::-1]), f"data/interim/answers_{name}.parquet")


def chosen(name: str) -> list[dict[str, Any]]:
    return pq.read_table(f"data/interim/answers_{name}.parquet").to_pylist()


def report(name: str) -> dict[str, Any]:
    return json.loads(Path(f"reports/metrics/selection_{name}.json").read_text())


@pytest.mark.parametrize("method", ["question", "consensus", "score", "own_scorer:length"])
def test_the_choice_is_one_more_system(small: Params, method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("own_scorer.py").write_text("def length(questions, answers):\n    return [len(text) for text in answers]\n")
    monkeypatch.syspath_prepend(str(Path.cwd()))
    said = select.run(small, method, list(SAID), "best")
    rows = chosen("best")
    assert [row["record_id"] for row in rows] == IDS
    assert list(rows[0]) == ["record_id", "answer_generated", "score", "chosen_from"]
    for i, row in enumerate(rows):
        assert row["answer_generated"] == SAID[row["chosen_from"]][i]
        assert row["score"] == len(row["answer_generated"])
    counts = {name: sum(row["chosen_from"] == name for row in rows) for name in SAID}
    made = report("best")
    assert {name: of["chosen"] for name, of in made["runs"].items()} == counts
    assert sum(of["share"] for of in made["runs"].values()) == pytest.approx(1, abs=1e-3)
    assert (made["method"], made["questions"], made["order"]) == (method, 6, list(SAID))
    assert (made["signature"] or "").startswith("encoder:sha256:") == (method in ("question", "consensus"))
    assert counts["nearest"] == 0 and counts["lora_ce"] >= 5  # of the equals the first
    assert made["tied"] >= 5
    assert f"lora_ce {counts['lora_ce'] / 6:.1%}" in said
    assert not any("ء" <= letter <= "ي" for letter in said + json.dumps(made, ensure_ascii=False))


def test_twice_is_the_same_and_a_choice_may_be_chosen_from(small: Params) -> None:
    select.run(small, "consensus", list(SAID), "best")
    first = Path("data/interim/answers_best.parquet").read_bytes()
    select.run(small, "consensus", list(SAID), "best")
    assert Path("data/interim/answers_best.parquet").read_bytes() == first
    select.run(small, "score", ["nearest", "best"], "again")
    assert {row["chosen_from"] for row in chosen("again")} == {"best"}


def test_columns_that_not_all_have_are_left_out(small: Params) -> None:
    write("plain", answer_generated=SAID["lora_ce"])
    select.run(small, "question", ["lora_ce", "plain"], "best")
    assert list(chosen("best")[0]) == ["record_id", "answer_generated", "chosen_from"]


def test_problems_are_sentences(small: Params) -> None:
    def fails(match: str, method: str = "score", runs: tuple[str, ...] = ("lora_ce", "nearest"), name: str = "best") -> None:
        with pytest.raises(TibyanError, match=match):
            select.run(small, method, list(runs), name)

    fails("two different runs", runs=("lora_ce",))
    fails("two different runs", runs=("lora_ce", "lora_ce"))
    fails(r"--out lora_ce: choose a name", name="lora_ce")
    fails(r"--out \.\./up: choose a name", name="../up")
    fails(r"answers_other\.parquet: cannot be read", runs=("lora_ce", "other"))
    fails("three runs or more", method="consensus")
    fails(r"answers_lora_ce\.parquet: has no column fluency of a finite number", method="fluency")
    fails("has no column answer_generated of a finite number", method="answer_generated")
    fails("there is no such scorer", method="nowhere:length")
    fails("there is no such scorer", method="json:no_such_function")
    write("short", IDS[:5], answer_generated=SAID["lora_ce"][:5])
    fails(r"answers_short\.parquet: does not answer the same questions as .*answers_lora_ce", runs=("lora_ce", "short"))
    write("bare", score=[1.0] * 6)
    fails(r"answers_bare\.parquet: has no column answer_generated", runs=("lora_ce", "bare"))
    for name in ("old", "older"):
        write(name, [f"gone-{i}" for i in range(6)], answer_generated=SAID["lora_ce"])
    fails("6 of 6 answered records are not in the test split", method="question", runs=("old", "older"))


def test_the_command(small: Params, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A column asks no encoder."""

    def command(method: str) -> None:
        monkeypatch.setattr(sys, "argv", ["select", method, "lora_ce-2", "lora_ce", "--out", "best"])
        runpy.run_path(str(Path(select.__file__)), run_name="__main__")

    command("score")
    assert capsys.readouterr().out == "select: 6 answers by score, from lora_ce-2 83.3%, lora_ce 16.7%; 5 ties, which go to the first\n"
    assert len(chosen("best")) == 6
    with pytest.raises(SystemExit) as ended:
        command("none")
    said = capsys.readouterr().err
    assert (ended.value.code, said.count("\n")) == (1, 1)
    assert said.startswith("select: data/interim/answers_lora_ce-2.parquet: has no column none")
