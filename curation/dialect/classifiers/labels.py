"""Which of our dialects a label of somebody's classifier is: cities, countries, regions and codes of lexicons/dialect_labels.csv."""

import re
from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from curation.errors import TibyanError
from curation.lexicons import load
from curation.schema import ARABIC_DIALECTS

Probabilities = NDArray[np.float64]  # (n, 6): a row a text, a column a dialect in the order of ARABIC_DIALECTS; rows sum to 1
DIGITS = 6  # of a probability: the last bits of a sum differ with the texts beside, the threads and the processor
# Words and codes that say nothing of which: Egyptian Arabic, ar-EG, arz_Arab.
_SAYS_NOTHING = frozenset(("ar", "ara", "arab", "arabic", "dialect"))


def dialects_of(labels: Sequence[str], given: Mapping[str, str], model: str) -> list[str]:
    """The dialect of each label of a model, in their order; what is given goes before what the list knows.

    Raises TibyanError where a label is known to neither, or one is given that the model does not have.
    """
    if strangers := [label for label in given if label not in labels]:
        raise TibyanError(f"dialect.labels: {model} has no label {', '.join(strangers)}; it has {', '.join(labels)}.")
    found = [given.get(label) or _known().get(plain(label)) for label in labels]
    if unknown := [label for label, dialect in zip(labels, found, strict=True) if dialect is None]:
        raise TibyanError(
            f"dialect.labels: nothing says which dialect {', '.join(unknown)} of {model} is. "
            f"Write {{{unknown[0]}: MSA, …}} there, each label one of {', '.join(ARABIC_DIALECTS)}."
        )
    return [dialect for dialect in found if dialect is not None]


def summed(scores: NDArray[np.floating], dialects: Sequence[str]) -> Probabilities:
    """Probabilities of labels, (n, labels), as those of dialects: labels of one dialect add up, and rows to 1.

    Rounded, so that a text has the same ones whatever stands beside it: what is given must be good to more than DIGITS. A text of which
    the model says nothing at all has the same probability of each.
    """
    result = np.zeros((len(scores), len(ARABIC_DIALECTS)))
    for label, dialect in enumerate(dialects):
        result[:, ARABIC_DIALECTS.index(dialect)] += np.round(scores[:, label], DIGITS)
    totals = result.sum(axis=1, keepdims=True)
    return np.divide(result, totals, out=np.full_like(result, 1 / len(ARABIC_DIALECTS)), where=totals > 0)


def plain(label: str) -> str:
    """A label as it is looked up: words in lower case, without those that say nothing."""
    words = re.findall(r"[^\W_]+", label.casefold())
    return " ".join(word for word in words if word not in _SAYS_NOTHING)


@cache
def _known() -> dict[str, str]:
    return {plain(row["label"]): row["dialect"] for row in load("dialect_labels")}
