"""The phases of a curriculum by severity (arXiv:2604.06365): what is mild is learned first, what is critical last."""

from dataclasses import replace
from itertools import accumulate
from typing import Literal

from curation.schema import SEVERITIES
from training_recipes.trainer import Schedule

Kind = Literal["cumulative", "sequential"]


def phases(severities: list[str], kind: Kind) -> list[list[int]]:
    """The indices of each phase in the order given, mild first; [] where no record is of that severity.

    `sequential` has one severity a phase. `cumulative` keeps those before it: mild, mild and moderate, all.
    """
    levels = [SEVERITIES.index(severity) for severity in severities]

    def of(level: int) -> list[int]:
        return [i for i, found in enumerate(levels) if found == level or (kind == "cumulative" and found < level)]

    return [of(level) if level in levels else [] for level in range(len(SEVERITIES))]


def schedules(sizes: list[int], whole: Schedule, learning_rates: tuple[float, ...]) -> list[Schedule]:
    """One schedule a phase with its learning rate; steps and warm-up are shared out by size, at least one step to each that has records."""
    total = sum(sizes)
    ends = [round(whole.steps * reached / total) for reached in accumulate(sizes)]
    steps = [max(end - start, 1) if size else 0 for start, end, size in zip([0, *ends], ends, sizes, strict=False)]
    return [
        replace(whole, steps=count, learning_rate=rate, warmup_steps=round(whole.warmup_steps * count / whole.steps))
        for count, rate in zip(steps, learning_rates, strict=True)
    ]
