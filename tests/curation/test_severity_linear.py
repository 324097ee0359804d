"""`linear_v1` and what it is learnt by: the label model, labelling functions, features, files of labels; and the ensemble."""

import csv
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation import score_severity
from curation.api import SEVERITY
from curation.errors import TibyanError
from curation.params import SeverityParams
from curation.schema import SEVERITIES
from curation.severity import learning
from curation.severity.features import features_of, read_line
from curation.severity.label_model import ABSTAIN, believe
from curation.severity.labels import read_labels
from curation.severity.linear import SILENT, WEIGHTS, kind_of, read_weights
from curation.severity.scorers import score
from curation.severity.votes import CRITICAL, FUNCTIONS, MILD, MODERATE, votes_of
from curation.text.phrases import fold

LEXICON, LINEAR, ENSEMBLE = (SEVERITY.model_copy(update={"scorer": name}) for name in ("lexicon_v1", "linear_v1", "ensemble_v1"))


def with_labels(path: Path, **changes: object) -> SeverityParams:
    return LINEAR.model_copy(update={"labelled": str(path), **changes})


# --- scoring -----------------------------------------------------------------------------------------------------------------

SENTENCES = [
    ("critical", "ابني بلع بطارية الريموت من ساعة وهو بيلعب عادي"),
    ("critical", "جوزي مش قادر يتنفس وشفايفه ازرقت"),
    ("critical", "بنتي عمرها شهر ونص وحرارتها 38.6"),
    ("mild", "عندي حب شباب خفيف وابي كريم"),
    ("mild", "بغيت نعرف واش الكريم ديال الشمس مزيان للبشرة الدهنية"),
]


UNKNOWN = ["", "😀", None, "١٢٣٤", "ქართული ენა", "I cut my finger yesterday", "بخار ہے ٹھیک نہیں ہو رہا پانچ دن سے"]
LONG = "صدري يوجعني"
TEXTS = [*(text for _, text in SENTENCES), *UNKNOWN, LONG, f"{LONG} " * 9_000]
SCORERS = {"lexicon_v1": LEXICON, "linear_v1": LINEAR, "ensemble_v1": ENSEMBLE}


@pytest.fixture(scope="module")
def scored() -> dict[str, list[dict[str, Any]]]:
    """What each scorer says of TEXTS."""
    return {name: score_severity(TEXTS, params).to_pylist() for name, params in SCORERS.items()}


def shares(row: dict[str, Any]) -> list[float]:
    return [row[f"p_{level}"] for level in SEVERITIES]


def test_sentences(scored: dict[str, list[dict[str, Any]]]) -> None:
    rows = scored["linear_v1"][: len(SENTENCES)]
    assert [row["severity"] for row in rows] == [level for level, _ in SENTENCES]
    for row in rows:
        assert row["evidence"] and all(line.startswith(f"{row['severity']}: ") for line in row["evidence"])


@pytest.mark.parametrize("name", ["linear_v1", "ensemble_v1"])
def test_what_is_not_known_is_the_prior(scored: dict[str, list[dict[str, Any]]], name: str) -> None:
    for row in scored[name][len(SENTENCES) : -2]:
        assert shares(row) == pytest.approx(SEVERITY.prior)
        assert row["evidence"], "it says why"
        assert not [line for line in row["evidence"] if ": " in line]


def test_a_text_of_100000_letters_is_scored(scored: dict[str, list[dict[str, Any]]]) -> None:
    once, often = scored["linear_v1"][-2:]
    assert len(TEXTS[-1] or "") > 100_000
    assert shares(often) == pytest.approx(shares(once), abs=0.05), "each word counts once, however often it is said"


def test_the_ensemble_is_the_mean_of_the_logs(scored: dict[str, list[dict[str, Any]]]) -> None:
    lexicon, linear, both = (np.array([shares(row) for row in scored[name]]) for name in SCORERS)
    mean = np.sqrt(lexicon * linear)
    assert both == pytest.approx(mean / mean.sum(axis=1, keepdims=True))


