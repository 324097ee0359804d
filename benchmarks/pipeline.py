"""From CSV to the built dataset, beside DuckDB's plain copy of the same CSV to Parquet: what each stage takes, and its start."""

import json
import shutil
import sys
from dataclasses import asdict
from pathlib import Path

from benchmarks import measured, project
from benchmarks.document import HEADER, at_most, megabytes, number, table
from benchmarks.measured import Cost, Figures, medians, together
from benchmarks.setting import Setting

PAIRS = 430_000
FEW = 1_000  # pairs: what takes as long for these as for none
TIMES, AMBITION, PEAK = 25, 15, 3_000  # of the plain copy; MB
COPY = """import duckdb, sys
con = duckdb.connect(config={"threads": 2})
con.execute(f"COPY (FROM read_csv('{sys.argv[1]}')) TO '{sys.argv[2]}' (FORMAT parquet, COMPRESSION zstd)")"""


def run(setting: Setting) -> Figures:
    """The copy, every stage, every stage with nothing to do and with few pairs, and once all of it under DVC."""
    csv = setting.csv(setting.size(PAIRS))
    folder = setting.place / "project"
    copies: list[Cost] = []
    runs: list[dict[str, Cost]] = []
    for _ in range(setting.repeats):
        copies.append(copy(csv, setting.place / "copy.parquet"))
        runs.append(project.run_stages(project.make(folder, csv)))
    figures = {
        "pairs": setting.size(PAIRS),
        "csv": csv.stat().st_size,
        "copy": medians(copies),
        "total": medians(together(stages.values()) for stages in runs),
        "stages": by_stage(runs),
        "kept": json.loads((folder / "reports/metrics/select.json").read_text(encoding="utf-8"))["kept"],
        "gate": json.loads((folder / "reports/gate.json").read_text(encoding="utf-8"))["open"],
    }
    if not setting.quick:
        few = setting.csv(FEW)
        figures["few"] = by_stage([project.run_stages(project.make(folder, few)) for _ in range(setting.repeats)])
        figures["start"] = by_stage([project.start_up(folder) for _ in range(setting.repeats)])
        figures["dvc"] = asdict(project.run_dvc(project.make(folder, csv)))
    shutil.rmtree(folder)
    return figures


def copy(csv: Path, parquet: Path) -> Cost:
    """Two threads in a process of its own; what it writes is removed."""
    cost = measured.run([sys.executable, "-c", COPY, str(csv), str(parquet)], csv.parent)
    parquet.unlink()
    return cost


def by_stage(runs: list[dict[str, Cost]]) -> dict[str, Figures]:
    """The medians of each stage."""
    return {name: medians(stages[name] for stages in runs) for name in runs[0]}


def section(figures: Figures) -> str:
    """Targets, what was measured, and where it goes."""
    total, plain = figures["total"], figures["copy"]
    times = total["seconds"] / plain["seconds"]
    targets = [
        at_most("the pipeline against the plain copy", TIMES, times, "times"),
        at_most("the same, the ambition", AMBITION, times, "times"),
        at_most("the highest peak of a stage", PEAK, total["peak"] / 1e6, "MB"),
    ]
    return f"""## From CSV to the built dataset

{figures["pairs"]:,} pairs, a CSV of {megabytes(figures["csv"])} MB; {figures["kept"]:,} are in the dataset. Every stage of
`dvc.yaml` from `ingest` to `build`, one after another, each a process of its own, on two threads, beside DuckDB's
`COPY (FROM read_csv(…)) TO … (FORMAT parquet, COMPRESSION zstd)` of the same CSV in a process of its own. Medians of
{len(total["runs"])} runs in turns.

{table(HEADER, targets)}

{table(("", "seconds", "CPU seconds", "peak MB"), [_row("plain copy", plain), _row("pipeline", total)])}

### Where it goes

"Nothing to do" is the process of a stage that imports, reads `params.yaml`, opens a session and ends; "{FEW:,} pairs" is the
stage on so few, what does not grow with the rows: also what it imports late, its word lists and the planning of its queries.

{_profile(figures)}
{_dvc(figures)}"""


def _row(name: str, cost: Figures) -> tuple[str, ...]:
    return name, number(cost["seconds"]), number(cost["cpu"]), megabytes(cost["peak"])


def _profile(figures: Figures) -> str:
    total = figures["total"]["seconds"]
    rows = [
        [*_row(name, cost), f"{cost['seconds'] / total:.0%}", *(_seconds(figures, part, name) for part in ("start", "few"))]
        for name, cost in figures["stages"].items()
    ]
    sums = [_sum(figures, part) for part in ("start", "few")]
    rows.append([*_row("all", figures["total"]), "100%", *(number(seconds) if seconds else "–" for seconds in sums)])
    if all(sums):
        rows.append(["share of the pipeline", "", "", "", "", *(f"{seconds / total:.0%}" for seconds in sums)])
    return table(("stage", "seconds", "CPU seconds", "peak MB", "share", "nothing to do, s", f"{FEW:,} pairs, s"), rows)


def _seconds(figures: Figures, part: str, stage: str) -> str:
    return number(figures[part][stage]["seconds"]) if part in figures else "–"


def _sum(figures: Figures, part: str) -> float:
    return sum(cost["seconds"] for cost in figures.get(part, {}).values())


def _dvc(figures: Figures) -> str:
    if "dvc" not in figures:
        return ""
    dvc, alone = figures["dvc"], figures["total"]
    return f"""
A first `dvc repro build` of the same, run once, took {number(dvc["seconds"])} s and {number(dvc["cpu"])} CPU seconds, the stages alone
{number(alone["seconds"])} s and {number(alone["cpu"])}. What DVC adds is its own start, hashing the dump and every output, and
copying them into its cache.
"""
