"""Whatever a dump holds: no traceback, no hang, no gigabyte, no text of it in a message, and what is whole is read."""

import copy
import gzip
import io
import json
import random
import struct
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curation.errors import TibyanError
from curation.params import InputParams
from curation.sources.dump import Item, Pair, Post, Reject
from curation.sources.inputs import all_readings, read
from tests.curation.dumps import ASKS, MAQA, MARK, SAMPLES, arrow, as_csv, parquet, workbook, zipped
from tests.curation.test_sources import CONTAINERS, zstd

ROOT = Path(__file__).parents[2]
PATIENCE = 5  # seconds for a small file, on a busy machine
HEAVY_PATIENCE, HEAVY_MEMORY = 60, 1_000  # seconds and MB for a hostile one
WORDS = MARK.split()[1:3]  # rare enough

# The same examples at every run: a new one is found by raising max_examples, not by luck in CI.
bounded = settings(derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))


def survived(content: bytes, **options: Any) -> list[Item]:
    """What the content holds. Fails on anything but items, or one sentence that names the file."""
    began = time.monotonic()
    found: list[Item] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "some.dump"
        path.write_bytes(content)
        try:
            for dump, reader in [reading for entry in all_readings([InputParams(path=str(path), **options)]) for reading in entry]:
                found += read(dump, reader)
        except TibyanError as error:
            assert "some.dump" in str(error) and "\n" not in str(error)
            assert not any(word in str(error) for word in WORDS)
    assert time.monotonic() - began < PATIENCE
    for item in found:
        if isinstance(item, Reject):
            assert item.position and item.reason
            assert not any(word in part for word in WORDS for part in (item.position, item.reason, item.detail))
        elif isinstance(item, Post | Pair):
            assert (item.text if isinstance(item, Post) else item.question).encode()  # no half emoji: Arrow would not take it
    return found


names = st.sampled_from(sorted(SAMPLES))
containers = st.sampled_from(["plain", "plain", *CONTAINERS])


def packed(content: bytes, container: str) -> bytes:
    return CONTAINERS[container](content) if container in CONTAINERS else content


@settings(bounded, max_examples=400)
@given(names, containers, st.floats(0, 1))
def test_truncated_anywhere(name: str, container: str, share: float) -> None:
    content = packed(SAMPLES[name].content, container)
    survived(content[: int(share * len(content))], **SAMPLES[name].options)


@pytest.mark.parametrize("container", ["plain", *CONTAINERS])
@pytest.mark.parametrize("name", SAMPLES)
def test_doubled(name: str, container: str) -> None:
    survived(packed(SAMPLES[name].content, container) * 2, **SAMPLES[name].options)


@settings(bounded, max_examples=800)
@given(names, containers, st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=20))
def test_bytes_flipped(name: str, container: str, flips: list[tuple[float, int]]) -> None:
    content = bytearray(packed(SAMPLES[name].content, container))
    for share, byte in flips:
        content[int(share * len(content))] = byte
    survived(bytes(content), **SAMPLES[name].options)


@settings(bounded, max_examples=200)
@given(names, names, st.floats(0, 1), st.sampled_from(["utf-8", "cp1256", "utf-16", "utf-8-sig"]))
def test_the_end_of_one_behind_the_beginning_of_another(first: str, second: str, share: float, encoding: str) -> None:
    begun, ended = SAMPLES[first].content, SAMPLES[second].content.decode("utf-8", "replace").encode(encoding, "replace")
    survived(begun[: int(share * len(begun))] + ended[int(share * len(ended)) :], **SAMPLES[first].options)


@settings(bounded, max_examples=200)
@given(
    st.binary(max_size=300),
    names,
    st.sampled_from([b"", b"[", b"{", b"PK\x03\x04", b"PAR1", b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"\xff\xfe"]),
)
def test_any_bytes_in_any_format(content: bytes, name: str, beginning: bytes) -> None:
    survived(beginning + content, format=SAMPLES[name].reader, **SAMPLES[name].options)


