"""A dataset of three sources, each on other terms, built in a folder in a few seconds: for tests of what is published."""

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import yaml

from curation.engine import open_session
from curation.params import load_params
from curation.stages import build, clean, dialect, duplicates, ingest, quality, select, severity, split
from validators import gate, validate_built

ROOT = Path(__file__).parents[2]
STAGES = (ingest, clean, quality, dialect, severity, duplicates, select, split)
KEY = "ab" * 32
FOLDER = Path("datasets/arabic-medical-qa")
PLACES = ("في جنبي اليمين", "ورا ودني", "في كتفي الشمال", "تحت ركبتي", "في كعب رجلي", "على معدتي", "في ضهري من تحت", "في رقبتي")
PAINS = ("وجع بيزيد بالليل", "تنميل وخدلان", "حكة شديدة واحمرار", "شد عضلي من المشي", "ورم صغير بيوجع لما المسه")
ADVICE = ("ادهن مرهم مسكن", "اعمل كمادات دافية", "خد مضاد حساسية", "ريح يومين من الشغل", "اعمل سونار عند دكتور باطنة")
SOURCES = {"clinic": ("CC-BY-4.0", "yes"), "forum": ("forum-terms", "annotations-only"), "ward": (None, "no")}


def rows(source: str, count: int) -> list[tuple[str, str, str]]:
    """Native id, question and answer; no two of them near-duplicates."""
    shift = list(SOURCES).index(source) * 40
    made = []
    for i in range(shift, shift + count):
        place, pain, advice = PLACES[i % 8], PAINS[i // 8 % 5], ADVICE[(i + i // 8) % 5]
        question = f"عندي {pain} {place} من {i + 3} يوم وعمري {20 + i} سنة، اعمل ايه؟"
        made.append((f"{source}-{i}", question, f"{advice} {place} لمدة {i + 2} يوم، ولو {pain} ما راحش روح لدكتور"))
    return made


def write_raw(folder: Path, counts: dict[str, int]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for source, count in counts.items():
        with (folder / f"{source}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("no", "asked", "answered"), *rows(source, count)])


def write_params(folder: Path, **build_keys: Any) -> None:
    params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    params["ingest"]["inputs"] = [
        {"path": f"data/raw/{source}.csv", "source": source, "redistributable": given}
        | {"columns": {"native_id": "no", "question": "asked", "answer": "answered"}}
        | ({"licence": licence, "collected": "written for this test", "consent": "not needed"} if licence else {})
        for source, (licence, given) in SOURCES.items()
        if (folder / f"data/raw/{source}.csv").exists()
    ]
    params["duplicates"]["threshold"] = 0.95  # the questions differ in a place and a number
    params["duplicates"]["short_threshold"] = 0.95
    params["select"]["max_score"] = dict.fromkeys(params["select"]["max_score"], 1)
    params["select"]["drop_duplicates"] = "none"
    params["split"] |= {"validation": 0.2, "test": 0.2}
    params["build"] |= build_keys
    (folder / "params.yaml").write_text(yaml.safe_dump(params, allow_unicode=True, sort_keys=False), encoding="utf-8")


def make(counts: dict[str, int] | None = None) -> None:
    """Everything up to `build`, in the working directory. The gate opens for a report that one check made."""
    here = Path()
    write_raw(here / "data/raw", counts or {"clinic": 40, "forum": 20, "ward": 12})
    write_params(here)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in ("card.md.jinja", "CHANGELOG.md"):
        shutil.copyfile(ROOT / FOLDER / name, FOLDER / name)
    for stage in STAGES:
        run(stage)
    open_gate()
    run(build)
    run(validate_built)


def open_gate() -> None:
    check = {"suite": "selected", "name": "row_count", "severity": "critical", "success": True}
    Path("reports/validation.json").write_text(json.dumps({"checks": [check]}), encoding="utf-8")
    run(gate)


def run(stage: Any) -> str:
    params = load_params()
    with open_session(params.engine) as session:
        return str(stage.run(session, params))
