"""`tibyan`: look at a dump before it is ingested, and at a record after it went the whole way."""

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import duckdb
import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from curation.cli_datasets import datasets_app
from curation.cli_gate import gate_app
from curation.cli_privacy import audit_privacy, takedown_app
from curation.cli_publishing import diff, publish, release
from curation.cli_severity import severity_app
from curation.console import role, sentences
from curation.engine import INTERIM, Session, open_session
from curation.errors import TibyanError
from curation.ingestion import load_items
from curation.pairing import pair_up
from curation.params import IngestParams, InputParams, Params, load_params
from curation.privacy.takedown import Takedown
from curation.report.diff import word_diff
from curation.schema import DIALECTS, SEVERITIES
from curation.selection import thresholds
from curation.sources.dump import Dump, Reject
from curation.sources.inputs import choose_reader, expand
from curation.text.rules import text_rules
from curation.text.steps import steps

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)
app.command()(audit_privacy)
for command in (diff, release, publish):
    app.command()(command)
app.add_typer(takedown_app, name="takedown")
app.add_typer(severity_app, name="severity")
app.add_typer(datasets_app, name="datasets")
app.add_typer(gate_app, name="gate")
out = Console(soft_wrap=True)
CHECKED = ("format", "posts and rows", "comments", "pairs", "without answer", "personal data", "rejects")
# For `ingest-check` in a folder without a params.yaml.
DEFAULT = IngestParams(
    inputs=[InputParams(path="*")], max_answers=1, min_answer_words=4, expert_answers=4, join_follow_ups="none", redact_names=True
)


@app.callback()
def _root() -> None:
    """Tibyan: from raw Arabic medical dumps to a gated, tagged dataset. The pipeline itself is `dvc repro`."""


@app.command()
def ingest_check(
    paths: Annotated[list[str], typer.Argument(help="files, folders or globs")],
    format: Annotated[str | None, typer.Option(help="name the format instead of asking the content")] = None,
    column: Annotated[list[str] | None, typer.Option(help="role=column for a table, e.g. --column question=q_body")] = None,
) -> None:
    """Which format each file is, how many posts, comments, pairs and rejects by reason. Writes nothing."""
    with sentences():
        params = load_params() if Path("params.yaml").exists() else None
        columns: dict[str, str | int] | None = dict(role(pair) for pair in column) if column else None
        table = Table("file", *CHECKED)
        failed = 0
        for path in paths:
            for read in _checks(InputParams(path=path, format=format, columns=columns), params):
                if isinstance(read, TibyanError):
                    failed += 1
                    print(f"tibyan: {read}", file=sys.stderr)
                    continue
                table.add_row(*map(escape, read))
                if not out.is_terminal:
                    print(f"{read[0]}: " + ", ".join(f"{name} {value}" for name, value in zip(CHECKED, read[1:], strict=True)))
        if table.row_count and out.is_terminal:
            out.print(table)
        if failed:
            raise typer.Exit(1)


@app.command()
def explain(
    record_id: Annotated[str, typer.Argument(help="as in the dataset, the report or a gate message")],
    folder: Annotated[Path, typer.Option(help="where the hand-overs between the stages are")] = INTERIM,
) -> None:
    """A record from raw to final: each rule that changed it, its tags with the words that made them, and the decision."""
    with sentences():
        params = load_params()
        with open_session(params.engine, folder) as session:
            record = _record(session, record_id)
            _print_record(session, params, record)


def _checks(entry: InputParams, params: Params | None) -> Iterator[tuple[str, ...] | TibyanError]:
    """A row for each file of an entry, or what is wrong with it: one bad file does not hide the others."""
    try:
        dumps = expand(entry)
    except TibyanError as error:
        yield error
        return
    for dump in dumps:
        try:
            with _working(f"reading {dump.name}"):
                row = (dump.name, *_check(dump, params))
        except TibyanError as error:
            yield error
        else:
            yield row


def _check(dump: Dump, params: Params | None) -> tuple[str, ...]:
    reader = choose_reader(dump)
    found: Counter[tuple[str, str]] = Counter()
    settings = params.ingest if params else DEFAULT
    with TemporaryDirectory() as spill, duckdb.connect(config={"temp_directory": spill}) as con:
        takedown = Takedown()  # a look at a dump needs no key
        load_items(con, [[(dump, reader)]], settings, takedown, found, Path(spill))
        pair_up(con, settings, takedown)
        session = Session(con)
        pairs = "SELECT count(*) FROM ranked WHERE version = 1 AND answer_raw IS {} NULL"
        reasons = session.counts("SELECT reason, count(*) FROM unread GROUP BY ALL")
        replaced = session.number("SELECT count(*) FROM ranked WHERE version > 1")
        return (
            "unknown" if isinstance(reader, Reject) else reader.NAME,
            f"{session.number('SELECT count(*) FROM posts'):,}",
            f"{session.number('SELECT count(*) FROM comments'):,}",
            f"{session.number(pairs.format('NOT')):,}",
            f"{session.number(pairs.format('')):,}",
            f"{sum(found.values()):,}",
            ", ".join(f"{reason} {n}" for reason, n in (reasons | ({"older_version": replaced} if replaced else {})).items()) or "none",
        )


