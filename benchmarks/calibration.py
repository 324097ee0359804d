"""How right a classifier's classes are and how right its probabilities: macro-F1, bins of confidence, their error and their plot."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

BINS = 10
Numbers = NDArray[np.integer]
Bin = tuple[float, int, float, float]  # where it begins, texts, their mean confidence, the share that is right


def macro_f1(true: Numbers, given: Numbers, classes: Iterable[int]) -> float:
    """The mean over classes of the harmonic mean of precision and recall."""
    right = {k: int(((true == k) & (given == k)).sum()) for k in classes}
    return float(np.mean([2 * n / max(int((true == k).sum() + (given == k).sum()), 1) for k, n in right.items()]))


def bins(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> list[Bin]:
    """Those of BINS bins of the probability of the class given that have texts."""
    which = np.minimum((confidence * BINS).astype(int), BINS - 1)
    there = ((int(i), which == i) for i in np.unique(which))
    return [(i / BINS, int(of.sum()), float(confidence[of].mean()), float(right[of].mean())) for i, of in there]


def calibration_error(found: Sequence[Bin]) -> float:
    """The mean distance, over texts, of a bin's mean confidence from the share of it that is right."""
    return sum(n * abs(right - confidence) for _, n, confidence, right in found) / sum(n for _, n, _, _ in found)


def rows(found: Sequence[Bin]) -> list[tuple[str, ...]]:
    """The bins as rows of a table: from, to; texts; mean confidence; share that is right."""
    return [(f"{low:.1f} to {low + 1 / BINS:.1f}", f"{n:,}", f"{confidence:.2f}", f"{right:.2f}") for low, n, confidence, right in found]


def reliability(found: Sequence[Bin], what: str) -> str:
    """The reliability plot as SVG: how probable the `what` given is, and how often it is right; the area of a point is its texts."""
    side, pad, texts = 320, 40, sum(n for _, n, _, _ in found)
    points = [
        f'<circle cx="{pad + side * said:.1f}" cy="{pad + side * (1 - right):.1f}" r="{3 + 14 * (n / texts) ** 0.5:.1f}" '
        'fill="#1b6f6a" fill-opacity="0.75"/>'
        for _, n, said, right in found
    ]
    lines = (
        f'<path d="M{pad} {pad}V{pad + side}H{pad + side}" fill="none" stroke="#555"/>',
        f'<path d="M{pad} {pad + side}L{pad + side} {pad}" stroke="#aaa" stroke-dasharray="4 4"/>',
        f'<text x="{pad + side / 2}" y="{pad + side + 28}" text-anchor="middle">probability of the {what} given</text>',
        f'<text x="14" y="{pad + side / 2}" text-anchor="middle" transform="rotate(-90 14 {pad + side / 2})">share that is right</text>',
    )
    inner, size = "\n".join((*lines, *points)), side + 2 * pad
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" font-family="sans-serif" font-size="13">\n{inner}\n</svg>\n'
    )
