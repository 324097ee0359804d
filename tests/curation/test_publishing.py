"""What of the built rows goes into a dataset's folder, on which terms, and how a user's own dumps come back to it."""

import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml
from typer.testing import CliRunner

from curation.cli import app
from curation.errors import TibyanError
from curation.params import InputParams, load_params
from curation.publishing.configs import CONFIGS, WEIGHTS
from curation.schema import SPLITS
from curation.stages import build, ingest
from tests.curation import small_dataset
from tests.curation.small_dataset import FOLDER, KEY, run

VARIABLE = "TIBYAN_ANNOTATIONS_KEY"


def tibyan(*arguments: str) -> Any:
    return CliRunner().invoke(app, list(arguments), env={"COLUMNS": "200", "TERM": "dumb"}, catch_exceptions=False)


def read(folder: Path, config: str) -> list[dict[str, Any]]:
    return [row for path in sorted((folder / config).glob("*.parquet")) for row in pq.read_table(path).to_pylist()]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_each_config_loads_with_its_columns(built_once: Path, tmp_path: Path) -> None:
    from datasets import load_dataset

    for config in CONFIGS:
        loaded = load_dataset(str(built_once / FOLDER), config.name, cache_dir=str(tmp_path))
        assert set(loaded) == set(SPLITS)
        assert loaded["train"].column_names == [name for name, _ in config.columns]
    assert sum(len(part) for part in load_dataset(str(built_once / FOLDER), cache_dir=str(tmp_path)).values()) == 40


def test_texts_go_out_on_the_terms_of_their_source(built_once: Path) -> None:
    sources = {name: {row["source"] for row in read(built_once / FOLDER, name)} for name in ("data", "annotations")}
    assert sources == {"data": {"clinic"}, "annotations": {"clinic", "forum"}}
    public = {row["record_id"] for row in read(built_once / FOLDER, "data")}
    assert {row["record_id"] for row in read(built_once / FOLDER, "sft")} == public
    for row in read(built_once / FOLDER, "annotations"):
        assert row["in_default"] == (row["record_id"] in public) == (row["text_hash"] is None)
    built = pq.read_table(built_once / "data/interim/built.parquet").to_pylist()
    held_back = [row[side] for row in built if row["source"] != "clinic" for side in ("question", "answer")]
    said = "".join(str(pq.read_table(path).to_pylist()) for path in (built_once / FOLDER).rglob("*.parquet"))
    assert len(held_back) == 64 and [text for text in held_back if text in said] == []


