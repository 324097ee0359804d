"""BERTScore (Zhang et al. 2020, arXiv:1904.09675): how well each token of one text finds its like in another.

The figures are those of the bert-score package 0.3.13, run one pair at a time: in a batch its padding, of similarity 0,
passes for a token and beats negative similarities. Where the package crashes or cuts: an empty text scores 0, a long one is
read through windows and counted. References are embedded once for any number of systems. docs/evaluation.md says more.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sized
from dataclasses import dataclass
from importlib import metadata
from itertools import chain
from math import ceil

import numpy as np

from curation.errors import TibyanError
from training_recipes.encoders import Encoder
from training_recipes.token_matching import Idf, Scores, idf_weights, precision_recall
from training_recipes.token_vectors import Embedded, Pieces, embed, in_batches, tokenise

__all__ = ["BertScore", "Embedded", "baseline", "bert_score", "embed", "idf_weights", "score", "score_systems", "signature"]

Baseline = tuple[float, float, float]  # precision, recall and F1 that unrelated texts have

RANDOM_PAIRS = 10_000


@dataclass(frozen=True)
class BertScore:
    """Arrays of shape (pairs,), at most 1 but for rounding."""

    precision: Scores  # how well the candidate's tokens are found in the reference
    recall: Scores  # how well the reference's tokens are found in the candidate
    f1: Scores
    windowed: int = 0  # candidates and references that were longer than the encoder takes
    signature: str = ""  # what they were measured by; figures under different signatures cannot be compared


def bert_score(
    candidates: list[str],
    references: list[str],
    encoder: Encoder,
    batch_size: int = 32,
    idf: bool = False,
    rescale_by: Baseline | None = None,
) -> BertScore:
    """Score each candidate against the reference at its place; with `idf`, pieces that few references hold weigh more.

    Raises ValueError when the lists differ in length.
    """
    wanted = embed(references, encoder, batch_size)
    weights = idf_weights(wanted) if idf else None
    return score_systems({"candidates": candidates}, wanted, encoder, batch_size, weights, rescale_by)["candidates"]


def score_systems(
    systems: Mapping[str, list[str]],
    references: Embedded,
    encoder: Encoder,
    batch_size: int = 32,
    idf: Idf | None = None,
    rescale_by: Baseline | None = None,
) -> dict[str, BertScore]:
    """BERTScore of what each system answers, against references that `embed` made once for all of them.

    Each different text is embedded once, whichever systems give it, scored and let go: beside the references one batch is held.
    Raises ValueError when a system has another number of answers than there are references.
    """
    _same_encoder([encoder.identity, *(text.encoder for text in references)])
    asked: dict[Pieces, list[tuple[int, int]]] = defaultdict(list)
    for row, texts in enumerate(systems.values()):
        _same_length(texts, references)
        for column, pieces in enumerate(tokenise(texts, encoder)):
            asked[pieces].append((row, column))
    known = {text.pieces: text for text in references}
    held = [known[pieces] for pieces in asked if pieces in known]
    values = np.zeros((len(systems), len(references), 2), np.float32)
    windowed = np.zeros(len(systems), np.int64)
    for batch in chain([held], in_batches((pieces for pieces in asked if pieces not in known), encoder, batch_size)):
        for text in batch:
            rows, columns = zip(*asked[text.pieces], strict=True)
            values[rows, columns] = precision_recall(((text, references[column]) for column in columns), idf)
            np.add.at(windowed, list(rows), text.windows > 1)
    windowed += _windowed(references)
    signed = signature(encoder, idf is not None, rescale_by is not None)
    return {name: _result(values[row], int(windowed[row]), signed, rescale_by) for row, name in enumerate(systems)}


def score(candidates: Embedded, references: Embedded, idf: Idf | None = None, rescale_by: Baseline | None = None) -> BertScore:
    """Score pairs that one encoder embedded, in the order given; a pair with an empty text scores 0, before rescaling.

    Raises ValueError when the lists differ in length or come from different encoders.
    """
    _same_length(candidates, references)
    by = _same_encoder(text.encoder for text in (*candidates, *references))
    signed = _signature(by, idf is not None, rescale_by is not None) if by else ""
    pairs = zip(candidates, references, strict=True)
    return _result(precision_recall(pairs, idf), _windowed(candidates) + _windowed(references), signed, rescale_by)


def signature(encoder: Encoder, idf: bool, rescaled: bool) -> str:
    """As the package writes it: model with revision, layer, idf, versions, rescaling. It differs where figures may differ."""
    return _signature(encoder.identity, idf, rescaled)


def _signature(identity: str, idf: bool, rescaled: bool) -> str:
    versions = f"tibyan-{metadata.version('tibyan')}(hug_trans={metadata.version('transformers')})"
    return f"{identity}_{'idf' if idf else 'no-idf'}_version={versions}{'-reference-rescaled' if rescaled else ''}"


def baseline(references: Embedded, seed: int, idf: Idf | None = None) -> Baseline:
    """Mean precision, recall and F1 of random pairs of different references: what two answers have in common for being answers.

    `rescale_by` it, and 0 is the score of an answer to another question. All pairs of a small set are taken, RANDOM_PAIRS of a
    large one, in which each text stands as often on either side. The order of the references does not matter.
    Raises TibyanError when fewer than two are different.
    """
    texts = sorted({text.pieces: text for text in references if text.pieces}.values(), key=lambda text: text.pieces)
    if len(texts) < 2:
        raise TibyanError("a baseline of BERTScore needs two different references at least; raise evaluate.max_examples or do not rescale.")
    shuffled = [texts[i] for i in np.random.default_rng(seed).permutation(len(texts))]
    shifts = range(1, 1 + min(len(texts) - 1, ceil(RANDOM_PAIRS / len(texts))))
    others = [text for shift in shifts for text in (*shuffled[shift:], *shuffled[:shift])]
    scores = score(shuffled * len(shifts), others, idf)
    precision, recall, f1 = (float(np.mean(part, dtype=np.float64)) for part in (scores.precision, scores.recall, scores.f1))
    return precision, recall, f1


def _same_length(candidates: Sized, references: Sized) -> None:
    if len(candidates) != len(references):
        raise ValueError(f"{len(candidates)} candidates and {len(references)} references: each needs the other at its place")


def _same_encoder(identities: Iterable[str]) -> str:
    """The one identity, "" where there is none."""
    found = set(identities)
    if len(found) > 1:
        raise ValueError(f"vectors of different encoders cannot be compared: {', '.join(sorted(found))}")
    return next(iter(found), "")


def _windowed(texts: Embedded) -> int:
    return sum(text.windows > 1 for text in texts)


def _result(found: Scores, windowed: int, signed: str, by: Baseline | None) -> BertScore:
    """F1 of precision and recall, (pairs, 2); then each rescaled by its own baseline, as the package does."""
    precision, recall = found.T
    total = precision + recall
    f1 = np.divide(2 * precision * recall, total, out=np.zeros_like(total), where=total != 0)
    if by is not None:
        precision, recall, f1 = (((part - b) / (1 - b)).astype(np.float32) for part, b in zip((precision, recall, f1), by, strict=True))
    return BertScore(precision, recall, f1, windowed, signed)
