"""What every section of the report is made from: the hand-overs as views, `tagged`, and what other stages found."""

from typing import Any, NamedTuple

from curation.engine import METRICS, Session
from curation.params import Params
from curation.report.provenance import RawFile, raw_files
from curation.report.results import checks, gate, read_json
from curation.schema import DIALECTS, HAS_CUE, UNKNOWN

HAND_OVERS = ("records", "rejects", "cleaned", "quality", "dialect", "severity", "duplicates", "selection", "split")


class Material(NamedTuple):
    """`ingest` is what ingest counted, `checks` and `gate` what stands in report/results.py; `records` and `kept` are counts."""

    session: Session
    params: Params
    ingest: dict[str, Any]
    files: list[RawFile]
    checks: dict[str, Any]
    gate: dict[str, Any]
    records: int
    kept: int


def gather(session: Session, params: Params) -> Material:
    """Raises TibyanError where a hand-over, a metric, a raw file or the checks are missing."""
    ingest = read_json(METRICS / "ingest.json")
    files = raw_files(params.ingest.inputs)
    open_hand_overs(session)
    found = checks()
    kept = session.number("SELECT count(*) FROM tagged WHERE kept")
    return Material(session, params, ingest, files, found, gate(found["failed"]), session.count("records"), kept)


def open_hand_overs(session: Session) -> None:
    """Every hand-over as a view, and the table `tagged`: one row a record with all that is known of it but its texts."""
    for name in HAND_OVERS:
        session.read(name).create_view(name)
    confidence = f"greatest({', '.join(f'p_{name.lower()}' for name in DIALECTS)})"
    session.con.execute(f"""
        CREATE TEMP TABLE tagged AS
        SELECT record_id, source, specialty, answer_raw IS NOT NULL AS answered, answer_rule,
               coalesce(dialect, '{UNKNOWN}') AS dialect, {confidence} AS confidence,
               len(dialect_evidence) > 0 OR dialect = 'arabizi' AS has_words,  -- Arabizi is told by its script
               severity, p_mild, p_moderate, p_critical, {HAS_CUE} AS has_cue,
               question_letters, answer_letters, arabic_share, kept, reject_reason, split
        FROM records JOIN cleaned USING (record_id) JOIN quality USING (record_id) JOIN dialect USING (record_id)
        JOIN severity USING (record_id) JOIN duplicates USING (record_id) JOIN selection USING (record_id)
        LEFT JOIN split USING (record_id)""")
