"""build: datasets/<name>/, exactly the folder that goes to the Hub, and only past an open gate."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from curation.engine import METRICS, Session, write_folder, write_text
from curation.errors import TibyanError
from curation.params import Params
from curation.publishing.card import render_card, size_category
from curation.publishing.dataset import COLUMNS, write_splits
from curation.schema import DIALECT_LABELS, SEVERITIES
from curation.stages import main
from validators.gate import check_open


def run(session: Session, params: Params) -> str:
    gate = check_open(session.folder)
    rows = session.read("selected").join(session.read("split"), "record_id")
    rows.create_view("built")
    folder = Path("datasets") / params.build.name
    with write_folder(folder) as beside:
        sizes = write_splits(rows, beside)
        write_text(beside / "README.md", render_card(_card_values(session, params, folder, sizes, gate)))
    return f"{folder}: " + ", ".join(f"{split} {n}" for split, n in sizes.items())


def _card_values(session: Session, params: Params, folder: Path, sizes: dict[str, int], gate: dict[str, Any]) -> dict[str, Any]:
    ingest = _metrics("ingest")
    redacted: Counter[str] = Counter()
    for kinds in ingest["redacted"].values():
        redacted.update(kinds)
    dialects = session.counts("SELECT coalesce(dialect, 'unknown'), count(*) FROM built GROUP BY ALL")
    severities = session.counts("SELECT severity, count(*) FROM built GROUP BY ALL")
    scorers = session.con.sql("SELECT max(dialect_scorer), max(severity_scorer) FROM built").fetchall()[0]
    return {
        "build": params.build,
        "clean": params.clean,
        "folder": folder.as_posix(),
        "sizes": sizes,
        "size_category": size_category(sum(sizes.values())),
        "columns": COLUMNS,
        "gate": gate,
        "ingest": ingest,
        "select": _metrics("select"),
        "dialects": {name: dialects[name] for name in DIALECT_LABELS if name in dialects},
        "severities": {name: severities.get(name, 0) for name in SEVERITIES},
        "scorers": {"dialect": scorers[0], "severity": scorers[1]},
        "redacted": dict(sorted(redacted.items())),
    }


def _metrics(stage: str) -> dict[str, Any]:
    path = METRICS / f"{stage}.json"
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, json.JSONDecodeError):
        raise TibyanError(f"{path}: cannot be read. Run `dvc repro`, which makes it first.") from None


if __name__ == "__main__":
    main(run)
