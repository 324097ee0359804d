"""The commands of `tibyan` about severity labelled by people: draw questions to label, and take the labels back."""

from collections import Counter, defaultdict
from pathlib import Path
from typing import Annotated, Literal

import pyarrow as pa
import typer

from curation.console import sentences
from curation.engine import INTERIM, Session, open_session, write_table, write_text
from curation.errors import TibyanError
from curation.params import SeverityParams, load_params
from curation.schema import SEVERITIES
from curation.severity import sheets
from curation.severity.agreement import krippendorff_alpha, pairwise
from curation.severity.labels import Label, read_labels, weights_from
from curation.severity.linear import read_weights
from curation.severity.questions import questions
from curation.severity.scorers import reads_msa, score
from curation.text.phrases import fold

severity_app = typer.Typer(no_args_is_help=True, help="Severity labelled by people: `sample` draws what to label, `learn` takes it back.")
NAMED = 20  # conflicts named one by one
LEARNT = Path("models/severity_weights.parquet")
WRITE = {"argilla": sheets.argilla, "label-studio": sheets.label_studio}


@severity_app.command()
def sample(
    out: Annotated[Path, typer.Argument(help="the sheet to write, OUT.csv")],
    n: Annotated[int, typer.Option(min=1, help="how many questions")] = 200,
    by: Annotated[
        Literal["uncertainty", "random", "level"], typer.Option(help="the least sure, any, or as many of each level")
    ] = "uncertainty",
    tool: Annotated[Literal["argilla", "label-studio"] | None, typer.Option("--for", help="write an import file beside the sheet")] = None,
    show: Annotated[bool, typer.Option(help="show what the scorer thinks; who sees it tends to agree")] = False,
    seed: Annotated[int, typer.Option(help="the same seed draws the same")] = 1,
    folder: Annotated[Path, typer.Option(help="where the hand-overs between the stages are")] = INTERIM,
) -> None:
    """Write questions to label, redacted as they are in the hand-over: a CSV whose column `severity` is to be filled in."""
    with sentences():
        if out.suffix != ".csv":
            raise TibyanError(f"{out}: the sheet is a CSV. Give a name that ends in .csv.")
        if out.exists():
            raise TibyanError(f"{out}: is there already, perhaps with labels in it. Give another name.")
        with open_session(load_params().engine, folder) as session:
            drawn = sheets.draw(session, n, by, seed)
        write_text(out, sheets.sheet(drawn, show))
        counts = Counter(drawn["given"].to_pylist())
        given = ", ".join(f"{level} {counts[level]}" for level in SEVERITIES) if show else "levels hidden"
        print(f"{out}: {len(drawn)} questions by {by} ({given}); fill in `severity` with {', '.join(SEVERITIES)}, and `annotator`")
        if tool:
            target = out.with_suffix(f".{tool}.json")
            write_text(target, WRITE[tool](drawn, show))
            print(f"{target}: the same for {tool}")
            if tool == "label-studio":
                print(f"labelling interface: {sheets.INTERFACE}")


@severity_app.command()
def learn(
    files: Annotated[list[Path], typer.Argument(help="labelled sheets, CSV or Parquet: one, or one for each annotator")],
    out: Annotated[Path, typer.Option(help="where the weights are written")] = LEARNT,
    text: Annotated[str | None, typer.Option(help="what the column of texts is called; else severity.labelled_columns")] = None,
    severity: Annotated[str | None, typer.Option(help="what the column of levels is called")] = None,
    folder: Annotated[Path, typer.Option(help="where the hand-overs between the stages are")] = INTERIM,
) -> None:
    """Take labels back: how far annotators agree, which texts they differ on, new weights, and what these change."""
    with sentences():
        params = load_params()
        columns = params.severity.labelled_columns | {k: v for k, v in (("text", text), ("severity", severity)) if v}
        labels = [label for file in files for label in read_labels(file, columns)]
        keys = fold([label.text for label in labels])
        _print_agreement(labels, keys)
        linear = params.severity.model_copy(update={"labelled": None})
        if not reads_msa(linear):
            linear = linear.model_copy(update={"scorer": "linear_v1"})
        before = read_weights(linear.weights)
        after = weights_from(labels, linear, before)
        write_table(after, out)
        print(f"{out}: {_differing(before, after)} of {len(after)} weights differ; params.yaml takes it by severity.weights: {out}")
        if params.severity.scorer != linear.scorer:
            print(f"params.yaml: severity.scorer is {params.severity.scorer}, which reads no weights; {linear.scorer} does")
        if not (folder / "cleaned.parquet").exists():
            print(f"{folder / 'cleaned.parquet'}: not there yet, nothing to show changes in")
            return
        with open_session(params.engine, folder) as session:
            _print_changes(session, linear, linear.model_copy(update={"weights": str(out)}))


def _print_agreement(labels: list[Label], keys: list[str]) -> None:
    """Counts, kappa of each two, alpha of all, and the ids of what they differ on; never a text."""
    of_text: defaultdict[str, list[Label]] = defaultdict(list)
    for key, label in zip(keys, labels, strict=True):
        of_text[key].append(label)
    annotators = sorted({label.annotator for label in labels})
    counts = Counter(label.severity for label in labels)
    levels = ", ".join(f"{level} {counts[level]}" for level in SEVERITIES)
    print(f"{len(labels)} labels of {len(of_text)} texts by {len(annotators)} annotator{'s' if len(annotators) > 1 else ''}: {levels}")
    for pair in pairwise({key: {label.annotator: label.severity for label in of} for key, of in of_text.items()}):
        kappa = "not defined, both used one level" if pair.kappa is None else f"{pair.kappa:.3f}"
        print(f"{pair.first} and {pair.second}: {pair.texts} texts in common, {pair.alike} alike, Cohen's kappa {kappa}")
    alpha = krippendorff_alpha([label.severity for label in of] for of in of_text.values())
    if alpha is not None:
        print(f"all together: Krippendorff's alpha, ordinal, {alpha:.3f}")
    conflicts = [of for of in of_text.values() if len({label.severity for label in of}) > 1]
    for of in conflicts[:NAMED]:
        ids = ", ".join(f"{label.record_id} {label.severity} by {label.annotator}" for label in of)
        print(f"conflict: {ids}")
    more = f", {len(conflicts) - NAMED} not named" if len(conflicts) > NAMED else ""
    print(f"{len(conflicts)} texts with different labels{more}; each label is learnt from once")


def _differing(before: pa.Table, after: pa.Table) -> int:
    rows = {tuple(row[name] for name in ("feature", *SEVERITIES)) for row in before.to_pylist()}
    return sum(tuple(row[name] for name in ("feature", *SEVERITIES)) not in rows for row in after.to_pylist())


def _print_changes(session: Session, before: SeverityParams, after: SeverityParams) -> None:
    """How many levels of the hand-over change, from what to what."""
    total, changed = 0, Counter[tuple[str, str]]()
    for block in questions(session, before, after):
        texts = session.con.from_arrow(block.project("id, text, key, msa").to_arrow_table())
        total += len(texts)
        old, new = (session.con.from_arrow(score(session.con, texts, params).to_arrow_table()) for params in (before, after))
        changed.update(sheets.changes(session.con, old, new))
    moves = ", ".join(f"{first} to {second} {n}" for (first, second), n in sorted(changed.items()))
    print(
        f"{session.folder / 'cleaned.parquet'}: of {total} levels {sum(changed.values())} change by {before.scorer}"
        + (f": {moves}" if moves else "")
    )
