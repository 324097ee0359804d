"""What is compared: the answers of each recipe's runs, of selections among them, of the untrained model, and of baselines."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from curation.engine import INTERIM, METRICS
from curation.errors import TibyanError
from training_recipes.records import Record, digest

UNTRAINED = "untrained"  # the base model as it is; a run in all but training
Kind = Literal["recipe", "selection", "baseline"]


@dataclass(frozen=True)
class System:
    """`answers` has one list for each run, in the order of `runs`; of a baseline there is one."""

    name: str
    kind: Kind
    answers: list[list[str]]
    runs: list[str]
    seeds: list[int | None]
    question_column: str
    perplexities: list[float]


def answers_path(run: str) -> Path:
    """`record_id, answer_generated`, a row for each test question."""
    return INTERIM / f"answers_{run}.parquet"


def description_path(run: str) -> Path:
    """What a run answered by and to, as the stage `answer` writes it."""
    return METRICS / f"answer_{run}.json"


def selection_path(name: str) -> Path:
    """What `select` says of a choice among runs."""
    return METRICS / f"selection_{name}.json"


def read_systems(names: list[str], test: list[Record], column: str, data: str) -> list[System]:
    """The runs by recipe, in the order in which the recipes are first named, then selections, then the untrained model.

    `data` is the digest of the dataset that is here. Raises TibyanError where a run did not answer to it, to these questions, or from
    the base model of the others.
    """
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise TibyanError(f"{', '.join(repeated)}: named twice. Name each run once.")
    found: dict[tuple[Kind, str], list[tuple[str, dict[str, Any]]]] = {}
    for name in sorted([*names, UNTRAINED], key=lambda name: name == UNTRAINED):  # last
        described = _described(name)
        kind: Kind = "baseline" if name == UNTRAINED else "selection" if "method" in described else "recipe"
        found.setdefault((kind, described.get("recipe", name)), []).append((name, described))
    base = found["baseline", UNTRAINED][0][1]["base"]
    systems = []
    for (kind, of), runs in sorted(found.items(), key=lambda item: ("recipe", "selection", "baseline").index(item[0][0])):
        for name, described in runs:
            _check(name, described, data, base)
        columns = sorted({described.get("question_column", column) for _, described in runs})
        if len(columns) > 1:
            raise TibyanError(f"{of}: its runs were asked in {' and '.join(columns)}. Run `dvc repro`, which answers again.")
        answers = [_answers(name, test) for name, _ in runs]
        seeds = [described.get("seed") for _, described in runs]
        perplexities = [described["perplexity"] for _, described in runs if "perplexity" in described]
        systems.append(System(of, kind, answers, [name for name, _ in runs], seeds, columns[0], perplexities))
    return systems


def _described(name: str) -> dict[str, Any]:
    """By the stage `answer`, or by `select`, which writes selection_NAME.json."""
    path = description_path(name)
    if selection_path(name).exists() and not path.exists():
        path = selection_path(name)
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        raise TibyanError(f"{path}: not there, or not whole. Run `python -m training_recipes.answer {name}`, which makes it.") from None


def _check(name: str, described: dict[str, Any], data: str, base: dict[str, Any]) -> None:
    """A selection was made of the answers that are there now, each of which passes on its own."""
    for run, chosen_among in described.get("answers", {}).items():
        _check(run, _described(run), data, base)
        if digest(answers_path(run)) != chosen_among:
            raise TibyanError(f"{answers_path(name)}: chosen among other answers of {run} than are here now. Select again.")
    if "method" in described:
        return
    again = f"Run `dvc repro`, or `python -m training_recipes.answer {name}`."
    if described["dataset"] != data:
        raise TibyanError(f"{answers_path(name)}: answers to another dataset than is here. {again}")
    if described["base"] != base:
        raise TibyanError(f"{answers_path(name)}: from another base model than the answers of {UNTRAINED}. {again}")


def _answers(name: str, test: list[Record]) -> list[str]:
    path = answers_path(name)
    try:
        rows = pq.read_table(path, columns=["record_id", "answer_generated"]).to_pylist()
    except (OSError, pa.ArrowException, KeyError):
        raise TibyanError(f"{path}: cannot be read. Run `python -m training_recipes.answer {name}`, which makes it.") from None
    found = {row["record_id"]: row["answer_generated"] for row in rows}
    if len(found) != len(rows) or set(found) != {record.record_id for record in test}:
        raise TibyanError(f"{path}: answers to other questions than the {len(test)} of evaluate.max_examples. Answer again.")
    return [found[record.record_id] for record in test]