def test_training_reads_every_row(built_once: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(built_once)
    from training_recipes.records import read_split

    ids = {record.record_id for split in SPLITS for record in read_split(split)}
    assert len(ids) == 72 and ids == {row["record_id"] for row in pq.read_table("data/interim/selected.parquet").to_pylist()}


def test_sft_is_what_trl_takes(built_once: Path) -> None:
    pairs = {row["record_id"]: row for row in read(built_once / FOLDER, "data")}
    train = {row["record_id"] for row in pq.read_table(built_once / FOLDER / "data/train.parquet").to_pylist()}
    rows = read(built_once / FOLDER, "sft")
    for row in rows:
        pair = pairs[row["record_id"]]
        assert row["prompt"] == [{"role": "user", "content": pair["question"]}]
        assert row["completion"] == [{"role": "assistant", "content": pair["answer"]}]
        assert row["messages"] == row["prompt"] + row["completion"]  # one format, whichever column is asked for it
    for name, of in WEIGHTS.items():
        weights = {row["record_id"]: row[f"weight_{name}"] for row in rows}
        raw = {i: sum(w * pairs[i][f"p_{level}"] for w, level in zip(of, ("mild", "moderate", "critical"), strict=True)) for i in pairs}
        mean = sum(raw[i] for i in train) / len(train)
        assert weights == {i: pytest.approx(raw[i] / mean, abs=2e-6) for i in pairs}
        assert sum(weights[i] for i in train) / len(train) == pytest.approx(1, abs=1e-5)


def test_pairs_without_an_answer_are_no_sft(small_project: Path) -> None:
    with small_dataset.open_session(load_params().engine) as session:
        selected = session.read("selected").project("* REPLACE (CASE WHEN ends_with(record_id, '0') THEN NULL ELSE answer END AS answer)")
        session.write(selected.order("record_id"), "selected")
    small_dataset.open_gate()
    run(build)
    public, sft = read(FOLDER, "data"), read(FOLDER, "sft")
    assert 0 < len(sft) < len(public) and {row["record_id"] for row in sft} == {row["record_id"] for row in public if row["answer"]}


def test_the_same_rows_are_the_same_bytes(small_project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, made = contents(FOLDER), Path("reports/build.json").read_bytes()
    monkeypatch.setenv(VARIABLE, KEY)
    monkeypatch.setenv("TIBYAN_THREADS", "1")
    run(build)
    assert contents(FOLDER) == before and Path("reports/build.json").read_bytes() == made


def test_without_a_key_there_are_no_hashes(small_project: Path) -> None:
    run(build)
    assert {row["text_hash"] for row in read(FOLDER, "annotations")} == {None}
    assert json.loads(Path("reports/build.json").read_text())["without_hash"] == 20


def test_a_source_is_given_on_only_where_that_is_said(params: Any) -> None:
    assert InputParams(path="x").redistributable == "annotations-only"
    assert [InputParams.model_validate(yaml.safe_load(f"{{path: x, redistributable: {w}}}")).redistributable for w in ("yes", "no")] == [
        "yes",
        "no",
    ]
    with pytest.raises(ValueError, match="redistributable"):
        InputParams.model_validate({"path": "x", "redistributable": "perhaps"})


def test_one_source_on_two_terms_is_refused(small_project: Path) -> None:
    shutil.copy("data/raw/clinic.csv", "data/raw/again.csv")
    content = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
    content["ingest"]["inputs"].append(content["ingest"]["inputs"][0] | {"path": "data/raw/again.csv", "redistributable": "no"})
    Path("params.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    with pytest.raises(TibyanError, match=r"again\.csv are both source 'clinic', and differ in redistributable\. Give one of them"):
        run(ingest)


def test_a_source_without_terms_is_no_source_without_rows(small_project: Path) -> None:
    with small_dataset.open_session(load_params().engine) as session:
        session.write(session.read("sources").filter("source <> 'ward'"), "sources", order_by="source")
    before = contents(FOLDER)
    with pytest.raises(TibyanError, match="12 records are of a source whose terms nobody gave"):
        run(build)
    assert contents(FOLDER) == before


def test_nothing_to_publish_is_said(small_project: Path) -> None:
    with small_dataset.open_session(load_params().engine) as session:
        session.write(session.read("sources").project("* REPLACE ('no' AS redistributable)"), "sources", order_by="source")
    before = contents(FOLDER)
    with pytest.raises(TibyanError, match=r"no source may be published\. Set redistributable"):
        run(build)
    assert contents(FOLDER) == before


def test_only_annotations_are_a_dataset_too(small_project: Path, tmp_path: Path) -> None:
    from datasets import load_dataset

    with small_dataset.open_session(load_params().engine) as session:
        session.write(session.read("sources").project("* REPLACE ('annotations-only' AS redistributable)"), "sources", order_by="source")
    run(build)
    loaded = load_dataset(str(FOLDER), cache_dir=str(tmp_path / "cache"))
    assert sum(len(part) for part in loaded.values()) == 72 and not any(loaded["train"]["in_default"])


def test_own_dumps_come_back_to_the_annotations(small_project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, KEY)
    columns = ["--column", "native_id=no", "--column", "question=asked", "--column", "answer=answered", "--source", "forum"]
    done = tibyan("datasets", "join", str(FOLDER), "data/raw/forum.csv", "--out", "joined", *columns)
    assert done.exit_code == 0, done.output
    assert (
        "joined: 60 rows: 40 with published text, 20 restored" in done.output
        and "not in your dumps: 0; there with another text" in done.output
    )
    built = {row["record_id"]: row for row in pq.read_table("data/interim/built.parquet").to_pylist()}
    joined = {row["record_id"]: row for row in read(Path("joined"), ".")}
    assert joined.keys() == {i for i, row in built.items() if row["source"] != "ward"}
    for record_id, row in joined.items():
        assert {name: row[name] for name in ("question", "answer", "dialect", "p_mild")} == {
            name: built[record_id][name] for name in ("question", "answer", "dialect", "p_mild")
        }


def test_another_text_under_the_same_id_is_left_out(small_project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = Path("data/raw/forum.csv")
    lines = raw.read_text(encoding="utf-8").splitlines()
    raw.write_text(
        "\n".join([*lines[:5], lines[5].replace("سونار", "اشعة").replace("مرهم", "كريم") + " بسرعة", *lines[8:]]), encoding="utf-8"
    )
    columns = ["--column", "native_id=no", "--column", "question=asked", "--column", "answer=answered", "--source", "forum"]
    monkeypatch.setenv(VARIABLE, KEY)
    with_key = tibyan("datasets", "join", str(FOLDER), str(raw), "--out", "one", *columns)
    assert "57 rows: 40 with published text, 17 restored" in with_key.output
    assert "not in your dumps: 2; there with another text, left out: 1" in with_key.output, with_key.output
    monkeypatch.delenv(VARIABLE)
    without = tibyan("datasets", "join", str(FOLDER), str(raw), "--out", "two", *columns)
    assert "18 restored" in without.output and "left out: 0" in without.output and "their hashes tell nothing" in without.output
    monkeypatch.setenv(VARIABLE, "cd" * 32)
    other = tibyan("datasets", "join", str(FOLDER), str(raw), "--out", "three", *columns)
    assert other.exit_code == 1 and "made with another key. Ask the publisher" in other.output and not Path("three").exists()
    there = tibyan("datasets", "join", str(FOLDER), str(raw), "--out", "one", *columns)
    assert there.exit_code == 1 and "one: is there already" in there.output


def test_a_key_is_made_once(small_project: Path) -> None:
    made = tibyan("datasets", "key")
    file = Path("data/annotations.key")
    assert made.exit_code == 0 and file.stat().st_mode & 0o077 == 0 and file.read_text().strip() not in made.output
    again = tibyan("datasets", "key")
    assert again.exit_code == 1 and "there is a key already" in again.output
    file.write_text("no key")
    wrong = tibyan("datasets", "join", str(FOLDER), "data/raw/forum.csv", "--out", "joined")
    assert wrong.exit_code == 1 and "holds no key, 64 hex digits" in wrong.output


@pytest.mark.parametrize("name", ["card.md.jinja", "CHANGELOG.md"])
def test_what_a_person_has_to_write_is_asked_for(name: str, small_project: Path) -> None:
    (FOLDER / name).unlink()
    before = contents(FOLDER)
    with pytest.raises(TibyanError, match=rf"{name}: not there\. Copy the one of"):
        run(build)
    assert contents(FOLDER) == before
