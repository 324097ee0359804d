"""From measures to the table: values with intervals, differences from one system with their significance, and slices of the questions."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from training_recipes.significance import Floats, Measure, draws, holm, interval, p_value, pooled, resampled, value

DIGITS = 4
SLICED = ("f1", "chrf", "rouge_l")  # metrics that slices have
LEAST = 10  # questions of a slice that has an interval: over fewer the percentile interval is too narrow
Measured = Mapping[str, Mapping[str, Sequence[Measure]]]  # system, metric, run


class Bootstrap(NamedTuple):
    """The draws of test questions: how many, by which seed, and the share that an interval holds."""

    samples: int
    seed: int
    confidence: float


def table(measured: Measured, against: str, bootstrap: Bootstrap) -> dict[str, dict[str, Any]]:
    """By system and metric `value, low, high, sd` and, but for `against`, `difference`.

    A recipe's runs are pooled: of each question the mean over them. `sd` is the standard deviation of the metric over runs, None for
    one. A difference has `value, low, high, p` and `p_holm`, corrected over the systems of the metric.
    """
    names = list(dict.fromkeys(metric for of_system in measured.values() for metric in of_system))
    found: dict[str, dict[str, Any]] = {system: {} for system in measured}
    for metric in names:
        runs = {system: list(of_system[metric]) for system, of_system in measured.items() if metric in of_system}
        drawn = _draws(len(next(iter(runs.values()))[0].part), bootstrap)
        whole = {system: pooled(of_runs) for system, of_runs in runs.items()}
        again = {system: resampled(measure, drawn) for system, measure in whole.items()}
        for system, of_runs in runs.items():
            found[system][metric] = _figure(value(whole[system]), again[system], bootstrap) | {"sd": _deviation(of_runs)}
        if against in runs:
            for system, difference in _differences(whole, again, against, bootstrap).items():
                found[system][metric]["difference"] = difference
    return found


def slices(measured: Measured, groups: Mapping[str, Mapping[str, Floats]], bootstrap: Bootstrap) -> dict[str, list[dict[str, Any]]]:
    """For each way to divide the questions its slices: `name, n` and by system the SLICED metrics with their intervals.

    `groups` has for each slice 1 for its questions, else 0.
    """
    return {by: [_slice(measured, name, chosen, bootstrap) for name, chosen in parts.items()] for by, parts in groups.items()}


def _slice(measured: Measured, name: str, chosen: Floats, bootstrap: Bootstrap) -> dict[str, Any]:
    places = np.flatnonzero(chosen)
    drawn = _draws(len(places), bootstrap) if len(places) >= LEAST else None
    systems = {}
    for system, of_system in measured.items():
        parts = {metric: pooled(list(of_system[metric])).at(places) for metric in SLICED if metric in of_system}
        systems[system] = {
            metric: _figure(value(part), None if drawn is None else resampled(part, drawn), bootstrap) for metric, part in parts.items()
        }
    return {"name": name, "n": len(places), "systems": systems}


@lru_cache(maxsize=1)  # the same for every metric
def _draws(questions: int, bootstrap: Bootstrap) -> Floats:
    return draws(questions, bootstrap.samples, bootstrap.seed)


def _figure(of: float | None, again: Floats | None, bootstrap: Bootstrap) -> dict[str, Any]:
    ends = None if again is None else interval(again, bootstrap.confidence)
    low, high = ends or (None, None)
    return {"value": _rounded(of), "low": _rounded(low), "high": _rounded(high)}


def _differences(whole: dict[str, Measure], again: dict[str, Floats], against: str, bootstrap: Bootstrap) -> dict[str, dict[str, Any]]:
    others = [system for system in whole if system != against]
    found = {}
    for system in others:
        ours, theirs = value(whole[system]), value(whole[against])
        difference = None if ours is None or theirs is None else ours - theirs
        apart = again[system] - again[against]
        found[system] = _figure(difference, apart, bootstrap) | {"p": p_value(apart)}
    known = [system for system in others if found[system]["p"] is not None]
    corrected = dict(zip(known, holm([found[system]["p"] for system in known]), strict=True))
    return {system: figure | {"p": _rounded(figure["p"]), "p_holm": _rounded(corrected.get(system))} for system, figure in found.items()}


def _deviation(runs: list[Measure]) -> float | None:
    values = [of_run for run in runs if (of_run := value(run)) is not None]
    return _rounded(float(np.std(values, ddof=1))) if len(values) > 1 else None


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, DIGITS) + 0.0  # and no -0.0
