"""The stages one after the other on sixty posts written here: what they hand over, that it adds up, and what never gets out."""

import csv
import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from curation.engine import METRICS, open_session, write_folder, write_parquet
from curation.errors import TibyanError
from curation.params import EngineParams, InputParams, Params, load_params
from curation.publishing.configs import DEFAULT
from curation.schema import HAND_OVERS, check_columns
from curation.selection import thresholds
from curation.stages import build, clean, dialect, duplicates, ingest, quality, select, severity, split
from validators import gate, validate

ROOT = Path(__file__).parents[2]
INTERIM = Path("data/interim")
TAGGERS = (clean, quality, dialect, severity, duplicates)
STAGES = (ingest, *TAGGERS, select, split, validate, gate, build)

COMPLAINTS = (
    ("عندي صداع في نص راسي بيزيد مع النور ومش قادر ابص في الموبايل", "ده غالبا صداع نصفي ارتاح في اوضة ضلمة وخد مسكن بدري"),
    ("معي حرقة بالمعدة كل ما اكل شي حامض وبصير اتجشأ كتير", "لازم تبعد عن الحامض والقهوة وتاخد دوا حموضة قبل الترويقة"),
    ("ابوي عنده سكر وطلعت له قرحة برجله وما تطيب له ابد", "وده مركز القدم السكرية هالاسبوع ولا تحطون عليها شي من عندكم"),
    ("ابني حرارته ترتفع بالليل ويكح هواية وما ياكل زين", "انطيه خافض حرارة حسب وزنه واذا صار نفسه سريع ودوه للطوارئ"),
    ("عندي حكة بزاف فيديا وكيخرجو ليا حبوب صغار حمرين", "دير مرهم مرطب وبعد على الصابون والجافيل وشوف طبيب الجلد"),
    ("أعاني من خفقان في القلب عند صعود الدرج مع ضيق في التنفس", "يلزم إجراء تخطيط للقلب وفحص الغدة الدرقية وفقر الدم عند الطبيب"),
    ("ana 3andi waga3 fe dahri mn el gym w msh ba3raf a2of kwayes", "ertah esboo3 w 7ot kamadat dafya w law fe tanmeel rou7 le doktor"),
    ("شعري يطيح بكثرة من بعد الولادة وصار خفيف من قدام", "تساقط الشعر بعد الولادة يخف لحاله خلال سنة وافحصي الحديد وفيتامين دال"),
    ("ركبتي بتطقطق وبتوجعني لما اطلع السلم من غير ورم", "قوي عضلة الفخد بتمارين وقلل طلوع السلم واعمل اشعة لو الوجع زاد"),
    ("عيوني حمرا ومدمعة من يومين ومعها افرازات صفرا الصبح", "هاد التهاب ملتحمة اغسليها بماي وقطرة مضاد حيوي خمس ايام"),
)  # fmt: skip
CIRCUMSTANCES = (
    "بدا الموضوع بعد نزلة برد قوية في اول الشتا",
    "جربت اعشاب كتير وما فادت ولا شوي",
    "عمري ٣٤ سنة واخذ كونكور 5 ملغ كل يوم",
    "التحليل طلع الهيموجلوبين 11.5 والسكر صايم 102",
    "المشكلة تروح وترجع كل شهر تقريبا وصارت تخوفني",
    "سويت اشعة قبل سنة وقالوا لي كل شي سليم",
)
# All in the dump, in none of the files that stages write.
PLANTED = {
    "phone": "0101 234 5678",
    "phone in Arabic digits": "٠٧٧٠١٢٣٤٥٦٧",
    "e-mail": "nadia.farargy@example.com",
    "link": "wa.me/201012345678",
    "name of the asker": "بركات العطار",
    "name in the text": "الفرارجي",
    "name of the doctor": "الشربيني",
    "name in the table": "المنصوري",
    "account of the asker": "100077712345678",
    "account of a commenter": "100088812345678",
    "post": "7770000000000001",
    "comment": "8880000000000001",
}
POSTS = len(COMPLAINTS) * len(CIRCUMSTANCES)
LEAKY = "انا اسمي نادية الفرارجي رقمي 0101 234 5678 وايميلي nadia.farargy@example.com وعندي دوخة لما اقوم من السرير"
LEAKY_ANSWER = "سلوى بركات العطار قيسي الضغط نايمة وواقفة واشربي سوائل، د. هاني الشربيني ٠٧٧٠١٢٣٤٥٦٧ wa.me/201012345678"


