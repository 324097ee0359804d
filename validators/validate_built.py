"""validate_built: the dataset's folder as it was written. Writes its results, and stops where a critical check fails."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from curation.drift import ANNOTATIONS, DATA, part_rows
from curation.engine import Session
from curation.errors import TibyanError
from curation.params import Params
from curation.publishing.folder import ROWS, folder_digest
from curation.schema import SELECTED
from validators.checks import BUILT_QUARANTINE, BUILT_VALIDATION, CRITICAL
from validators.custom_checks import with_severities
from validators.duckdb_adapter import run_and_leave
from validators.explain import line
from validators.gate import check_open
from validators.results import write_results
from validators.running import Made, fault_tables, run_suites, suite_tables
from validators.suites import built
from validators.suites.built import ANNOTATABLE, ANNOTATED, PUBLISHABLE, PUBLISHED, WRONG_COLUMNS

HAND_OVERS = ("records", "selected", "split")
TEXTS = ("question", "answer", "question_msa", "question_key", "answer_key", "prompt", "completion", "messages")


def run(session: Session, params: Params) -> str:
    """Writes reports/validation_built.json, its metrics and reports/quarantine_built.parquet. Raises TibyanError, afterwards, where a
    critical check fails."""
    check_open(session.folder)
    for name in HAND_OVERS:
        session.read(name)
    folder = Path("datasets") / params.build.name
    data, annotations = part_rows(folder, DATA), part_rows(folder, ANNOTATIONS)
    rows = data or annotations
    if not rows:
        raise TibyanError(f"{folder}: holds no Parquet files. Run `dvc repro build`, which writes them.")
    types = _types(session, rows)
    shared = [name for name in SELECTED if name in types and name != "record_id"]
    suite = built.suite(params, shared, str(folder))
    own = {name: severity for name, severity in params.validate_.severities.items() if name.startswith("built/")}
    suites = with_severities((suite,), own)
    session.con.register("found_wrong", _wrong(types, _types(session, annotations) if annotations else {}))
    made = [*_tables(session, rows, data, annotations), *suite_tables(suites), *fault_tables(suites)]
    outcomes = run_suites(session, suites, HAND_OVERS, made, None)
    summary = write_results(session, outcomes, BUILT_VALIDATION, BUILT_QUARANTINE, folder_digest(folder, ROWS))
    critical = [o for o in outcomes if o["severity"] == CRITICAL and not o["success"]]
    if critical:
        first = f"{folder}: {len(critical)} critical of {len(outcomes)} checks failed; `tibyan gate explain built` says more."
        raise TibyanError("\n".join([first, *(line({**o, "record_ids": o["record_ids"][:3]}, BUILT_QUARANTINE) for o in critical)]))
    return summary


def _tables(session: Session, rows: str, data: str | None, annotations: str | None) -> Iterator[Made]:
    """The hand-over `built` says on which terms a row goes out."""
    path = (session.folder / "built.parquet").absolute()
    yield "TABLE", "allowed", f"SELECT record_id, redistributable AS terms FROM read_parquet('{path}')"
    yield "VIEW", PUBLISHED, rows
    yield "VIEW", PUBLISHABLE, f"SELECT record_id FROM allowed WHERE terms {'=' if data else '<>'} '{'yes' if data else 'no'}'"
    yield "VIEW", ANNOTATED, f"SELECT record_id FROM ({annotations})" if annotations else "SELECT record_id FROM allowed WHERE false"
    yield "VIEW", ANNOTATABLE, f"SELECT record_id FROM allowed WHERE terms <> 'no' AND {'true' if annotations else 'false'}"
    yield "TABLE", WRONG_COLUMNS, "FROM found_wrong"


def _types(session: Session, rows: str) -> dict[str, str]:
    relation = session.con.sql(f"FROM ({rows}) LIMIT 0")
    return dict(zip(relation.columns, map(str, relation.types), strict=True))


def _wrong(types: dict[str, str], annotated: dict[str, str]) -> pa.Table:
    """`name, place`: the columns that the checks `types` and `annotations_hold_no_text` ask for."""
    found = [("types", name) for name, kind in types.items() if SELECTED.get(name, kind) != kind]
    found += [("texts", name) for name in annotated if name in TEXTS]
    return pa.table({"name": pa.array([n for n, _ in found], pa.string()), "place": pa.array([p for _, p in found], pa.string())})


if __name__ == "__main__":
    run_and_leave(run)
