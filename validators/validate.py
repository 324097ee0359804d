"""validate: every suite over the hand-overs before `build`, and its results, whatever it finds. `gate` decides.

No result holds a patient's words: of what Great Expectations answers only counts and numbers are taken, and the
record ids of a failed check are asked for in DuckDB.
"""

import json
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from curation.engine import METRICS, Session
from curation.errors import TibyanError
from curation.params import Params
from validators import drift
from validators.checks import QUARANTINE, VALIDATION, Suite
from validators.contamination import OVERLAPS, overlaps
from validators.custom_checks import with_custom_checks, with_severities
from validators.duckdb_adapter import run_and_leave
from validators.personal_data import LEAKS, SUSPECTS, leaks, suspects
from validators.results import write_results
from validators.running import Made, fault_tables, run_suites, suite_tables
from validators.suites import HAND_OVERS, suites
from validators.suites.drift import DRIFT, RELEASED

DATA_DOCS = Path(".cache/data_docs")  # they differ at every run and link to the net: nobody depends on them, tracks or audits them
COUNTED = ("ingest", "select", "split")  # stages whose counts are held against their hand-overs


def run(session: Session, params: Params) -> str:
    """Writes reports/validation.json, reports/quarantine.parquet, reports/metrics/validation.json and drift.json, and the Data Docs."""
    for name in HAND_OVERS:
        session.read(name)
    all_suites = with_severities(
        with_custom_checks(suites(params)), {n: s for n, s in params.validate_.severities.items() if not n.startswith("built/")}
    )
    with ThreadPoolExecutor(1) as aside:  # the leak scan is Python's work: the other core is DuckDB's meanwhile
        found_leaks = aside.submit(leaks, replace(session, con=session.con.cursor()))
        moved, released = drift.measured(session, params)
        found = {"counted": _counted(), DRIFT: moved, RELEASED: released, OVERLAPS: overlaps(session, params)}
        made = _made(session, found, all_suites, found_leaks)
        outcomes = run_suites(session, all_suites, HAND_OVERS, made, DATA_DOCS if params.validate_.data_docs else None)
    return write_results(session, outcomes, VALIDATION, QUARANTINE)


def _made(session: Session, found: dict[str, pa.Table], suites: tuple[Suite, ...], found_leaks: Future[pa.Table]) -> Iterator[Made]:
    """What the checks read, in order: what was found in Python, then SQL; what asks for leaks comes last, which may still be looked for."""
    for name, table in found.items():
        session.con.register(f"found_{name}", table)
        yield "TABLE", name, f"FROM found_{name}"
    yield "TABLE", SUSPECTS, suspects()
    yield from suite_tables(suites)
    faults = fault_tables(suites)
    yield from (made for made in faults if LEAKS not in made[2])
    session.con.register("found_leaks", found_leaks.result())
    yield "TABLE", LEAKS, "FROM found_leaks"
    yield from (made for made in faults if LEAKS in made[2])


def _counted() -> pa.Table:
    """`stage, name, n`: what the stages of COUNTED counted."""
    rows: list[tuple[str, str, int]] = []
    for stage in COUNTED:
        path = METRICS / f"{stage}.json"
        try:
            counts = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raise TibyanError(f"{path}: cannot be read. Run `dvc repro`, which makes it first.") from None
        rows += [(stage, name, n) for name, n in sorted(counts.items()) if isinstance(n, int)]
    stages, names, counted = zip(*rows, strict=True) if rows else ((), (), ())
    return pa.table({"stage": pa.array(stages, pa.string()), "name": pa.array(names, pa.string()), "n": pa.array(counted, pa.int64())})


if __name__ == "__main__":
    run_and_leave(run)
