"""The four public sets under ../shared/data, as `ingest.inputs` of params.yaml names them, and the runs over them."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.setting import ROOT


@dataclass(frozen=True)
class Case:
    """One run: the entries of `ingest.inputs`, the other keys that change, why they do, and what to know about the data."""

    name: str
    what: str
    inputs: tuple[dict[str, Any], ...]
    changes: dict[str, dict[str, Any]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def params(self) -> dict[str, dict[str, Any]]:
        """What a user writes into params.yaml; every other key stays as it is."""
        return {"ingest": {"inputs": list(self.inputs)}, **self.changes}

    def files(self) -> list[Path]:
        return [ROOT / entry["path"] for entry in self.inputs]


ARAMED = {
    "path": "../shared/data/aramed/Sample_AraMed.csv",
    "format": "table",
    "source": "aramed",
    "licence": "MIT",
    "redistributable": "yes",
    "columns": {
        "question": "Question description",
        "answer": "Answer details 1",
        "specialty": "Question category",
        "asked_at": "Question time",
        "native_id": "Question ID",
    },
}
MENTALQA = {
    "path": "../shared/data/mentalqa/Train_Dev.tsv",
    "format": "table",
    "source": "mentalqa",
    "licence": "MIT",
    "redistributable": "yes",
    "columns": {"question": "question", "answer": "answer"},
}
DARIJA = {
    "path": "../shared/data/darija_urgency/dataset.csv",
    "format": "table",
    "source": "darija_urgency",
    "licence": "CC-BY-4.0",
    "redistributable": "yes",
    "columns": {"question": "sentence", "specialty": "service", "severity": "urgency"},
}
FACEPAGER = {
    "path": "../shared/data/facepager_covid/fbds1.txt",
    "source": "facepager_covid",
    "licence": "CC0-1.0",
    "redistributable": "yes",
}

CASES = (
    Case("aramed", "Consultations of a doctor site.", (ARAMED,), {"build": {"license": "mit"}}),
    Case(
        "mentalqa",
        "Questions about mental health, answered by professionals.",
        (MENTALQA,),
        {"build": {"license": "mit"}},
    ),
    Case(
        "darija_urgency",
        "Algerian posts that doctors labelled URGENT or CONSULTATION.",
        (DARIJA,),
        {"select": {"require_answer": False}, "build": {"license": "cc-by-4.0"}},
        ("`select.require_answer` is false: this source has no answers. The two checks of answers then leave the suite.",),
    ),
    Case(
        "facepager_covid",
        "Facebook posts with the comments under them.",
        (FACEPAGER,),
        {"validate": {"min_rows": 10, "min_rows_per_split": 1}, "build": {"license": "cc0-1.0"}},
        (
            "`validate.min_rows` and `min_rows_per_split` are lowered: the file has 25 posts.",
            "The posts are news, not questions: what comes out shows the reader and the rules for threads on a real export, "
            "and is no medical data. No expectation can tell that; the gate only warns.",
        ),
    ),
    Case(
        "together",
        "The four in one run.",
        (ARAMED, MENTALQA, DARIJA, FACEPAGER),
        {"select": {"require_answer": False}, "build": {"license": "other"}},
        (
            "`select.require_answer` is false, or all of darija_urgency would go. It switches off every rule about "
            "answers, so more of the other sources is kept than when each runs alone.",
        ),
    ),
)