@settings(max_examples=3, deadline=None)
@given(st.lists(st.text(max_size=60), min_size=5, max_size=40))
def test_any_text_has_a_distribution_and_rows_do_not_look_at_each_other(texts: list[str]) -> None:
    together = score_severity(texts, ENSEMBLE).to_pylist()
    assert score_severity(texts[-1:], ENSEMBLE).to_pylist()[0] == together[-1]
    for row in together:
        assert sum(shares(row)) == pytest.approx(1, abs=1e-6)
        assert row["severity"] == "critical" or row[f"p_{row['severity']}"] == max(shares(row))
        assert (row["severity"] == "critical") == (row["p_critical"] >= min(SEVERITY.critical_from, max(shares(row)[:2])))


def test_threads_change_nothing() -> None:
    keys = fold([f"{text} {i}" for i in range(100) for _, text in SENTENCES])
    table = pa.table({"id": range(500), "key": keys, "msa": keys})
    found = []
    for threads in (1, 4):
        with duckdb.connect(config={"threads": threads}) as con:
            found.append(score(con, con.from_arrow(table), ENSEMBLE).order("id").to_arrow_table())
    assert found[0].equals(found[1])


# --- the table of weights ----------------------------------------------------------------------------------------------------


def test_the_table_that_comes_along_holds_words_and_no_text() -> None:
    table = read_weights(None)
    assert WEIGHTS.stat().st_size < 2_000_000
    features = table["feature"].to_pylist()
    assert features == sorted(features) and {kind_of(name) for name in features} == {"word", "letters", "pair", "mark"}
    assert [name for name in features if kind_of(name) == "letters" and len(name) not in (4, 5)] == []
    assert [name for name in features if kind_of(name) == "mark" and not name.startswith(SEVERITIES)] == []
    # As many texts as the rarest of each kind must stand in.
    for kind, least in (("word", 3), ("letters", 8), ("pair", 3), ("mark", 3)):
        assert min(n for name, n in zip(features, table["texts"].to_pylist(), strict=True) if kind_of(name) == kind) >= least


def test_a_table_of_ones_own_takes_its_place(tmp_path: Path) -> None:
    path = tmp_path / "own.parquet"
    pq.write_table(pa.table({"feature": ["صداع"], "mild": [0], "moderate": [0], "critical": [9_000], "texts": [5]}), path)
    own = LINEAR.model_copy(update={"weights": str(path)})
    found = score_severity(["عندي صداع", "عندي حكة"], own)
    assert found["severity"].to_pylist() == ["critical", "mild"]
    assert found["evidence"].to_pylist() == [["critical: صداع +6.0"], [SILENT]]  # above the mean of the three


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "no table of severity weights"),
        (b"feature,mild\n", "no table of severity weights"),
        ({"feature": ["a", "a"], "mild": [1, 1], "moderate": [1, 1], "critical": [1, 1], "texts": [1, 1]}, "stands twice"),
        ({"feature": ["a"], "mild": [1]}, "no table of severity weights"),
    ],
)
def test_a_file_that_is_no_table_is_a_sentence(tmp_path: Path, content: object, said: str) -> None:
    path = tmp_path / "weights.parquet"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif isinstance(content, dict):
        pq.write_table(pa.table(content), path)
    with pytest.raises(TibyanError, match=said) as error:
        score_severity(["نص"], LINEAR.model_copy(update={"weights": str(path)}))
    assert str(path) in str(error.value)


# --- features ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "feature"),
    [
        ("critical: chest pain +2.5", "critical: chest pain"),
        ("moderate: سخونيه +0.1 (negation)", "moderate: سخونيه (negation)"),
        ("mild: temperature 38 to 39 +0.8", "mild: temperature 38 to 39"),
        ("nothing is known of this text", None),
        ("grave: pain +1.0", None),
    ],
)
def test_lines_of_evidence(line: str, feature: str | None) -> None:
    cue = read_line(line)
    assert (cue.feature if cue else None) == feature


