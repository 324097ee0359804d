"""What is tried of every classifier that takes the place of the words: texts, parameters, and that threads change nothing."""

from pathlib import Path
from typing import Any

import pytest

from curation.api import DIALECT
from curation.engine import Session, open_session
from curation.params import DialectParams, Params
from curation.schema import HAND_OVERS
from curation.stages import dialect as stage
from tests.curation.camel_data import SENTENCES

TEXTS = [sentence for sentences in SENTENCES.values() for sentence in sentences]
LONG = " ".join(TEXTS * 3)
ARABIZI = "ana 3andi waga3 fe batni mn embare7 w msh 3aref a3mel eh"
ENGLISH = "I have had a headache since yesterday and nothing helps me"


def params_of(**changes: Any) -> DialectParams:
    return DialectParams.model_validate(DIALECT.model_dump() | changes)


def write_cleaned(session: Session, texts: list[str]) -> None:
    columns = ", ".join(f"{name} {kind}" for name, kind in HAND_OVERS["cleaned"].items())
    session.con.execute(f"CREATE OR REPLACE TEMP TABLE written ({columns})")
    for i, text in enumerate(texts):
        language = "arabizi" if text == ARABIZI else "en" if text == ENGLISH else "ar"
        session.con.execute(
            "INSERT INTO written (record_id, question, question_key, language) VALUES (?, ?, ?, ?)", [f"{i:04}", text, text, language]
        )
    session.write(session.con.table("written"), "cleaned", order_by="record_id")


def same_whatever_the_threads(
    backend: str, model: str | None, named: str, cut: int, project: Path, params: Params, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stage under this backend; its scorer begins with `named`, and of the texts `cut` are not read to their end."""
    wanted = params.model_copy(update={"dialect": params_of(backend=backend, model=model)})
    monkeypatch.setattr("curation.engine.BLOCK", 20)
    monkeypatch.setattr("curation.dialect.identify.TEXTS", 7)
    made = []
    for threads in ("1", "3"):
        monkeypatch.setenv("TIBYAN_THREADS", threads)
        with open_session(params.engine) as session:
            write_cleaned(session, [*TEXTS * 2, LONG, ARABIZI, ENGLISH])
            stage.run(session, wanted)
            rows = session.read("dialect").fetchall()
            scorers = {row[list(HAND_OVERS["dialect"]).index("dialect_scorer")] for row in rows}
        made.append((project / "data/interim/dialect.parquet").read_bytes())
        made.append((project / "reports/metrics/dialect.json").read_bytes())
    assert made[:2] == made[2:] and len(rows) == 2 * len(TEXTS) + 3
    (scorer,) = scorers
    assert scorer.startswith(named)
    assert f'"texts_not_read_to_their_end": {cut}'.encode() in made[1]