def post(number: int, text: str, *answers: str) -> dict[str, Any]:
    comments = [
        {"comment_id": f"888{i:03}{number:010}", "comment_text": answer, "commenter_id": "100088812345678"}
        | {"commenter_name": "هاني الشربيني", "comment_reaction_count": 3}
        for i, answer in enumerate(answers)
    ]
    return {"post_id": f"777{number:013}", "post_text": text, "time": "2024-02-03 10:00:00", "comments_full": comments} | {
        "user_id": "100077712345678",
        "username": "سلوى بركات العطار",
    }


def write_raw(folder: Path) -> None:
    """Two scrapes of one group, and a table without ids."""
    folder.mkdir(parents=True)
    asked = [(f"{complaint}، {circumstance}", answer) for complaint, answer in COMPLAINTS for circumstance in CIRCUMSTANCES]
    posts = [post(i, text, answer) for i, (text, answer) in enumerate(asked, start=100)]
    posts += [post(1, LEAKY, LEAKY_ANSWER), post(2, asked[0][0] + "!!", "متابعة"), post(3, "السلام عليكم ورحمة الله")]
    posts += [post(4, "I have had a headache since yesterday and nothing helps", asked[0][1]), post(5, "")]
    posts += [post(6, asked[7][0][:40] + " عندي الم شديد", "الله يشفيك")]
    again = [post(6, asked[7][0][:40] + " عندي الم شديد", "الله يشفيك", asked[7][1])]
    for name, content in (("1_older.json", posts), ("2_newer.json", again)):
        (folder / name).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    with (folder / "clinic.csv").open("w", encoding="utf-8", newline="") as file:
        rows = [
            ("q_body", "a_body", "category"),
            ("المريض سالم المنصوري ضغطه 150/95 منذ الصباح", "يراجع الطوارئ اليوم ويعاد القياس", "قلب"),
        ]
        csv.writer(file).writerows([*rows, ("", "جواب بلا سؤال", "قلب")])


def small(params: Params) -> Params:
    """The project's parameters, reading the dump above, with a gate that opens for so few rows."""
    return params.model_copy(
        update={
            "ingest": params.ingest.model_copy(update={"inputs": [InputParams(path="data/raw/*", redistributable="yes")]}),
            "split": params.split.model_copy(update={"validation": 0.2, "test": 0.2}),
            "validate_": params.validate_.model_copy(update={"min_rows": 30, "min_rows_per_split": 2, "data_docs": False}),
        }
    )


def run(stage: Any, params: Params) -> str:
    with open_session(params.engine) as session:
        return str(stage.run(session, params))


def make(folder: Path, params: Params, threads: int = 2, stages: tuple[Any, ...] = STAGES) -> Path:
    """The small project in `folder`: raw dumps, params.yaml, and what the stages make of them."""
    write_raw(folder / "data/raw")
    dataset = Path("datasets") / params.build.name
    (folder / dataset).mkdir(parents=True)
    for name in ("card.md.jinja", "CHANGELOG.md"):
        shutil.copyfile(ROOT / dataset / name, folder / dataset / name)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("TIBYAN_THREADS", str(threads))
        for stage in stages:
            run(stage, params)
    return folder


def files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and "raw" not in path.parts)


def digests(folder: Path, *under: str) -> dict[str, str]:
    """sha256 of every file that stages wrote in these folders."""
    found = [path for name in under for path in files(folder / name)]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def rows(folder: Path, name: str) -> list[dict[str, Any]]:
    return pq.read_table(folder / INTERIM / f"{name}.parquet").to_pylist()