@given(st.text("ابتثصضقفmn3", min_size=1, max_size=9))
@settings(max_examples=20, deadline=None)
def test_letters_of_a_word_are_all_its_runs(word: str) -> None:
    with duckdb.connect() as con:
        con.from_arrow(pa.table({"word": [word]})).create_view("w")
        found = {feature for _, feature in con.sql(features_of("w")).fetchall()}
    edged = f"_{word}_"
    assert found == {word} | {f"~{edged[i : i + n]}" for n in (3, 4) for i in range(len(edged) - n + 1)}


# --- labelling functions and the label model -----------------------------------------------------------------------------------

VOTES = [  # function, question's key, its evidence, answer, specialty, what it votes
    ("strong critical cue", "", ["critical: x +3.0"], "", "", CRITICAL),
    ("strong critical cue", "", ["critical: x +3.0 (negation)"], "", "", ABSTAIN),
    ("several critical cues", "", ["critical: x +1.0", "critical: y +1.0"], "", "", CRITICAL),
    ("moderate cue", "", ["moderate: x +1.0", "critical: y +1.0"], "", "", ABSTAIN),
    ("mild cues alone", "", ["mild: x +1.0", "moderate: y +0.1 (history)"], "", "", MILD),
    ("measure, critical", "", ["critical: sugar below 54 (ADA, mg/dl: level 2 hypoglycaemia) +3.0"], "", "", CRITICAL),
    ("infant", "بنتي عمرها شهرين وعندها سخونيه", ["moderate: سخونيه +1.5"], "", "", CRITICAL),
    ("infant", "بنتي عمرها سنتين وعندها سخونيه", ["moderate: سخونيه +1.5"], "", "", ABSTAIN),
    ("in context alone", "", ["critical: x +0.3 (question_about)"], "", "", MILD),
    ("short", "عندي حكه", [], "", "", MILD),
    ("answer sends at once", "", [], "لازم تروحوا الطوارئ فورا", "", CRITICAL),
    ("answer sends at once", "", [], "خذه حالا الى اقرب طوارئ", "", CRITICAL),
    ("answer sends at once", "", [], "ده بسيط، لو حصل نزيف روح الطوارئ فورا", "", ABSTAIN),
    ("answer sends", "", [], "راجع طبيب العيون هالاسبوع", "", MODERATE),
    ("answer reassures", "", [], "لا تقلقي هذا طبيعي", "", MILD),
    ("specialty", "", [], "", "طب الأسنان", MILD),
]


@pytest.mark.parametrize(
    ("name", "key", "evidence", "answer", "specialty", "level"), VOTES, ids=[f"{v[0]} {i}" for i, v in enumerate(VOTES)]
)
def test_labelling_functions(name: str, key: str, evidence: list[str], answer: str, specialty: str, level: int) -> None:
    columns = {"key": [key], "evidence": pa.array([evidence], pa.list_(pa.string())), "answer": [answer], "specialty": [specialty]}
    (votes,) = votes_of(pa.table(columns))
    assert votes[[function.name for function in FUNCTIONS].index(name)] == level


@pytest.mark.parametrize(
    ("text", "votes"),
    [
        ("سكره نزل 45 وهو يرجف", {"measure, critical": CRITICAL}),
        ("ضغطي 165/100 من امبارح", {"measure, moderate": MODERATE, "measure, critical": ABSTAIN}),
        ("ابني عمره شهر ونص وحرارته 38.5", {"infant": CRITICAL}),
        ("ابني عمره سنتين وحرارته 38.5", {"infant": ABSTAIN}),
        ("عندي حكه في ايدي", {"measure, critical": ABSTAIN, "measure, moderate": ABSTAIN, "infant": ABSTAIN}),
    ],
)
def test_labelling_functions_hear_what_the_word_lists_write(text: str, votes: dict[str, int]) -> None:
    """The names that they go by are those of the rules as they are."""
    found = votes_of(
        pa.table(
            {
                "key": fold([text]),
                "evidence": score_severity([text], LEXICON)["evidence"],
                "answer": pa.array([None], pa.string()),
                "specialty": pa.array([None], pa.string()),
            }
        )
    )[0]
    said = dict(zip((function.name for function in FUNCTIONS), found.tolist(), strict=True))
    assert {name: said[name] for name in votes} == votes


