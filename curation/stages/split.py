"""split: train, validation and test, whole groups of near-duplicates at a time."""

from curation.engine import METRICS, Session, write_json
from curation.params import Params
from curation.schema import SPLITS
from curation.splits import split_records
from curation.stages import main


def run(session: Session, params: Params) -> str:
    rows, counts = split_records(session.con, session.read("selected"), session.read("duplicates"), params.split)
    session.write(rows, "split", order_by="record_id")
    session.read("split").create_view("split")
    found = session.counts("SELECT split, count(*) FROM split GROUP BY ALL")
    sizes = {name: found.get(name, 0) for name in SPLITS}
    write_json(METRICS / "split.json", sizes | counts)
    return ", ".join(f"{name} {n}" for name, n in sizes.items()) + f"; {counts['groups']} groups, {counts['moved_to_train']} moved to train"


if __name__ == "__main__":
    main(run)
