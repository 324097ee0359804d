"""What the suite `drift` reads: the released version, and each column's distance from it."""

from pathlib import Path
from typing import Any

import pyarrow as pa

from curation.drift import COLUMNS, counts_by_bin, jensen_shannon, population_stability, released_rows
from curation.engine import METRICS, Session, write_json
from curation.params import Params

METRIC = METRICS / "drift.json"


def measured(session: Session, params: Params) -> tuple[pa.Table, pa.Table]:
    """One row with the population stability by column and `records_kept`, and `record_id, split` of the released version.

    Writes reports/metrics/drift.json. With no released version all is null and nothing is in the second. A column that the released
    version lacks is 0: nothing is known to have moved, and the metrics leave it out.
    """
    con, folder = session.con, params.validate_.released
    released = pa.table({name: pa.array([], pa.string()) for name in ("record_id", "split")})
    metrics: dict[str, Any] = {"released": folder, "rows": {}, "records": {}, "columns": {}}
    if folder:
        con.execute(f"CREATE OR REPLACE TEMP VIEW _released AS {released_rows(Path(folder))}")
        session.read("selected").join(session.read("split"), "record_id").create_view("_now", replace=True)
        released = con.sql("SELECT record_id::VARCHAR AS record_id, split FROM _released").to_arrow_table()
        counts = counts_by_bin(con, "_released", "_now")
        kept = session.number("SELECT count(*) FROM _released SEMI JOIN _now USING (record_id)")
        rows = {"released": released.num_rows, "now": session.number("SELECT count(*) FROM _now")}
        metrics["rows"], metrics["records"] = rows, {"kept": kept, "gone": rows["released"] - kept, "new": rows["now"] - kept}
        metrics["columns"] = {
            name: {"psi": population_stability(*both), "jensen_shannon": jensen_shannon(*both)} for name, both in counts.items()
        }
    write_json(METRIC, metrics)
    psi = {name: [metrics["columns"].get(name, {"psi": 0.0})["psi"] if folder else None] for name in COLUMNS}
    share = metrics["records"]["kept"] / max(metrics["rows"]["released"], 1) if folder else None
    return pa.table({**{n: pa.array(v, pa.float64()) for n, v in psi.items()}, "records_kept": pa.array([share], pa.float64())}), released