def metrics(folder: Path, name: str) -> dict[str, Any]:
    return dict(json.loads((folder / METRICS / f"{name}.json").read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def settings() -> Params:
    return small(load_params(ROOT / "params.yaml"))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, settings: Params) -> Path:
    """Made once, for tests that only look."""
    return make(tmp_path_factory.mktemp("project"), settings)


@pytest.fixture
def copied(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy to change, as working directory."""
    for path in files(made):
        target = tmp_path / path.relative_to(made)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_hand_over_has_its_declared_columns(made: Path, settings: Params) -> None:
    with open_session(settings.engine, made / INTERIM) as session:
        assert {name: session.read(name).columns for name in HAND_OVERS} == {n: list(c) for n, c in HAND_OVERS.items()}
    assert {path.stem for path in (made / INTERIM).iterdir()} == set(HAND_OVERS)


def test_read_is_records_and_rejects(made: Path) -> None:
    found, counted = Counter(row["reason"] for row in rows(made, "rejects")), metrics(made, "ingest")
    assert found == {"empty_post": 1, "empty_question": 1, "older_version": 1} == counted["rejects_by_reason"]
    assert len(rows(made, "records")) == counted["records"] == POSTS + 5 + 1
    assert counted["read"] == counted["records"] + counted["rejects"] == POSTS + 6 + 1 + 2


def test_the_newer_scrape_won(made: Path) -> None:
    (older,) = (row for row in rows(made, "rejects") if row["reason"] == "older_version")
    (record,) = (row for row in rows(made, "records") if row["record_id"] in older["detail"])
    assert older["file"].endswith("1_older.json") and record["answer_raw"] == COMPLAINTS[1][1]


def test_every_record_is_decided(made: Path, settings: Params) -> None:
    decided = rows(made, "selection")
    ids = [row["record_id"] for row in rows(made, "records")]
    assert [row["record_id"] for row in decided] == ids == sorted(set(ids))
    known = {threshold.reason for threshold in thresholds(settings.select)}
    assert all(row["kept"] == (row["reject_reason"] is None) for row in decided)
    assert {row["reject_reason"] for row in decided} - known == {None}
    kept = [row["record_id"] for row in decided if row["kept"]]
    assert kept == [row["record_id"] for row in rows(made, "selected")] == [row["record_id"] for row in rows(made, "split")]
    for name in ("cleaned", "dialect", "severity", "duplicates"):
        assert [row["record_id"] for row in rows(made, name)] == ids, name


def test_what_is_no_question_is_dropped_for_its_reason(made: Path) -> None:
    reason = {row["record_id"]: row["reject_reason"] for row in rows(made, "selection")}
    found = {row["question_raw"][:12]: reason[row["record_id"]] for row in rows(made, "records")}
    assert found["I have had a"] == "other_language"
    assert metrics(made, "select")["kept"] > 0.9 * POSTS  # sixty good posts, none of them lost to a rule


def test_a_greeting_alone_is_too_short_rather_than_in_another_language(made: Path) -> None:
    reason = {row["record_id"]: row["reject_reason"] for row in rows(made, "selection")}
    (greeting,) = (row for row in rows(made, "records") if row["question_raw"].startswith("السلام عليكم"))
    assert reason[greeting["record_id"]] == "question_too_short"


def test_the_dataset_is_what_was_selected(made: Path, settings: Params) -> None:
    folder = made / "datasets" / settings.build.name
    parts = {path.stem: pq.read_table(path) for path in (folder / "data").iterdir()}
    assert {tuple(part.column_names) for part in parts.values()} == {tuple(name for name, _ in DEFAULT.columns)}
    found = {row["record_id"]: (name, row["question"]) for name, part in parts.items() for row in part.to_pylist()}
    in_split = {row["record_id"]: row["split"] for row in rows(made, "split")}
    assert found == {row["record_id"]: (in_split[row["record_id"]], row["question"]) for row in rows(made, "selected")}
    assert {path.relative_to(folder).parts[0] for path in files(folder)} == {
        "CHANGELOG.md", "CITATION.cff", "README.md", "annotations", "card.md.jinja", "croissant.json", "data", "sft",
    }  # fmt: skip


def test_no_personal_data_gets_out(made: Path) -> None:
    raw = "".join(path.read_text(encoding="utf-8") for path in (made / "data/raw").iterdir())
    assert [kind for kind, value in PLANTED.items() if value not in raw] == []
    for path in files(made):
        if path.suffix == ".parquet":
            text = str(pq.read_table(path).to_pylist()) + str(pq.read_metadata(path))
        else:
            text = path.read_text(encoding="utf-8")
        assert {kind for kind, value in PLANTED.items() if value in text} == set(), path
    assert "5 ملغ" in str(rows(made, "records")) and "150/95" in str(rows(made, "selected"))  # doses and values stay


def test_other_threads_same_bytes(made: Path, settings: Params, tmp_path: Path) -> None:
    again = make(tmp_path / "again", settings, threads=1)
    under = ("data/interim", "datasets", "reports")
    assert digests(again, *under) == digests(made, *under)
    assert len(digests(made, *under)) >= len(HAND_OVERS) + 4


def test_many_rows_with_two_threads_same_bytes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    found = set()
    for threads in ("1", "2", "2"):
        monkeypatch.setenv("TIBYAN_THREADS", threads)
        with open_session(EngineParams(memory_limit="1GB", threads=None)) as session:
            table = session.con.sql("SELECT md5(i::VARCHAR) AS record_id, 'train' AS split FROM range(300_000) t(i)")
            assert session.write(table, "split", order_by="record_id") == 300_000
        found.add(hashlib.sha256(Path("data/interim/split.parquet").read_bytes()).hexdigest())
    assert len(found) == 1


def test_selecting_again_touches_nothing_before_it(copied: Path, settings: Params) -> None:
    before = digests(copied, "data/interim", "reports/metrics")
    strict = settings.model_copy(update={"select": settings.select.model_copy(update={"min_answer_letters": 50})})
    run(select, strict)
    after = digests(copied, "data/interim", "reports/metrics")
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"data/interim/selection.parquet", "data/interim/selected.parquet", "reports/metrics/select.json"}
    assert Counter(row["reject_reason"] for row in rows(copied, "selection"))["answer_too_short"] > 6
    run(select, settings)
    assert digests(copied, "data/interim", "reports/metrics") == before


def test_nothing_is_built_past_a_gate_that_opened_for_other_data(copied: Path, settings: Params) -> None:
    before = digests(copied, "datasets")
    run(select, settings.model_copy(update={"select": settings.select.model_copy(update={"min_answer_letters": 50})}))
    with pytest.raises(TibyanError, match=r"gate\.json: the gate opened for other data"):
        run(build, settings)
    Path("reports/gate.json").unlink()
    with pytest.raises(TibyanError, match=r"gate\.json: the gate is closed"):
        run(build, settings)
    assert digests(copied, "datasets") == before


INPUTS = {
    clean: ["records"],
    dialect: ["cleaned"],
    severity: ["cleaned"],
    duplicates: ["cleaned", "quality"],
    select: ["records", "cleaned", "dialect", "severity", "duplicates"],
    split: ["selected", "duplicates"],
    validate: ["records", "cleaned", "dialect", "severity", "duplicates", "selection", "selected", "split"],
    gate: ["selected", "split"],
    build: ["selected", "split"],
}


@pytest.mark.parametrize(
    ("stage", "name"),
    [(stage, name) for stage, names in INPUTS.items() for name in names],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_a_missing_hand_over_is_named(stage: Any, name: str, copied: Path, settings: Params) -> None:
    (INTERIM / f"{name}.parquet").unlink()
    kept = digests(copied, "data", "datasets")
    with pytest.raises(TibyanError, match=rf"data/interim/{name}\.parquet: not there.*`dvc repro`"):
        run(stage, settings)
    assert digests(copied, "data", "datasets") == kept


WRONG = {
    "missing split": {"record_id": "VARCHAR"},
    "undeclared fold": {"record_id": "VARCHAR", "split": "VARCHAR", "fold": "BIGINT"},
    "split is BIGINT, not VARCHAR": {"record_id": "VARCHAR", "split": "BIGINT"},
    "columns in another order": {"split": "VARCHAR", "record_id": "VARCHAR"},
    "missing record_id, split; undeclared id": {"id": "VARCHAR"},
}


@pytest.mark.parametrize("problem", WRONG)
def test_columns_that_were_not_declared(problem: str) -> None:
    with pytest.raises(TibyanError, match=rf"^there: not the hand-over 'split' of this version \({problem}\)\."):
        check_columns("split", "there", list(WRONG[problem]), list(WRONG[problem].values()))


def test_a_hand_over_of_another_version_is_neither_read_nor_written(copied: Path, settings: Params) -> None:
    before = digests(copied, "data/interim")
    with open_session(settings.engine) as session:
        with pytest.raises(TibyanError, match="undeclared fold"):
            session.write(session.read("split").project("*, 1::BIGINT AS fold"), "split", order_by="record_id")
        assert digests(copied, "data/interim") == before
        write_parquet(session.read("split").project("record_id"), INTERIM / "split.parquet", "record_id")
        with pytest.raises(TibyanError, match=r"data/interim/split\.parquet.*missing split"):
            session.read("split")


def test_a_writer_that_fails_midway_leaves_what_was_there(copied: Path, settings: Params) -> None:
    before = digests(copied, "data/interim/", "datasets")
    midway = "SELECT i::VARCHAR AS record_id, if(i < 250_000, 'train', error('midway')) AS split FROM range(300_000) t(i)"
    with open_session(settings.engine) as session, pytest.raises(Exception, match="midway"):
        session.write(session.con.sql(midway), "split", order_by="record_id")
    folder = Path("datasets") / settings.build.name
    with pytest.raises(RuntimeError, match="midway"), write_folder(folder) as beside:
        (beside / "README.md").write_text("half a card", encoding="utf-8")
        raise RuntimeError("midway")
    left = {name: digest for name, digest in digests(copied, "data/interim", "datasets").items() if ".tmp" not in name}
    assert left == before
    with write_folder(folder) as beside:  # and what a failed one left is not in the next
        assert list(beside.iterdir()) == []
        (beside / "new").touch()
    assert [path.name for path in folder.iterdir()] == ["new"] and not beside.exists()
