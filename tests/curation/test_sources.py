"""Readers: the formats with their quirks, chosen by content, and what a damaged dump yields."""

import csv
import json
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curation.errors import TibyanError
from curation.params import InputParams
from curation.sources import reader_for
from curation.sources.dump import Dump, Item, Pair, Post, Reject, encoding_of
from curation.sources.facebook_scraper import python_literal
from curation.sources.inputs import all_dumps

POST = {
    "post_id": "11",
    "text": "عندي وجع في الركبة",
    "post_text": "عندي وجع في الركبة",
    "time": "2023-01-02 10:00:00",
    "comments": 2,
    "user_id": "7",
    "username": "سلوى بركات",
    "comments_full": [
        {
            "comment_id": "21",
            "commenter_id": "8",
            "commenter_name": "د. هاني",
            "comment_text": "حط كمادات وريح ركبتك اسبوع",
            "comment_reaction_count": 4,
            "replies": [{"comment_id": "22", "commenter_id": "7", "comment_text": "شكرا", "comment_reaction_count": None}],
        }
    ],
}


def items(path: Path, **options: Any) -> tuple[str, list[Item]]:
    dump = Dump(path, **options)
    reader = reader_for(dump)
    assert reader is not None
    return reader.NAME, list(reader.read(dump))


def one_post(found: list[Item]) -> Post:
    (post,) = (item for item in found if isinstance(item, Post))
    return post


def test_facebook_scraper_array_with_empty_slots_and_no_end(tmp_path: Path) -> None:
    path = tmp_path / "anything.txt"
    path.write_text(
        "[\n" + json.dumps(POST, ensure_ascii=False) + ",,\n" + json.dumps(POST, ensure_ascii=False) + ",\n",
        encoding="utf-8",
    )
    name, found = items(path)
    assert name == "facebook_scraper"
    assert len(found) == 2
    assert [c.native_id for c in found[0].comments] == ["21", "22"]  # type: ignore[union-attr]


def test_facebook_scraper_killed_in_the_middle(tmp_path: Path) -> None:
    path = tmp_path / "killed.json"
    whole = json.dumps(POST, ensure_ascii=False)
    path.write_text("[\n" + whole + ",\n" + whole[:150], encoding="utf-8")
    _, found = items(path)
    assert isinstance(found[0], Post)
    assert [(r.reason, r.position) for r in found if isinstance(r, Reject)] == [("damaged_json", "object 2")]


def test_a_damaged_object_in_the_middle_costs_only_itself(tmp_path: Path) -> None:
    path = tmp_path / "lines.json"
    whole = json.dumps(POST, ensure_ascii=False)
    path.write_text(f'{whole}\n{{"post_id": "5", "text": oops}}\n{whole}\n', encoding="utf-8")
    _, found = items(path)
    assert [type(item) for item in found] == [Post, Reject, Post]


def test_facebook_scraper_csv_with_python_repr(tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    comments = repr(POST["comments_full"]).replace(
        "'comment_id': '21'", "'comment_id': '21', 'comment_time': datetime.datetime(2024, 1, 1, 11, 0)"
    )
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["post_id", "post_text", "time", "user_id", "username", "comments_full"])
        writer.writerow(["11", POST["post_text"], POST["time"], "7", "سلوى", comments])
        writer.writerow(["12", "سؤال تاني", "", "", "", "[{broken"])
    name, found = items(path)
    assert name == "facebook_scraper"
    posts = [item for item in found if isinstance(item, Post)]
    assert posts[0].comments[0].time == "2024-01-01 11:00:00"
    assert len(posts) == 2
    assert [r.reason for r in found if isinstance(r, Reject)] == ["damaged_comments"]


def test_python_literals_are_never_evaluated() -> None:
    with pytest.raises(ValueError, match="not a literal"):
        python_literal("__import__('os').getcwd()")


def test_graph_api_one_response_a_line_without_from(tmp_path: Path) -> None:
    path = tmp_path / "feed"
    post = {"id": "1_2", "message": "ابني سخن", "created_time": "2018-01-01T10:00:00+0000"}
    comment = {
        "id": "3",
        "message": "اعطيه خافض",
        "like_count": 2,
        "comments": {"data": [{"id": "4", "message": "تمام"}]},
    }
    lines = [
        {"data": [post | {"comments": {"data": [comment]}}], "paging": {}},
        {"data": [post | {"id": "1_3", "message": None}]},
    ]
    path.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    name, found = items(path)
    assert name == "graph_api"
    assert [(c.native_id, c.depth) for c in one_post(found).comments] == [("3", 1), ("4", 2)]
    assert [r.reason for r in found if isinstance(r, Reject)] == ["empty_post"]


