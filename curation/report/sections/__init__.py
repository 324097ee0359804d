"""The sections of the report, in their order. Each is a module here and a template of its name beside it.

A module's `figures(material)` asks the hand-overs and gives plain data, which the template finds as `s`; None leaves the section out.
"""

from collections.abc import Callable
from types import ModuleType
from typing import Any, NamedTuple

from curation.report.material import Material
from curation.report.sections import (
    answers,
    calibration,
    cleaning,
    dialects,
    disagreement,
    drift,
    duplicates,
    funnel,
    gate,
    leaderboard,
    limits,
    models,
    personal,
    planted,
    provenance,
    quality,
    severity,
    sources,
    weights,
)


class Section(NamedTuple):
    """`name` is that of the module, the template and the anchor; `short` stands in the table of contents."""

    name: str
    title: str
    short: str
    figures: Callable[[Material], Any]


def _section(module: ModuleType, title: str, short: str = "") -> Section:
    return Section(module.__name__.rpartition(".")[2], title, short or title, module.figures)


SECTIONS = (
    _section(provenance, "Provenance"),
    _section(funnel, "From what was read to what is kept", "Counts"),
    _section(sources, "Sources"),
    _section(quality, "Quality"),
    _section(answers, "Answers"),
    _section(dialects, "Dialects"),
    _section(severity, "Severity"),
    _section(weights, "Training weights", "Weights"),
    _section(calibration, "Severity against labels", "Calibration"),
    _section(disagreement, "Where two scorers of severity disagree", "Disagreement"),
    _section(duplicates, "Duplicates"),
    _section(personal, "Personal data"),
    _section(cleaning, "Cleaning, before and after", "Cleaning"),
    _section(gate, "The gate", "Gate"),
    _section(drift, "Drift from the last released version", "Drift"),
    _section(planted, "What was planted and found", "Planted and found"),
    _section(models, "Models trained on it", "Models"),
    _section(leaderboard, "What models made of it", "Leaderboard"),
    _section(limits, "What this report does not say", "Limits"),
)
