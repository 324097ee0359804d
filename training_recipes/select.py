"""select METHOD RUN RUN… --out NAME: of several runs' answers to each question one is chosen; the choice is one more system.

METHOD is `question` (the answer most like the question), `consensus` (the one that the others are nearest to), a scorer of your
own as `module:function`, or the name of a column of scores in every data/interim/answers_RUN.parquet.
"""

import argparse
import importlib
import re
import sys
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from curation.engine import write_json, write_table
from curation.errors import TibyanError
from curation.params import EvaluateParams, Params
from training_recipes.bertscore import signature
from training_recipes.choosing import Matrix, Scorer, by_consensus, by_question, by_scorer, choose
from training_recipes.encoders import load_encoder
from training_recipes.records import digest, read_split
from training_recipes.running import main, make_deterministic
from training_recipes.systems import answers_path, selection_path

ID, ANSWER, FROM = "record_id", "answer_generated", "chosen_from"
NAME = re.compile(r"[a-z0-9_]+")


def run(params: Params, method: str, runs: list[str], name: str) -> str:
    """Write data/interim/answers_NAME.parquet, a column `chosen_from` beside, and reports/metrics/selection_NAME.json."""
    if len(runs) < 2 or len(set(runs)) < len(runs):
        raise TibyanError("name two different runs or more, each once, whose answers are in data/interim/answers_RUN.parquet.")
    out = answers_path(name)
    if not NAME.fullmatch(name) or (out.exists() and FROM not in pq.read_schema(out).names):
        raise TibyanError(f"--out {name}: choose a name of small Latin letters, digits and _ under which no run has answered.")
    tables = _read(runs)
    make_deterministic(params.evaluate.seed, params.evaluate.threads)
    scores, signed = _scores(method, runs, tables, params.evaluate)
    chosen = choose(scores)
    _write(out, tables, runs, chosen)
    of = {run: digest(answers_path(run)) for run in runs}
    metrics = report(method, runs, scores, chosen) | {"signature": signed, "answers": of}
    write_json(selection_path(name), metrics)
    taken = ", ".join(f"{run} {counts['share']:.1%}" for run, counts in metrics["runs"].items())
    return f"{len(chosen)} answers by {method}, from {taken}; {metrics['tied']} ties, which go to the first"


def report(method: str, runs: list[str], scores: Matrix, chosen: list[int]) -> dict[str, Any]:
    """How many answers each run gives, as a number and as a share, and its mean score; in how many questions several are best."""
    taken = Counter(chosen)
    of_runs = {
        name: {"chosen": taken[i], "share": round(taken[i] / len(chosen), 4), "mean_score": round(float(scores[:, i].mean()), 4)}
        for i, name in enumerate(runs)
    }
    best = (scores == scores.max(axis=1, keepdims=True)).sum(axis=1)
    return {"method": method, "questions": len(chosen), "tied": int((best > 1).sum()), "order": runs, "runs": of_runs}


def _scores(method: str, runs: list[str], tables: list[pa.Table], params: EvaluateParams) -> tuple[Matrix, str | None]:
    """And the signature of the encoder where one was asked."""
    answers = [table[ANSWER].to_pylist() for table in tables]
    if method in ("question", "consensus"):
        encoder = load_encoder(params.encoder, params.encoder_revision, params.layer)
        if method == "consensus":
            return by_consensus(answers, encoder, params.batch), signature(encoder, idf=False, rescaled=False)
        return by_question(_questions(tables[0]), answers, encoder, params.batch), encoder.identity
    if ":" in method:
        return by_scorer(_questions(tables[0]), answers, _load_scorer(method)), None
    return _column(method, runs, tables), None


def _load_scorer(name: str) -> Scorer:
    module, _, function = name.partition(":")
    try:
        scorer: Scorer = getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError, ValueError) as error:
        raise TibyanError(f"{name}: there is no such scorer ({error}). Name a function as module:function, from where you stand.") from None
    return scorer


def _column(name: str, runs: list[str], tables: list[pa.Table]) -> Matrix:
    known = ("question", "consensus", "module:function")
    columns = []
    for of, table in zip(runs, tables, strict=True):
        values = table[name].to_pylist() if name in table.column_names else None
        if values is None or not all(isinstance(v, int | float) and np.isfinite(v) for v in values):
            raise TibyanError(
                f"{answers_path(of)}: has no column {name} of a finite number for each answer. Methods: {', '.join(known)} or a column."
            )
        columns.append(values)
    return np.array(columns, np.float64).T


def _read(runs: list[str]) -> list[pa.Table]:
    """The answers of each run in `record_id` order. Raises TibyanError where one is missing or answers other questions."""
    tables = []
    for path in map(answers_path, runs):
        try:
            table = pq.read_table(path).replace_schema_metadata(None)
        except (FileNotFoundError, pa.ArrowException) as error:
            raise TibyanError(f"{path}: cannot be read ({type(error).__name__}). Run `dvc repro`, which writes answers.") from None
        if missing := {ID, ANSWER} - set(table.column_names):
            raise TibyanError(f"{path}: has no column {', '.join(sorted(missing))}. Run `dvc repro`, which writes it again.")
        tables.append(table.sort_by(ID))
        if not len(table) or not tables[-1][ID].equals(tables[0][ID]):
            raise TibyanError(
                f"{path}: does not answer the same questions as {answers_path(runs[0])}, or none. Answer again with both runs."
            )
    return tables


def _questions(answers: pa.Table) -> list[str]:
    """As they were asked, whatever column a run was trained on."""
    asked = {record.record_id: record.question for record in read_split("test")}
    ids = answers[ID].to_pylist()
    if unknown := sum(record_id not in asked for record_id in ids):
        raise TibyanError(f"{unknown} of {len(ids)} answered records are not in the test split: it was built again. Run `dvc repro`.")
    return [asked[record_id] for record_id in ids]


def _write(path: Path, tables: list[pa.Table], runs: list[str], chosen: list[int]) -> None:
    """The columns that all runs have, and which run it is."""
    shared = [
        f.name
        for f in tables[0].schema
        if f.name != FROM and all(f.name in t.column_names and t.schema.field(f.name).type == f.type for t in tables)
    ]
    rows = pa.concat_tables([table.select(shared) for table in tables])
    rows = rows.take(pa.array([run * len(chosen) + i for i, run in enumerate(chosen)]))
    write_table(rows.append_column(FROM, pa.array([runs[place] for place in chosen])), path)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m training_recipes.select", description=__doc__)
    parser.add_argument("method", metavar="METHOD")
    parser.add_argument("runs", metavar="RUN", nargs="+")
    parser.add_argument("--out", metavar="NAME", required=True)
    asked = parser.parse_args(sys.argv[1:])
    main("select", partial(run, method=asked.method, runs=asked.runs, name=asked.out), [])
