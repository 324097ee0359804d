"""How well the severity scorer that ships does: measured, and written below the marker of docs/severity.md.

    python -m benchmarks.severity [--calibrate]

`--calibrate` prints the temperature under which the development vignettes and the sample's questions are likeliest. Only counts leave it:
of the vignettes of the test half neither a text nor an id is ever shown.
"""

import argparse
import csv
import time
from collections.abc import Callable, Iterable
from typing import NamedTuple

import duckdb
import numpy as np
import pyarrow as pa
import yaml
from numpy.typing import NDArray

from benchmarks import calibration, severity_learn
from benchmarks.document import HEADER, at_least, at_most, table
from benchmarks.real_texts import distinct_texts
from benchmarks.setting import ROOT, SHARED
from curation.api import SEVERITY, score_severity
from curation.params import SeverityParams
from curation.schema import SEVERITIES
from curation.severity.scorer import FITTED
from curation.severity.scorers import score
from curation.text.phrases import with_key

DOCUMENT, PICTURE = ROOT / "docs" / "severity.md", ROOT / "docs" / "severity_reliability.svg"
MARKER = "<!-- figures: what follows is written by a script -->"
VIGNETTES, WRITTEN = ROOT / "benchmarks" / "severity_vignettes.csv", ROOT / "data" / "sample" / "written"
URGENCY = SHARED / "darija_urgency" / "dataset.csv"
RECALL, F1, ECE, TRAPS, THROUGHPUT, THREADS = 0.95, 0.80, 0.05, 0.85, 40_000, 2
PRESETS = {"mild": (0.75, 1, 1.25), "balanced": (0.5, 1, 1.5), "strong": (0.25, 1, 1.75)}
TEMPERATURES = [round(0.5 + 0.05 * i, 2) for i in range(41)]
RESAMPLES, SEED = 500, 20251126
MILD, CRITICAL = 0, 2

Matrix = NDArray[np.float64]
Measured = Callable[["Scored"], float]


class Scored(NamedTuple):
    """Texts with the level each has by number, its three probabilities, the level it is given, and what it is sorted by."""

    true: NDArray[np.int64]
    shares: Matrix
    given: NDArray[np.int64]
    dialect: NDArray[np.str_]
    trap: NDArray[np.str_]
    topic: NDArray[np.str_]

    def only(self, chosen: NDArray[np.generic]) -> "Scored":
        return Scored(*(of[chosen] for of in self))


def main() -> None:
    """Measure and write the figures."""
    rows = vignettes()
    halves = {half: scored([row for row in rows if row["half"] == half]) for half in ("development", "test")}
    halves["held-out"] = scored(severity_learn.written(held_out=True))
    sample = scored(written())
    unseen = scored([row for row in rows if row["half"] == "test"] + severity_learn.written(held_out=True))
    sliced = [by(name, halves) for name in ("dialect", "trap", "topic")]
    parts = (targets(unseen), figures(halves, sample), confusions(halves, sample), *sliced,
             how_sure(halves, sample, unseen), weights(unseen, sample), urgency())  # fmt: skip
    kept = DOCUMENT.read_text(encoding="utf-8").partition(MARKER)[0]
    DOCUMENT.write_text(kept + MARKER + "\n\n" + "\n\n".join((INTRODUCTION, *parts)) + "\n", encoding="utf-8")
    PICTURE.write_text(calibration.reliability(bins(unseen), "level"), encoding="utf-8")
    print(f"{DOCUMENT.relative_to(ROOT)}: written")


def calibrate() -> None:
    """The temperature, times what is in use, under which the labels of what the rules were written by are likeliest."""
    rows = [row for row in vignettes() if row["half"] == "development"] + written()
    losses = {t: loss(scored(rows, SEVERITY.model_copy(update={"temperature": t}))) for t in TEMPERATURES}
    best = min(losses, key=lambda t: losses[t])
    print(f"FITTED of curation/severity/scorer.py: {best * FITTED:.2f} (loss {losses[best]:.3f}; as it is {losses[1.0]:.3f})")


def targets(test: Scored) -> str:
    """What is asked, and what is measured on texts that no rule was written and no weight learnt by."""
    rows = [
        at_least("critical recall, unseen texts", RECALL, recall(test), ""),
        at_least("macro-F1, unseen texts", F1, macro_f1(test), ""),
        at_most("expected calibration error, unseen texts", ECE, calibration_error(test), ""),
        at_least("traps right, unseen texts", TRAPS, accuracy(test.only(test.trap != "")), ""),
        at_least(f"texts a second on {THREADS} threads", THROUGHPUT, speed(), "texts"),
    ]
    return "### What is asked\n\n" + table(HEADER, rows)


