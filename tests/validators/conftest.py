"""Small hand-overs of our own sentences, all good; a test plants its fault, writes them and runs the stage."""

import json
from collections import Counter
from copy import deepcopy
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curation.dialect import msa
from curation.engine import open_session, write_json
from curation.params import load_params
from curation.schema import CHANGES, DIALECTS, HAND_OVERS, SCORES, SEVERITIES, SPLITS
from curation.text.cleaning import clean_texts
from tests.validators.planted import plant, release, spoil
from validators.custom_checks import with_custom_checks
from validators.suites import suites
from validators.validate import run

ROOT = Path(__file__).parents[2]
SYMPTOMS = ("صداع في جانب واحد", "سعال جاف", "ألم أسفل الظهر", "حرقة في المعدة", "دوخة عند الوقوف", "تنميل في اليد")
TYPES = {
    "VARCHAR": pa.string(),
    "DOUBLE": pa.float64(),
    "BIGINT": pa.int64(),
    "BOOLEAN": pa.bool_(),
    "TIMESTAMP": pa.timestamp("us"),
    "VARCHAR[]": pa.list_(pa.string()),
    CHANGES: msa.CHANGES,
}


def question(i):
    return f"عندي {SYMPTOMS[i % len(SYMPTOMS)]} منذ {i + 2} يوما وأشعر بتعب شديد في المساء، هل أحتاج إلى تحليل؟"


def answer(i):
    return f"خذ حبة {100 + i} ملغ بعد الأكل مرتين في اليوم، وراجع الطبيب إذا استمرت الشكوى أسبوعا"


def one_hot(names, label, rest=0.01):
    return {f"p_{n.lower()}": 1 - rest * (len(names) - 1) if n == label else rest for n in names}


def good(n=120):
    """Every hand-over as rows, a dictionary by name. `selected` is made of the others when written."""
    return deepcopy(made(n))


