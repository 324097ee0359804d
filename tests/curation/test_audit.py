"""The leak scanner: what is planted is found in every form of file, what looks alike is let pass, and no output says what it was."""

import gzip
import json
import re
import struct
import zipfile
from collections.abc import Callable
from html import escape
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from typer.testing import CliRunner, Result

from curation.cli import app
from curation.privacy.audit import FileAudit, audit
from curation.privacy.opinions import OWN_LINKS
from curation.privacy.pieces import LONG
from curation.privacy.pieces.objects import BLOCK, LONGEST

PLAIN = "عندي صداع منذ 3 أيام وحرارتي 38.5 وأخذت 500 ملغ من الباراسيتامول"
PLANTED = {
    "PHONE": ("0551234567", "للحجز رقمي 0551234567 بعد العصر"),
    "EMAIL": ("nour.saleh@example.com", "راسلني على nour.saleh@example.com شكرا"),
    "LINK": ("https://clinic-noor.example/p", "التفاصيل في https://clinic-noor.example/p هنا"),
    "HANDLE": ("@noor_saleh", "حسابي @noor_saleh هناك"),
    "ID": ("100012345678901", "حسابي 100012345678901 من سنة"),
    "NAME": ("سامر الزعبي", "انا اسمي سامر الزعبي وعندي صداع"),
}
RECORD = "8a816651f98b43dd"
IDS = ["08a816651f98b43d", RECORD, "160039960941797f"]


def tibyan(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["audit-privacy", *arguments], env={"COLUMNS": "200", "TERM": "dumb"})


def texts(text: str) -> list[str]:
    """Three texts; the one in the middle is planted."""
    return [PLAIN, text, PLAIN + " والسكر 110"]


def table(values: pa.Array) -> pa.Table:
    return pa.table({"record_id": IDS, "answer": values})


def parquet(path: Path, values: pa.Array) -> None:
    pq.write_table(table(values), path, row_group_size=2)


def arrow_file(path: Path, text: str) -> None:
    with pa.ipc.new_file(path, table(texts(text)).schema) as writer:
        writer.write_table(table(texts(text)))


def arrow_stream(path: Path, text: str) -> None:
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, table(texts(text)).schema) as writer:
        writer.write_table(table(texts(text)))


def document(text: str) -> dict[str, object]:
    return {"checks": [{"reason": PLAIN}, {"reason": PLAIN, "rows": [1, text]}], "seed": 7}


