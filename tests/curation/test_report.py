"""The report, from small hand-overs written here: what it says, that it stays the same, how it fits a browser."""

import contextlib
import json
import re
import shutil
from itertools import pairwise
from pathlib import Path

import pytest

from curation.engine import METRICS, Session, open_session, write_json
from curation.errors import TibyanError
from curation.ingestion import record_id
from curation.params import load_params
from curation.report.diff import INVISIBLE, word_diff
from curation.report.leaks import leaks
from curation.report.provenance import digest
from curation.report.results import flat, read_json
from curation.report.sections.leaderboard import EVALUATION
from curation.report.sections.planted import PLANTED
from curation.schema import DIALECTS, HAND_OVERS
from curation.stages.report import REPORT, run
from tests.conftest import ROOT
from tests.curation.evaluated import evaluation

SCRIPT = "<script>alert('x')</script>"
KNEE = f"ركبتي بتوجعني {SCRIPT} بعد المشي كتير"
# By native id: question as posted, cleaned, in MSA, and the words changed to it.
TEXTS = {
    "1": (
        "السلام عليكم عندي كحهههه من ٣ ايام\nشو اعمل",
        "عندي كحه من 3 ايام شو اعمل",
        "عندي كحه من 3 ايام ماذا اعمل",
        [(19, 21, "شو", "ماذا", "question شو")],
    ),
    "2": (KNEE.replace("المشي ", "المشي  "), KNEE, KNEE, []),
    "3": ("ضيق تنفس شديد منذ الصباح",) * 3 + ([],),
    "4": ("ركبتي بتوجعني بعد المشي",) * 3 + ([],),
    "5": ("خصم على جهاز قياس الضغط",) * 3 + ([],),
}
# By native id: dialect, severity, p_critical, cluster, reject reason, split.
TAGS = {
    "1": ("LEV", "mild", 0.1, "1", None, "train"),
    "2": ("EGY", "moderate", 0.3, "2", None, "validation"),
    "3": ("MSA", "critical", 0.95, "3", None, "test"),
    "4": ("EGY", "mild", 0.2, "2", "duplicate", None),
    "5": (None, "mild", 0.2, "5", "question_advertisement", None),
}
NAMES = ("native", "raw", "clean", "msa", "changes", "dialect", "severity", "p", "cluster", "reason", "split")
RECORDS = [dict(zip(NAMES, (native, *TEXTS[native], *TAGS[native]), strict=True)) for native in TEXTS]
IDS = {native: record_id("facebook_scraper" + chr(31) + native) for native in TEXTS}
CHECKS = [
    {"suite": "records", "name": "row_count", "severity": "critical", "reason": "too few rows", "success": True}
    | {"unexpected_count": None, "observed": 5, "record_ids": []},
    {"suite": "selected", "name": "dialects", "severity": "warning", "reason": "more than one", "success": False}
    | {"unexpected_count": 2, "observed": None, "record_ids": ["aa", "bb"]},
]

DRIFT: dict = {
    "released": "datasets/old",
    "rows": {"released": 5, "now": 3},
    "records": {"kept": 3, "gone": 2, "new": 0},
    "columns": {"severity": {"psi": 0.31, "jensen_shannon": 0.05}, "source": {"psi": 0.0, "jensen_shannon": 0.0}},
}


def rows_of(name: str, row: dict) -> dict:
    """The row of hand-over `name` for one record, with only what the report looks at filled in."""
    values = {"record_id": IDS[row["native"]], "source": "facebook_scraper", "question_raw": row["raw"]}
    values |= {"answer_raw": "اشرب سوائل دافئة وراجع الطبيب", "question": row["clean"], "language": "ar"}
    values |= {
        "dialect": row["dialect"],
        "question_msa": row["msa"],
        "msa_changes": [dict(zip(("start", "end", "form", "msa", "rule"), change, strict=True)) for change in row["changes"]],
    }
    values |= {f"p_{name.lower()}": 1.0 if name == (row["dialect"] or "MSA") else 0.0 for name in DIALECTS}
    values |= {"dialect_scorer": "lexicon_v1", "dialect_evidence": ["شو +2.0"] if row["dialect"] == "LEV" else []}
    values |= {"severity": row["severity"], "p_mild": 1 - row["p"], "p_moderate": 0.0, "p_critical": row["p"]}
    values |= {"severity_scorer": "lexicon_v1", "severity_evidence": ["mild: كحه +1.0 (negation)"]}
    values |= {"cluster_id": IDS[row["cluster"]], "is_representative": row["native"] == row["cluster"]}
    values |= {"duplicate_kind": "near" if row["cluster"] == "2" else None}
    values |= {"answer_cluster_id": IDS[row["native"]], "pair_cluster_id": IDS[row["native"]]}
    values |= {"kept": row["reason"] is None, "reject_reason": row["reason"], "split": row["split"]}
    return {column: values.get(column) for column in HAND_OVERS[name]}


