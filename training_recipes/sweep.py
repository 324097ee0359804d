"""sweep NAME: the points of one sweep of sweeps.yaml as queued DVC experiments; their table and plot in reports/sweeps/."""

import json
import os
import subprocess
import sys
from pathlib import Path
from textwrap import fill
from typing import Any

import yaml
from matplotlib.figure import Figure
from pydantic import Field, ValidationError

from curation.engine import write_csv
from curation.errors import TibyanError
from curation.params import Section

SWEEPS = Path(__file__).with_name("sweeps.yaml")
OUT = Path("reports/sweeps")
DUMPS = Path("data/raw")  # a user's own: git knows none of them, so they are copied to where experiments run, which has the folder
Row = dict[str, Any]


class Sweep(Section):
    """What sweeps.yaml says at its top."""

    question: str
    points: list[dict[str, bool | int | float | str | None]] = Field(min_length=1)
    target: str
    metrics: dict[str, str] = Field(min_length=1)
    environment: dict[str, str] = Field(default={})


def run(name: str, path: Path = SWEEPS) -> str:
    """Queue the sweep's points, run whatever DVC has queued, write reports/sweeps/NAME.csv and NAME.png; returns a line about it.

    A point that fails is a row without numbers. Raises TibyanError when all do.
    """
    sweep = load_sweep(name, path)
    experiments = [f"sweep-{name.replace('_', '-')}-{number}" for number in range(1, len(sweep.points) + 1)]
    if known := sorted(set(experiments) & shown().keys()):
        dvc("exp", "remove", *known)
    dumps = [path for path in sorted(DUMPS.glob("*")) if path.name != ".gitignore"]
    copied = [part for path in dumps for part in ("--copy-paths", str(path))]
    for experiment, point in zip(experiments, sweep.points, strict=True):
        changes = [part for key, value in point.items() for part in ("--set-param", f"{key}={written(value)}")]
        dvc("exp", "run", "--queue", "--name", experiment, *changes, *copied, sweep.target)
    dvc("exp", "run", "--run-all", "--jobs", "1", heard=False, **sweep.environment)
    results = shown()
    rows = [row(sweep, point, results.get(experiment, {})) for experiment, point in zip(experiments, sweep.points, strict=True)]
    done = sum(any(result[metric] is not None for metric in sweep.metrics) for result in rows)
    if not done:
        raise TibyanError(f"{name}: none of {len(rows)} experiments gave a metric. `dvc queue logs {experiments[0]}` says what happened.")
    write_table(rows, OUT / f"{name}.csv")
    draw(sweep, rows, OUT / f"{name}.png")
    return f"{done} of {len(rows)} experiments, {OUT / name}.csv and {name}.png"


def load_sweep(name: str, path: Path = SWEEPS) -> Sweep:
    """Raises TibyanError naming the known sweeps, or the key that is wrong."""
    content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    if name not in content:
        raise TibyanError(f"there is no sweep {name!r}. Known: {', '.join(content)}; add yours to training_recipes/{path.name}.")
    try:
        return Sweep.model_validate(content[name])
    except ValidationError as error:
        problem = error.errors()[0]
        key = ".".join(map(str, (name, *problem["loc"])))
        raise TibyanError(f"training_recipes/{path.name}: {key}: {problem['msg']}. Its first lines say what a sweep holds.") from None


def written(value: Any) -> str:
    """As `--set-param` reads it: true and null, not True and None."""
    return value if isinstance(value, str) else json.dumps(value)


def dvc(*arguments: str, heard: bool = True, **environment: str) -> str:
    """What `dvc …` prints. Raises TibyanError with its last line when it fails; not `heard`, it prints for itself and may fail."""
    command = [sys.executable, "-m", "dvc", *arguments]
    # DVC's workers and the stages look for `dvc` and `python` there, and a worker that is not found is waited for without end.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    done = subprocess.run(command, env=os.environ | {"PATH": path} | environment, capture_output=heard, text=True, check=False)
    if heard and done.returncode:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise TibyanError(f"`dvc {' '.join(arguments[:3])} …` failed: {said[-1] if said else 'it said nothing'}")
    return done.stdout or ""


def shown() -> dict[str, Row]:
    """The experiments on this commit by name, as `dvc exp show` has them; those that did not end well as {}.

    Of these it shows the metrics of the commit, which are not theirs.
    """
    (commit,) = (entry for entry in json.loads(dvc("exp", "show", "--json")) if entry["rev"] != "workspace")
    found = [experiment for experiment in commit["experiments"] or [] if experiment["name"]]
    return {experiment["name"]: experiment["revs"][0] if ended_well(experiment) else {} for experiment in found}


def ended_well(experiment: Row) -> bool:
    """Not queued, running or failed; DVC says nothing of one that ran in the workspace."""
    return (experiment["executor"] or {}).get("state", "success") == "success" and not experiment["revs"][0].get("error")


def row(sweep: Sweep, point: Row, experiment: Row) -> Row:
    """The point's parameters and its metrics, None where it has none."""
    measured = (experiment.get("data") or {}).get("metrics") or {}
    return point | {metric: deep(measured, *where.split(":", 1)) for metric, where in sweep.metrics.items()}


def deep(metrics: Row, file: str, key: str) -> float | None:
    """The number at a dotted key of a metrics file."""
    value: Any = metrics.get(file, {}).get("data")
    for part in key.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value if isinstance(value, int | float) else None


def write_table(rows: list[Row], path: Path) -> None:
    """One row a point; an empty cell where an experiment failed."""
    columns = list(dict.fromkeys(key for point in rows for key in point))
    write_csv(path, columns, [[point.get(column) for column in columns] for point in rows])


def draw(sweep: Sweep, rows: list[Row], path: Path) -> None:
    """One panel a metric over the points, in the order of sweeps.yaml; the same bytes for the same numbers."""
    wrapped = [[fill(written(value).replace("/", "/ "), 14) for value in point.values() if value is not None] for point in sweep.points]
    figure = Figure(figsize=(1.5 + 4.2 * len(sweep.metrics), 3.6), layout="constrained")
    figure.suptitle(sweep.question)
    for panel, metric in zip(figure.subplots(1, len(sweep.metrics), squeeze=False)[0], sweep.metrics, strict=True):
        places = [place for place, point in enumerate(rows) if point[metric] is not None]
        panel.plot(places, [rows[place][metric] for place in places], "o-")
        panel.set_xticks(range(len(rows)), ["\n".join(label) for label in wrapped], fontsize="small")
        panel.set_xlim(-0.5, len(rows) - 0.5)
        panel.set_xlabel(", ".join(dict.fromkeys(key for point in sweep.points for key in point if point[key] is not None)))
        panel.set_title(metric, fontsize="medium")
    figure.savefig(path, metadata={"Software": None})


def main() -> None:
    """Exit code 1 with one line on bad input."""
    if len(sys.argv) != 2:
        raise SystemExit("sweep: usage: python -m training_recipes.sweep NAME, of training_recipes/sweeps.yaml")
    try:
        print(f"sweep: {sys.argv[1]} {run(sys.argv[1])}")
    except TibyanError as error:
        raise SystemExit(f"sweep: {error}") from None


if __name__ == "__main__":
    main()