def made(accuracy: list[float], texts: int) -> tuple[np.ndarray, np.ndarray]:
    """Levels, and votes of functions that are right so often and vote on two thirds of the texts."""
    rng = np.random.default_rng(3)
    levels = rng.integers(0, 3, texts)
    right = rng.random((texts, len(accuracy))) < np.array(accuracy)
    votes = np.where(right, levels[:, None], (levels[:, None] + rng.integers(1, 3, right.shape)) % 3)
    return levels, np.where(rng.random(right.shape) < 2 / 3, votes, ABSTAIN)


def test_the_label_model_finds_who_is_to_be_believed() -> None:
    accuracy = [0.95, 0.85, 0.75, 0.65, 0.5, 0.4]
    levels, votes = made(accuracy, 4_000)
    found = believe(votes, np.full(3, 1 / 3), np.full(4_000, ABSTAIN))
    assert found.accuracy == pytest.approx(accuracy, abs=0.06)
    majority = np.stack([(votes == k).sum(axis=1) for k in range(3)], axis=1).argmax(axis=1)
    assert (found.levels.argmax(axis=1) == levels).mean() > (majority == levels).mean() + 0.03


def test_known_levels_stand_and_nothing_said_is_the_prior() -> None:
    votes = np.array([[0, ABSTAIN], [ABSTAIN, ABSTAIN]])
    found = believe(votes, np.array([0.5, 0.3, 0.2]), np.array([2, ABSTAIN]))
    assert found.levels.tolist() == [[0, 0, 1], pytest.approx([0.5, 0.3, 0.2])]
    assert found.accuracy[0] < 0.7 and found.accuracy[1] == pytest.approx(0.7)


def test_believe_of_nothing() -> None:
    assert believe(np.empty((0, 2), np.int64), np.full(3, 1 / 3), np.empty(0, np.int64)).levels.shape == (0, 3)


# --- learning -----------------------------------------------------------------------------------------------------------------

# Own words that no list has, so that all that is told of them is learnt.
MADE_UP = {"mild": "زبرقان", "moderate": "خندريس", "critical": "شمخرير"}


def written(path: Path, rows: list[tuple[str, str]], columns: tuple[str, str] = ("text", "severity")) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([columns, *rows])
    return path


def labelled_rows(times: int = 12) -> list[tuple[str, str]]:
    return [(f"عندي {word} رقم {i}", level) for i in range(times) for level, word in MADE_UP.items()]


def test_labels_of_ones_own_teach_what_no_list_knows(tmp_path: Path) -> None:
    path = written(tmp_path / "ours.csv", labelled_rows())
    texts = [f"جاني {word} امس" for word in MADE_UP.values()]
    assert score_severity(texts, with_labels(path))["severity"].to_pylist() == list(SEVERITIES)
    assert score_severity(texts, LINEAR)["severity"].to_pylist() != list(SEVERITIES)


def test_few_labels_leave_the_rest_as_it_was(tmp_path: Path) -> None:
    path = written(tmp_path / "ours.csv", labelled_rows(3))
    texts = [text for _, text in SENTENCES]
    assert score_severity(texts, with_labels(path))["severity"].to_pylist() == [level for level, _ in SENTENCES]


def test_other_column_names_and_a_parquet(tmp_path: Path) -> None:
    rows = labelled_rows(2)
    path = tmp_path / "ours.parquet"
    pq.write_table(pa.table({"q": [text for text, _ in rows], "triage": [level.title() for _, level in rows]}), path)
    labels = read_labels(path, {"text": "q", "severity": "triage"})
    assert [(label.text, label.severity) for label in labels] == rows
    assert labels[0].record_id == "ours.parquet row 1" and labels[0].annotator == "ours"


