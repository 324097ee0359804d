"""Readers: the formats with their quirks, chosen by content wherever they lie, and what a damaged dump yields."""

import datetime as dt
import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import datasets
from curation.errors import TibyanError
from curation.params import InputParams
from curation.sources.dump import Dump, Item, Pair, Post, Reject
from curation.sources.inputs import all_readings, read
from curation.sources.python_literal import python_literal
from tests.curation.dumps import ANSWERS, ASKS, MAQA, SAMPLES, as_csv, as_json, parquet, simplified, workbook, zipped


def items_of(path: Path | str, **options: Any) -> list[tuple[Dump, str, list[Item]]]:
    """Every dump under a path, the name of its reader, and what it holds."""
    (readings,) = all_readings([InputParams(path=str(path), **options)])
    return [(dump, reader.reason if isinstance(reader, Reject) else reader.NAME, list(read(dump, reader))) for dump, reader in readings]


def items(path: Path, content: bytes | str, **options: Any) -> list[Item]:
    """What a file with this content holds."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    ((_, _, found),) = items_of(path, **options)
    return found


def rejected(found: list[Item]) -> list[tuple[str, str]]:
    return [(item.reason, item.position) for item in found if isinstance(item, Reject)]


@pytest.mark.parametrize("name", SAMPLES)
def test_every_format_is_known_by_its_content(name: str, tmp_path: Path) -> None:
    sample = SAMPLES[name]
    path = tmp_path / ("dump.xlsx" if sample.content[:1] in b"[{" else "dump.json")  # names lie
    path.write_bytes(sample.content)
    ((_, reader, found),) = items_of(path, **sample.options)
    assert reader == sample.reader
    assert [simplified(item) for item in found if not isinstance(item, Reject)] == sample.holds
    assert [reason for reason, _ in rejected(found)] == sample.rejects


def zstd(content: bytes) -> bytes:
    packed = io.BytesIO()
    with pa.CompressedOutputStream(pa.PythonFile(packed, mode="w"), "zstd") as stream:
        stream.write(content)
        stream.flush()
        packed.close = lambda: None  # type: ignore[method-assign]
    return packed.getvalue()


CONTAINERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda content: gzip.compress(content, mtime=0),
    "zstd": zstd,
    "zip": lambda content: zipped({"export/posts.txt": content}),
    "gzip in a zip": lambda content: zipped({"posts": gzip.compress(content, mtime=0)}),
}


@pytest.mark.parametrize("container", ["folder", *CONTAINERS])
@pytest.mark.parametrize("name", SAMPLES)
def test_every_format_is_the_same_in_every_container(name: str, container: str, tmp_path: Path) -> None:
    sample = SAMPLES[name]
    plain = items(tmp_path / "plain", sample.content, **sample.options)
    folder = tmp_path / "folder" / "deeper"
    folder.mkdir(parents=True)
    (folder / "some.txt").write_bytes(CONTAINERS[container](sample.content) if container != "folder" else sample.content)
    given = tmp_path / "folder" if container in ("folder", "zip") else folder / "some.txt"
    ((_, reader, found),) = items_of(given, **sample.options)
    assert (reader, found) == (sample.reader, plain)


def test_notes_beside_the_data_are_rejects_and_stop_nothing(tmp_path: Path) -> None:
    sample = SAMPLES["facebook-scraper"]
    contents = {"README.md": b"# notes\nwords, and words\n", "data/posts.json": sample.content, "empty.json": b"", "log.txt": b"done\n"}
    for name, content in contents.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    (tmp_path / ".hidden").write_bytes(b"x")
    found = {dump.path.name: reader for dump, reader, _ in items_of(tmp_path)}
    assert found == {
        "README.md": "unknown_format",
        "posts.json": "facebook_scraper",
        "empty.json": "empty_file",
        "log.txt": "unknown_format",
    }


ROWS = [{"ask": f"{ASKS} {i}", "reply": ANSWERS} for i in range(5)]
MAPPED = {"columns": {"question": "ask", "answer": "reply"}}


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One dataset in all the shapes in which Hugging Face datasets lie on a disk."""
    folder = tmp_path_factory.mktemp("hub")
    whole = datasets.Dataset.from_list(ROWS)
    whole.save_to_disk(folder / "saved", num_shards=2)
    datasets.DatasetDict(train=whole.select(range(3)), test=whole.select(range(3, 5))).save_to_disk(folder / "splits")
    for shape, write in {"parquet": whole.to_parquet, "csv": whole.to_csv, "jsonl": whole.to_json}.items():
        (folder / shape / "data").mkdir(parents=True)
        write(folder / shape / f"data/train-00000-of-00001.{shape}")
        (folder / shape / "README.md").write_text("---\nlanguage: ar\n---\n# words, words\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize("shape", ["saved", "splits", "parquet", "csv", "jsonl"])
def test_a_hugging_face_dataset(shape: str, hub: Path) -> None:
    read_ = items_of(hub / shape, **MAPPED)
    pairs = [item for _, _, found in read_ for item in found if isinstance(item, Pair)]
    assert sorted((pair.question, pair.answer) for pair in pairs) == [(row["ask"], row["reply"]) for row in ROWS]
    beside = {dump.path.name for dump, _, found in read_ if any(isinstance(item, Reject) for item in found)}
    notes = {"README.md", "state.json", "dataset_info.json", "dataset_dict.json"}
    assert beside == {path.name for path in (hub / shape).rglob("*") if path.name in notes}
    assert {reader for _, reader, _ in read_} == {"table", "unknown_format"}


def test_a_table_that_nobody_mapped_is_told_how(tmp_path: Path) -> None:
    for content in (as_csv([["ask", "reply"], [ASKS, ANSWERS]]), workbook([["ask", "reply"], [ASKS, ANSWERS]]), parquet(ROWS)):
        with pytest.raises(TibyanError, match=r"in no format known .* name its columns under ingest.inputs in params.yaml"):
            items(tmp_path / "table", content)


# Damage: each costs its own piece. Positions are what the user looks up.
POST = json.loads(SAMPLES["facebook-scraper lines"].content.splitlines()[0])
LINE = as_json(POST)
DEEP = f'{{"post_id": "9", "comments_full": {"[{" * 5_000}{"}]" * 5_000}}}'
COMMENT = as_json(POST["comments_full"][0])
DAMAGED_JSON = {
    "oops": f'{{"post_id": "5", "text": oops, "comments_full": [{COMMENT}, {COMMENT}]}}',
    "cut in a comment": LINE[: LINE.index("comment_reactors")],
    "cut in a string": LINE[:30],
    "a quote lost": LINE.replace('"text"', '"text'),
    "a bracket lost": LINE.replace("}]", "]"),
    "too deep": DEEP,
    "a closing bracket more": LINE.replace('"likes"', '}, "likes"'),
}


@pytest.mark.parametrize("between", ["\n", ",\n", "\n,"])
@pytest.mark.parametrize("case", DAMAGED_JSON)
def test_a_damaged_object_costs_only_itself(case: str, between: str, tmp_path: Path) -> None:
    found = items(tmp_path / "lines", between.join((LINE, DAMAGED_JSON[case], LINE, LINE)))
    posts = [item for item in found if isinstance(item, Post)]
    assert [post.text for post in posts].count(ASKS) >= 3
    assert all(post.native_id == "11" and len(post.comments) == 2 for post in posts if case != "a closing bracket more")
    assert rejected(found)[0] == ("damaged_json", "object 2") or case == "a closing bracket more"


@pytest.mark.parametrize("case", ["oops", "a bracket lost", "too deep"])
@pytest.mark.parametrize("indent", [None, 2])
def test_a_damaged_object_inside_an_array(case: str, indent: int | None, tmp_path: Path) -> None:
    good = as_json([POST], indent=indent)[1:-1]
    found = items(tmp_path / "array", f"[{good},{DAMAGED_JSON[case]},{good}]")
    assert [type(item) for item in found] == [Post, Reject, Post] or case == "a bracket lost"
    assert all(len(item.comments) == 2 for item in found if isinstance(item, Post))


def test_an_indented_post_that_is_damaged(tmp_path: Path) -> None:
    good = as_json([POST, POST, POST], indent=4)
    for broken in ('"likes": oops', '"likes": "3', '"likes": 3,,'):
        at = good.index('"likes": 3', len(good) // 3)
        found = items(tmp_path / "indented", good[:at] + broken + good[at + len('"likes": 3') :])
        assert [type(item) for item in found if item] == [Post, Reject, Post], broken


def test_a_damaged_response_is_followed_by_the_next(tmp_path: Path) -> None:
    first, second = SAMPLES["Graph API, a response a line"].content.decode().splitlines()
    for cut in range(20, len(first), 37):
        for between in ("\n", "\n\n", ",\n"):
            found = items(tmp_path / "feed", first[:cut] + between + second)
            posts = [item.native_id for item in found if isinstance(item, Post)]
            assert posts in (["12"], ["11", "12"]), (cut, posts)


def test_a_csv_thread_that_is_no_literal_costs_only_the_thread(tmp_path: Path) -> None:
    rows = [["post_id", "post_text", "comments_full"], ["1", ASKS, "[{broken"], ["2", ASKS, "[]"]]
    found = items(tmp_path / "posts", as_csv(rows))
    assert [post.native_id for post in found if isinstance(post, Post)] == ["1", "2"]
    assert rejected(found) == [("damaged_comments", "line 2")]


LITERALS = [
    {"a": [1, -2.5, None, True, ("x", "y")], "b": {"c": 'it\'s "so"\n\\ \x7f \u200f 😀 \ud83d'}, "d": {}},
    [],
    {"e": [[], {}, ()]},
]


def test_python_literals_are_read_as_python_does() -> None:
    for value in LITERALS:
        assert python_literal(repr(value)) == json.loads(json.dumps(value))
    times = "{'t': datetime.datetime(2024, 1, 1, 11, 0), 'z': datetime.datetime(2024, 1, 2, 3, 4, 5, 678, tzinfo=datetime.timezone.utc)}"
    assert python_literal(times) == {"t": "2024-01-01 11:00:00", "z": "2024-01-02 03:04:05"}
    zoned = "[datetime.datetime(2024, 1, 1, 0, 0, tzinfo=datetime.timezone(datetime.timedelta(seconds=10800)))]"
    assert python_literal(zoned) == ["2024-01-01 00:00:00"]


@pytest.mark.parametrize("text", ["__import__('os').getcwd()", "[1", "1]", "", "{'a': oops}", "f(1)", "[1}", "datetime.datetime"])
def test_python_literals_are_never_evaluated(text: str) -> None:
    with pytest.raises(ValueError, match="not a literal"):
        python_literal(text)


def test_a_stray_quote_swallows_no_rows(tmp_path: Path) -> None:
    text = 'q_body,a_body,category\nا,"ب,ج\nد,ه,و\nز,"ح",ط\nي,"قال "نعم" لي",ك\nل,"م,ن\n'
    found = items(tmp_path / "t", text)
    assert [pair.question for pair in found if isinstance(pair, Pair)] == ["د", "ز", "ي"]
    assert rejected(found) == [("damaged_row", "line 2"), ("damaged_row", "line 6")]


def test_a_row_with_too_many_cells_is_rejected_with_its_line(tmp_path: Path) -> None:
    found = items(tmp_path / "t", "q_body,a_body,category\nا,ب,ج\nا,ب,ج,د,ه\n")
    assert rejected(found) == [("damaged_row", "line 3")]


def test_scratches_leave_utf_8_what_it_is(tmp_path: Path) -> None:
    content = as_csv([*MAQA[:2]] * 20).replace("ركبة".encode(), b"\xff" + "ركبة".encode()[1:], 1)
    found = items(tmp_path / "t", content)
    assert sum(isinstance(item, Pair) and item.question == ASKS for item in found) == 19
    assert rejected(found)[-1] == ("damaged_file", "the whole file")


# Workbooks, as other programs than ours write them.
def test_a_sheet_with_gaps_dates_numbers_and_remarks_beside_it(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["no", "q_body", "a_body", "category", "date", None])
    book.active.append([])
    book.active.append([12, ASKS, 37.3, None, dt.datetime(2023, 5, 6, 7, 8, 9), None, None, "remark"])
    book.active.append(["x", "سؤال"])
    book.create_sheet("second").append(["q_body"])
    file = tmp_path / "book"
    book.save(file)
    columns = {"question": "q_body", "answer": "a_body", "native_id": "no", "asked_at": "date", "specialty": "category"}
    ((_, _, found),) = items_of(file, columns=columns)
    assert found == [
        Pair("12", ASKS, "37.3", "row 3", None, "2023-05-06 07:08:09"),
        Pair("x", "سؤال", None, "row 4"),
    ]


def sheet(tmp_path: Path, parts: dict[str, str]) -> list[Item]:
    names = {"book": "xl/workbook.xml", "links": "xl/_rels/workbook.xml.rels", "sheet": "xl/worksheets/sheet1.xml"}
    names |= {"texts": "xl/SharedStrings.xml", "styles": "xl/styles.xml"}
    return items(tmp_path / "book", zipped({names.get(name, name): text.encode() for name, text in parts.items()}))


HEADER = '<row><c t="inlineStr"><is><t>q_body</t></is></c><c t="str"><v>a_body</v></c><c t="s"><v>0</v></c></row>'
TEXTS = "<sst><si><t>category</t></si><si><r><t>سؤا</t></r><r><t>ل</t></r><rPh><t>x</t></rPh></si><si><t>سطر_x000D_\nآخر</t></si></sst>"


def test_rich_texts_escapes_and_prefixed_tags(tmp_path: Path) -> None:
    rows = '<x:row><x:c t="s"><x:v>1</x:v></x:c><x:c t="s"><x:v>2</x:v></x:c></x:row><row><c t="e"><v>#N/A</v></c><c><v>1</v></c></row>'
    found = sheet(tmp_path, {"sheet": f"<worksheet xmlns:x='x'>{HEADER}{rows}</worksheet>", "texts": TEXTS})
    assert found[0] == Pair(None, "سؤال", "سطر\r\nآخر", "row 2")
    assert rejected(found) == [("empty_question", "row 3")]


def test_a_sheet_that_breaks_off_is_read_up_to_there(tmp_path: Path) -> None:
    row = '<row><c t="s"><v>1</v></c></row>'
    found = sheet(tmp_path, {"sheet": f"<worksheet>{HEADER}{row * 3}<row><c></broken>", "texts": TEXTS})
    assert [item.position for item in found if isinstance(item, Pair)] == ["row 2", "row 3", "row 4"]
    assert rejected(found) == [("damaged_file", "the whole file")]


def test_a_missing_text_costs_its_row(tmp_path: Path) -> None:
    rows = "".join(f'<row><c t="s"><v>{number}</v></c></row>' for number in ("1", "77", "x", "2"))
    found = sheet(tmp_path, {"sheet": f"<worksheet>{HEADER}{rows}</worksheet>", "texts": TEXTS})
    assert [item.position for item in found if isinstance(item, Pair)] == ["row 2", "row 5"]
    assert rejected(found) == [("damaged_row", "row 3"), ("damaged_row", "row 4")]


def test_a_damaged_part_of_a_parquet_file_costs_only_itself(tmp_path: Path) -> None:
    rows = [{"q_body": f"{ASKS} {i}", "a_body": "ج", "category": "ت"} for i in range(30)]
    file = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), file, row_group_size=10, compression="none", use_dictionary=False)
    content = bytearray(file.getvalue())
    at = content.index(f"{ASKS} 12".encode())
    content[at - 30 : at + 900] = b"\xff" * 930
    found = items(tmp_path / "p", bytes(content))
    positions = {item.position for item in found if isinstance(item, Pair)}
    assert {f"row {i}" for i in (*range(1, 11), *range(21, 31))} <= positions and "row 13" not in positions
    assert any(reason == "damaged_row" for reason, _ in rejected(found))


