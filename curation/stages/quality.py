"""quality: scores of each record, from 0 to 1, with what made them; `select` goes by them."""

from curation.engine import METRICS, Session, write_json
from curation.params import Params
from curation.quality.scorer import SCORER, score
from curation.schema import QUALITY, SCORES
from curation.stages import main

TEXTS = [f"{side}{what}" for side in ("question", "answer") for what in ("", "_key", "_cut")]
HIGH = 0.5  # counted in the metrics; what is dropped stands in those of `select`


def run(session: Session, params: Params) -> str:
    specialties = session.read("records").project("record_id, specialty")
    for block in session.blocks("cleaned", ", ".join(TEXTS)):
        scored = score(session.con, block.join(specialties, "record_id"))
        session.add(scored.project(", ".join(QUALITY)), "scored")
    count = session.write(session.con.table("scored"), "quality", order_by="record_id")
    session.read("quality").create_view("quality")
    high = {name: session.number(f"SELECT count(*) FROM quality WHERE {name} > {HIGH}") for name in SCORES}
    write_json(METRICS / "quality.json", {"scorer": SCORER, f"above_{HIGH}": high})
    return f"{count} records; above {HIGH}: " + (", ".join(f"{name} {n}" for name, n in high.items() if n) or "none")


if __name__ == "__main__":
    main(run)
