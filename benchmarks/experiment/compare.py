"""compare RUN…: the differences that the experiment asks for, where `evaluate` has those from one system; writes reports/comparisons.json.

The bootstrap is that of `training_recipes.significance`: of a recipe's runs each question's mean is taken, and questions are drawn, the
same ones for both systems. So an interval says what other questions might have given, and `by_seed` what other seeds did.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.experiment.questions import METRICS, QUESTIONS
from curation.engine import write_json
from curation.params import Params
from training_recipes.encoders import load_encoder
from training_recipes.evaluate import baseline_systems, score
from training_recipes.leaderboard import Bootstrap
from training_recipes.measures import know
from training_recipes.records import BUILT, digest, read_split
from training_recipes.running import main, make_deterministic
from training_recipes.significance import Floats, Measure, draws, holm, interval, p_value, pooled, resampled, value
from training_recipes.systems import read_systems

COMPARISONS = Path("reports/comparisons.json")
COMPARED = dict.fromkeys(name for asked in QUESTIONS for name in (asked.of, asked.against))
DIGITS = 5
Measured = Mapping[str, Sequence[Measure]]  # by system, one for each run
Places = npt.NDArray[np.intp]  # of some of the test questions


def run(params: Params, *names: str) -> str:
    """The difference that each of QUESTIONS asks for, in each of METRICS."""
    wanted = params.evaluate
    make_deterministic(wanted.seed, wanted.threads)
    column = params.train.question_column
    test = read_split("test", column)[: wanted.max_examples]
    runs = read_systems(list(names), test, column, digest(BUILT))
    encoder = load_encoder(wanted.encoder, wanted.encoder_revision, wanted.layer)
    # Where questions were asked in two columns, each has its own nearest; both sides of a pair are asked the same.
    systems = {system.name.removesuffix(f" ({column})"): system for system in (*runs, *baseline_systems(runs, wanted, encoder))}
    by_system, _ = score([replace(systems[name], name=name) for name in COMPARED], know(test), encoder, wanted)
    measured = {metric: {name: by_system[name][metric] for name in COMPARED} for metric in METRICS}
    over = {"all": np.arange(len(test)), "critical": np.flatnonzero([record.severity == "critical" for record in test])}
    bootstrap = Bootstrap(wanted.bootstrap, wanted.seed, wanted.confidence)
    found = [{"metric": metric, **pair} for metric in METRICS for pair in compared(measured[metric], over, bootstrap)]
    write_json(COMPARISONS, {"confidence": wanted.confidence, "samples": wanted.bootstrap, "pairs": found})
    return f"({len(QUESTIONS)} differences over {len(test)} questions)"


def compared(measured: Measured, over: dict[str, Places], bootstrap: Bootstrap) -> list[dict[str, Any]]:
    """The differences in one metric, with `p_holm`, corrected for how many there are; a question over no test question is left out."""
    drawn = {name: draws(len(places), bootstrap.samples, bootstrap.seed) for name, places in over.items() if len(places)}
    found = []
    for asked in QUESTIONS:
        if asked.questions not in drawn:
            continue
        places = over[asked.questions]
        ours, theirs = ([of_run.at(places) for of_run in measured[name]] for name in (asked.of, asked.against))
        about = {"of": asked.of, "against": asked.against, "questions": asked.questions, "n": len(places)}
        found.append(about | difference(ours, theirs, drawn[asked.questions], bootstrap.confidence))
    corrected = holm([pair["p"] for pair in found])
    return [pair | {"p_holm": round(p, DIGITS)} for pair, p in zip(found, corrected, strict=True)]


def difference(ours: list[Measure], theirs: list[Measure], drawn: Floats, confidence: float) -> dict[str, Any]:
    """`value, low, high, p` of our metric less theirs, and `by_seed`, of each of our runs less theirs of the same place, or their one."""
    apart = resampled(pooled(ours), drawn) - resampled(pooled(theirs), drawn)
    low, high = interval(apart, confidence) or (0.0, 0.0)
    against = theirs if len(theirs) == len(ours) else [pooled(theirs)] * len(ours)
    by_seed = [(value(a) or 0.0) - (value(b) or 0.0) for a, b in zip(ours, against, strict=True)]
    whole = (value(pooled(ours)) or 0.0) - (value(pooled(theirs)) or 0.0)
    numbers = {"value": whole, "low": low, "high": high, "p": p_value(apart) or 1.0}
    return {name: round(number, DIGITS) for name, number in numbers.items()} | {"by_seed": [round(of, DIGITS) for of in by_seed]}


if __name__ == "__main__":
    main("compare", run, sys.argv[1:], takes=("RUN…",))
