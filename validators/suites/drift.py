"""drift: how far the rows to be built have moved from the version that was released last. The measures stand in curation/drift.py."""

from curation.params import Params
from validators.checks import INFO, WARNING, Check, Suite, expect

RELEASED = "released"  # the rows of that version, `record_id, split`, beside the hand-overs
DRIFT = "drift"  # one row, a column each with its population stability
HELD_OUT_BEFORE = f"""SELECT record_id FROM {RELEASED} AS r JOIN split AS s USING (record_id)
    WHERE r.split <> 'train' AND s.split = 'train' AND EXISTS (FROM {{batch}})"""
# Great Expectations wants a row; the reason says that nothing was compared.
NOTHING = "SELECT NULL::VARCHAR AS place FROM {batch} WHERE false"


def suite(params: Params) -> Suite:
    limits = params.validate_
    moved = "the columns mean something else than they did, or the sources have changed"
    look = "Look at reports/metrics/drift.json; say so in the release where it is meant, else compare params.yaml with that version's."
    checks: tuple[Check, ...] = (
        Check("no_released_version", INFO, NOTHING, "validate.released names no version: there is nothing to compare with"),
    )
    if limits.released:
        checks = (
            *(
                Check(f"drift_of_{name}", WARNING, expect("ColumnMaxToBeBetween", column=name, max_value=most), moved)
                for name, most in limits.max_drift.items()
            ),
            Check(
                "held_out_stays_out",
                WARNING,
                HELD_OUT_BEFORE,
                "a model trained on this version has seen what the last version tests on",
                "Keep split.seed; a row moves by itself where its group joined another, which the reports of both versions should say.",
            ),
            Check(
                "released_records_kept",
                WARNING,
                expect("ColumnMinToBeBetween", column="records_kept", min_value=limits.min_released_kept),
                "much of the last version is gone, or its record ids have changed",
                "Look in reports/metrics/select.json at what was dropped and why; ids change with the source's name and its native ids.",
            ),
        )
    return Suite("drift", f"FROM {DRIFT}", look, checks, files=("selected", "split"))
