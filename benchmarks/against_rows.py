"""Like for like against the job written row by row (benchmarks/rivals/row_by_row.py): the same rows, whole processes, what each keeps."""

import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

import duckdb

from benchmarks import measured, project
from benchmarks.document import HEADER, at_least, megabytes, number, table
from benchmarks.measured import Cost, Figures
from benchmarks.setting import Setting

PAIRS, QUICK, MANY = 25_000, 300, 430_000  # the rival takes a minute or two for the first; ours alone does the last
VARIANTS = {"with": [], "without": ["--without-langdetect"]}
TIMES = {"with": 50, "without": 15}
NAMES = {"with": "with langdetect", "without": "without langdetect"}


def run(setting: Setting) -> Figures:
    """For both variants what the rival and ours take, and the rows they keep; then ours over many rows."""
    if find_spec("datasketch") is None:
        return {"skipped": "datasketch is not installed: `pip install -c constraints.txt -e '.[dev]'`"}
    csv = setting.csv(QUICK if setting.quick else PAIRS)
    folder = project.make(setting.place / "rows", csv)
    figures: Figures = {"pairs": QUICK if setting.quick else PAIRS}
    for variant, options in VARIANTS.items():
        rival, batched, ours = setting.repeated(
            lambda options=options: _process("rivals.row_by_row", csv, folder / "rival.parquet", options),
            lambda options=options: _process("rivals.row_by_row", csv, folder / "batched.parquet", [*options, "--batched"]),
            lambda options=options: _process("like_for_like", csv, folder / "ours.parquet", options),
        )
        figures[variant] = {
            "rival": rival,
            "batched": batched,
            "ours": ours,
            **agreement(folder / "rival.parquet", folder / "ours.parquet"),
        }
    if not setting.quick:
        many = setting.csv(MANY)
        figures["many"] = {"pairs": MANY} | {
            variant: setting.repeated(lambda options=options: _process("like_for_like", many, folder / "ours.parquet", options))[0]
            for variant, options in VARIANTS.items()
        }
    shutil.rmtree(folder)
    return figures


def _process(module: str, csv: Path, parquet: Path, options: list[str]) -> Cost:
    command = [sys.executable, "-m", f"benchmarks.{module}", str(csv), str(parquet), *options]
    return measured.run(command, parquet.parent, **project.ENVIRONMENT)


def agreement(rival: Path, ours: Path) -> dict[str, int]:
    """How many rows each kept, how many both did, and of how many of those the question came out the same."""
    names = ("kept_by_rival", "kept_by_ours", "kept_by_both", "same_question")
    counts = duckdb.sql(f"""
        SELECT count(r.row), count(o.row), count(*) FILTER (r.row IS NOT NULL AND o.row IS NOT NULL),
            count(*) FILTER (r.question = o.question)
        FROM '{rival}' r FULL JOIN '{ours}' o ON o.row = printf('%09d', r.row)""").fetchall()[0]
    return dict(zip(names, counts, strict=True))


def section(figures: Figures) -> str:
    """Targets, what each took, and what each kept."""
    intro = """## Like for like against a job written row by row

`benchmarks/rivals/row_by_row.py`: one process, camel-tools, PyArabic, emoji, langdetect and datasketch (128 permutations, 5
characters), the libraries that our rules come from, row after row. Ours (`benchmarks/like_for_like.py`) is one process on
two threads that calls the functions of the stages clean, duplicates and select. Without langdetect both look at letters alone.
MinHash is fed as in the first example of datasketch's documentation, shingle by shingle; with its `update_batch` beside."""
    if "skipped" in figures:
        return f"{intro}\n\nNot measured: {figures['skipped']}.\n"
    pairs = figures["pairs"]
    targets = [
        at_least(f"rows a second, {NAMES[v]}{how}", TIMES[v], figures[v][key]["seconds"] / figures[v]["ours"]["seconds"], "times as many")
        for key, how in (("rival", ""), ("batched", ", MinHash by `update_batch`"))
        for v in VARIANTS
    ]
    costs = [
        (f"{who}, {NAMES[v]}", f"{pairs:,}", *_cost(figures[v][key], pairs))
        for v in VARIANTS
        for who, key in (("row by row", "rival"), ("row by row, `update_batch`", "batched"), ("ours", "ours"))
    ]
    costs += [(f"ours, {NAMES[v]}", f"{MANY:,}", *_cost(figures["many"][v], MANY)) for v in VARIANTS if "many" in figures]
    kept = [
        (NAMES[v], *(f"{figures[v][name]:,}" for name in ("kept_by_rival", "kept_by_ours", "kept_by_both", "same_question")))
        for v in VARIANTS
    ]
    return f"""{intro} The same
{pairs:,} rows, whole processes, medians of {len(figures["with"]["ours"]["runs"])} runs in turns.

{table(HEADER, targets)}

{table(("", "rows", "seconds", "rows a second", "CPU seconds", "peak MB"), costs)}

What is kept and how it reads differ by rule: ours keeps Arabizi and takes greetings and closings off; datasketch's LSH takes
candidates for duplicates unverified.

{table(("rows kept", "row by row", "ours", "by both", "of those with the same question, to the letter"), kept)}
"""


def _cost(cost: Figures, pairs: int) -> tuple[str, ...]:
    return number(cost["seconds"]), number(pairs / cost["seconds"]), number(cost["cpu"]), megabytes(cost["peak"])
