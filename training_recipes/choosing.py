"""Which of several answers to a question is taken: by what it has to do with the question, with the others, or a given scorer."""

from collections.abc import Callable, Sequence
from itertools import combinations
from math import fsum

import numpy as np
import numpy.typing as npt
from torch.nn.functional import normalize

from curation.errors import TibyanError
from training_recipes.bertscore import score
from training_recipes.encoders import Encoder
from training_recipes.token_vectors import Pieces, embed, in_batches, tokenise

Matrix = npt.NDArray[np.float64]  # (questions, runs): what answers are chosen by, the highest of a question wins
Scorer = Callable[[list[str], list[str]], Sequence[float]]  # of questions and the answers of one run


def by_question(questions: list[str], answers: Sequence[list[str]], encoder: Encoder, batch_size: int = 32) -> Matrix:
    """Cosine of question and answer, each the mean of its token vectors; an empty answer has -1, less than any.

    Similarity to the question is what arXiv:2509.10095 chooses by; the measure is ours. It finds the answer that speaks of what
    was asked, whether it is right or not.
    """
    asked, *answered = (tokenise(texts, encoder) for texts in (questions, *answers))
    every = (pieces for texts in (asked, *answered) for pieces in texts if pieces)
    batches = in_batches(every, encoder, batch_size)
    means = {text.pieces: normalize(text.vectors.mean(dim=0), dim=0) for batch in batches for text in batch}
    cosines = [[float(means[q] @ means[a]) if q and a else -1.0 for q, a in zip(asked, texts, strict=True)] for texts in answered]
    return np.array(cosines, np.float64).T


def by_consensus(answers: Sequence[list[str]], encoder: Encoder, batch_size: int = 32) -> Matrix:
    """Mean BERTScore F1 of each answer with those of the other runs: minimum Bayes risk where every run is one draw.

    F1 is the same in either direction, so that two texts are compared once, and equal answers have the same score to the bit;
    an empty one has -1. The vectors of all different answers are held at once. Raises TibyanError for fewer than three runs.
    """
    if len(answers) < 3:
        raise TibyanError(f"consensus among {len(answers)} runs: of two each is as near to the other. Name three runs or more.")
    count = len(answers[0])
    vectors = embed([text for texts in answers for text in texts], encoder, batch_size)
    of_questions = [vectors[i::count] for i in range(count)]
    different = {_key(a.pieces, b.pieces): (a, b) for texts in of_questions for a, b in combinations(texts, 2) if a.pieces != b.pieces}
    f1 = score([a for a, _ in different.values()], [b for _, b in different.values()]).f1
    likeness = dict(zip(different, f1.tolist(), strict=True))

    def near(a: Pieces, b: Pieces) -> float:
        return -1.0 if not a else 1.0 if a == b else likeness[_key(a, b)]

    rows = [
        [fsum(near(a.pieces, b.pieces) for j, b in enumerate(texts) if j != i) / (len(texts) - 1) for i, a in enumerate(texts)]
        for texts in of_questions
    ]
    return np.array(rows, np.float64)


def by_scorer(questions: list[str], answers: Sequence[list[str]], scorer: Scorer) -> Matrix:
    """What `scorer(questions, answers)` says of each run. Raises TibyanError unless that is a finite number for each answer."""
    columns = [np.asarray(scorer(questions, texts), np.float64) for texts in answers]
    if wrong := sum(column.shape != (len(questions),) or not np.isfinite(column).all() for column in columns):
        raise TibyanError(
            f"the scorer gives no finite number for each answer in {wrong} of {len(columns)} runs; mend it or leave those out."
        )
    return np.stack(columns, axis=1)


def choose(scores: Matrix) -> list[int]:
    """The place of the run that answers each question; of equals the first."""
    return [int(place) for place in scores.argmax(axis=1)]


def _key(a: Pieces, b: Pieces) -> tuple[Pieces, Pieces]:
    return (a, b) if a < b else (b, a)