def test_facepager_levels_and_replies(tmp_path: Path) -> None:
    rows = [
        [
            "id",
            "parent_id",
            "level",
            "object_id",
            "object_type",
            "query_status",
            "query_time",
            "query_type",
            "name",
            "message",
        ],
        ["1", "0", "1", "9_1", "data", "", "", "", "", "شنو علاج الحكة"],
        ["2", "1", "2", "9_2", "data", "", "", "", "نور", "مرهم"],
        ["3", "1", "2", "9_3", "offcut", "", "", "", "", ""],
        ["4", "2", "3", "9_4", "data", "", "", "", "", "يا مرهم"],
    ]
    path = tmp_path / "facepager.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter=";", quoting=csv.QUOTE_ALL).writerows(rows)
    name, found = items(path)
    assert name == "facepager"
    assert [c.text for c in one_post(found).comments] == ["مرهم", "يا مرهم"]


MAQA = [
    ["q_body", "a_body", "category"],
    ["عندي حرقة", "جرب مضاد حموضة", " امراض باطنية "],
    ["", "لا سؤال", "x"],
    ["سؤال", None, None],
]


def expect_maqa(found: list[Item]) -> None:
    pairs = [item for item in found if isinstance(item, Pair)]
    assert [(p.question, p.answer, p.specialty) for p in pairs] == [
        ("عندي حرقة", "جرب مضاد حموضة", "امراض باطنية"),
        ("سؤال", None, None),
    ]
    assert [r.reason for r in found if isinstance(r, Reject)] == ["empty_question"]


def test_maqa_xlsx(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in MAQA:
        book.active.append(row)
    book.save(tmp_path / "a.bin")
    name, found = items(tmp_path / "a.bin")
    assert name == "table"
    expect_maqa(found)


@pytest.mark.parametrize(("encoding", "delimiter"), [("utf-8-sig", ","), ("cp1256", ","), ("utf-8", "\t"), ("utf-8", ";")])
def test_maqa_csv(tmp_path: Path, encoding: str, delimiter: str) -> None:
    path = tmp_path / "maqa.csv"
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(MAQA)
    assert encoding_of(path) == encoding
    expect_maqa(items(path)[1])


def test_maqa_parquet_and_json_lines(tmp_path: Path) -> None:
    rows = [dict(zip(MAQA[0], row, strict=True)) for row in MAQA[1:]]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "maqa.parquet")
    (tmp_path / "maqa.jsonl").write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    expect_maqa(items(tmp_path / "maqa.parquet")[1])
    expect_maqa(items(tmp_path / "maqa.jsonl")[1])


def test_a_table_without_header_by_numbers(tmp_path: Path) -> None:
    path = tmp_path / "t.tsv"
    path.write_text("عندي كحة\tاشرب سوائل\nسؤال ثاني\tجواب ثاني\n", encoding="utf-8")
    _, found = items(path, columns={"question": 0, "answer": 1}, header=False)
    assert [(p.question, p.answer) for p in found if isinstance(p, Pair)] == [
        ("عندي كحة", "اشرب سوائل"),
        ("سؤال ثاني", "جواب ثاني"),
    ]


def test_a_row_with_too_many_cells_is_rejected_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("q_body,a_body,category\nا,ب,ج\nا,ب,ج,د,ه\n", encoding="utf-8")
    _, found = items(path)
    assert [(r.position, r.reason) for r in found if isinstance(r, Reject)] == [("line 3", "damaged_row")]


BAD = [
    (lambda p: None, {}, "matches no file"),
    (lambda p: p.write_bytes(b""), {}, "an empty file"),
    (lambda p: p.write_text("just words, no dump"), {}, "in no format known"),
    (
        lambda p: p.write_text("a,b\n1,2\n"),
        {"columns": {"question": "q", "answer": "b"}},
        "has no column for question: q",
    ),
    (lambda p: p.write_text("a,b\n1,2\n"), {"format": "nonsense"}, "is no format"),
    (lambda p: p.write_text("a,b\n1,2\n"), {"columns": {"answer": "b"}}, "name no question column"),
    (lambda p: p.write_bytes(b"PK\x03\x04broken"), {"format": "table"}, "not a workbook"),
    (lambda p: p.write_bytes(b"PAR1broken"), {"format": "table"}, "damaged Parquet"),
]


@pytest.mark.parametrize(("write", "options", "sentence"), BAD, ids=[s for _, _, s in BAD])
def test_bad_input_is_one_sentence(tmp_path: Path, write: Any, options: dict[str, Any], sentence: str) -> None:
    path = tmp_path / "dump"
    write(path)
    with pytest.raises(TibyanError, match=sentence) as caught:
        for pairs in all_dumps([InputParams(path=str(path), **options)]):
            for dump, reader in pairs:
                list(reader.read(dump))
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
