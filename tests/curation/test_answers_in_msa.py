"""Answers into MSA: only where dialect.normalise_answers says so, and by their own dialect."""

import json
from pathlib import Path

from curation.dialect.msa import Change, reverted
from curation.engine import METRICS, open_session
from curation.params import Params
from curation.schema import CLEANED
from curation.stages import dialect

# question, answer, what of the answer comes out, why
PAIRS = [
    ("عندي صداع منذ يومين", "متاخدش مسكن تاني دلوقتي واستنى لبكرة", True, "a question in MSA, answered in Egyptian"),
    (
        "دماغي بتوجعني اوي من امبارح يا دكتور",
        "راجع الطبيب وخذ قرصا كل 8 ساعات",
        False,
        "asked in Egyptian, answered in MSA: it stays as it is",
    ),
    ("بطني بتوجعني", None, None, "nobody answered"),
    ("شو بعمل مع هالسعلة؟", "Take 5 mg twice a day", False, "no Arabic to put into MSA"),
    ("شو بعمل مع هالسعلة؟", "هلأ اشرب مي كتير وما تاخد شي تاني لبكرا، والجرعة 5 ملغ", True, "Levantine, with a dose that stays"),
]


def made(params: Params, on: bool) -> tuple[list[dict], dict]:
    wanted = params.model_copy(update={"dialect": params.dialect.model_copy(update={"normalise_answers": on})})
    with open_session(params.engine) as session:
        columns = ", ".join(f"{column} {kind}" for column, kind in CLEANED.items())
        session.con.execute(f"CREATE TEMP TABLE written ({columns})")
        for i, (question, answer, *_) in enumerate(PAIRS):
            row = dict.fromkeys(CLEANED) | {
                "record_id": str(i),
                "question": question,
                "question_key": question,
                "language": "ar",
                "answer": answer,
            }
            session.con.execute(f"INSERT INTO written VALUES ({', '.join('?' * len(row))})", list(row.values()))
        session.write(session.con.table("written"), "cleaned", order_by="record_id")
        dialect.run(session, wanted)
        return session.read("dialect").to_arrow_table().to_pylist(), json.loads((METRICS / "dialect.json").read_text())


def test_no_answer_is_touched_unless_asked(project: Path, params: Params) -> None:
    rows, metrics = made(params, on=False)
    assert not params.dialect.normalise_answers
    assert {(row["answer_dialect"], row["answer_msa"], row["answer_msa_changes"]) for row in rows} == {(None, None, None)}
    assert metrics["answers_changed_to_msa"] == 0


def test_an_answer_is_put_into_msa_by_its_own_dialect(project: Path, params: Params) -> None:
    off, _ = made(params, on=False)
    rows, metrics = made(params, on=True)
    for row, (_, answer, changed, why) in zip(rows, PAIRS, strict=True):
        assert (row["answer_msa"] is None) == (answer is None), why
        if answer is None:
            assert row["answer_msa_changes"] is None and row["answer_dialect"] is None, why
            continue
        changes = [Change(**change) for change in row["answer_msa_changes"]]
        assert bool(changes) == changed and (row["answer_msa"] != answer) == changed, why
        assert reverted(row["answer_msa"], changes) == answer
        assert [c for c in row["answer_msa"] if c.isdigit()] == [c for c in answer if c.isdigit()]
    assert [row["answer_dialect"] for row in rows] == ["EGY", "MSA", None, None, "LEV"]
    assert metrics["answers_changed_to_msa"] == 2 and metrics["answers_left_by_the_check"] == 0
    of_questions = [name for name in rows[0] if not name.startswith("answer_")]
    assert [[row[name] for name in of_questions] for row in rows] == [[row[name] for name in of_questions] for row in off]
