"""severity: soft severity of each question as it is written, with the cues and their context that made it."""

from curation.engine import METRICS, Session, write_json
from curation.params import Params
from curation.schema import HAS_CUE, SEVERITY
from curation.severity.questions import questions
from curation.severity.scorers import name_of, score
from curation.stages import main
from curation.text.compiler import literal


def run(session: Session, params: Params) -> str:
    con, scorer = session.con, name_of(params.severity)
    for block in questions(session, params.severity):
        found = score(con, block.project("id, text, key, msa"), params.severity)
        named = found.set_alias("f").join(con.table("_questions").set_alias("q"), "f.id = q.id")
        tagged = f"record_id, f.*, {literal(scorer)} AS severity_scorer, evidence AS severity_evidence"
        session.add(named.project(tagged), "scored")
    result = con.table("scored")
    count = session.write(result.project(", ".join(SEVERITY)), "severity", order_by="record_id")
    shares = session.counts("SELECT severity, count(*) FROM scored GROUP BY ALL")
    without_cue = session.number(f"SELECT count(*) FROM scored WHERE NOT {HAS_CUE}")
    write_json(METRICS / "severity.json", {"by_severity": shares, "without_any_cue": without_cue, "scorer": scorer})
    return f"{count} questions, {without_cue} without any cue, " + ", ".join(f"{name} {n}" for name, n in shares.items())


if __name__ == "__main__":
    main(run)
