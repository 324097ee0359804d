"""select: the only stage that drops rows, by the thresholds of params.yaml, each row with its reason."""

from curation.engine import METRICS, Session, write_json
from curation.errors import TibyanError
from curation.params import Params
from curation.schema import SELECTED
from curation.selection import reject_reason, thresholds
from curation.stages import main

# Each has the same records in the same order, so they are joined by place. The wide texts come first and stream past the others, which are
# narrow and are kept in memory.
TAGGED = ("cleaned", "records", "quality", "dialect", "severity", "duplicates")
JOINED = " JOIN ".join([TAGGED[0], *(f"{name} USING (id)" for name in TAGGED[1:])])


def run(session: Session, params: Params) -> str:
    con = session.con
    con.execute("SET disabled_optimizers = 'join_order,build_side_probe_side'")  # of all else it knows that there are as many rows
    orders = set()
    for name in TAGGED:
        rows = session.numbered(name, "* EXCLUDE (record_id, file_row_number)")
        orders.add(rows.aggregate("count(*), bit_xor(hash(id, record_id))").fetchall()[0])
        rows.project("*" if name == TAGGED[0] else "* EXCLUDE (record_id)").create_view(name)
    read = session.count("records")
    if len(orders) > 1:
        raise TibyanError(
            f"{read} records came in, but {', '.join(TAGGED)} do not hold the same ones in the same order. Run `dvc repro --force`."
        )
    con.execute(f"CREATE TABLE decisions AS SELECT id, record_id, {reject_reason(params.select)} AS reject_reason FROM {JOINED}")
    decisions = con.sql("SELECT record_id, reject_reason IS NULL AS kept, reject_reason FROM decisions")
    session.write(decisions, "selection", order_by="record_id")
    stay = JOINED.replace(TAGGED[0], f"{TAGGED[0]} SEMI JOIN (FROM decisions WHERE reject_reason IS NULL) USING (id)", 1)
    kept = session.write(con.sql(f"SELECT {', '.join(SELECTED)} FROM {stay}"), "selected", order_by="record_id")
    reasons = session.counts("SELECT reject_reason, count(*) FROM decisions WHERE reject_reason IS NOT NULL GROUP BY ALL")
    if read != kept + sum(reasons.values()):
        raise TibyanError(
            f"the counts do not add up: {read} records read, {kept} kept, {sum(reasons.values())} rejected. Please report this."
        )
    in_order = {t.reason: reasons.get(t.reason, 0) for t in thresholds(params.select)}
    write_json(METRICS / "select.json", {"read": read, "kept": kept, "rejected": read - kept, "rejected_by_reason": in_order})
    return f"{kept} of {read} records kept; " + ", ".join(f"{reason} {n}" for reason, n in in_order.items() if n)


if __name__ == "__main__":
    main(run)
