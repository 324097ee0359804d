"""The texts that the quality scores are learned from and measured on: the sample's written ones, and ../shared/data where it is."""

import csv
import re
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa
import yaml

from benchmarks.setting import ROOT, SHARED
from curation.api import CLEAN
from curation.text.cleaning import clean_texts

WRITTEN = ROOT / "data" / "sample" / "written"
CASES = ROOT / "tests" / "curation" / "quality_cases.csv"
PLACEHOLDERS = {"phone": "PHONE", "link": "LINK", "email": "EMAIL", "handle": "HANDLE"}
BACKGROUND = 6_000  # lines of a general set: without them every word of the sets about health would look frequent


class Pair(NamedTuple):
    """A question with an answer; `right` where the answer is its own."""

    specialty: str | None
    question: str
    answer: str
    right: bool = True


def written() -> dict[str, dict[str, Any]]:
    """The sample's material by dialect."""
    return {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(WRITTEN.glob("*.yaml"))}


def cases() -> list[dict[str, str]]:
    """Our own cases: `question, answer, dialect, expected` (scores that are to be above their threshold, or none), `split, why`."""
    return _rows(CASES)


def aramed() -> list[Pair]:
    """400 consultations of a doctor site, each with its right answer, then the same with an answer known to be wrong (MIT)."""
    rows = _rows(SHARED / "aramed" / "Sample_AraMed.csv")
    right = [Pair(r["Question category"], r["Question description"], r["Answer details 1"]) for r in rows]
    return right + [Pair(r["Question category"], r["Question description"], r["Wrong Answer"], False) for r in rows]


def advertisements() -> dict[str, list[str]]:
    """The sample's written advertisements by dialect, as they look after redaction."""
    return {name: [_redacted(ad) for ad in of["ads"]] for name, of in written().items()}


def honest() -> list[str]:
    """Questions and answers that sell nothing, the sample's also with the line in which people leave a number or a link."""
    said = [text for pair in aramed()[:400] + mentalqa() for text in (pair.question, pair.answer)]
    for material in written().values():
        lines = {side: [of["text"] for of in material["personal"] if of["where"] == side] for side in ("question", "answer")}
        for i, question in enumerate(material["questions"]):
            for side in ("question", "answer"):
                own = lines[side] or lines["question"]
                said += [question[side], f"{question[side]} {_redacted(own[i % len(own)])}"]
    return sorted(set(said))


def _redacted(text: str) -> str:
    """A text of the sample's material as it looks after redaction."""
    return re.sub(r"\{(\w+)\}", lambda match: f"[{PLACEHOLDERS.get(match[1], 'NAME')}]", text)


def mentalqa() -> list[Pair]:
    """350 questions about mental health with their answers (MIT)."""
    with (SHARED / "mentalqa" / "Train_Dev.tsv").open(encoding="utf-8", newline="") as file:
        return [Pair(None, row[0], row[1]) for row in csv.reader(file, delimiter="\t") if len(row) > 1]


def sample() -> list[Pair]:
    """The sample's written askings, each with each of its answers."""
    return [
        Pair(question.get("specialty"), asked, answer)
        for material in written().values()
        for question in material["questions"]
        for asked in (question["question"], question["rephrased"])
        for answer in (question["answer"], question["answer_rephrased"])
    ]


def general() -> list[str]:
    """Texts about anything: Palestinian sentences (shami, Apache-2.0), tweets (ArSarcasm, MIT), and Darija about health (CC BY 4.0)."""
    lines = (SHARED / "shami" / "Palestinian.txt").read_text(encoding="utf-8").splitlines()[:BACKGROUND]
    tweets = [r["tweet"] for r in _rows(SHARED / "arsarcasm" / "training_data.csv")[:BACKGROUND]]
    return lines + tweets + darija()


def darija() -> list[str]:
    """Algerian posts about health, without their labels (CC BY 4.0)."""
    return [r["sentence"] for r in _rows(SHARED / "darija_urgency" / "dataset.csv")]


def table(con: duckdb.DuckDBPyConnection, pairs: list[Pair]) -> duckdb.DuckDBPyRelation:
    """The pairs as the stage has its records: `record_id` (their place, as text), `specialty`, texts and keys."""
    sides: dict[str, Any] = {}
    for side in ("question", "answer"):
        texts = pa.table({"id": range(len(pairs)), "text": pa.array([getattr(pair, side) for pair in pairs], pa.string())})
        sides[side] = clean_texts(con.from_arrow(texts), CLEAN).order("id").to_arrow_table()
    columns = {"record_id": [f"{i:06}" for i in range(len(pairs))], "specialty": [pair.specialty for pair in pairs]}
    columns |= {f"{side}{end}": of[name] for side, of in sides.items() for end, name in (("", "text"), ("_key", "key"), ("_cut", "cut"))}
    return con.from_arrow(pa.table(columns))


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
