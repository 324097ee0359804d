"""Which records are learned when, how long and how fast: all at once, or by severity (arXiv:2604.06365), the critical ones last."""

import math
from dataclasses import replace
from itertools import accumulate
from typing import Literal

from curation.params import TrainParams
from curation.schema import SEVERITIES
from training_recipes.recipe import Recipe
from training_recipes.records import Record
from training_recipes.trainer import Schedule

Kind = Literal["cumulative", "sequential"]


def phased(records: list[Record], params: TrainParams, recipe: Recipe) -> list[tuple[list[int], Schedule]]:
    """Which records are learned when: all of them at once, or the phases of the curriculum, each with its own schedule."""
    if recipe.curriculum is None or recipe.learning_rates is None:
        return [(list(range(len(records))), schedule(params, recipe, len(records)))]
    groups = phases([record.severity for record in records], recipe.curriculum)
    for level in (level for level, group in zip(SEVERITIES, groups, strict=True) if not group):
        print(f"train: no record is {level}, so that its phase is left out")
    sizes = [len(group) for group in groups]
    return list(zip(groups, schedules(sizes, schedule(params, recipe, sum(sizes)), recipe.learning_rates), strict=True))


def schedule(params: TrainParams, recipe: Recipe, records: int) -> Schedule:
    """The shared settings with what the recipe says about the loss; epochs become steps over that many records, the last one full."""
    return Schedule(
        steps=params.steps or math.ceil((params.epochs or 0) * records / (params.batch * params.accumulation)),
        batch=params.batch,
        learning_rate=params.learning_rate,
        seed=params.seed,
        accumulation=params.accumulation,
        warmup_steps=params.warmup_steps,
        scheduler=params.scheduler,
        form=recipe.form,
        precision=params.precision or "auto",
        loss_chunk=params.loss_chunk,
        gradient_checkpointing=params.gradient_checkpointing,
        checkpoint_every=params.checkpoint_every,
    )


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