BAD: list[tuple[bytes | None, dict[str, Any], str]] = [
    (None, {}, "matches no file"),
    (b"", {}, "an empty file"),
    (b"just words, no dump", {}, "in no format known"),
    (b"a,b\n1,2\n", {"columns": {"question": "q", "answer": "b"}}, "has no column for question: q"),
    (b"a,b\n1,2\n", {"format": "nonsense"}, "is no format"),
    (b"a,b\n1,2\n", {"columns": {"answer": "b"}}, "name no question column"),
    (b"PK\x03\x04broken", {"format": "table"}, "a damaged or empty zip"),
    (zipped({"xl/workbook.xml": b"<workbook/>"}), {"format": "table"}, "not a workbook"),
    (b"PAR1broken", {"format": "table"}, "damaged Parquet"),
    (b"\xff\xff\xff\xffbroken", {"format": "table"}, "damaged Arrow"),
    (b"{}", {"paths": {"text": "a", "reply": "b"}}, "map reply; they can"),
    (b"{}", {"paths": {"text": "a", "comments": "b"}}, "need `text`, and `comment_text`"),
    (b"a,b\n1,2\n", {"format": "facepager"}, "not a Facepager export"),
    (gzip.compress(b"[1, 2]")[:11], {}, "damaged inside"),
]


@pytest.mark.parametrize(("content", "options", "sentence"), BAD, ids=[sentence for *_, sentence in BAD])
def test_bad_input_is_one_sentence(content: bytes | None, options: dict[str, Any], sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "dump"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(TibyanError, match=sentence) as caught:
        items_of(path, **options)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
