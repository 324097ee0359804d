"""`tibyan`: what it says of a dump before it is ingested and of a record after, as plain lines, writing nothing."""

import json
import re
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from curation.cli import app
from curation.params import load_params
from tests.curation.test_stages import INTERIM, LEAKY, POSTS, STAGES, digests, make, post, rows, small, write_raw

ROOT = Path(__file__).parents[2]
NAMED = {"q_body": "body", "a_body": "reply", "category": "dept"}


def tibyan(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), env={"COLUMNS": "200", "TERM": "dumb"}, catch_exceptions=False)


def listing() -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in Path().rglob("*")}


@pytest.fixture
def dumps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with data/raw alone, as working directory: a user before the first run."""
    write_raw(tmp_path / "data/raw")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_help_names_the_commands() -> None:
    done = tibyan("--help")
    assert done.exit_code == 0 and "ingest-check" in done.stdout and "explain" in done.stdout
    for command in ("ingest-check", "explain"):
        assert tibyan(command, "--help").exit_code == 0


@pytest.mark.parametrize("path", ["data/raw/", "data/raw/*"])
def test_ingest_check_of_a_folder_is_one_plain_line_a_file(dumps: Path, path: str) -> None:
    before = listing()
    done = tibyan("ingest-check", path)
    assert (done.exit_code, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert [line.split(":")[0] for line in lines] == [f"data/raw/{n}" for n in ("1_older.json", "2_newer.json", "clinic.csv")]
    assert f"format facebook_scraper, posts and rows {POSTS + 5}" in lines[0] and "rejects empty_post 1" in lines[0]
    assert "format facebook_scraper, posts and rows 1, comments 2, pairs 1, without answer 0" in lines[1]
    assert "format table, posts and rows 1, comments 0, pairs 1" in lines[2] and "rejects empty_question 1" in lines[2]
    assert not re.search(r"\x1b|[│┃━]", done.stdout)
    assert listing() == before


def test_ingest_check_of_a_bad_file_says_so_and_goes_on(dumps: Path) -> None:
    Path("notes.txt").write_text("سطر من الكلام", encoding="utf-8")
    before = listing()
    done = tibyan("ingest-check", "notes.txt", "nowhere.json", "data/raw/2_newer.json")
    assert done.exit_code == 1
    first, second = done.stderr.splitlines()
    assert first.startswith("tibyan: notes.txt: in no format known") and second.startswith("tibyan: nowhere.json: matches no file")
    assert [line.split(":")[0] for line in done.stdout.splitlines()] == ["data/raw/2_newer.json"]
    assert listing() == before


def test_ingest_check_of_a_folder_shows_what_is_no_dump_as_a_reject_and_of_files_that_are_named_as_an_error(dumps: Path) -> None:
    Path("data/raw/0_notes.txt").write_text("سطر من الكلام", encoding="utf-8")
    done = tibyan("ingest-check", "data/raw")
    assert done.exit_code == 0 and len(done.stdout.splitlines()) == 4
    assert "0_notes.txt: format unknown" in done.stdout and "rejects unknown_format 1" in done.stdout
    named = tibyan("ingest-check", "data/raw/*")
    assert named.exit_code == 1 and "0_notes.txt" in named.stderr
    assert len(named.stdout.splitlines()) == 3


def test_ingest_check_of_a_table_with_columns(dumps: Path) -> None:
    table = Path("data/raw/clinic.csv").read_text(encoding="utf-8")
    for old, new in NAMED.items():
        table = table.replace(old, new)
    Path("own.csv").write_text(table, encoding="utf-8")
    before = listing()
    assert "in no format known" in tibyan("ingest-check", "own.csv").stderr
    done = tibyan("ingest-check", "own.csv", "--column", "question=body", "--column", "answer=reply")
    assert done.exit_code == 0 and "format table, posts and rows 1, comments 0, pairs 1" in done.stdout
    for column, sentence in (("question", "write role=column"), ("question=q", "question: q"), ("ask=body", "map ask")):
        wrong = tibyan("ingest-check", "own.csv", "--column", column)
        assert wrong.exit_code == 1 and sentence in wrong.stderr and len(wrong.stderr.splitlines()) == 1
    assert listing() == before


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project up to its splits, with params.yaml."""
    params = load_params(ROOT / "params.yaml")
    folder = make(tmp_path_factory.mktemp("project"), small(params), stages=STAGES[:-3])
    (folder / "params.yaml").write_bytes((ROOT / "params.yaml").read_bytes())
    return folder


