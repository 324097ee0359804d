"""The commands of `tibyan` about personal data: is any left, and what somebody asked to be taken down."""

import re
import sys
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from curation.console import sentences
from curation.engine import INTERIM, open_session, write_json
from curation.errors import TibyanError
from curation.params import load_params
from curation.privacy.audit import FileAudit, as_json, audit
from curation.privacy.patterns import PLACEHOLDER
from curation.privacy.redaction import redact_text
from curation.privacy.takedown import (
    KEY_VARIABLE,
    LIST,
    NATIVE,
    RECORD,
    TEXT,
    append,
    id_row,
    key_file,
    load_takedown,
    make_key,
    matches_record,
    matching_texts,
    text_row,
)
from curation.text.phrases import fold, with_key

takedown_app = typer.Typer(
    no_args_is_help=True, help="What persons asked to be taken down: `add` puts it on the list, `check` looks at it."
)
NAMED_PLACES = 5  # of one kind in one file; `--json` has more
LEAST_WORDS = 2
BLOCK = 10_000  # records whose texts are held at a time


def audit_privacy(
    paths: Annotated[list[Path], typer.Argument(help="files and folders: tables, text, pages, archives, DVC's cache")],
    names: Annotated[bool, typer.Option(help="look for names of persons too")] = True,
    json: Annotated[Path | None, typer.Option(help="write the result there too")] = None,
    list_unscanned: Annotated[bool, typer.Option(help="name each file that could not be scanned, and why")] = False,
) -> None:
    """Which files hold personal data: kinds, counts and places, never what it is. Exit code 1 when there is any."""
    with sentences():
        audits = []
        for found in audit(paths, names):
            audits.append(found)
            for line in _lines(found, list_unscanned):
                print(line)
        if json:
            write_json(json, as_json(audits))
        print(_total(audits))
        if any(found.counts for found in audits):
            raise typer.Exit(1)


@takedown_app.command()
def add(
    record_id: Annotated[str | None, typer.Option(help="of the dataset or the report")] = None,
    native_id: Annotated[str | None, typer.Option(help="of a post or comment, as its dump writes it")] = None,
    match: Annotated[str | None, typer.Option(help="words of a question or an answer; `-` reads them from standard input")] = None,
    force: Annotated[bool, typer.Option(help="take a single word")] = False,
) -> None:
    """Put one entry onto data/takedown.csv, as a keyed hash: the list does not say what is in it."""
    with sentences():
        if sum(option is not None for option in (record_id, native_id, match)) != 1:
            raise TibyanError("takedown add: give exactly one of --record-id, --native-id and --match.")
        folded = _folded(sys.stdin.read() if match == "-" else match, force) if match is not None else ""
        if record_id is not None and not re.fullmatch(r"[0-9a-f]{16}", record_id.strip()):
            raise TibyanError("--record-id: 16 digits 0-9 a-f, as the dataset has them. For an id of a dump use --native-id.")
        if native_id is not None and not native_id.strip():
            raise TibyanError("--native-id: is empty. Give the id as its dump writes it.")
        is_new = not key_file().exists()
        key = make_key(LIST)
        if is_new and key_file().exists():
            print(f"{key_file()}: made. It is in no commit: keep it safe, and give it to whoever runs the pipeline (or as {KEY_VARIABLE}).")
        kind, value = (RECORD, record_id) if record_id is not None else (NATIVE, native_id or "")
        row = text_row(key, folded) if folded else id_row(key, kind, value)
        if append(LIST, key, row):
            print(f"{LIST}: one more of kind {row[0]}. Commit it; `tibyan takedown check` counts, `dvc repro` takes down.")
        else:
            print(f"{LIST}: this {row[0]} is on it already.")


@takedown_app.command()
def check(folder: Annotated[Path, typer.Option(help="where the hand-overs between the stages are")] = INTERIM) -> None:
    """How many entries of each kind, whether the key fits, and how many of the present records each kind takes down."""
    with sentences():
        takedown = load_takedown()
        if not takedown:
            print(f"{LIST}: no entries; no key needed")
            return
        kinds = Counter(kind for kind, _, _ in takedown.rows)
        print(f"{LIST}: {', '.join(f'{kind} {kinds[kind]}' for kind in (RECORD, NATIVE, TEXT))}; the key fits")
        path = folder / "records.parquet"
        if not path.exists():
            print(f"{path}: not there yet, nothing to count in")
            return
        total, taken = 0, Counter[str]()
        with open_session(load_params().engine, folder) as session:
            records = session.con.read_parquet(str(path)).project("record_id, question_raw, answer_raw")
            rows = with_key(with_key(records, "question_raw", "question"), "answer_raw", "answer")
            for block in rows.project("record_id, question, answer").to_arrow_reader(BLOCK):
                ids, questions, answers = (column.to_pylist() for column in block.columns)
                total += len(ids)
                taken[RECORD] += sum(matches_record(takedown, record) for record in ids)
                hits = zip(matching_texts(takedown, questions), matching_texts(takedown, answers), strict=True)
                taken[TEXT] += sum(question or answer for question, answer in hits)
        print(f"{path}: of {total} records {taken[RECORD]} by {RECORD}, {taken[TEXT]} by {TEXT}")
        print(f"{NATIVE}: records hold no such ids; what ingest takes down by them are rejects `taken_down`")


def _folded(text: str, force: bool) -> str:
    """The words of `--match` as they are looked for: redacted as the records are, folded as their keys are."""
    redacted = redact_text(text)[0]
    folded, words = fold([redacted, PLACEHOLDER.sub(" ", redacted)])
    count = len(words.split())
    if not count:
        raise TibyanError(
            "--match: no words are left of it once personal data is replaced, as it is in records. Use --record-id or --native-id."
        )
    if count < LEAST_WORDS and not force:
        raise TibyanError(
            "--match: a single word may stand in half of all records and would take them all down. Give more words, or --force."
        )
    return folded


def _lines(found: FileAudit, list_unscanned: bool) -> list[str]:
    lines = []
    for kind, count in sorted(found.counts.items()):
        places = found.places[kind]
        more = "; …" if len(places) > NAMED_PLACES else ""
        lines.append(f"{found.file}: {kind} {count} ({'; '.join(places[:NAMED_PLACES])}{more})")
    if list_unscanned:
        lines += [f"{found.file}: not scanned: {why}" for why in found.unread]
    return lines


def _total(audits: list[FileAudit]) -> str:
    scanned = f"{len(audits)} files, {sum(found.size for found in audits) / 1e6:.1f} MB"
    unread = Counter("binary" if why.startswith("binary") else "unreadable" for found in audits for why in found.unread[:1])
    if unread:
        scanned += "; not scanned: " + ", ".join(f"{n} {why} file{'s' if n > 1 else ''}" for why, n in sorted(unread.items()))
    totals = sum((found.counts for found in audits), Counter[str]())
    if not totals:
        return f"clean: {scanned}"
    kinds = ", ".join(f"{kind} {n}" for kind, n in sorted(totals.items()))
    return f"personal data in {sum(bool(found.counts) for found in audits)} of {scanned}: {kinds}"