def _record(session: Session, record_id: str) -> dict[str, Any]:
    names = ("records", "cleaned", "quality", "dialect", "severity", "duplicates", "selection")
    for name in names:
        session.read(name).create_view(name)
    query = "SELECT * FROM records " + " ".join(f"JOIN {name} USING (record_id)" for name in names[1:]) + " WHERE record_id = ?"
    table = session.con.sql(query, params=[record_id]).to_arrow_table()
    if not table.num_rows:
        raise TibyanError(
            f"{record_id}: no such record in {session.folder}. `tibyan explain` takes a record_id of the built dataset or the report."
        )
    return dict(table.to_pylist()[0])


def _print_record(session: Session, params: Params, record: dict[str, Any]) -> None:
    rules = text_rules(params.clean)
    out.rule(f"[bold]{record['record_id']}[/]  {escape(record['source'])}  {escape(record['specialty'] or '')}")
    for side in ("question", "answer"):
        raw = record[f"{side}_raw"]
        out.print(f"\n[bold]{side}[/], redacted as ingested" + (f" (chosen: {record['answer_rule']})" if side == "answer" and raw else ""))
        out.print(Text(raw or "none"))
        for step in steps(session.con, raw or "", rules):
            out.print(f"  [cyan]{step.rule.name}[/] [dim]{step.rule.why} ({step.rule.source})[/]")
            out.print(_diff(step.before, step.after))
        if raw:
            out.print("  [green]final[/]", Text(record[side] or ""))
    out.print(
        "\n[bold]language[/]",
        f"{record['language']} by {record['language_method']}, Arabic share {record['arabic_share']}",
    )
    out.print("[bold]quality[/] by", record["quality_scorer"] + ":", f"{record['question_letters']} letters asked,", end=" ")
    out.print(f"{record['answer_letters']} answered" if record["answer_letters"] is not None else "no answer")
    for evidence in record["quality_evidence"]:
        out.print(Text(f"    because: {evidence}"))
    _print_tag("dialect", record, [f"p_{name.lower()}" for name in DIALECTS])
    for text, changes in (("", record["msa_changes"]), ("answer ", record["answer_msa_changes"] or ())):
        for change in changes:
            out.print(Text(f"    {text}into MSA: {change['form']}→{change['msa']} ({change['rule']}, {change['start']}-{change['end']})"))
    _print_tag("severity", record, [f"p_{name}" for name in SEVERITIES])
    kept = "represents its cluster" if record["is_representative"] else f"a {record['duplicate_kind']} duplicate of {record['cluster_id']}"
    out.print("[bold]duplicate[/]", kept)
    if record["answer_duplicate_kind"] and record["answer_cluster_id"] != record["record_id"]:
        out.print("    answer", f"a {record['answer_duplicate_kind']} duplicate of that of {record['answer_cluster_id']}")
    if record["kept"]:
        out.print("[bold]decision[/] [green]kept[/]")
    else:
        why = {t.reason: t.why for t in thresholds(params.select)}.get(record["reject_reason"], "")
        out.print(f"[bold]decision[/] [red]dropped: {record['reject_reason']}[/] ({why})")


def _print_tag(name: str, record: dict[str, Any], probabilities: list[str]) -> None:
    values = "  ".join(f"{p} {record[p]:.3f}" for p in probabilities if (record[p] or 0) >= 0.0005)
    out.print(f"[bold]{name}[/] {record[name] or 'unknown'} by {record[f'{name}_scorer']}:", values)
    for evidence in record[f"{name}_evidence"]:
        out.print(Text(f"    because: {evidence}"))


def _diff(before: str, after: str) -> Text:
    """What went in red above what came in green; words stay whole, or Arabic would fall apart."""
    text = Text()
    for pieces, sign, colour in zip(word_diff(before, after), "-+", ("red", "green"), strict=True):
        text.append(f"{'' if sign == '-' else chr(10)}    {sign} ", colour)
        for piece in pieces:
            text.append(piece.text.replace("\n", " "), colour if piece.changed else "")
    return text


@contextmanager
def _working(what: str) -> Iterator[None]:
    """A spinner with the time on a terminal; a plain line elsewhere."""
    if not out.is_terminal:
        yield
        return
    with Progress(SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=out, transient=True) as progress:
        progress.add_task(what, total=None)
        yield


if __name__ == "__main__":
    app()