def write_hand_over(session: Session, name: str, rows: list[dict]) -> None:
    columns = ", ".join(f"{column} {kind}" for column, kind in HAND_OVERS[name].items())
    session.con.execute(f"CREATE OR REPLACE TEMP TABLE written ({columns})")
    for row in rows:
        session.con.execute(f"INSERT INTO written VALUES ({', '.join('?' * len(row))})", list(row.values()))
    session.write(session.con.table("written"), name, order_by=next(iter(HAND_OVERS[name])))


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project as it stands before the report: a raw file, hand-overs, metrics, checks and an open gate."""
    project = tmp_path_factory.mktemp("before")
    shutil.copy(ROOT / "params.yaml", project)
    with contextlib.chdir(project):
        make_ready(project)
    return project


@pytest.fixture
def ready(before: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, as working directory."""
    shutil.copytree(before, tmp_path / "project")
    monkeypatch.chdir(tmp_path / "project")
    return tmp_path / "project"


@pytest.fixture(scope="module")
def page(before: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The report of it, made once for all that only read it."""
    project = tmp_path_factory.mktemp("made") / "project"
    shutil.copytree(before, project)
    with contextlib.chdir(project):
        return make()


def make_ready(project: Path) -> None:
    raw = project / "data" / "sample" / "raw" / "posts.json"
    raw.parent.mkdir(parents=True)
    raw.write_text(json.dumps([{"post_id": "1", "post_text": "مرحبا", "comments_full": []}]), encoding="utf-8")
    with open_session(load_params().engine) as session:
        for name in HAND_OVERS.keys() - {"rejects", "selected", "split"}:
            write_hand_over(session, name, [rows_of(name, row) for row in RECORDS])
        write_hand_over(session, "split", [rows_of("split", row) for row in RECORDS if row["split"]])
        reject = {"source": "facebook_scraper", "file": "f", "position": "p", "reason": "empty_post", "detail": ""}
        write_hand_over(session, "rejects", [reject, reject | {"position": "q"}])
    write_json(METRICS / "ingest.json", {"read": 6, "further_answers": 1, "redacted": {"facebook_scraper": {"PHONE": 4}}})
    write_json(Path("reports/validation.json"), {"checks": CHECKS})
    write_json(Path("reports/gate.json"), {"open": True, "digest": "ab" * 32, "checks": 2, "warnings": []})


def make() -> str:
    params = load_params()
    with open_session(params.engine) as session:
        run(session, params)
    return REPORT.read_text(encoding="utf-8")


def text_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.partition("</style>")[2]).split())


def test_verdict_and_figures(before: Path, page: str) -> None:
    assert "Gate open" in page and "1 of 2 checks passed; 1 failed, none of them critical" in text_of(page)
    assert digest(before / "data/sample/raw/posts.json") in page
    assert "version 0.1.0" in page and "3 records" in text_of(page)


def test_parameters_read_as_they_are_set(page: str) -> None:
    page = text_of(page)
    assert "max_score.question_prayer 0.49" in page and "by_dialect.MGR.min_arabic_share 0.3" in page
    assert "None" not in page.partition("What params.yaml says")[2].partition("From what was read")[0]


def test_the_counts_add_up_before_the_reader(page: str) -> None:
    text = text_of(page)
    assert "Pieces read 6 empty post − 2 4" in text and "further answers + 1 5" in text
    assert "Records 5" in text and "question advertisement − 1 4" in text and "duplicate − 1 3" in text
    assert "Kept 3" in text and "of these test 1" in text and "The splits together 3" in text


@pytest.mark.parametrize("ingest", [{"read": 7, "further_answers": 1}, {"read": 6, "further_answers": 0}])
def test_no_report_where_the_counts_do_not_add_up(ready: Path, ingest: dict) -> None:
    write_json(METRICS / "ingest.json", {**ingest, "redacted": {}})
    with pytest.raises(TibyanError, match="do not add up"):
        make()


@pytest.mark.parametrize("threads", ["1", "3"])
def test_same_bytes_twice_whatever_the_threads(ready: Path, page: str, threads: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIBYAN_THREADS", threads)
    assert make() == page


def test_texts_are_escaped(page: str) -> None:
    assert "<script" not in page and "alert(" in page and "&lt;" in page


def test_nothing_is_fetched(page: str) -> None:
    assert not re.search(r"\bsrc\s*=|@import|url\(|<link|<script|<iframe|<img", page)
    assert all(target.startswith("#") for target in re.findall(r'href="([^"]*)"', page))
    assert len(page.encode()) < 5_000_000


def test_arabic_runs_from_the_right_and_changes_are_marked(page: str) -> None:
    assert '<div class="arabic" dir="rtl" lang="ar">' in page
    assert "<del>السلام عليكم </del>" in page and "<ins>3</ins>" in page and "<ins>ماذا</ins>" in page
    assert '<bdi lang="ar">شو</bdi> → <bdi lang="ar">ماذا</bdi>' in page


def test_headings_in_order_and_every_table_named(page: str) -> None:
    levels = [int(level) for level in re.findall(r"<h([1-6])", page)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))
    assert page.count("<table") == page.count("<caption>") and page.count('class="chart') == page.count("<title>") - 1


def test_a_closed_gate_is_reported(ready: Path) -> None:
    Path("reports/gate.json").unlink()
    write_json(Path("reports/validation.json"), {"checks": [CHECKS[0], CHECKS[1] | {"severity": "critical"}]})
    text = text_of(make())
    assert "Gate closed" in text and "Nothing may be built or published" in text


def test_where_a_check_failed_is_told(ready: Path) -> None:
    places = CHECKS[1] | {"places": {"EGY": 1213, "LEV": None}, "by_source": {"facebook_scraper": 2}}
    write_json(Path("reports/validation.json"), {"checks": [CHECKS[0], places]})
    write_json(Path("reports/validation_built.json"), {"checks": [CHECKS[0] | {"suite": "built"}]})
    text = text_of(make())
    assert (
        "EGY 1,213, LEV facebook_scraper 2" in text
        and "1 of the dataset's folder once it is built" in text
        and "built, 1 of 1 passed" in text
    )


@pytest.mark.parametrize("missing", ["reports/metrics/ingest.json", "reports/validation.json", "data/interim/split.parquet"])
def test_what_is_missing_is_said_in_a_sentence(ready: Path, missing: str) -> None:
    Path(missing).unlink()
    with pytest.raises(TibyanError, match=re.escape(missing)):
        make()


def test_models_are_shown_whatever_their_keys(ready: Path, page: str) -> None:
    assert "Models trained on it" not in page
    for column, name in (("question", "lora_ce"), ("question_msa", "lora_ce_msa")):
        write_json(METRICS / f"train_{name}.json", {"question_column": column, "new": {"key": None}, "phases": {"mild": 0.7}})
    text = text_of(make())
    assert "metric lora_ce lora_ce_msa" in text and "question column question question_msa" in text
    assert "new › key – –" in text and "phases › mild 0.7 0.7" in text


def test_the_leaderboard_has_every_system_with_its_interval(ready: Path, page: str) -> None:
    assert "What models made of it" not in page
    made = evaluation()
    write_json(EVALUATION, made)
    text = text_of(make())
    assert "40 questions of the test split, 10 of them critical, answered by 4 systems" in text
    for name, system in made["systems"].items():
        f1 = system["metrics"]["f1"]
        assert f"{f1['value']:.3f} {f1['low']:.3f} to {f1['high']:.3f}" in text, name
    assert "by_consensus chosen among runs 1" in text and "nearest_embedding baseline –" in text and "lora_ce recipe 2" in text
    omission = made["references"]["unsafe_omission"]
    assert f"{100 * omission['value']:.1f}% {100 * omission['low']:.1f}% to {100 * omission['high']:.1f}%" in text
    assert "lora_ce 7, 2" in text and "BERTScore F1 by dialect" in text and "EGY , 5" in text
    ranked = sorted(made["systems"], key=lambda name: -made["systems"][name]["metrics"]["f1"]["value"])
    board = text[text.index("Leaderboard: how near answers come") :]
    assert [board.index(f"{name} ") for name in ranked] == sorted(board.index(f"{name} ") for name in ranked), "the best first"


def test_without_critical_questions_there_is_no_share_of_them(ready: Path) -> None:
    made = evaluation()
    for system in made["systems"].values():
        system["metrics"]["unsafe_omission"] = {"value": None, "low": None, "high": None, "sd": None}
    write_json(EVALUATION, made)
    assert "What models made of it" in make()


def test_a_classifier_names_no_words(ready: Path, page: str) -> None:
    text = text_of(page)
    assert "from the weights of its words" in text and "no marked word" in text
    with open_session(load_params().engine) as session:
        classified = {"dialect_scorer": "camel_did26", "dialect_evidence": []}
        write_hand_over(session, "dialect", [rows_of("dialect", row) | classified for row in RECORDS])
    text = text_of(make())
    assert "By camel_did26 , which names no words" in text and "marked word" not in text and "Dialect by camel_did26" in text


def test_planted_answers(ready: Path, page: str) -> None:
    assert "What was planted" not in page
    known = ready / "data/sample/known"
    known.mkdir()
    header = "file,native_id,row,kind,seed_id,dialect,severity,duplicate_group,answer_expected,answer_native_id\n"
    posts = [
        "1,,question,s1,LEV,mild,s1/q,,",
        "2,,question,s2,EGY,critical,s2/q,,",
        "4,,question,s2,EGY,mild,s2/q,,",
        "5,,advertisement,,EGY,,,,",
    ]
    (known / "posts.csv").write_text(header + "".join(f"posts.json,{post}\n" for post in posts), encoding="utf-8")
    places = ["1,,,PHONE,0,9,0770 111 2222", "2,,,NAME,0,6,بعد المشي"]
    header = "file,native_id,row,comment_id,kind,start,end,value\n"
    (known / "personal_data.csv").write_text(header + "".join(f"posts.json,{p}\n" for p in places), encoding="utf-8")
    made = make()
    found = read_json(PLANTED)
    assert "What was planted and found" in made
    assert found["dialect"]["accuracy"] == 1 and found["severity"]["accuracy"] == pytest.approx(2 / 3, abs=1e-4)
    assert found["duplicates"] == {"pairs": 1, "merged": 1, "recall": 1.0, "wrongly": 0, "precision": 1.0}
    assert {row["kind"]: row["kept"] for row in found["kinds"]} == {"question": 2, "advertisement": 0}
    assert {row["kind"]: row["recall"] for row in found["personal_data"]} == {"NAME": 0.0, "PHONE": 1.0}
    (known / "posts.csv").unlink()
    assert "What was planted" not in make() and read_json(PLANTED) == {}


@pytest.mark.parametrize(
    ("kind", "value", "text", "left"),
    [
        ("PHONE", "0770 111 2222", "رقمي ٠٧٧٠-١١١-٢٢٢٢", 1),
        ("PHONE", "0770 111 2222", "رقمي [PHONE] والضغط 120/80", 0),
        ("EMAIL", "a.b@c.com", "a.b @ C.com", 1),
        ("NAME", "سالم", "الطفل سالمة", 0),
        ("NAME", "سالم", "الطفل سالم، عمره سنة", 1),
    ],
)
def test_leaks(kind: str, value: str, text: str, left: int) -> None:
    place = {"file": "f", "native_id": "1", "comment_id": "", "kind": kind, "value": value}
    (found,) = leaks([place], [{"file": "f", "native_id": "1", "answer_native_id": ""}], [("id", text)])
    assert (found["left"], found["record_ids"]) == (left, ["id"] * left)
    assert value not in json.dumps(found, ensure_ascii=False)


@pytest.mark.parametrize(
    ("before", "after", "gone", "new"),
    [
        ("الم ٢.٥ ملغ", "الم 2.5 ملغ", ["٢.٥"], ["2.5"]),
        ("مِن الصبح", "من الصبح", ["مِن"], ["من"]),
        ("تعب\nشديد", "تعب شديد", [], []),
        ("د\u200fم", "دم", [f"د{INVISIBLE}م"], ["دم"]),
        ("كـــبد سليم", "كبد سليم", ["كـــبد"], ["كبد"]),
    ],
)
def test_word_diff(before: str, after: str, gone: list[str], new: list[str]) -> None:
    left, right = word_diff(before, after)
    assert [p.text for p in left if p.changed] == gone and [p.text for p in right if p.changed] == new
    assert "".join(p.text for p in right) == after


def test_flat() -> None:
    assert flat({"a": {"b": 1}, "c": [1, 2]}) == {"a › b": 1, "c": "[1, 2]"}


def test_what_the_sections_say(page: str) -> None:
    text = text_of(page)
    assert "both scored 3 kept records" in text and "lexicon_v1" in text and "linear_v1" in text
    assert "The 1 largest clusters" in text and "3 of 5 records" not in text
    assert "5 of 5 records have an answer" in text
    assert "over the 1 records of the train split" in text
    assert "elongation" in text and "digits" in text
    assert "Drift from" not in text and "Severity against labels" not in text


def test_drift_as_validate_measured_it(ready: Path) -> None:
    write_json(METRICS / "drift.json", DRIFT)
    text = text_of(make())
    assert "severity 0.3100" in text and "has moved much" in text and "records gone 2" in text
    write_json(METRICS / "drift.json", {"released": None, "rows": {}, "records": {}, "columns": {}})
    assert "names no released version" in text_of(make())
