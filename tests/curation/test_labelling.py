"""Severity labelled by people: what is drawn, the files that are written, agreement, and what `tibyan severity learn` says and does."""

import csv
import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score
from typer.testing import CliRunner, Result

from curation.cli import app
from curation.engine import Session
from curation.errors import TibyanError
from curation.params import load_params
from curation.schema import CLEANED, DIALECT, SEVERITIES, SEVERITY
from curation.severity import questions, sheets
from curation.severity.agreement import cohen_kappa, krippendorff_alpha, pairwise
from curation.severity.linear import read_weights
from curation.stages import severity as severity_stage

ROOT = Path(__file__).parents[2]
QUESTIONS = [
    "عندي حكة خفيفة في ايدي",
    "جوزي مش قادر يتنفس وشفايفه ازرقت",
    "راسي يوجعني من اسبوع",
    'قال لي الصيدلي "خذ حبة", وش رايكم\nاخذها؟',
    "بطني كتوجعني بزاف من البارح",
    "حابة اعرف شو احسن غسول للوجه",
]


def write(path: Path, declared: dict[str, str], rows: list[dict[str, Any]]) -> None:
    """A hand-over of these columns; what a row does not say is null."""
    with duckdb.connect() as con:
        con.from_arrow(pa.Table.from_pylist(rows)).create_view("given")
        columns = ", ".join(f"{name if name in rows[0] else 'NULL'}::{kind} AS {name}" for name, kind in declared.items())
        con.sql(f"SELECT {columns} FROM given").write_parquet(str(path))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Hand-overs of the questions above, ever less sure; the first one twice."""
    interim = tmp_path / "data/interim"
    interim.mkdir(parents=True)
    shutil.copy(ROOT / "params.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    texts = [*QUESTIONS, QUESTIONS[0], " "]
    write(interim / "cleaned.parquet", CLEANED, [{"record_id": f"r{i}", "question": t, "question_key": t} for i, t in enumerate(texts)])
    rows = [{"record_id": f"r{i}", "dialect": "MSA" if t.strip() else None, "question_msa": t} for i, t in enumerate(texts)]
    write(interim / "dialect.parquet", DIALECT, rows)
    levels = ["mild", "critical", "moderate", "mild", "moderate", "mild", "mild", "mild"]
    scored = []
    for i, level in enumerate(levels):
        sure = 0.95 - i * 0.1
        scored.append(
            {"record_id": f"r{i}", "severity": level, **{f"p_{name}": sure if name == level else (1 - sure) / 2 for name in SEVERITIES}}
        )
    write(interim / "severity.parquet", SEVERITY, scored)
    return tmp_path


def tibyan(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["severity", *arguments], env={"COLUMNS": "200", "TERM": "dumb"}, catch_exceptions=False)


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


# --- what is drawn ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("by", "n", "expected"),
    [
        ("uncertainty", 3, {"r3", "r4", "r5"}),
        ("level", 3, None),  # one of each level
        ("random", 4, None),
        ("random", 100, {f"r{i}" for i in range(6)}),  # all there are: not the second of equals, not the empty one
    ],
)
def test_what_is_drawn(project: Path, by: str, n: int, expected: set[str] | None) -> None:
    with duckdb.connect() as con:
        drawn = sheets.draw(Session(con, project / "data/interim"), n, by, seed=1)
        again = sheets.draw(Session(con, project / "data/interim"), n, by, seed=1)
    assert drawn.equals(again)
    if expected is not None:
        assert set(drawn["record_id"].to_pylist()) == expected
    assert len(drawn) == min(n, 6) == len(set(drawn["text"].to_pylist()))
    if by == "level":
        assert Counter(drawn["given"].to_pylist()) == dict.fromkeys(SEVERITIES, 1)


def test_the_order_of_a_sheet_does_not_say_how_sure_the_scorer_is(project: Path) -> None:
    orders = []
    with duckdb.connect() as con:
        for seed in range(4):
            orders.append(tuple(sheets.draw(Session(con, project / "data/interim"), 6, "uncertainty", seed)["record_id"].to_pylist()))
    assert len(set(orders)) > 1 and ("r5", "r4", "r3", "r2", "r1", "r0") not in orders


def test_a_sheet_hides_what_the_scorer_thinks_unless_asked(project: Path) -> None:
    assert tibyan("sample", "hidden.csv", "--n", "6").exit_code == 0
    rows = read(Path("hidden.csv"))
    assert list(rows[0]) == ["record_id", "text", "severity", "annotator"]
    assert {row["text"] for row in rows} == set(QUESTIONS) and {row["severity"] for row in rows} == {""}
    assert tibyan("sample", "shown.csv", "--n", "6", "--show").exit_code == 0
    by_id = {row["record_id"]: row for row in read(Path("shown.csv"))}
    assert by_id["r1"]["given"] == "critical" and by_id["r1"]["p_critical"] == "0.850" and by_id["r1"]["severity"] == ""


def test_import_files(project: Path) -> None:
    done = tibyan("sample", "a.csv", "--for", "argilla", "--n", "6")
    assert done.exit_code == 0 and "a.argilla.json" in done.stdout
    records = json.loads(Path("a.argilla.json").read_text(encoding="utf-8"))
    assert {(r["id"], r["text"]) for r in records} == {(f"r{i}", text) for i, text in enumerate(QUESTIONS)}
    assert all(set(record) == {"id", "text"} for record in records)
    done = tibyan("sample", "b.csv", "--for", "label-studio", "--n", "6", "--show")
    assert sheets.INTERFACE in done.stdout
    tasks = {task["data"]["record_id"]: task for task in json.loads(Path("b.label-studio.json").read_text(encoding="utf-8"))}
    (prediction,) = tasks["r1"]["predictions"]
    assert prediction["score"] == 0.85 and prediction["result"][0]["value"] == {"choices": ["critical"]}
    # What a prediction names is in the interface, or Label Studio refuses it.
    for name in ("from_name", "to_name"):
        assert f'name="{prediction["result"][0][name]}"' in sheets.INTERFACE
    assert tasks["r1"]["data"]["text"] not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("sample", "sheet.xlsx"), "the sheet is a CSV"),
        (("sample", "params.csv"), "is there already"),
        (("sample", "x.csv", "--folder", "nowhere"), "not there yet"),
        (("learn", "none.csv"), "cannot be read"),
        (("learn", "params.csv"), "no column text (text), severity (severity)"),
    ],
)
def test_what_is_wrong_is_a_sentence(project: Path, arguments: tuple[str, ...], said: str) -> None:
    Path("params.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    done = tibyan(*arguments)
    assert done.exit_code == 1
    assert done.stderr.startswith("tibyan: ") and said in done.stderr


def test_nothing_to_label_is_a_sentence(project: Path) -> None:
    for name, declared in (("cleaned", CLEANED), ("severity", SEVERITY)):
        path = project / f"data/interim/{name}.parquet"
        pq.write_table(pq.read_table(path).slice(0, 0), path)
        assert set(pq.read_table(path).column_names) == set(declared)
    with duckdb.connect() as con, pytest.raises(TibyanError, match="no question to label"):
        sheets.draw(Session(con, project / "data/interim"), 5, "random", 1)


# --- agreement ----------------------------------------------------------------------------------------------------------------

KAPPA = [  # pairs, kappa worked by hand
    ([("mild", "mild")] * 20 + [("mild", "critical")] * 5 + [("critical", "mild")] * 10 + [("critical", "critical")] * 15, 0.4),
    ([("mild", "mild"), ("critical", "critical")], 1.0),
    ([("mild", "critical"), ("critical", "mild")], -1.0),
    ([("mild", "mild")] * 3, None),
    ([], None),
]


@pytest.mark.parametrize(("pairs", "kappa"), KAPPA, ids=range(len(KAPPA)))
def test_kappa_by_hand(pairs: list[tuple[str, str]], kappa: float | None) -> None:
    assert cohen_kappa(pairs) == (pytest.approx(kappa) if kappa is not None else None)


@given(st.lists(st.tuples(*[st.sampled_from(SEVERITIES)] * 2), min_size=1, max_size=30))
@settings(max_examples=100, deadline=None)
def test_kappa_is_scikit_learns(pairs: list[tuple[str, str]]) -> None:
    ours = cohen_kappa(pairs)
    if ours is not None:
        assert ours == pytest.approx(cohen_kappa_score(*zip(*pairs, strict=True)))


# Krippendorff's own example, four observers of twelve units (Computing Krippendorff's Alpha-Reliability, 2011, section E): 0.815.
UNITS = ["111", "2223", "3333", "3333", "2222", "1234", "4444", "1112", "2222", "555", "11", "3"]


def test_alpha_of_the_authors_example() -> None:
    assert krippendorff_alpha(UNITS, "12345") == pytest.approx(0.815, abs=0.0005)


ALPHA = [
    ([["mild", "mild"], ["critical", "critical"]], 1.0),
    ([["mild", "mild"], ["mild"]], None),
    ([["mild"], ["critical"]], None),
    ([], None),
    # By hand: n 2 mild, 1 moderate, 1 critical; observed 2 * 1, expected 2 * (2 * 1.5 ** 2 + 2 * 2.5 ** 2 + 1)
    ([["mild", "mild"], ["moderate", "critical"]], 1 - 3 * 2 * 1.0 / (2 * (2 * 1.5**2 + 2 * 2.5**2 + 1))),
]


@pytest.mark.parametrize(("units", "alpha"), ALPHA, ids=range(len(ALPHA)))
def test_alpha_by_hand(units: list[list[str]], alpha: float | None) -> None:
    assert krippendorff_alpha(units) == (pytest.approx(alpha) if alpha is not None else None)


@given(st.lists(st.lists(st.sampled_from(SEVERITIES), min_size=1, max_size=4), max_size=15), st.randoms())
@settings(max_examples=100, deadline=None)
def test_alpha_is_of_the_labels_alone(units: list[list[str]], random: Any) -> None:
    alpha = krippendorff_alpha(units)
    shuffled = [random.sample(unit, len(unit)) for unit in random.sample(units, len(units))]
    turned = [[SEVERITIES[2 - SEVERITIES.index(level)] for level in unit] for unit in units]  # worst first
    for other in (shuffled, turned):
        found = krippendorff_alpha(other)
        assert found == (pytest.approx(alpha) if alpha is not None else None)
    assert alpha is None or alpha <= 1


def test_further_off_is_worse() -> None:
    rest = [[level, level] for level in SEVERITIES] * 4
    near, far = (krippendorff_alpha([*rest, ["mild", other]]) for other in ("moderate", "critical"))
    assert near is not None and far is not None and near > far


def test_pairwise_is_of_texts_in_common() -> None:
    ratings = {"t1": {"a": "mild", "b": "mild"}, "t2": {"a": "mild", "b": "critical"}, "t3": {"c": "mild"}, "t4": {"b": "mild"}}
    (pair,) = pairwise(ratings)
    assert (pair.first, pair.second, pair.texts, pair.alike) == ("a", "b", 2, 1)
    assert pair.kappa == pytest.approx(0)


# --- what comes back ----------------------------------------------------------------------------------------------------------


def label(source: Path, target: Path, levels: dict[str, str], annotator: str = "") -> None:
    rows = read(source)
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows([row | {"severity": levels.get(row["record_id"], ""), "annotator": annotator} for row in rows])


def test_labels_come_back_with_agreement_conflicts_and_changes(project: Path) -> None:
    tibyan("sample", "sheet.csv", "--n", "6")
    label(Path("sheet.csv"), Path("samira.csv"), {"r0": "critical", "r1": "critical", "r2": "moderate", "r3": "mild"})
    label(Path("sheet.csv"), Path("second.csv"), {"r0": "critical", "r1": "critical", "r2": "mild", "r4": "Critical "}, annotator="Omar")
    done = tibyan("learn", "samira.csv", "second.csv", "--out", "own.parquet")
    assert done.exit_code == 0, done.stderr
    assert "8 labels of 5 texts by 2 annotators: mild 2, moderate 1, critical 5" in done.stdout
    assert "Omar and samira: 3 texts in common, 2 alike, Cohen's kappa 0.400" in done.stdout
    assert "Krippendorff's alpha, ordinal," in done.stdout
    (conflict,) = [line for line in done.stdout.splitlines() if line.startswith("conflict: ")]
    assert "r2 moderate by samira" in conflict and "r2 mild by Omar" in conflict
    assert "of 8 levels" in done.stdout and "mild to critical 2" in done.stdout, "r0 and its equal r6"
    assert [text for text in QUESTIONS if text in done.stdout] == []
    ours = {row["feature"]: row for row in read_weights(None).to_pylist()}
    learnt = {row["feature"]: row for row in read_weights("own.parquet").to_pylist()}
    assert set(ours) <= set(learnt) | {name for name, row in ours.items() if max(map(abs, (row[level] for level in SEVERITIES))) < 2}
    assert sum(ours[name] != row for name, row in learnt.items() if name in ours) < len(ours) / 4, "most is as it was"


def test_one_annotator_by_other_columns(project: Path) -> None:
    rows = [{"q": text, "triage": "mild"} for text in QUESTIONS[:3]]
    pq.write_table(pa.Table.from_pylist(rows), "labels.parquet")
    done = tibyan("learn", "labels.parquet", "--text", "q", "--severity", "triage", "--out", "own.parquet", "--folder", "nowhere")
    assert done.exit_code == 0, done.stderr
    assert "3 labels of 3 texts by 1 annotator:" in done.stdout and "kappa" not in done.stdout and "alpha" not in done.stdout
    assert "0 texts with different labels" in done.stdout and "nothing to show changes in" in done.stdout
    assert np.isfinite(read_weights("own.parquet")["mild"].to_numpy()).all()


@pytest.mark.parametrize("scorer", ["lexicon_v1", "linear_v1", "ensemble_v1"])
def test_the_stage_writes_the_same_however_many_at_a_time(project: Path, scorer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    params = load_params()
    chosen = params.model_copy(update={"severity": params.severity.model_copy(update={"scorer": scorer})})
    made = []
    for texts in (questions.TEXTS, 3):
        monkeypatch.setattr(questions, "TEXTS", texts)
        with duckdb.connect() as con:
            severity_stage.run(Session(con, project / "data/interim"), chosen)
        made.append((project / "data/interim/severity.parquet").read_bytes())
    assert made[0] == made[1]


@pytest.mark.parametrize("scorer", ["linear_v1", "ensemble_v1"])
def test_the_stage_writes_by_each_scorer(project: Path, scorer: str) -> None:
    params = load_params()
    chosen = params.model_copy(update={"severity": params.severity.model_copy(update={"scorer": scorer})})
    with duckdb.connect() as con:
        said = severity_stage.run(Session(con, project / "data/interim"), chosen)
    assert said.startswith("8 questions")
    written = pq.read_table(project / "data/interim/severity.parquet").to_pylist()
    assert {row["severity_scorer"] for row in written} == {scorer}
    assert written[1]["severity"] == "critical" and written[1]["severity_evidence"]
    assert json.loads(Path("reports/metrics/severity.json").read_text())["scorer"] == scorer
