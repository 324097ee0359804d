"""How far labelling functions are to be believed, from nothing but where they agree: soft labels for texts that nobody has labelled.

The model of data programming (Ratner et al., Data Programming: Creating Large Training Sets, Quickly, NeurIPS 2016; Snorkel, VLDB 2017),
for more than two classes: a text has one true level, drawn with the shares `prior`. Function j votes or abstains whatever the level is; its
vote is right with probability accuracy[j], and wrong ones fall on the other levels alike; given the level, functions do not look at one
another. Expectation maximisation (as Dawid and Skene, 1979) takes turns: the levels from the accuracies, the accuracies from the levels.
Texts whose level is known count with it, so that accuracies are held to labels as far as there are any.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

ABSTAIN = -1
ROUNDS, ENOUGH = 200, 1e-6
# Votes that each function is credited with before any is seen: seven of ten right. It keeps one that hardly votes from being believed
# wholly or not at all, and says which way round the levels are.
RIGHT, WRONG = 7.0, 3.0
Votes = NDArray[np.int64]
Shares = NDArray[np.float64]


class Believed(NamedTuple):
    """(texts, levels) probabilities, rows sum to 1; and of each function how often its votes are right."""

    levels: Shares
    accuracy: Shares


def believe(votes: Votes, prior: Shares, known: Votes) -> Believed:
    """`votes` (texts, functions) and `known` (texts) are numbers of levels or ABSTAIN; `prior` (levels) sums to 1."""
    texts, functions = votes.shape
    accuracy = np.full(functions, RIGHT / (RIGHT + WRONG))
    levels = np.tile(prior, (texts, 1))
    for _ in range(ROUNDS):
        levels = _levels(votes, prior, known, accuracy)
        before, accuracy = accuracy, _accuracy(votes, levels)
        if np.abs(accuracy - before).max(initial=0.0) < ENOUGH:
            break
    return Believed(levels, accuracy)


def _levels(votes: Votes, prior: Shares, known: Votes, accuracy: Shares) -> Shares:
    """What the level of each text is, given how often each function is right. An abstention says nothing."""
    others = len(prior) - 1
    logs = np.tile(np.log(np.maximum(prior, 1e-9)), (len(votes), 1))
    for level in range(len(prior)):
        right, wrong = votes == level, (votes != ABSTAIN) & (votes != level)
        logs[:, level] += right @ np.log(accuracy) + wrong @ np.log((1 - accuracy) / others)
    shares = np.exp(logs - logs.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    is_known = known != ABSTAIN
    shares[is_known] = np.eye(len(prior))[known[is_known]]
    return np.asarray(shares)


def _accuracy(votes: Votes, levels: Shares) -> Shares:
    """How often each function is right, given how probable each level of each text is."""
    given = votes != ABSTAIN
    believed = np.take_along_axis(levels, np.maximum(votes, 0), axis=1)
    return np.asarray((RIGHT + np.where(given, believed, 0.0).sum(axis=0)) / (RIGHT + WRONG + given.sum(axis=0)))