# Wrong types in every field.
anything = st.recursive(
    st.sampled_from(
        [None, True, 0, -1, 10**30, 1e300, float("nan"), "", "x", "\ud83d", "\0", [], {}, [[]], [None], {"data": 5}, {"": None}]
    ),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["data", "id", "text", "message"]), inner, max_size=2),
    max_leaves=4,
)
json_names = st.sampled_from(sorted(name for name, sample in SAMPLES.items() if sample.content.lstrip(b"\xef\xbb\xbf")[:1] in b"{["))


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(inner, (*path, key))


def parsed(content: bytes) -> list[Any]:
    try:
        return [json.loads(content.decode("utf-8-sig"))]
    except ValueError:
        return [json.loads(line.strip(b",[]")) for line in content.replace(b"}{", b"}\n{").splitlines() if line.strip(b",[]")]


@settings(bounded, max_examples=800)
@given(json_names, st.randoms(use_true_random=False), st.lists(anything, min_size=1, max_size=4))
def test_wrong_types_in_json(name: str, chance: random.Random, wrong: list[Any]) -> None:
    try:
        values = parsed(SAMPLES[name].content)
    except ValueError:  # slots
        return
    for value in wrong:
        every = [(whole, path) for whole in values for path in places(whole)]
        if every:
            at, path = chance.choice(every)
            for key in path[:-1]:
                at = at[key]
            at[path[-1]] = copy.deepcopy(value)
    survived("\n".join(json.dumps(value) for value in values).encode(), **SAMPLES[name].options)


@pytest.mark.parametrize("value", [None, 5, [], {}, [[]], [5], {"data": 5}, [None], "x", "\ud83d", 1e300], ids=repr)
@pytest.mark.parametrize("name", [name for name in SAMPLES if SAMPLES[name].content[:1] in b"{["])
def test_the_same_wrong_type_in_every_field(name: str, value: Any) -> None:
    try:
        values = parsed(SAMPLES[name].content)
    except ValueError:
        return
    for i, whole in enumerate(values):
        for path in places(whole):
            changed = json.loads(json.dumps(whole))
            at = changed
            for key in path[:-1]:
                at = at[key]
            at[path[-1]] = value
            values[i] = changed
    survived("\n".join(json.dumps(changed) for changed in values).encode(), **SAMPLES[name].options)


csv_names = st.sampled_from(
    ["facebook-scraper CSV", "Facepager", "CrowdTangle, pages", "Content Library", "facebook_page_scraper CSV", "MAQA CSV"]
)
cells = st.text(alphabet="ab,;\t\"'\r\n\0[]{}():\\1٣é", max_size=12)


@settings(bounded, max_examples=300)
@given(csv_names, st.lists(st.lists(cells, max_size=12), max_size=6), st.booleans())
def test_any_cells_under_a_header(name: str, rows: list[list[str]], quoted: bool) -> None:
    sample = SAMPLES[name]
    header = sample.content.partition(b"\n")[0] + b"\n"
    body = as_csv(rows) if quoted else "\n".join(",".join(row) for row in rows).encode()
    survived(header + body)


numbers = st.none() | st.integers(-(2**63), 2**63 - 1) | st.floats() | st.booleans()
table_values = numbers | st.dates() | st.datetimes() | st.binary(max_size=5) | st.lists(st.integers(0, 9), max_size=2)


@settings(bounded, max_examples=60)
@given(st.lists(table_values, min_size=3, max_size=3))
def test_columns_of_any_type(values: list[Any]) -> None:
    row = dict(zip(MAQA[0], values, strict=True))
    for write in (parquet, arrow):
        assert len(survived(write([row]))) == 1


@settings(bounded, max_examples=60)
@given(st.lists(numbers | st.datetimes(), min_size=3, max_size=3))
def test_cells_of_any_type(values: list[Any]) -> None:
    survived(workbook([MAQA[0], values]))


