"""How much more often texts of a class have a word than texts of the others, in corpora that each have topics of their own."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from curation.schema import ARABIC_DIALECTS
from curation.text.words import Flags, Numbers, Places

MIN_TEXTS, MIN_CORPORA = 5, 2  # that a word must be in to be learnt; one corpus alone may be talking of a place or a club
# Measured by leaving one corpus out at a time; half or twice as much changes the macro-F1 by less than 0.01.
DRAWN = 1_000.0  # texts of no class in particular that a class's rates are drawn towards: rates of a class of few texts say little
SMOOTHING = 0.2  # texts of SCALE added to each rate
SCALE = 3_000.0
Matrix = NDArray[np.float64]


class Found(NamedTuple):
    """Which entry stands in which text, each once; and of each text the root of its words, its class and its corpus by their numbers."""

    text: Places
    entry: Places
    root: Matrix
    dialect: Numbers
    corpus: Numbers
    corpora: list[str]

    def only(self, texts: Flags) -> "Found":
        """What stands in some of the texts; places of texts stay what they are."""
        chosen = texts[self.text]
        return self._replace(text=self.text[chosen], entry=self.entry[chosen])

    def scores(self, weights: Matrix) -> Matrix:
        """(texts, classes): the weights of a text's entries over the root of its words."""
        sums = [np.bincount(self.text, weights=of[self.entry], minlength=len(self.root)) for of in weights.T]
        return np.stack(sums, axis=1) / self.root[:, None]


def learnt(found: Found, texts: Flags, phrases: int) -> Matrix:
    """(phrases, classes): the log of how often texts of a class have a phrase, less its mean over the classes, as far as no one corpus
    is needed for it: what is left whichever is taken away, and 0 where that is for the class and against it. Topics go that way."""
    chosen = found.only(texts)
    cell = found.dialect * len(found.corpora) + found.corpus
    shape = len(ARABIC_DIALECTS), len(found.corpora)
    sizes = np.bincount(cell[texts], minlength=shape[0] * shape[1]).reshape(shape).astype(float)
    counts = np.bincount(cell[chosen.text] * phrases + chosen.entry, minlength=sizes.size * phrases).reshape(*shape, phrases)
    there = np.flatnonzero(sizes.sum(axis=0))
    without = np.stack([_logs(np.delete(sizes, i, axis=1), np.delete(counts, i, axis=1)) for i in there])
    least = np.where((without > 0).all(axis=0), without.min(axis=0), np.where((without < 0).all(axis=0), without.max(axis=0), 0.0))
    corpora, seen = np.count_nonzero(counts.any(axis=0), axis=0), counts.sum(axis=(0, 1))
    return np.asarray(least * ((corpora >= MIN_CORPORA) & (seen >= MIN_TEXTS))[:, None])


def _logs(sizes: Matrix, counts: NDArray[np.int64]) -> Matrix:
    """Of (classes, corpora) texts and (classes, corpora, phrases) texts with a phrase; corpora weigh by the roots of their sizes."""
    shares = np.sqrt(sizes) / np.maximum(np.sqrt(sizes).sum(axis=1, keepdims=True), 1.0)
    rates = np.einsum("kc,kcp->pk", shares / np.maximum(sizes, 1.0), counts)
    effective = (sizes.sum(axis=1) > 0) / np.maximum((shares**2 / np.maximum(sizes, 1.0)).sum(axis=1), 1e-9)
    common = rates[:, effective > 0].mean(axis=1, keepdims=True)
    logs = np.log((rates * effective + DRAWN * common) / (effective + DRAWN) * SCALE + SMOOTHING)
    return np.asarray(logs - logs.mean(axis=1, keepdims=True))


def left_out_scores(found: Found, phrases: int) -> Matrix:
    """(texts, classes): scores of the last part alone, each text's from the other corpora."""
    scores = np.zeros((len(found.root), len(ARABIC_DIALECTS)))
    for i in range(len(found.corpora)):
        held = found.corpus == i
        scores[held] = found.scores(learnt(found, ~held, phrases))[held]
    return scores
