"""How well the tokens of two texts are found in each other: precision and recall of many pairs at once."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from math import log

import numpy as np
import numpy.typing as npt
import torch
from torch.nn.utils.rnn import pad_sequence

from training_recipes.token_vectors import Embedded, TokenVectors

Scores = npt.NDArray[np.float32]
Idf = defaultdict[int, float]  # the weight of a piece, by its id
Pair = tuple[TokenVectors, TokenVectors]  # candidate and reference

CELLS = 1 << 17  # similarities held at once
STEP = 8  # tokens by which candidates that are scored together may differ


def idf_weights(references: Embedded) -> Idf:
    """log((n + 1) / (1 + how many of the n references hold the piece)), also for pieces that none holds."""
    holders = Counter(piece for text in references for piece in set(text.pieces))
    numerator = len(references) + 1
    return defaultdict(lambda: log(numerator), {piece: log(numerator / (1 + n)) for piece, n in holders.items()})


def precision_recall(pairs: list[Pair], idf: Idf | None) -> Scores:
    """(pairs, 2). Each token takes the nearest one of the other text, [CLS] and [SEP] included as in the package."""
    found = np.zeros((len(pairs), 2), np.float32)
    for places in _alike(pairs):
        candidates, references = ([pairs[i][side] for i in places] for side in (0, 1))
        similarity = _padded(candidates) @ _padded(references).mT
        there = [pad_sequence([torch.ones(len(text.pieces), dtype=torch.bool) for text in side], True) for side in (candidates, references)]
        similarity.masked_fill_(~(there[0][:, :, None] & there[1][:, None, :]), -2.0)  # padding is farther than any token
        found[places, 0] = _mean(similarity.amax(dim=2), candidates, idf)
        found[places, 1] = _mean(similarity.amax(dim=1), references, idf)
    return found


def _alike(pairs: list[Pair]) -> Iterator[list[int]]:
    """The places of pairs without an empty text, of like lengths together: as many as have CELLS similarities, padding included."""
    lengths = [(len(candidate.pieces), len(reference.pieces)) for candidate, reference in pairs]
    group, longest = list[int](), (0, 0)
    places = [i for i, both in enumerate(lengths) if all(both)]
    for i in sorted(places, key=lambda i: (lengths[i][0] // STEP, lengths[i][1])):
        grown = max(longest[0], lengths[i][0]), max(longest[1], lengths[i][1])
        if group and (len(group) + 1) * grown[0] * grown[1] > CELLS:
            yield group
            group, grown = [], lengths[i]
        group.append(i)
        longest = grown
    if group:
        yield group


def _padded(texts: Embedded) -> torch.Tensor:
    return pad_sequence([text.vectors for text in texts], batch_first=True)


def _mean(best: torch.Tensor, texts: Embedded, idf: Idf | None) -> Scores:
    """The weighted mean of `best`, (texts, tokens), for each text."""
    weights = pad_sequence([_weights(text, idf) for text in texts], batch_first=True)
    return ((best * weights).sum(1) / weights.sum(1).clamp_min(1e-12)).numpy()


def _weights(text: TokenVectors, idf: Idf | None) -> torch.Tensor:
    """What each token counts, (tokens,)."""
    if idf is None:
        return text.content
    weights = text.content * torch.tensor([idf[piece] for piece in text.pieces])
    # A single reference holds all of its own pieces: all weigh 0. The package answers NaN; here all weigh the same.
    return weights if weights.any() else text.content