# What is whole is read.
@settings(bounded, max_examples=300)
@given(
    st.sampled_from(["facebook-scraper lines", "Graph API, a post a line", "MAQA JSON lines", "nested JSON, a post a line"]),
    st.floats(0, 1),
    st.binary(max_size=8).filter(lambda noise: b"\n" not in noise),
)
def test_all_other_lines_of_a_damaged_file(name: str, share: float, noise: bytes) -> None:
    line = SAMPLES[name].content.splitlines()[0]
    at = int(share * len(line))
    found = survived(b"\n".join([line, line, line[:at] + noise, line, line]), **SAMPLES[name].options)
    texts = [item.text if isinstance(item, Post) else item.question for item in found if isinstance(item, Post | Pair)]
    assert texts.count(ASKS) >= 4
    assert len(texts) <= 5


@settings(bounded, max_examples=200)
@given(st.floats(0, 1), st.binary(max_size=3).filter(lambda noise: b"\n" not in noise and b"\r" not in noise))
def test_all_other_rows_of_a_damaged_table(share: float, noise: bytes) -> None:
    header, row = (as_csv([cells]) for cells in MAQA[:2])
    at = int(share * (len(row) - 2))
    found = survived(header + row * 2 + row[:at] + noise + b"\r\n" + row * 20)
    assert sum(isinstance(item, Pair) and item.question == ASKS for item in found) >= 22


# Archives that are not to be trusted.
def test_members_that_are_odd_cost_only_themselves() -> None:
    good = SAMPLES["facebook-scraper"].content
    members = {"../../climbs.json": good, "/root.json": good, "c:/x.json": good, "a/../../b.json": good, "..\\x.json": good}
    members |= {"empty.json": b"", "inner.zip": zipped({"x.json": good}), "good.json": good, "cut.gz": gzip.compress(good)[:60]}
    found = survived(zipped(members))
    assert sum(isinstance(item, Post) for item in found) == 2
    reasons = [item.reason for item in found if isinstance(item, Reject)]
    assert sorted(set(reasons)) == ["climbing_path", "damaged_file", "empty_file", "unknown_format"]
    assert reasons.count("climbing_path") == 5


def test_a_zip_with_a_password() -> None:
    content = bytearray(zipped({"posts.json": SAMPLES["facebook-scraper"].content}))
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):  # zipfile writes none, so the flag is set by hand
        at = content.index(signature) + flags
        content[at : at + 2] = struct.pack("<H", struct.unpack("<H", content[at : at + 2])[0] | 1)
    (reject,) = survived(bytes(content))
    assert isinstance(reject, Reject) and "password" in reject.detail


# Heavy ones, each in a process of its own that says how much memory it took.
RUN = """
import re, sys
from curation.errors import TibyanError
from curation.params import InputParams
from curation.sources.inputs import all_readings, read
kinds = {}
try:
    for dump, reader in all_readings([InputParams(path=sys.argv[1])])[0]:
        for item in read(dump, reader):
            kinds[type(item).__name__] = kinds.get(type(item).__name__, 0) + 1
except TibyanError as error:
    kinds["error"] = str(error)[:300]
print(int(re.search(r"VmHWM:\\s*(\\d+)", open("/proc/self/status").read())[1]) // 1024, kinds)
"""
SHEET = b'<worksheet><row><c t="str"><v>q_body</v></c><c t="str"><v>a_body</v></c><c t="str"><v>category</v></c></row>'
GOOD_LINE = SAMPLES["facebook-scraper lines"].content.splitlines()[0]
MB = 1 << 20


def sheet(*parts: bytes, texts: bytes = b"") -> bytes:
    return zipped({"xl/worksheets/sheet1.xml": SHEET + b"".join(parts), "xl/sharedStrings.xml": texts, "[Content_Types].xml": b""})


def lines(piece: bytes) -> bytes:
    return b"\n".join([GOOD_LINE, piece, GOOD_LINE])


def post(text: bytes) -> bytes:
    return b'{"post_id": "3", "post_text": "' + text + b'", "comments_full": []}'


def bomb_in_a_zip() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("posts.json", "w", force_zip64=True) as member:
        member.write(b'[{"post_id": "1", "post_text": "')
        for _ in range(100):
            member.write(b"a" * MB)
    return file.getvalue()