def record(made: Path, start: str) -> str:
    (found,) = (row["record_id"] for row in rows(made, "records") if row["question_raw"].startswith(start))
    return str(found)


def explain(made: Path, record_id: str, monkeypatch: pytest.MonkeyPatch) -> Result:
    monkeypatch.chdir(made)
    before = digests(made, "data", "reports")
    done = tibyan("explain", record_id)
    assert digests(made, "data", "reports") == before
    return done


def test_explain_shows_rules_evidence_and_decision(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = {row["question_raw"]: row["record_id"] for row in rows(made, "records")}
    raw = next(text for text in ids if text.startswith("ابني حرارته") and "٣٤" in text)
    done = explain(made, ids[raw], monkeypatch)
    assert done.exit_code == 0 and ids[raw] in done.stdout and raw in done.stdout
    rule = done.stdout.index("digits")
    assert "- " in done.stdout[rule:] and "٣٤" in done.stdout[rule:] and "+ " in done.stdout[rule:]
    (tags,) = (row for row in rows(made, "dialect") if row["record_id"] == ids[raw])
    (cues,) = (row for row in rows(made, "severity") if row["record_id"] == ids[raw])
    assert tags["dialect"] == "IRQ" and f"dialect IRQ by {tags['dialect_scorer']}" in done.stdout
    assert tags["dialect_evidence"] and cues["severity_evidence"]
    for evidence in (*tags["dialect_evidence"], *cues["severity_evidence"]):
        assert evidence in done.stdout
    for change in tags["msa_changes"]:
        assert f"{change['form']}→{change['msa']} ({change['rule']}," in done.stdout
    assert done.stdout.rstrip().endswith("decision kept")
    assert "\x1b" not in done.stdout


def test_explain_shows_placeholders_and_no_personal_data(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = explain(made, record(made, "انا اسمي [NAME]"), monkeypatch)
    assert all(kind in done.stdout for kind in ("[NAME]", "[PHONE]", "[EMAIL]", "[LINK]"))
    assert LEAKY not in done.stdout and "0101 234" not in done.stdout and "الفرارجي" not in done.stdout


@pytest.mark.parametrize(
    ("start", "decision"),
    [("I have had a headache", "dropped: other_language"), ("السلام عليكم", "dropped: ")],
    ids=["another language", "nothing left after cleaning"],
)
def test_explain_says_why_a_record_was_dropped(made: Path, start: str, decision: str, monkeypatch: pytest.MonkeyPatch) -> None:
    done = explain(made, record(made, start), monkeypatch)
    assert done.exit_code == 0 and f"decision {decision}" in done.stdout


@pytest.mark.parametrize("record_id", ["0123456789abcdef", "' OR 1=1 --", "[/]"])
def test_explain_of_an_unknown_id_is_one_line(made: Path, record_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    done = explain(made, record_id, monkeypatch)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith(f"tibyan: {record_id}: no such record") and len(done.stderr.splitlines()) == 1


def test_explain_before_the_first_run_is_one_line(project: Path) -> None:
    done = tibyan("explain", "0123456789abcdef")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "data/interim/records.parquet: not there yet" in done.stderr and len(done.stderr.splitlines()) == 1


def test_brackets_in_a_dump_are_no_markup(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Path(shutil.copytree(made, tmp_path / "project"))
    table = pq.read_table(folder / INTERIM / "records.parquet")
    odd = [row | {"specialty": "قلب [/] [red]"} for row in table.to_pylist()]
    pq.write_table(pa.Table.from_pylist(odd, table.schema), folder / INTERIM / "records.parquet")
    done = explain(folder, rows(made, "selected")[0]["record_id"], monkeypatch)
    assert done.exit_code == 0 and "قلب [/] [red]" in done.stdout


def test_a_dump_checked_beside_params_uses_them(project: Path) -> None:
    long = post(1, "عندي كحة من اسبوع شو اعمل", "اشربي بابونج دافي كتير")
    Path("d.json").write_text(json.dumps([long]), encoding="utf-8")
    assert "pairs 1" in tibyan("ingest-check", "d.json").stdout
    text = Path("params.yaml").read_text(encoding="utf-8")
    Path("params.yaml").write_text(text.replace("min_answer_words: 4", "min_answer_words: 9"), encoding="utf-8")
    assert "pairs 0, without answer 1" in tibyan("ingest-check", "d.json").stdout