@cache
def made(n):
    """The same, once for all tests."""
    ids = [f"r{i:06d}" for i in range(n)]
    texts = {"question": [question(i) for i in range(n)], "answer": [answer(i) for i in range(n)]}
    rows = {name: [{"record_id": i} for i in ids] for name in HAND_OVERS if name != "rejects"}
    rows["rejects"] = [{"source": "clinic", "file": "clinic.csv", "position": str(i), "reason": "no_text", "detail": ""} for i in range(3)]
    with open_session(load_params(ROOT / "params.yaml").engine) as session:
        for side, raw in texts.items():
            relation = session.con.from_arrow(pa.table({"id": ids, "text": raw}))
            cleaned = clean_texts(relation, load_params(ROOT / "params.yaml").clean).order("id").fetchall()
            for i, (_, text, key, cut) in enumerate(cleaned):
                rows["records"][i] |= {f"{side}_raw": raw[i], "source": "clinic", "specialty": "باطنية", "answer_rule": "given"}
                rows["cleaned"][i] |= {side: text, f"{side}_key": key, f"{side}_cut": cut, "language": "ar", "arabic_share": 1.0}
                rows["cleaned"][i] |= {"language_method": "script"}
                rows["dialect"][i] |= {"question_msa": rows["cleaned"][i]["question"]}
    for i in range(n):
        letters = {f"{side}_letters": sum(c.isalpha() for c in rows["cleaned"][i][side]) for side in texts}
        rows["quality"][i] |= {**letters, "answer_arabic_share": 1.0, **dict.fromkeys(SCORES, 0.0), "quality_scorer": "quality_v1"}
        dialect, severity = ("MSA", "EGY")[i // 10 % 2], SEVERITIES[i // 10 % 3]
        rows["dialect"][i] |= {"dialect": dialect, **one_hot(DIALECTS, dialect), "dialect_scorer": "words_v1"}
        rows["severity"][i] |= {"severity": severity, **one_hot(SEVERITIES, severity), "severity_scorer": "lexicon_v1"}
        rows["duplicates"][i] |= {"cluster_id": ids[i], "is_representative": True}
        rows["duplicates"][i] |= {"answer_cluster_id": ids[i], "pair_cluster_id": ids[i]}
        rows["selection"][i] |= {"kept": True}
        rows["split"][i] |= {"split": {0: "test", 1: "validation"}.get(i % 10, "train")}
    del rows["selected"]
    return rows


def join_selected(rows):
    """`selected` as the stage `select` makes it."""
    kept = {r["record_id"] for r in rows["selection"] if r["kept"]}
    joined = {i: {} for i in sorted(kept)}
    for name in ("records", "cleaned", "quality", "dialect", "severity", "duplicates"):
        for row in rows[name]:
            if row["record_id"] in joined:
                joined[row["record_id"]] |= row
    return list(joined.values())


def counts(rows):
    """What the stages that count would have counted."""
    splits = Counter(row["split"] for row in rows["split"])
    kept = len(rows.get("selected") or join_selected(rows))
    rejected = sum(row.get("reject_reason") is not None for row in rows["selection"])
    return {
        "ingest": {"records": len(rows["records"]), "rejects": len(rows["rejects"])},
        "select": {"read": len(rows["records"]), "kept": kept, "rejected": rejected},
        "split": {name: splits[name] for name in SPLITS},
    }


def write(rows, folder):
    """The hand-overs, and the metrics of the stages that count; `counted` in `rows` goes before."""
    folder.mkdir(parents=True, exist_ok=True)
    for stage, found in (rows.pop("counted", None) or counts(rows)).items():
        write_json(folder.parents[1] / f"reports/metrics/{stage}.json", found)
    for name, found in {"selected": join_selected(rows) if "selected" not in rows else [], **rows}.items():
        schema = pa.schema([(column, TYPES[kind]) for column, kind in HAND_OVERS[name].items()])
        pq.write_table(pa.Table.from_pylist(found, schema), folder / f"{name}.parquet")


def validate(rows, folder, dialect=None, **changed):
    """Write the hand-overs, run the stage in `folder` and read its report: outcomes by `suite/name`, in order.

    `changed` are keys of the section `validate`, `dialect` those of its own.
    """
    write(rows, folder / "data/interim")
    params = load_params(ROOT / "params.yaml")
    sections = {"validate_": {"data_docs": False, **changed}, "dialect": dialect or {}}
    params = params.model_copy(update={name: getattr(params, name).model_copy(update=keys) for name, keys in sections.items()})
    with open_session(params.engine, folder / "data/interim") as session:
        summary = run(session, params)
    report = json.loads((folder / "reports/validation.json").read_text(encoding="utf-8"))
    return SimpleNamespace(summary=summary, checks={f"{c['suite']}/{c['name']}": c for c in report["checks"]})


@pytest.fixture(scope="session")
def hand_overs():
    return SimpleNamespace(
        good=good,
        join_selected=join_selected,
        write=write,
        validate=validate,
        counts=counts,
        question=question,
        answer=answer,
        root=ROOT,
    )


@pytest.fixture(scope="session")
def all_suites():
    return with_custom_checks(suites(load_params(ROOT / "params.yaml")))


def found_in(folder, rows, **changed):
    """What `validate` finds in `folder`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return validate(rows, folder, **changed)


@pytest.fixture(scope="session")
def faults(tmp_path_factory):
    """What is found of the planted faults, the ids that each check has to name, and the folder."""
    rows, folder = good() | {"join": join_selected, "counts": counts}, tmp_path_factory.mktemp("faults")
    expected = plant(rows)
    del rows["join"], rows["counts"]
    return found_in(folder, rows, data_docs=True), expected, folder


@pytest.fixture(scope="session")
def spoilt(tmp_path_factory):
    """What is found of faults of whole tables, and the places that each check has to name."""
    rows = good() | {"join": join_selected}
    expected = spoil(rows)
    del rows["join"]
    return found_in(tmp_path_factory.mktemp("spoilt"), rows), expected


@pytest.fixture(scope="session")
def moved(tmp_path_factory):
    """What is found beside a released version that differs in everything, and the folder."""
    rows, folder = good(), tmp_path_factory.mktemp("moved")
    release(rows, folder / "released")
    return found_in(folder, rows, released=str(folder / "released")), folder


@pytest.fixture(scope="session")
def nothing(tmp_path_factory):
    """What is found where every hand-over is empty, and where all but ids is null."""
    found = {}
    for name, rows in {"empty": good(0), "null": good()}.items():
        for hand_over in rows if name == "null" else ():
            keep = {"selection": {"kept"}, "records": {"source", "specialty"}, "rejects": {"source"}}.get(hand_over, set())
            for row in rows[hand_over]:
                row.update(dict.fromkeys(set(row) - {"record_id", *keep}))
        found[name] = found_in(tmp_path_factory.mktemp(name), rows).checks
    return SimpleNamespace(**found)


@pytest.fixture(scope="module")
def in_folder(tmp_path_factory):
    """A folder to work in for the module's runs."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("project")
        patch.chdir(folder)
        yield folder