ARABIC = "ابت".encode() * (10 * MB // 6)
# How many posts or pairs must be read, whatever stands between them.
HEAVY: dict[str, tuple[Callable[[], bytes], int]] = {
    "strings of 10 MB": (lambda: lines(post(ARABIC)), 3),
    "a string of 40 MB": (lambda: lines(post(ARABIC * 4)), 2),
    "a string of emoji": (lambda: lines(post("😀".encode() * 30 * MB)), 2),
    "a string that does not end": (lambda: GOOD_LINE + b'\n{"post_id": "' + b"a" * 40 * MB, 1),
    "brackets": (lambda: GOOD_LINE + b"\n" + b"[" * 18 * MB, 1),
    "braces": (lambda: GOOD_LINE + b"\n" + b'{"a":' * 4 * MB, 1),
    "openings a line": (lambda: GOOD_LINE + b"\n" + b"{[\n" * 50_000, 1),
    "objects with nothing in them": (lambda: lines(b'{"post_id": [' + b"{}," * 8 * MB + b"{}]}"), 2),
    "halves of objects": (lambda: GOOD_LINE + b"\n" + b'{"a":x,[{' * 500_000, 1),
    "replies 5,000 deep": (
        lambda: lines(b'{"post_id": "3", "post_text": "x", "comments_full": ' + b'[{"replies":' * 5_000 + b"[]" + b"}]" * 5_000 + b"}"),
        2,
    ),
    "a bomb in a zip": (bomb_in_a_zip, 0),
    "a bomb in zstd": (lambda: zstd(b'[{"post_id": "1", "post_text": "' + b"a" * 200 * MB), 0),
    "a bomb in gzip": (lambda: gzip.compress(b'[{"post_id": "1", "post_text": "' + b"a" * 40 * MB, 1), 0),
    "a sheet of one cell": (lambda: sheet(b"<row><c><v>", b"a" * 80 * MB), 0),
    "a sheet of one row": (lambda: sheet(b"<row>", b"<c/>" * 6 * MB), 0),
    "a sheet of brackets": (lambda: sheet(b"<a>" * 20 * MB), 0),
    "a sheet with far corners": (
        lambda: sheet(b'<row r="2"><c t="str"><v>a</v></c></row><row r="999999999"><c r="XFD9"><v>1</v></c></row></worksheet>'),
        1,
    ),
    "entities in a sheet": (lambda: zipped({"xl/worksheets/sheet1.xml": b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaaaa">]>' + SHEET}), 0),
    "shared texts without end": (
        lambda: sheet(b'<row><c t="s"><v>99999999</v></c></row></worksheet>', texts=b"<sst>" + b"<si><t>a</t></si>" * 500_000),
        0,
    ),
    "a quote that is never closed": (lambda: as_csv(MAQA) + b'"' + b"a,b,c\n" * 300_000, 2),
    "quotes that never add up": (lambda: as_csv(MAQA) + b'x","y\n' * 100_000, 2),
    "a row of commas": (lambda: as_csv(MAQA) + b"aa," * 12 * MB + b"\n" + as_csv(MAQA[1:2]), 3),
    "a thread of 16 MB that is no literal": (lambda: b'post_id,post_text,comments_full\n1,x,"' + b"[{'a':" * MB + b'"\n2,x,[]\n', 2),
    "bytes in no encoding": (lambda: random.Random(1).randbytes(5 * MB), 0),
}


@pytest.mark.parametrize("case", HEAVY)
def test_a_hostile_file_takes_neither_the_memory_nor_the_day(case: str, tmp_path: Path) -> None:
    make, whole = HEAVY[case]
    path = tmp_path / "hostile"
    path.write_bytes(make())
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-c", RUN, path], cwd=ROOT, capture_output=True, text=True, timeout=HEAVY_PATIENCE, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    memory, _, kinds = done.stdout.partition(" ")
    print(f"{case}: {time.monotonic() - began:.1f} s, {memory} MB, {kinds}")
    assert int(memory) < HEAVY_MEMORY
    found = eval(kinds, {"__builtins__": {}})
    assert found.get("Post", 0) + found.get("Pair", 0) >= whole, found
    assert "error" in found or "Reject" in found or case in ("strings of 10 MB", "a sheet with far corners"), found
