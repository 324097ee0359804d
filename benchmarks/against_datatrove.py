"""Like for like against datatrove's local executor (benchmarks/rivals/datatrove_job.py) on questions: what each takes and keeps."""

import shutil
import subprocess
import sys
from pathlib import Path

import duckdb

from benchmarks import measured, project
from benchmarks.document import HEADER, at_least, megabytes, number, table
from benchmarks.measured import Cost, Figures, together
from benchmarks.setting import ROOT, Setting
from curation.privacy.patterns import KINDS

PAIRS, WORKERS, TIMES = 100_000, 2, 10
PYTHON = ROOT / ".venv-bench" / "bin" / "python"
JOB = ROOT / "benchmarks" / "rivals" / "datatrove_job.py"


def run(setting: Setting) -> Figures:
    """Both on the same questions; why not, where datatrove's environment is not there."""
    if not PYTHON.exists():
        return {"skipped": "datatrove has no environment of its own: `make bench-setup` makes one"}
    pairs = setting.size(PAIRS)
    folder = setting.place / "datatrove"
    shutil.rmtree(folder, ignore_errors=True)
    questions = _questions(setting.csv(pairs), folder)
    out, ours = folder / "out", folder / "ours"
    rival, own = setting.repeated(lambda: _datatrove(folder / "parts", out), lambda: _ours(questions, ours))
    figures = {
        "questions": pairs,
        "version": _version(),
        "rival": rival,
        "ours": own,
        "kept_by_rival": _rows(out / "kept" / "*.parquet"),
        "records": _rows(ours / "data" / "interim" / "records.parquet"),
        "kept_by_ours": _rows(ours / "kept.parquet"),
    }
    shutil.rmtree(folder)
    return figures


def _version() -> str:
    ask = "from importlib.metadata import version; print(version('datatrove'), end='')"
    return subprocess.run([str(PYTHON), "-c", ask], stdout=subprocess.PIPE, text=True, check=True).stdout


def _rows(parquet: Path) -> int:
    return int(duckdb.sql(f"SELECT count(*) FROM '{parquet}'").fetchall()[0][0])


def _questions(csv: Path, folder: Path) -> Path:
    """One CSV of `id, text` for ours, and the same rows as one file for each worker, since datatrove shares out files."""
    (folder / "parts").mkdir(parents=True)
    rows = f"SELECT row_number() OVER () - 1 AS id, q_body AS text FROM read_csv('{csv}', header = true, all_varchar = true)"
    with duckdb.connect() as con:
        con.execute(f"CREATE TABLE asked AS {rows}")
        con.execute(f"COPY (FROM asked ORDER BY id) TO '{folder}/questions.csv' (HEADER)")
        for worker in range(WORKERS):
            con.execute(f"COPY (FROM asked WHERE id % {WORKERS} = {worker} ORDER BY id) TO '{folder}/parts/{worker}.csv' (HEADER)")
    return folder / "questions.csv"


def _datatrove(parts: Path, out: Path) -> Cost:
    shutil.rmtree(out, ignore_errors=True)
    return measured.run([str(PYTHON), str(JOB), str(parts), str(out)], out.parent)


def _ours(questions: Path, folder: Path) -> Cost:
    """The stage ingest as it is, with every kind of personal data and names; then clean, language, near-duplicates and select."""
    project.make(folder, questions, {"question": "text", "native_id": "id"}, select={"require_answer": False})
    steps = (
        ["-m", "curation.stages.ingest"],
        ["-m", "benchmarks.like_for_like", "data/interim/records.parquet", "kept.parquet"],
    )
    return together(measured.run([sys.executable, *step], folder, **project.ENVIRONMENT) for step in steps)


def section(figures: Figures) -> str:
    """Targets, what each took, and what each kept."""
    intro = f"""## Like for like against datatrove

`benchmarks/rivals/datatrove_job.py`: local executor, 2 workers, CSV reader, personal-data formatter (e-mail and IP
addresses), length and script filters, the four MinHash stages at their defaults (14 buckets of 8 hashes, 5 words). Ours: the
stage `ingest`, which redacts {len(KINDS)} kinds of personal data, names among them, then clean, language, near-duplicates (32 bands of 4,
5 characters, every pair verified) and select (`benchmarks/like_for_like.py`), on two threads."""
    if "skipped" in figures:
        return f"{intro}\n\nNot measured: {figures['skipped']}.\n"
    n, rival, ours = figures["questions"], figures["rival"], figures["ours"]
    rows = [
        (who, number(c["seconds"]), number(n / c["seconds"]), number(c["cpu"]), megabytes(c["peak"]), f"{kept:,}")
        for who, c, kept in (("datatrove", rival, figures["kept_by_rival"]), ("ours", ours, figures["kept_by_ours"]))
    ]
    return f"""{intro} The same
{n:,} questions, datatrove {figures["version"]}, medians of {len(ours["runs"])} runs in turns.

{table(HEADER, [at_least("questions a second", TIMES, rival["seconds"] / ours["seconds"], "times as many")])}

{table(("", "seconds", "questions a second", "CPU seconds", "peak MB", "questions kept"), rows)}
"""
