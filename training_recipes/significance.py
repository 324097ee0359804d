"""The paired bootstrap: how far a figure would move over other test questions, and whether two systems differ by more than that.

Every metric is a ratio of two sums over questions, so that a draw of questions is one multiplication of matrices. Questions are drawn, not
systems: each draw has the same questions for all of them (Koehn 2004, "Statistical significance tests for machine translation evaluation").
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
GRAIN = 1e6  # values are counted in millionths: sums of whole numbers are the same in any order, and equal systems differ by nothing


@dataclass(frozen=True)
class Measure:
    """A metric of one system is sum(part) / sum(whole), both (questions,); of a mean `whole` is 1 throughout."""

    part: Floats
    whole: Floats

    def at(self, chosen: npt.NDArray[np.intp]) -> "Measure":
        """The same over some of the questions."""
        return Measure(self.part[chosen], self.whole[chosen])


def mean_of(values: npt.ArrayLike) -> Measure:
    """The mean over questions."""
    part = np.asarray(values, np.float64)
    return Measure(part, np.ones_like(part))


def pooled(measures: list[Measure]) -> Measure:
    """Several runs of one recipe: of each question the mean over the runs, so that a question counts once and not once a run."""
    return Measure(np.mean([m.part for m in measures], axis=0), np.mean([m.whole for m in measures], axis=0))


def value(measure: Measure) -> float | None:
    """The metric itself; None where there is nothing to take it of."""
    whole = float(measure.whole.sum())
    return float(measure.part.sum()) / whole if whole else None


def draws(questions: int, samples: int, seed: int) -> Floats:
    """How often each draw has each question, (samples, questions); every row sums to `questions`."""
    generator = np.random.default_rng(seed)
    return generator.multinomial(questions, np.full(questions, 1 / questions), size=samples).astype(np.float64)


def resampled(measure: Measure, drawn: Floats) -> Floats:
    """The metric of each draw, (samples,); NaN for a draw that has nothing to take it of."""
    part, whole = (drawn @ np.round(values * GRAIN) for values in (measure.part, measure.whole))
    return np.divide(part, whole, out=np.full(len(drawn), np.nan), where=whole != 0)


def interval(found: Floats, confidence: float) -> tuple[float, float] | None:
    """The percentile interval of resampled values or differences; None where no draw had anything to measure."""
    known = found[~np.isnan(found)]
    if not len(known):
        return None
    low, high = np.quantile(known, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)


def p_value(differences: Floats) -> float | None:
    """Two-sided: twice the share of draws that fall on the other side of no difference; 1 for equal systems.

    One is added above and below, as of so many draws none is surely 0 (Davison and Hinkley 1997, section 4.2).
    """
    known = differences[~np.isnan(differences)]
    if not len(known):
        return None
    other = min(int((known <= 0).sum()), int((known >= 0).sum()))
    return min(1.0, 2 * (1 + other) / (1 + len(known)))


def holm(p_values: list[float]) -> list[float]:
    """The same corrected for how many there are (Holm 1979): of twenty equal systems one is below 0.05 by luck."""
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    corrected, highest = [0.0] * len(p_values), 0.0
    for rank, i in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[i]))
        corrected[i] = highest
    return corrected
