"""No personal data past the door, in figures: recall, precision, doses, throughput, memory; writes docs/privacy.md.

Usage: python -m benchmarks.privacy [--scale 0.02]. Only counts leave it, no text. Under full scale the document goes to the screen.
"""

import argparse
import json
import subprocess
import sys
from typing import Any

from benchmarks import ingest_cost, privacy_speed
from benchmarks import privacy_scores as scores
from benchmarks.privacy_document import render
from benchmarks.setting import ROOT, SHARED

DOCUMENT = ROOT / "docs" / "privacy.md"
MEASURED = ("ingest", "speed")  # each in a process of its own, so that no memory of one counts for another


def measure(scale: float) -> dict[str, Any]:
    """Every figure; the heavy ones first, while this process is small."""
    results = {name: _apart(name, scale) for name in MEASURED}
    return results | {"scores": _scores()}


def _apart(name: str, scale: float) -> Any:
    command = [sys.executable, "-m", "benchmarks.privacy", "--only", name, "--scale", str(scale)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    print(f"{name}: done", file=sys.stderr, flush=True)
    return json.loads(done.stdout)


def _only(name: str, scale: float) -> Any:
    if name == "ingest":
        return ingest_cost.measure(scale)
    return privacy_speed.measure([case.text for case in scores.cases()], scale)


def _scores() -> dict[str, Any]:
    cases = scores.cases()
    held_out = [case for case in cases if case.split == "held_out"]
    folders = sorted(path for path in SHARED.glob("*/") if path.is_dir())
    values = {folder.name: scores.measured_values(privacy_speed.real_texts(folder)) for folder in folders}
    return {
        "cases": cases,
        "held_out": held_out,
        "events": scores.redacted(cases),
        "held_out_events": scores.redacted(held_out),
        "sample": [event for case, given in scores.sample_cases() for event in scores.judge(case, given)],
        "left": scores.left_in_records(),
        "doses": scores.changed_doses([row["text"] for row in scores.rows(scores.DOSES)]),
        "values": values,
    }


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="share of the full size, for trying the script")
    parser.add_argument("--only", choices=MEASURED, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.only:
        json.dump(_only(asked.only, asked.scale), sys.stdout)
        return
    document = render(measure(asked.scale))
    if asked.scale < 1:
        print(document)
        return
    DOCUMENT.write_text(document, encoding="utf-8")
    print(DOCUMENT.relative_to(ROOT))


if __name__ == "__main__":
    main()