BAD = [
    ("text,level\nنص,mild\n", ["no column severity (severity)", "text, level", "labelled_columns"]),
    ("text,severity\nنص,mild\nنص,grave\nنص,عاجل\n", ["'grave' (row 2)", "'عاجل' (row 3)", "mild, moderate, critical"]),
    ("text,severity\nنص,\n", ["no row has both"]),
    ("", ["no column severity (severity), text (text)"]),
    ("text,severity\nنص,هذا كلام طويل كتبه صاحبه في العمود الخطأ\n", ["something of 8 words"]),
]


@pytest.mark.parametrize(("content", "said"), BAD, ids=range(len(BAD)))
def test_a_labelled_file_that_is_wrong_is_a_sentence(tmp_path: Path, content: str, said: list[str]) -> None:
    path = tmp_path / "labels.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(TibyanError) as error:
        score_severity(["نص"], with_labels(path))
    assert [part for part in (str(path), *said) if part not in str(error.value)] == []
    assert "صاحبه" not in str(error.value), "a message shows no text"


def test_a_labelled_file_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(TibyanError, match=r"labelled: .*cannot be read"):
        score_severity(["نص"], with_labels(tmp_path / "none.csv"))
    (tmp_path / "cp.csv").write_bytes("text,severity\nنص,mild\n".encode("cp1256"))
    with pytest.raises(TibyanError, match="UTF-8"):
        score_severity(["نص"], with_labels(tmp_path / "cp.csv"))


def test_learning_is_the_same_whatever_the_threads_and_begins_where_it_is_told() -> None:
    rows = labelled_rows(8) + [(text, level) for level, text in SENTENCES]
    table = learning.rows_of(pa.table({"text": [text for text, _ in rows], "severity": [level for _, level in rows]}))
    found = []
    for threads in (1, 4):
        with duckdb.connect(config={"threads": threads}) as con:
            found.append(learning.learn(con, table, SEVERITY))
    assert found[0].equals(found[1])
    start = pa.table({"feature": ["بعيد"], "mild": [5], "moderate": [0], "critical": [0], "texts": [9]}).cast(found[0].schema)
    with duckdb.connect() as con:
        onwards = learning.learn(con, table, SEVERITY, start).to_pylist()
    assert [row for row in onwards if row["feature"] == "بعيد"] == start.to_pylist(), "what no label speaks of stays"


def test_names_of_persons_are_not_learnt() -> None:
    rows = [(f"ابني محمد عنده {word} رقم {i}", level) for i in range(8) for level, word in MADE_UP.items() if level == "critical"]
    table = learning.rows_of(pa.table({"text": [text for text, _ in rows], "severity": [level for _, level in rows]}))
    with duckdb.connect() as con:
        names = learning.learn(con, table, SEVERITY)["feature"].to_pylist()
    assert MADE_UP["critical"] in names
    assert "محمد" not in names


def test_the_command_of_learning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).resolve().parents[2])
    rows = labelled_rows(6)
    given = pa.table({"text": [t for t, _ in rows], "severity": [s for _, s in rows], "answer": pa.nulls(len(rows), pa.string())})
    for name in ("specialty", "corpus", "asking"):
        given = given.append_column(name, pa.nulls(len(rows), pa.string()))
    source, target = tmp_path / "texts.parquet", tmp_path / "weights.parquet"
    pq.write_table(given, source)
    learning.main(source, target)
    assert set(MADE_UP.values()) <= set(read_weights(str(target))["feature"].to_pylist())
    pq.write_table(given.drop_columns("corpus"), source)
    with pytest.raises(TibyanError, match="not a Parquet with the columns"):
        learning.main(source, target)
    pq.write_table(given.set_column(1, "severity", [["grave"] * len(rows)]), source)
    with pytest.raises(TibyanError, match="severity grave"):
        learning.main(source, target)
