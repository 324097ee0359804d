"""The takedown list: what it matches, that it says nothing, and that it is never skipped."""

import json
import re
import shutil
import stat
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from curation.cli import app
from curation.errors import TibyanError
from curation.privacy import takedown as t
from curation.text.phrases import fold

ROOT = Path(__file__).parents[2]
LIST, KEY = Path("data/takedown.csv"), Path("data/takedown.key")
RECORD = "0123456789abcdef"
NATIVE = "1029384756_5647382910"
SENTENCE = "أمي إمرأة كبيرة وتعاني من دوخة بعد حقنة الأنسولين"


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project as working directory, without a key in the environment."""
    (tmp_path / "data/interim").mkdir(parents=True)
    shutil.copy(ROOT / "params.yaml", tmp_path)
    (tmp_path / LIST).write_text("kind,words,hash\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(t.KEY_VARIABLE, raising=False)
    return tmp_path


def tibyan(*arguments: str, input: str | None = None) -> Result:
    return CliRunner().invoke(app, ["takedown", *arguments], input=input, env={"COLUMNS": "200", "TERM": "dumb"})


def add(*arguments: str) -> t.Takedown:
    done = tibyan("add", *arguments)
    assert done.exit_code == 0, done.stderr
    return t.load_takedown()


def records(texts: list[tuple[str, str | None]]) -> None:
    ids = [f"{i:016x}" for i in range(len(texts))]
    question, answer = ([text[side] for text in texts] for side in (0, 1))
    table = {"record_id": ids, "question_raw": pa.array(question, pa.string()), "answer_raw": pa.array(answer, pa.string())}
    pq.write_table(pa.table(table), "data/interim/records.parquet")


def test_the_committed_list_can_be_read() -> None:
    assert (ROOT / LIST).read_text(encoding="utf-8").startswith("kind,words,hash\n")


def test_no_entries_need_no_key_and_match_nothing() -> None:
    takedown = t.load_takedown()
    assert not takedown and not KEY.exists()
    assert not t.matches_native(takedown, NATIVE) and not t.matches_record(takedown, RECORD)
    assert t.matching_texts(takedown, ["دوخه بعد", None]) == [False, False]
    assert not t.load_takedown(Path("elsewhere/takedown.csv"))


def test_ids_are_matched_by_kind() -> None:
    add("--record-id", RECORD)
    takedown = add("--native-id", f" {NATIVE} ")
    assert t.matches_record(takedown, RECORD) and not t.matches_record(takedown, NATIVE)
    assert t.matches_native(takedown, NATIVE) and not t.matches_native(takedown, RECORD)
    assert not t.matches_native(takedown, NATIVE[:-1]) and not t.matches_native(takedown, "")


SPELLINGS = [
    ("أمي إمرأة كبيرة", "امي امراه كبيره", True, "hamza, ة"),
    ("أمي إمرأة كبيرة", "ســـلام أمّي إِمرأة كبييييرة!! جدا", True, "stretching, vowel signs, elongation, punctuation"),
    ("على رجلي اليمنى", "علي رجلى اليمني", True, "ى and ي"),
    ("دوخة بعد حقنة", "عندي دوخة بعد   حقنة\nالأنسولين", True, "blanks"),
    ("دوخة بعد حقنة", "بعد حقنة دوخة", False, "another order"),
    ("دوخة بعد حقنة", "دوخة بعد حقنتين", False, "a part of a word"),
    ("دوخة بعد حقنة", "دوخة بعد", False, "a shorter text"),
    ("دوخة بعد حقنة", "دوخة ثم بعد حقنة", False, "a word between"),
    ("دوخة بعد حقنة", "", False, "nothing"),
    ("خد ١٠ حبات", "خد 10 حبات", True, "digits of either script"),
    ("اتصل على 0501234567 بعد العصر", "اتصل على [PHONE] بعد العصر", True, "records are redacted, so is what is looked for"),
]


@pytest.mark.parametrize(("listed", "text", "matches", "why"), SPELLINGS, ids=[why for *_, why in SPELLINGS])
def test_texts_are_matched_as_they_are_meant(listed: str, text: str, matches: bool, why: str) -> None:
    takedown = add("--match", listed)
    assert t.matching_texts(takedown, [*fold([text]), None]) == [matches, False]


WORDS = st.lists(st.sampled_from(["دوخه", "بعد", "حقنه", "راسي", "منذ", "امس", "pain", "10"]), min_size=1, max_size=12)


@settings(max_examples=200, deadline=None)
@given(texts=st.lists(WORDS, max_size=6), listed=st.lists(WORDS, min_size=1, max_size=3))
def test_a_text_is_matched_where_its_words_stand_in_a_row(texts: list[list[str]], listed: list[list[str]]) -> None:
    key = bytes(range(32))
    rows = [t.text_row(key, " ".join(words)) for words in listed]
    path = Path("hypothesis.csv")
    path.unlink(missing_ok=True)
    for row in rows:
        t.append(path, key, row)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(t.KEY_VARIABLE, key.hex())
        takedown = t.load_takedown(path)
    found = t.matching_texts(takedown, [" ".join(words) for words in texts])
    assert found == [any(f" {' '.join(words)} " in f" {' '.join(text)} " for words in listed) for text in texts]


def test_the_list_and_the_output_say_nothing() -> None:
    outputs = []
    for arguments in (("--match", SENTENCE), ("--match", SENTENCE), ("--record-id", RECORD), ("--native-id", NATIVE)):
        done = tibyan("add", *arguments)
        assert done.exit_code == 0
        outputs.append(done.stdout + done.stderr)
    records([(SENTENCE, None)])
    outputs.append(tibyan("check").stdout)
    written = LIST.read_text(encoding="utf-8")
    assert re.fullmatch(r"kind,words,hash\n((key|text|record_id|native_id),\d+,[0-9a-f]{40}\n){4}", written)
    for said in (written, *outputs, repr(t.load_takedown())):
        assert not any(word in said for word in (*SENTENCE.split(), *fold([SENTENCE])[0].split(), RECORD, NATIVE))
        assert KEY.read_text().strip() not in said
    assert bytes.fromhex(KEY.read_text()) not in repr(t.load_takedown()).encode()


def test_an_entry_twice_is_said_and_not_written_twice() -> None:
    add("--match", SENTENCE)
    before = LIST.read_bytes()
    done = tibyan("add", "--match", SENTENCE.replace("أ", "ا"))
    assert done.exit_code == 0 and "already" in done.stdout
    assert LIST.read_bytes() == before


def test_the_same_entries_in_another_order_are_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(t.KEY_VARIABLE, "ab" * 32)
    entries = [("--match", SENTENCE), ("--record-id", RECORD), ("--native-id", NATIVE)]
    written = []
    for order in (entries, entries[::-1]):
        LIST.write_text("kind,words,hash\n", encoding="utf-8")
        for arguments in order:
            add(*arguments)
        written.append(LIST.read_bytes())
    assert written[0] == written[1] and not KEY.exists()


def test_the_key_is_made_once_for_its_owner_alone() -> None:
    add("--record-id", RECORD)
    key = KEY.read_text()
    assert re.fullmatch(r"[0-9a-f]{64}\n", key) and stat.S_IMODE(KEY.stat().st_mode) == 0o600
    add("--native-id", NATIVE)
    assert KEY.read_text() == key


def test_another_key_gives_another_list() -> None:
    add("--record-id", RECORD)
    first = LIST.read_text()
    KEY.unlink()
    LIST.write_text("kind,words,hash\n", encoding="utf-8")
    add("--record-id", RECORD)
    assert not set(first.split()[1:]) & set(LIST.read_text().split()[1:])


def test_without_the_key_nothing_goes_on() -> None:
    add("--record-id", RECORD)
    written = LIST.read_bytes()
    KEY.unlink()
    with pytest.raises(TibyanError, match=r"takedown\.csv: has 1 entries, and their key is missing"):
        t.load_takedown()
    for arguments in (("check",), ("add", "--record-id", "f" * 16)):
        done = tibyan(*arguments)
        assert done.exit_code == 1 and "missing" in done.stderr
    assert LIST.read_bytes() == written and not KEY.exists()


@pytest.mark.parametrize("where", ["environment", "file"])
def test_with_another_key_nothing_goes_on(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    add("--record-id", RECORD)
    if where == "environment":
        monkeypatch.setenv(t.KEY_VARIABLE, "0" * 64)
    else:
        KEY.write_text("0" * 64)
    with pytest.raises(TibyanError, match="another key"):
        t.load_takedown()
    done = tibyan("add", "--record-id", "f" * 16)
    assert done.exit_code == 1 and "another key" in done.stderr


def test_the_environment_goes_before_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    takedown = add("--record-id", RECORD)
    monkeypatch.setenv(t.KEY_VARIABLE, takedown.key.hex())
    KEY.unlink()
    assert t.matches_record(t.load_takedown(), RECORD)


@pytest.mark.parametrize("key", ["not hex", "abcd", "g" * 64, "é" * 64])
def test_what_is_no_key_is_said_without_showing_it(key: str) -> None:
    add("--record-id", RECORD)
    KEY.write_text(key, encoding="utf-8")
    with pytest.raises(TibyanError, match=r"takedown\.key: holds no key") as error:
        t.load_takedown()
    assert key not in str(error.value)


DAMAGES = [
    ("", "first line"),
    ("kind,hash\n", "first line"),
    ("kind,words,hash\nrecord_id,1,XYZ\n", "line 2"),
    ("kind,words,hash\nsecret,1," + "0" * 40 + "\n", "line 2"),
    ("kind,words,hash\ntext,0," + "0" * 40 + "\n", "line 2"),
    ("kind,words,hash\ntext,two," + "0" * 40 + "\n", "line 2"),
    ("kind,words,hash\ntext," + "0" * 40 + "\n", "line 2"),
    ("kind,words,hash\ntext,2," + "0" * 40 + "\n", "one line of kind 'key', it has 0"),
    (f"kind,words,hash\nkey,0,{'0' * 40}\nkey,0,{'1' * 40}\ntext,2,{'0' * 40}\n", "one line of kind 'key', it has 2"),
]


@pytest.mark.parametrize(("content", "said"), DAMAGES)
def test_a_damaged_list_stops(content: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(t.KEY_VARIABLE, "0" * 64)
    LIST.write_text(content, encoding="utf-8")
    with pytest.raises(TibyanError, match=said) as error:
        t.load_takedown()
    assert "XYZ" not in str(error.value) and "secret" not in str(error.value)


REFUSED = [
    ((), "exactly one"),
    (("--record-id", RECORD, "--native-id", NATIVE), "exactly one"),
    (("--record-id", "12"), "16 digits"),
    (("--native-id", " "), "empty"),
    (("--match", "صداع"), "single word"),
    (("--match", "[NAME] صداع [PHONE]"), "single word"),
    (("--match", "؟!"), "no words"),
    (("--match", "[NAME] [PHONE]", "--force"), "no words"),
]


@pytest.mark.parametrize(("arguments", "said"), REFUSED)
def test_what_is_no_entry_is_refused_and_makes_no_key(arguments: tuple[str, ...], said: str) -> None:
    done = tibyan("add", *arguments)
    assert done.exit_code == 1 and said in done.stderr and "صداع" not in done.stderr
    assert not KEY.exists() and LIST.read_text() == "kind,words,hash\n"


def test_a_single_word_may_be_forced() -> None:
    assert t.matching_texts(add("--match", "الأنسولين", "--force"), ["حقنه الانسولين", "انسولين"]) == [True, False]


def test_words_can_come_through_standard_input() -> None:
    assert tibyan("add", "--match", "-", input=SENTENCE + "\n").exit_code == 0
    assert t.matching_texts(t.load_takedown(), fold([f"سؤال: {SENTENCE}؟"])) == [True]


def test_check_counts_what_each_kind_takes_down() -> None:
    assert "no entries" in tibyan("check").stdout
    add("--record-id", f"{2:016x}")
    add("--native-id", NATIVE)
    add("--match", "دوخة بعد حقنة")
    assert "not there yet" in tibyan("check").stdout
    records([("عندي دوخه بعد الحقنة", "لا بأس"), ("عندي صداع", "هذه دوخةٌ بعد حقنةٍ"), ("سعال", None), ("دوخة بعد حقنة", "دوخة بعد حقنة")])
    done = tibyan("check")
    assert done.exit_code == 0
    assert "record_id 1, native_id 1, text 1; the key fits" in done.stdout
    assert "of 4 records 1 by record_id, 2 by text" in done.stdout
    assert json.dumps(done.stdout).count("دوخ") == 0
