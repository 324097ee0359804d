"""docs/privacy.md counts the cases that are there; its scores and its generated dumps are what it says they are."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from benchmarks import privacy_scores as scores
from benchmarks.dumps import COMMENTS, facebook_json, maqa_xlsx
from curation.privacy.patterns import KINDS
from curation.privacy.redaction import Span
from curation.sources import reader_for
from curation.sources.dump import Dump, Pair, Post, Reject

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs" / "privacy.md"
CASES = scores.cases()
HELD_OUT = [case for case in CASES if case.split == "held_out"]


def table(heading: str) -> dict[str, list[str]]:
    """The first table under a heading: the cells of each row by its first."""
    text = DOCUMENT.read_text(encoding="utf-8").partition(f"\n{heading}\n")[2].partition("\n#")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    return {row[0]: row[1:] for row in rows[2:]}


@pytest.mark.parametrize(("heading", "cases"), [("### Held out, by", HELD_OUT), ("### All cases, by", CASES)])
def test_the_document_counts_every_planted_piece(heading: str, cases: list[scores.Case]) -> None:
    by_kind = Counter(span.kind for case in cases for span in case.planted)
    by_dialect = Counter(case.dialect for case in cases for _ in case.planted)
    for group, counts in (("kind", by_kind), ("dialect", by_dialect)):
        rows = table(f"{heading} {group}")
        assert {name: int(row[0]) for name, row in rows.items() if name != "all" and row[0] != "0"} == counts
        assert int(rows["all"][0]) == counts.total()
        for row in rows.values():
            assert sum(map(int, row[1:4])) == int(row[0])  # found, partly, missed


def test_the_document_counts_the_doses_and_none_is_changed() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    doses = scores.rows(scores.DOSES)
    assert len(doses) >= 300
    assert f"\n{len(doses)} strings of doses" in text
    assert "0 strings have another number after redaction, 0 after" in text.replace("\n", " ")


def test_the_document_names_no_time_and_no_path_of_a_machine() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert not re.search(r"/(?:work|root|home|tmp)/", text)
    assert not re.search(r"20\d\d-\d\d-\d\d|\d\d:\d\d", text)


def test_every_case_is_its_expected_text_outside_the_placeholders() -> None:
    for row, case in zip(scores.rows(scores.CASES), CASES, strict=True):
        assert [span.kind for span in case.planted] == row["kinds"].split()
        assert {span.kind for span in case.planted} <= set(KINDS)
    assert {case.split for case in CASES} == {"development", "held_out"}


def test_planted_pieces_beside_each_other() -> None:
    text = "كلمي سعاد بوزيد 0612 345 678 او s.b@mail.example"
    spans = scores.planted(text, "كلمي [NAME] [PHONE] او [EMAIL]")
    assert [text[s.start : s.end] for s in spans] == ["سعاد بوزيد", "0612 345 678", "s.b@mail.example"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([(5, 15, "NAME")], {"planted": 1, "found": 1, "given": 1}),
        ([(5, 9, "NAME"), (10, 15, "NAME")], {"planted": 1, "found": 1, "given": 2}),
        ([(5, 9, "NAME")], {"planted": 1, "partial": 1, "given": 1}),
        ([(0, 15, "ADDRESS")], {"planted": 1, "found": 1, "renamed": 1, "given": 1, "wide": 1}),
        ([(0, 4, "NAME")], {"planted": 1, "missed": 1, "given": 1, "false": 1}),
        ([], {"planted": 1, "missed": 1}),
    ],
)
def test_what_counts_as_found(given: list[tuple[int, int, str]], expected: dict[str, int]) -> None:
    case = scores.Case("كلمي سعاد بوزيد اليوم", (Span(5, 15, "NAME"),), "MGR")
    assert Counter(event.what for event in scores.judge(case, given)) == expected


def test_numbers_are_compared_by_value() -> None:
    assert scores.numbers("٢٫٥ ملغ و 140/90 و ½") == scores.numbers("2.5 ملغ و ١٤٠/٩٠ و ½")
    assert scores.numbers("2.5") != scores.numbers("25")
    assert scores.numbers("0.05") != scores.numbers("0.5")


def test_the_generated_json_is_read_whole(tmp_path: Path) -> None:
    counts = facebook_json(tmp_path / "group.json", 300_000)
    items = read(tmp_path / "group.json", "facebook_scraper")
    posts = [item for item in items if isinstance(item, Post)]
    assert (len(posts), len(items)) == (counts["posts"], counts["posts"])
    assert sum(len(post.comments) for post in posts) == counts["comments"]
    assert COMMENTS / 2 < counts["comments"] / counts["posts"] < COMMENTS * 2
    text = (tmp_path / "group.json").read_text(encoding="utf-8")
    assert ",,{" in text  # the slots that the tool leaves empty
    records = json.loads("[" + text.removeprefix("[\n,").replace(",,{", ",{"))
    assert text.replace(",,{", ",{") == "[\n," + ",".join(json.dumps(record, indent=4) for record in records) + "\n]"


def test_the_generated_workbook_is_read_whole(tmp_path: Path) -> None:
    maqa_xlsx(tmp_path / "maqa.xlsx", 300)
    pairs = read(tmp_path / "maqa.xlsx", "table")
    assert len(pairs) == 300
    assert all(isinstance(pair, Pair) and pair.question and pair.answer and pair.specialty for pair in pairs)
    assert 200 < sum(len(pair.question) for pair in pairs if isinstance(pair, Pair)) / 300 < 300


def read(path: Path, name: str) -> list[object]:
    dump = Dump(path)
    reader = reader_for(dump)
    assert reader is not None
    assert name == reader.NAME
    items = list(reader.read(dump))
    assert not [item for item in items if isinstance(item, Reject)]
    return items
