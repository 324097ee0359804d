"""The sample: committed is what the generator writes, the known answers join, every reader reads its dump."""

import csv
import shutil
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from curation.engine import open_session
from curation.params import Params
from curation.report.leaks import leaks
from curation.sources import reader_for
from curation.sources.dump import Comment, Dump, Item, Pair, Post, Reject
from curation.stages import ingest

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "data" / "sample"
READER_OF = {
    "facebook_scraper_egypt.json": "facebook_scraper",
    "facebook_scraper_levant.csv": "facebook_scraper",
    "facebook_scraper_maghreb.jsonl": "facebook_scraper",
    "graph_api_gulf.json": "graph_api",
    "graph_api_iraq.jsonl": "graph_api",
    "facepager_mixed.csv": "facepager",
    "maqa_sample.xlsx": "table",
    "maqa_sample.csv": "table",
}
Key = tuple[str, str, str, str]  # file, post, row, comment


@cache
def known(name: str) -> list[dict[str, str]]:
    with (SAMPLE / "known" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def items(file: str) -> list[Item]:
    dump = Dump(SAMPLE / "raw" / file)
    reader = reader_for(dump)
    assert reader is not None
    return list(reader.read(dump))


@cache
def texts() -> dict[Key, str]:
    """Every text of the dumps as its reader gives it, under the key of the known answers."""
    found: dict[Key, str] = {}
    for file in READER_OF:
        post_of: dict[str | None, str] = {}  # of comments that come apart
        for item in items(file):
            if isinstance(item, Post):
                post_of[item.key] = item.native_id
                found[file, item.native_id, "", ""] = item.text
                found |= {(file, item.native_id, "", c.native_id): c.text for c in item.comments}
            elif isinstance(item, Comment):
                post_of[item.key] = post_of[item.under]
                found[file, post_of[item.under], "", item.native_id] = item.text
            elif isinstance(item, Pair):
                row = item.position.split()[-1]
                found[file, "", row, ""] = item.question
                found[file, "", row, "a_body"] = item.answer or ""
    return found


def test_committed_files_are_what_the_generator_writes(tmp_path: Path) -> None:
    subprocess.run([sys.executable, SAMPLE / "generate.py", "--output", tmp_path], check=True, cwd=ROOT)
    written = sorted(p.relative_to(tmp_path) for p in tmp_path.rglob("*") if p.is_file())
    committed = [p.relative_to(SAMPLE) for folder in ("raw", "known") for p in (SAMPLE / folder).iterdir()]
    assert written == sorted([*committed, Path("README.md")])
    differing = [str(p) for p in written if (tmp_path / p).read_bytes() != (SAMPLE / p).read_bytes()]
    assert not differing, "run `make sample`"


def test_sample_is_small_enough_to_commit() -> None:
    assert sum(p.stat().st_size for p in SAMPLE.rglob("*") if p.is_file()) < 6_000_000


def test_sample_is_large_enough_to_show_something() -> None:
    posts = known("posts.csv")
    assert len(posts) >= 1200
    assert len({p["seed_id"] for p in posts if p["seed_id"]}) >= 250
    assert len(set(READER_OF.values())) >= 4
    assert {p["file"] for p in posts} == set(READER_OF) == {p.name for p in (SAMPLE / "raw").iterdir()}


def test_every_dialect_severity_and_kind_occurs() -> None:
    posts = known("posts.csv")
    assert {p["dialect"] for p in posts} - {""} == {"EGY", "LEV", "GLF", "IRQ", "MGR", "MSA", "arabizi"}
    assert {p["severity"] for p in posts} - {""} == {"mild", "moderate", "critical"}
    kinds = {"question", "no_answer", "picture", "advertisement", "greeting_only", "other_language", "empty"}
    assert {p["kind"] for p in posts} == kinds
    assert {s["kind"] for s in known("personal_data.csv")} == {"PHONE", "EMAIL", "LINK", "HANDLE", "NAME"}


def test_every_written_asking_is_asked_and_answered() -> None:
    groups = Counter(p["duplicate_group"] for p in known("posts.csv") if p["kind"] == "question")
    seeds = {p["seed_id"] for p in known("posts.csv") if p["seed_id"]}
    assert set(groups) == {f"{seed}/{asking}" for seed in seeds for asking in ("question", "rephrased")}
    assert sum(groups.values()) - len(groups) >= 220  # near-duplicates and reposts


@pytest.mark.parametrize("file", READER_OF)
def test_reader_recognises_and_reads_the_dump(file: str) -> None:
    reader = reader_for(Dump(SAMPLE / "raw" / file))
    assert reader is not None and READER_OF[file] == reader.NAME
    expected = Counter(p["kind"] == "empty" for p in known("posts.csv") if p["file"] == file)
    read = items(file)
    assert sum(isinstance(item, Post | Pair) for item in read) == expected[False]
    reasons = Counter(item.reason for item in read if isinstance(item, Reject))
    assert sum(reasons.values()) == expected[True]
    assert set(reasons) <= {"empty_post", "empty_question"}


def test_known_posts_and_their_answers_are_in_the_dumps() -> None:
    for post in known("posts.csv"):
        where = post["file"], post["native_id"], post["row"]
        assert ((*where, "") in texts()) == (post["kind"] != "empty"), where
        assert bool(post["answer_native_id"]) == bool(post["answer_expected"] and not post["row"]), where
        if post["answer_expected"]:
            assert texts()[*where, "a_body" if post["row"] else post["answer_native_id"]], where


def test_every_span_points_at_its_value() -> None:
    spans = known("personal_data.csv")
    assert len(spans) > 500
    for span in spans:
        text = texts()[span["file"], span["native_id"], span["row"], span["comment_id"]]
        assert text[int(span["start"]) : int(span["end"])] == span["value"], span


def test_ids_are_unique() -> None:
    keys = [(p["file"], p["native_id"], p["row"]) for p in known("posts.csv")]
    assert len(keys) == len(set(keys))


def test_tables_name_all_twenty_specialties() -> None:
    assert len({item.specialty for item in items("maqa_sample.xlsx") if isinstance(item, Pair)}) == 20


def test_nothing_planted_is_left_in_a_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, params: Params) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(SAMPLE / "raw", tmp_path / "data/sample/raw")
    with open_session(params.engine, tmp_path) as session:
        ingest.run(session, params)
        columns = ("question_raw", "answer_raw")
        queries = (f"SELECT record_id, {column} FROM 'records.parquet' WHERE {column} <> ''" for column in columns)
        left_in = [row for query in queries for row in session.con.execute(query).fetchall()]
    found = leaks(known("personal_data.csv"), known("posts.csv"), left_in)
    assert {of["kind"] for of in found} == {"EMAIL", "HANDLE", "LINK", "NAME", "PHONE"}
    assert sum(of["at_stake"] for of in found) > 500
    assert {of["kind"]: of["record_ids"] for of in found if of["left"]} == {}