def figures(halves: dict[str, Scored], sample: Scored) -> str:
    """Each figure on each set, with the range that 95 % of resamples fall into."""
    measures: dict[str, Measured] = {
        "macro-F1": macro_f1, "accuracy": accuracy, "critical recall": recall, "called milder than it is": under, "called graver": over,
        "calibration error": calibration_error, "Brier score": brier,
    }  # fmt: skip
    body = []
    for name, measure in measures.items():
        cells = [f"{measure(of):.3f} ({' to '.join(f'{x:.3f}' for x in interval(of, measure))})" for of in (*halves.values(), sample)]
        body.append((name, *cells))
    sizes = [f"{name} ({len(of.true)})" for name, of in (*halves.items(), ("sample's questions", sample))]
    return FIGURES + table(("figure", *sizes), body)


def confusions(halves: dict[str, Scored], sample: Scored) -> str:
    """Of the texts of each level, as what they are taken."""
    body = []
    for name, of in (*halves.items(), ("sample", sample)):
        for k, level in enumerate(SEVERITIES):
            counts = np.bincount(of.given[of.true == k], minlength=3)
            body.append((name, level, *counts, f"{counts[k] / counts.sum():.0%}"))
    return "### What is taken for what\n\n" + table(("set", "is; taken for, by column", *SEVERITIES, "right"), body)


def by(name: str, halves: dict[str, Scored]) -> str:
    """The share that is right, by dialect or by trap."""
    values = sorted({value for of in halves.values() for value in getattr(of, name) if value})
    body = []
    for value in values:
        own = [of.only(getattr(of, name) == value) for of in halves.values()]
        body.append((value, *(f"{accuracy(of):.0%} of {len(of.true)}" if len(of.true) else "" for of in own)))
    return f"### By {name}\n\n" + table((name, *halves), body)


def how_sure(halves: dict[str, Scored], sample: Scored, unseen: Scored) -> str:
    """How often the level given is right, by how probable it is said to be; and how probabilities are spread."""
    spread = []
    for name, of in (*halves.items(), ("sample", sample)):
        for k, level in enumerate(SEVERITIES):
            spread.append((name, f"p_{level}", *(f"{x:.2f}" for x in np.quantile(of.shares[:, k], (0.05, 0.25, 0.5, 0.75, 0.95)))))
    first = table(("probability of the level given", "texts", "mean", "right"), calibration.rows(bins(unseen)))
    return f"{CALIBRATION}{first}\n\n{table(('set', 'probability', '5 %', '25 %', 'median', '75 %', '95 %'), spread)}"


def weights(test: Scored, sample: Scored) -> str:
    """What the presets of the severity-weighted loss make of the probabilities."""
    body = []
    for name, of in (("unseen", test), ("sample", sample)):
        for preset, weight in PRESETS.items():
            low, middle, high = np.quantile(of.shares @ np.array(weight, float), (0.05, 0.5, 0.95))
            possible = weight[CRITICAL] - weight[MILD]
            body.append((name, f"{preset} {weight}", f"{low:.2f}", f"{middle:.2f}", f"{high:.2f}", f"{(high - low) / possible:.0%}"))
    return WEIGHTS + table(("set", "preset", "5 %", "median", "95 %", "of the possible range"), body)


def urgency() -> str:
    """Real posts that doctors labelled as urgent or not; nothing was tuned by them."""
    if not URGENCY.exists():
        return "### Real posts\n\nThe set was not there."
    with URGENCY.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    urgent = np.array([row["urgency"].strip().upper() == "URGENT" for row in rows])
    found = score_severity([row["sentence"] for row in rows])
    shares = np.array([found[f"p_{level}"].to_numpy() for level in SEVERITIES]).T
    given = found["severity"].to_numpy()
    body = [("area under the curve of p_critical", f"{area(shares[:, CRITICAL], urgent):.3f}"),
            ("area under the curve of 1 - p_mild", f"{area(1 - shares[:, MILD], urgent):.3f}"),
            ("urgent ones called critical", f"{(given[urgent] == 'critical').mean():.1%}"),
            ("urgent ones called critical or moderate", f"{(given[urgent] != 'mild').mean():.1%}"),
            ("others called critical", f"{(given[~urgent] == 'critical').mean():.1%}"),
            ("others called critical or moderate", f"{(given[~urgent] != 'mild').mean():.1%}")]  # fmt: skip
    return URGENT.format(posts=len(rows), urgent=int(urgent.sum())) + table(("figure", "measured"), body)


def speed() -> float:
    """Real texts a second through `score`, their keys at hand and the lists read."""
    texts = distinct_texts() or [row["text"] for row in vignettes()] * 100
    with duckdb.connect(config={"threads": THREADS}) as con:
        keyed = with_key(con.from_arrow(pa.table({"id": range(len(texts)), "text": texts})), "text", "key")
        keyed.project("id, key, key AS msa").create("_timed")  # in MSA they stand in the hand-over of the stage before
        score(con, con.sql("FROM _timed LIMIT 10"), SEVERITY).to_arrow_table()
        start = time.perf_counter()
        score(con, con.table("_timed"), SEVERITY).to_arrow_table()
        return len(texts) / (time.perf_counter() - start)