def safetensors(path: Path, text: str) -> None:
    header = json.dumps({"__metadata__": {"note": text}, "w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header + b"\0\0\0\0")


def workbook(path: Path, text: str) -> None:
    book = Workbook()
    for value in texts(text):
        book.active.append([value])
    book.save(path)


def csv(path: Path, text: str) -> None:
    path.write_text("record_id,answer\n" + "".join(f'{i},"{said}"\n' for i, said in zip(IDS, texts(text), strict=True)), encoding="utf-8")


def zipped(path: Path, text: str) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("notes/plain.txt", PLAIN)
        archive.writestr("posts.json", json.dumps(document(text)))


def zstd(path: Path, text: str) -> None:
    parquet(path, texts(text))
    path.write_bytes(pa.compress(path.read_bytes(), "zstd", asbytes=True))


PAIR = pa.struct([("by", pa.string()), ("words", pa.list_(pa.string()))])
ROW = rf"row 2 \(record_id {RECORD}\), column answer"
Writer = Callable[[Path, str], object]
FORMS: dict[str, tuple[str, Writer, str]] = {
    "parquet": ("a.parquet", lambda p, t: parquet(p, pa.array(texts(t))), ROW),
    "large_string": ("a.parquet", lambda p, t: parquet(p, pa.array(texts(t), pa.large_string())), ROW),
    "dictionary": ("a.parquet", lambda p, t: parquet(p, pa.array(texts(t)).dictionary_encode()), ROW),
    "binary": ("a.parquet", lambda p, t: parquet(p, pa.array([s.encode() for s in texts(t)])), ROW),
    "list": ("a.parquet", lambda p, t: parquet(p, pa.array([None, [PLAIN, t], []])), rf"{ROW}\[\]"),
    "list of lists": ("a.parquet", lambda p, t: parquet(p, pa.array([[], [[PLAIN], None, [t]], [[PLAIN]]])), rf"{ROW}\[\]\[\]"),
    "list of structs": (
        "a.parquet",
        lambda p, t: parquet(p, pa.array([None, [{"by": PLAIN, "words": [t]}], [{"by": None, "words": None}]], pa.list_(PAIR))),
        rf"{ROW}\[\]\.words\[\]",
    ),
    "map": (
        "a.parquet",
        lambda p, t: parquet(p, pa.array([[], [("a", t)], None], pa.map_(pa.string(), pa.string()))),
        rf"{ROW}\[\]\.value",
    ),
    "arrow file": ("a.arrow", arrow_file, ROW),
    "arrow stream": ("a.arrow", arrow_stream, ROW),
    "json": ("a.json", lambda p, t: p.write_text(json.dumps(document(t), indent=1)), r"line 10, \$\.checks\[1\]\.rows\[1\]"),
    "json in arabic": (
        "a.json",
        lambda p, t: p.write_text(json.dumps(document(t), ensure_ascii=False)),
        r"line 1, \$\.checks\[1\]\.rows\[1\]",
    ),
    "json lines": ("a.jsonl", lambda p, t: p.write_text("".join(json.dumps({"body": s}) + "\n" for s in texts(t))), r"line 2, \$\.body"),
    "damaged json": ("a.json", lambda p, t: p.write_text('{"a": [1, {"b": "' + t), r"line 1, \$\.a\[1\]\.b"),
    "csv": ("a.csv", csv, ROW),
    "tsv": ("a.tsv", lambda p, t: p.write_text("kind\tanswer\n" + "".join(f"x\t{s}\n" for s in texts(t))), "row 2, column answer"),
    "text": ("a.txt", lambda p, t: p.write_text("\n".join(texts(t))), "line 2"),
    "damaged in front": ("a.json", lambda p, t: p.write_text(f'{{"a": "x" y",\n"b": "{t}"}}'), r"line 2, \$.*"),
    "log": ("a.log", lambda p, t: p.write_text("\n".join(f"2026-07-28 10:11:12,345 INFO {s}" for s in texts(t))), "line 2"),
    "log with escapes": ("a.log", lambda p, t: p.write_text("\n".join(json.dumps(s) for s in ["1", *texts(t)])), "line 3"),
    "markdown": ("README.md", lambda p, t: p.write_text(f"# Card\n\n{PLAIN}: {t}\n"), "line 3"),
    "utf-16": ("a.txt", lambda p, t: p.write_text("\n".join(texts(t)), encoding="utf-16"), "line 2"),
    "cp1256": ("a.txt", lambda p, t: p.write_text("\n".join(texts(t)), encoding="cp1256"), "line 2"),
    "html": ("a.html", lambda p, t: p.write_text(f"<!DOCTYPE html>\n<p>{PLAIN}</p>\n<p>{escape(t)}</p>"), "line 3"),
    "html entities": ("a.html", lambda p, t: p.write_text("<html>\n<p>" + "".join(f"&#{ord(c)};" for c in t)), "line 2"),
    "html across tags": ("a.html", lambda p, t: p.write_text(f"<html>\n<p>{t[:18]}<b>{t[18:]}</b></p>"), "line 2"),
    "html attribute": ("a.html", lambda p, t: p.write_text(f'<html>\n<b\ntitle="{escape(t)}">x</b>'), "line 2, attribute title"),
    "html comment": ("a.html", lambda p, t: p.write_text(f"<html>\n\n<!-- {t} -->"), "line 3, a comment"),
    "html script": ("a.html", lambda p, t: p.write_text(f"<html>\n<script>\nlet a = '{t}'</script>"), "line 2"),
    "svg": ("a.svg", lambda p, t: p.write_text(f'<svg xmlns="http://www.w3.org/2000/svg">\n<text>{escape(t)}</text></svg>'), "line 2"),
    "gzip": ("a.log.gz", lambda p, t: p.write_bytes(gzip.compress("\n".join(texts(t)).encode())), "line 2"),
    "zstd": ("a.zst", zstd, ROW),
    "zip": ("a.zip", zipped, r"member 2, line 1, \$\.checks\[1\]\.rows\[1\]"),
    "workbook": ("a.xlsx", workbook, r"member \d+, line 1"),
    "safetensors": ("a.safetensors", safetensors, r"line 1, \$\.\*\.note|line 1, \$\.__metadata__\.note"),
}


def found_in(path: Path, names: bool = True) -> FileAudit:
    return next(iter(audit([path], names)))


@pytest.mark.parametrize("kind", PLANTED)
@pytest.mark.parametrize("form", FORMS)
def test_what_is_planted_is_found_once_where_it_stands_and_not_said(form: str, kind: str, tmp_path: Path) -> None:
    name, write, place = FORMS[form]
    value, text = PLANTED[kind]
    write(tmp_path / name, text)
    done = tibyan(str(tmp_path), "--json", str(tmp_path.with_suffix(".json")))
    assert done.exit_code == 1
    report = tmp_path.with_suffix(".json").read_text(encoding="utf-8")
    (finding,) = json.loads(report)["findings"]
    assert (finding["kind"], finding["count"], finding["file"]) == (kind, 1, str(tmp_path / name))
    assert re.fullmatch(place, finding["places"][0])
    assert f"{tmp_path / name}: {kind} 1 ({finding['places'][0]})" in done.stdout
    for said in (done.stdout, done.stderr, report, json.dumps(json.loads(report), ensure_ascii=False)):
        assert not any(part in said for part in {value, *text.split()} - {"حسابي"}), "the scanner leaks"


@pytest.mark.parametrize("form", FORMS)
def test_dvc_names_no_files_and_they_are_known_by_content(form: str, tmp_path: Path) -> None:
    name, write, place = FORMS[form]
    write(tmp_path / name, PLANTED["EMAIL"][1])
    cached = tmp_path / "cache/files/md5/0a/c0a216cc65dd57dbc9d51358a55fa1"
    cached.parent.mkdir(parents=True)
    (tmp_path / name).rename(cached)
    found = found_in(tmp_path / "cache")
    assert dict(found.counts) == {"EMAIL": 1}
    # A table with tabs has no mark of its own: without a name it is lines.
    assert re.fullmatch(place, found.places["EMAIL"][0])


@pytest.mark.parametrize("form", FORMS)
def test_without_anything_planted_it_is_clean(form: str, tmp_path: Path) -> None:
    name, write, _ = FORMS[form]
    write(tmp_path / name, "[NAME]، اتصل على [PHONE] أو [EMAIL]")
    done = tibyan(str(tmp_path))
    assert (done.exit_code, done.stderr) == (0, "") and done.stdout.startswith("clean: 1 files")


HARMLESS = {
    "digests": "\n".join(
        [
            "md5: 0ac0a216cc65dd57dbc9d51358a55fa1",
            "d8578edf8458ce06fbc5bb76a58c5ca4.dir",
            "0123456789abcdef" * 4,
            "01234567a9012345 9012345678901f34",
        ]
    ),
    "dvc.lock": "- path: data\n  md5: 90123456789012345678901234567a12.dir\n  size: 23321920\n  nfiles: 3",
    "floats": "loss 0.12345678901234567 5.551115123125783e-17 12345.678901234 -0.30000000000000004",
    "times": "2026-07-28T10:11:12.123456+00:00 20260728T101112Z 2026-07-28 10:11:12,345 2026-07-28",
    "versions": "torch==2.13.0+cpu transformers 5.23.0.dev0 v1.2.3 git 2.43.0-1ubuntu7.3 cp311-manylinux_2_17_x86_64",
    "links of ours": "http://www.w3.org/2000/svg https://huggingface.co/docs/datasets/index https://arxiv.org/abs/2406.12345 "
    "[CC0](https://creativecommons.org/publicdomain/zero/1.0/) https://doi.org/10.7910/DVN/Y2JBEZ",
    "css": "<html><style>@media print { a { color: #123456 } } @font-face { src: url(data:font/woff2;base64,d09GMg0501234567) }</style>",
    "svg": '<svg viewBox="0 0 24 24"><path d="M4 12.5 9.512345678 18 20 6.5"/><rect x="100012345.12" width="12345678"/></svg>',
    "picture": '<html><img src="data:image/png;base64,iVBORw0KGgoAAAANSUhEUg0551234567AAA+/="></html>',
    "tokenizer": json.dumps(
        {"model": {"vocab": {"Ġصداع": 12345678, "0501": 1, "@": 2, "www": 3, "Ø·Ø©": 4}, "merges": [["0", "5"], ["ا", "ل"], ["Ø·", "Ø©"]]}}
    ),
    "JSON-LD": json.dumps({"@context": {"@language": "en", "data": {"@id": "cr:data", "@type": "@json"}}, "@type": "sc:Dataset"}, indent=1),
    "sizes": json.dumps({"bytes": 4123456789, "params": 5829120, "offsets": [0, 23318000000], "total_flos": 12345678901234.0}),
    "record ids": json.dumps({"record_ids": ["1234567890123456", "08a816651f98b43d"], "record_id": "9876543210987654"}),
    "report": "<html><h3>Example <code>1234567890123456</code></h3><td class='digest'><code>123456789012</code></td>",
    "doses": "1000 ملغ 3 مرات، الضغط 140/90، السكر 110.5، بدأ يوم 05.06.2019، 2019-2020، 12/10/2020",
}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_looks_alike_is_let_pass(name: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text(HARMLESS[name], encoding="utf-8")
    assert dict(found_in(path).counts) == {}


def test_ids_of_ours_in_a_table_pass_and_ids_of_accounts_do_not(tmp_path: Path) -> None:
    ids = ["1234567890123456", *IDS]
    pq.write_table(pa.table({"record_id": ids, "cluster_id": ids, "account": [100012345678901, 1, 2, None]}), tmp_path / "a.parquet")
    found = found_in(tmp_path)
    assert dict(found.counts) == {"ID": 1} and found.places["ID"] == ["row 1 (record_id 1234567890123456), column account"]
    pq.write_table(pa.table({"record_id": ["1234567890123456", "1000123456789012"]}), tmp_path / "a.parquet")
    assert dict(found_in(tmp_path).counts) == {"ID": 2}


def test_links_of_ours_are_none_in_a_table(tmp_path: Path) -> None:
    parquet(tmp_path / "a.parquet", pa.array(texts("انظر https://arxiv.org/abs/2406.12345")))
    assert dict(found_in(tmp_path).counts) == {"LINK": 1}
    assert all(reason for _, reason in OWN_LINKS)


def test_columns_made_of_judged_ones_are_searched_for_all_but_names(tmp_path: Path) -> None:
    values = {"record_id": IDS, "question_key": texts(PLANTED["NAME"][1]), "answer_key": texts(PLANTED["PHONE"][1])}
    pq.write_table(pa.table(values), tmp_path / "a.parquet")
    assert dict(found_in(tmp_path).counts) == {"PHONE": 1}


def test_names_can_be_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(PLANTED["NAME"][1], encoding="utf-8")
    assert tibyan(str(tmp_path), "--no-names").exit_code == 0
    assert tibyan(str(tmp_path)).exit_code == 1


@pytest.mark.parametrize("name", ["WhatsApp Chat with +20 100 123 4567.txt", "nour.saleh@example.com.json"])
def test_names_of_files_columns_and_keys_are_looked_at_and_not_said(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text('{"0551234567": {"سامر الزعبي": "0551234567"}}', encoding="utf-8")
    pq.write_table(pa.table({"0551234567": [PLAIN, "nour.saleh@example.com"]}), tmp_path / "z.parquet")
    done = tibyan(str(tmp_path), "--json", str(tmp_path.with_suffix(".json")))
    said = done.stdout + tmp_path.with_suffix(".json").read_text(encoding="utf-8")
    assert "the file's name" in said and "name of column 1" in said and "column *" in said
    assert not any(part in said for part in ("0551234567", "123 4567", "nour.saleh", "الزعبي"))


@pytest.mark.parametrize("offset", [0, LONG - 210, LONG - 205, LONG - 5, LONG, 3 * LONG - 400, 5 * LONG])
@pytest.mark.parametrize("form", ["text", "parquet", "json"])
def test_texts_without_end_are_read_in_pieces_that_overlap(form: str, offset: int, tmp_path: Path) -> None:
    filler = "صداع ودوخة " * (LONG // 2)
    text = filler[:offset] + " راسلني nour.saleh@example.com هنا " + filler[offset : 5 * LONG]
    FORMS[form][1](tmp_path / "a", text)
    assert dict(found_in(tmp_path).counts) == {"EMAIL": 1}


def test_json_strings_without_end_are_cut(tmp_path: Path) -> None:
    filler = "صداع " * (LONGEST // 4)
    for ending in ('"}', ""):
        (tmp_path / "a.json").write_text('{"a": "' + filler + " nour.saleh@example.com " + ending, encoding="utf-8")
        assert dict(found_in(tmp_path).counts) == {"EMAIL": 1}


@settings(max_examples=60, deadline=None)
@given(lead=st.integers(BLOCK - 60, BLOCK + 3), value=st.sampled_from(["nour.saleh@example.com", "https://clinic.example/p"]))
def test_json_is_read_whatever_the_end_of_a_block_cuts(tmp_path_factory: pytest.TempPathFactory, lead: int, value: str) -> None:
    path = tmp_path_factory.getbasetemp() / "block.json"
    path.write_text('{"a": "' + "x " * (lead // 2) + '", "b\\"": [12, "\\u0645 ' + value + '"]}', encoding="utf-8")
    found = found_in(path)
    assert sum(found.counts.values()) == 1
    assert next(iter(found.places.values())) == ["line 1, $.*[1]"]


def test_what_cannot_be_scanned_is_counted_and_listed(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.arange(100.0))
    (tmp_path / "b.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    (tmp_path / "c.parquet").write_bytes(b"PAR1 broken PAR1")
    (tmp_path / "d.gz").write_bytes(gzip.compress(PLAIN.encode() * 1000)[:60])
    (tmp_path / "e.zip").write_bytes(b"PK\x03\x04 broken")
    (tmp_path / "empty").write_bytes(b"")
    done = tibyan(str(tmp_path))
    assert done.exit_code == 0 and "6 files" in done.stdout and "not scanned: 2 binary files, 3 unreadable files" in done.stdout
    listed = tibyan(str(tmp_path), "--list-unscanned").stdout
    assert f"{tmp_path}/a.npy: not scanned: binary" in listed and f"{tmp_path}/c.parquet: not scanned: damaged" in listed


def test_a_path_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    done = tibyan(str(tmp_path / "none"))
    assert (done.exit_code, done.stderr) == (1, f"tibyan: {tmp_path / 'none'}: not there. Name files or folders that are.\n")


def test_the_same_files_give_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in ("b.txt", "a.txt"):
        (tmp_path / "in" / name).write_text("\n".join(text for _, text in PLANTED.values()), encoding="utf-8")
    written = []
    for _ in range(2):
        tibyan(str(tmp_path / "in"), "--json", str(tmp_path / "out.json"))
        written.append((tmp_path / "out.json").read_bytes())
    assert written[0] == written[1]
    assert json.loads(written[0])["totals"] == dict.fromkeys(sorted(PLANTED), 2)
