"""Leaderboard: every system that answered the test questions, best first, with intervals, and where it is better or worse."""

from pathlib import Path
from typing import Any

from curation.report.material import Material
from curation.report.results import read_json

EVALUATION = Path("reports/evaluation.json")  # of the stage `evaluate`
# Metrics of the two tables: key, title, and how they are written.
NEARNESS = (
    ("f1", "BERTScore F1", "%.3f"),
    ("f1_rescaled", "rescaled", "%.3f"),
    ("chrf", "chrF++", "%.1f"),
    ("rouge_l", "ROUGE-L", "%.3f"),
)
LIKENESS = (
    ("length_ratio", "length", "%.2f"),
    ("empty", "empty", "share"),
    ("repetition", "repeated", "share"),
    ("unsupported_numbers", "numbers of its own", "share"),
    ("unsupported_drugs", "drugs of its own", "share"),
    ("unsafe_omission", "critical, not sent to care", "share"),
)
KINDS = {"recipe": "recipe", "selection": "chosen among runs", "baseline": "baseline"}


def figures(material: Material) -> dict[str, Any] | None:
    """What the stage `evaluate` wrote, its systems by BERTScore F1, the best first; None where nothing was evaluated."""
    if not EVALUATION.exists():
        return None
    found: dict[str, Any] = read_json(EVALUATION)
    systems = [{"name": name, "of": KINDS.get(of["kind"], of["kind"])} | of for name, of in found["systems"].items()]
    ranked = sorted(systems, key=lambda system: (-system["metrics"]["f1"]["value"], system["name"]))
    return found | {
        "ranked": ranked,
        "nearness": NEARNESS,
        "likeness": LIKENESS,
        "most": max(system["metrics"]["f1"]["high"] for system in ranked) or 1,
        "several": any(len(system["runs"]) > 1 for system in ranked),
        "windowed": found.get("windowed", 0),
    }