def vignettes() -> list[dict[str, str]]:
    """The written vignettes, both halves."""
    with VIGNETTES.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def written() -> list[dict[str, str]]:
    """The questions of the sample, each in both of its wordings."""
    rows = []
    for path in sorted(WRITTEN.glob("*.yaml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        for question in content["questions"]:
            texts = [question[key] for key in ("question", "rephrased") if question.get(key)]
            rows += [{"text": text, "level": question["severity"], "dialect": content["dialect"], "trap": ""} for text in texts]
    return rows


def scored(rows: list[dict[str, str]], params: SeverityParams = SEVERITY) -> Scored:
    """The levels of rows (text, level, dialect, trap) and what the scorer says."""
    found = score_severity([row["text"] for row in rows], params)
    shares = np.array([found[f"p_{level}"].to_numpy() for level in SEVERITIES]).T
    return Scored(
        np.array([SEVERITIES.index(row["level"]) for row in rows]),
        shares,
        np.array([SEVERITIES.index(level) for level in found["severity"].to_pylist()]),
        np.array([row["dialect"] for row in rows]),
        np.array([row["trap"] for row in rows]),
        np.array([row.get("topic", "") for row in rows]),
    )


def macro_f1(of: Scored) -> float:
    """Over the three levels."""
    return calibration.macro_f1(of.true, of.given, range(3))


def accuracy(of: Scored) -> float:
    """The share that is right."""
    return float((of.true == of.given).mean())


def recall(of: Scored) -> float:
    """Of the critical ones, the share that is called so."""
    return accuracy(of.only(of.true == CRITICAL))


def under(of: Scored) -> float:
    """The share called milder than it is."""
    return float((of.given < of.true).mean())


def over(of: Scored) -> float:
    """The share called graver than it is."""
    return float((of.given > of.true).mean())


def brier(of: Scored) -> float:
    """The mean squared distance of probabilities from what is, over three levels."""
    return float(((of.shares - np.eye(3)[of.true]) ** 2).sum(axis=1).mean())


def loss(of: Scored) -> float:
    """The mean negative log of the probability of what is."""
    return float(-np.log(of.shares[np.arange(len(of.true)), of.true]).mean())


def calibration_error(of: Scored) -> float:
    """Of the likeliest level, over ten bins."""
    return calibration.calibration_error(bins(of))


def bins(of: Scored) -> list[calibration.Bin]:
    """By the probability of the likeliest level, which is not always the one given."""
    likeliest = of.shares.argmax(axis=1)
    return calibration.bins(of.shares.max(axis=1), of.true == likeliest)


def interval(of: Scored, measure: Measured) -> Iterable[float]:
    """Bootstrap, 95 %, by a fixed seed."""
    random = np.random.default_rng(SEED)
    found = [measure(of.only(random.integers(0, len(of.true), len(of.true)))) for _ in range(RESAMPLES)]
    return [float(x) for x in np.quantile(found, (0.025, 0.975))]


def area(scores: Matrix, positive: NDArray[np.bool_]) -> float:
    """Under the receiver's curve: how often a positive one has the higher score, ties for half."""
    order, ranks = np.unique(scores, return_inverse=True)
    counts = np.bincount(ranks, minlength=len(order))
    middle = np.cumsum(counts) - (counts - 1) / 2
    n = int(positive.sum())
    return float((middle[ranks][positive].sum() - n * (n + 1) / 2) / (n * (len(positive) - n)))


INTRODUCTION = f"""## The figures

Written by `python -m benchmarks.severity` (`make severity`); do not edit below the marker. The scorer is `{SEVERITY.scorer}` as it ships.
The word lists were written, and the weights learnt, with the development half and the sample's questions in sight: on these two it looks
better than it is. *Unseen* are the test half (149; no text of it was looked at, only totals, a dozen times while the word lists were
written) and the held-out part of `benchmarks/severity_texts.csv` (210, by a hand of its own, measured when everything else was chosen).
How it does on writers that it has not learnt from, over 3,150 texts, stands in [severity_learning.md](severity_learning.md)."""
FIGURES = """### On each set

In brackets the middle 95 % of 500 resamples.

"""
CALIBRATION = """### How sure it is

On the unseen texts. The size of the weights is set by writers left out (docs/severity_learning.md); the temperature of the word lists alone
was fitted to the development half and the sample's questions (`--calibrate`).

![Reliability](severity_reliability.svg)

"""
WEIGHTS = """### Weights of the loss

The weight that the severity-weighted loss gives a text under each preset, before it is rescaled to mean 1. Flat probabilities would give
weights near 1 and no effect.

"""
URGENT = """### Real posts

{posts} Algerian posts, {urgent} of which doctors labelled as urgent (`darija_urgency`); most are one line. Urgent or not is another
question than our levels: much that they call urgent is moderate here.

"""

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--calibrate", action="store_true", help="print the temperature that fits best")
    calibrate() if parser.parse_args().calibrate else main()
