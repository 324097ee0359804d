"""Bad input as a user meets it: exit code 1, one sentence that names file or key, and everything made before as it was."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curation.params import load_params
from curation.stages import ingest
from tests.curation.test_stages import INTERIM, STAGES, digests, make, run, small
from validators import validate

ROOT = Path(__file__).parents[2]
POST = {"post_id": "1", "post_text": "عندي دوخة من الصبح شو اعمل", "comments_full": []}
NEVER = "كلام لا يجب ان يظهر في اي رسالة"


def stage(module: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", module],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": "", "LANG": "C", **environment},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose ingest went well once, reading data/raw/good.json."""
    folder = tmp_path_factory.mktemp("project")
    raw = folder / "data/raw"
    raw.mkdir(parents=True)
    (raw / "good.json").write_text(json.dumps([POST], ensure_ascii=False), encoding="utf-8")
    shutil.copy(ROOT / "params.yaml", folder)
    edit(folder, "data/sample/raw/*", "data/raw/good.json")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        run(ingest, load_params())
    return folder


def edit(folder: Path, old: str, new: str) -> None:
    path = folder / "params.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def instead(content: bytes | str | None, name: str = "bad.dump", options: str = "") -> Callable[[Path], None]:
    """Have ingest read this file instead of the good one."""

    def change(folder: Path) -> None:
        if content is not None:
            raw = content if isinstance(content, bytes) else content.encode()
            (folder / "data/raw" / name).write_bytes(raw)
        edit(folder, "- path: data/raw/good.json", f"- path: data/raw/{name}\n      {options}")

    return change


def as_dump(*posts: dict[str, Any]) -> str:
    return json.dumps(posts)


TABLE = "no,ask,reply\n1,السؤال,الجواب\n"
BAD: dict[str, tuple[Callable[[Path], None], str]] = {
    "missing file": (instead(None), "data/raw/bad.dump: matches no file"),
    "empty file": (instead(""), "data/raw/bad.dump: an empty file"),
    "unknown format": (instead("سطر من الكلام\nسطر آخر\n"), "data/raw/bad.dump: in no format known"),
    "unmapped table": (instead(TABLE), "data/raw/bad.dump: in no format known"),
    "column not there": (instead(TABLE, options="columns: {question: body}"), "data/raw/bad.dump: has no column for question: body"),
    "no posts": (instead("[,]"), "data/raw/bad.dump: holds no posts"),
    "another format named": (instead(TABLE, options="format: facepager"), "data/raw/bad.dump"),
    "wrong key": (lambda folder: edit(folder, "redact_names:", "redact_nmaes:"), "ingest.redact_nmaes is not a key"),
    "no memory limit": (lambda folder: edit(folder, "memory_limit: 3GB", "memory_limit: much"), "engine.memory_limit"),
}


def expect_one_sentence(done: subprocess.CompletedProcess[str], *named: str) -> None:
    assert (done.returncode, done.stdout) == (1, ""), done.stderr
    assert "Traceback" not in done.stderr
    (line,) = done.stderr.splitlines()
    assert all(name in line for name in named), line


@pytest.mark.parametrize("case", BAD)
def test_ingest_says_what_is_wrong_and_leaves_what_was_there(case: str, made: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(made, tmp_path / "project"))
    change, named = BAD[case]
    before = digests(folder, "data/interim", "reports")
    assert len(before) == 4
    change(folder)
    expect_one_sentence(stage("curation.stages.ingest", folder), "ingest: ", named)
    assert digests(folder, "data/interim", "reports") == before


def test_a_wrong_number_of_threads_is_named(made: Path) -> None:
    expect_one_sentence(stage("curation.stages.ingest", made, TIBYAN_THREADS="two"), "TIBYAN_THREADS")


# What scrapers and spreadsheets do write: each costs at most its own piece, never the run.
COMMENT = {"comment_id": "2", "comment_text": "اشربي مي كتير وارتاحي", "comment_reaction_count": 1}
ODD = {
    "half an emoji": {"post_text": "عندي دوخة من الصبح \ud83d شو اعمل"},
    "a number of comments for comments": {"comments_full": 5},
    "a number of replies for replies": {"comments_full": [COMMENT | {"replies": 3}]},
    "more reactions than people": {"comments_full": [COMMENT | {"comment_reaction_count": 1e30}]},
    "a time before time": {"time": "0001-01-01T00:00:00+03:00"},
}


@pytest.mark.parametrize("case", ODD)
def test_an_odd_piece_does_not_stop_the_run(case: str, project: Path) -> None:
    path = project / "odd.json"
    path.write_text(as_dump(POST | ODD[case], POST | {"post_id": "2"}), encoding="utf-8")
    edit(project, "data/sample/raw/*", "odd.json")
    run(ingest, load_params())
    counts = json.loads(Path("reports/metrics/ingest.json").read_text(encoding="utf-8"))
    assert counts["records"] == 2 and counts["read"] == 2 + counts["rejects"]


def test_the_gate_is_closed_by_a_planted_e_mail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    params = small(load_params(ROOT / "params.yaml"))
    folder = make(tmp_path / "project", params, stages=STAGES[:-3])
    shutil.copy(ROOT / "params.yaml", folder)
    path = folder / INTERIM / "records.parquet"
    table = pq.read_table(path)
    planted = [row | {"answer_raw": f"{NEVER} hidden@example.com"} if i < 2 else row for i, row in enumerate(table.to_pylist())]
    pq.write_table(pa.Table.from_pylist(planted, table.schema), path)
    ids = [row["record_id"] for row in planted[:2]]
    monkeypatch.chdir(folder)
    run(validate, params)
    done = stage("validators.gate", folder)
    assert (done.returncode, done.stdout) == (1, "") and "Traceback" not in done.stderr
    assert done.stderr.startswith("gate: closed")
    (line,) = (line for line in done.stderr.splitlines() if line.startswith("ingested/answer_raw_has_no_email: "))
    assert line.startswith(f"ingested/answer_raw_has_no_email: 2 rows ({', '.join(ids)};")
    rows = pq.read_table("reports/quarantine.parquet", filters=[("expectation", "=", "answer_raw_has_no_email")]).to_pylist()
    assert {row["record_id"] for row in rows if row["suite"] == "ingested"} == set(ids)
    for text in (done.stderr.encode(), *(p.read_bytes() for p in Path("reports").rglob("*") if p.is_file())):
        assert b"hidden@example.com" not in text and NEVER.encode() not in text
    assert not Path("reports/gate.json").exists()
