"""split: train, validation and test, whole clusters of near-duplicates at a time."""

from curation.engine import METRICS, Session, write_json
from curation.params import Params
from curation.schema import SPLITS
from curation.splits import split_expression
from curation.stages import main


def run(session: Session, params: Params) -> str:
    selected = session.read("selected")
    rows = selected.project(f"record_id, {split_expression('cluster_id', params.split)} AS split")
    session.write(rows, "split", order_by="record_id")
    session.read("split").create_view("split")
    found = session.counts("SELECT split, count(*) FROM split GROUP BY ALL")
    sizes = {name: found.get(name, 0) for name in SPLITS}
    write_json(METRICS / "split.json", sizes)
    return ", ".join(f"{name} {n}" for name, n in sizes.items())


if __name__ == "__main__":
    main(run)
