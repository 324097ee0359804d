"""How far people who labelled the same texts agree, beyond what chance would do.

Cohen's kappa (Educ Psychol Meas 20:37, 1960) of two, and Krippendorff's alpha (Content Analysis, 4th ed., 2018, chapter 12) of any number
with gaps, by the ordinal difference: mild for critical is further off than mild for moderate.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations, permutations
from typing import NamedTuple

from curation.schema import SEVERITIES

Ratings = Mapping[str, Mapping[str, str]]  # of each text each annotator's level


class Pair(NamedTuple):
    """Two annotators: how many texts both labelled, how many of them alike, and kappa; None where chance alone would agree wholly."""

    first: str
    second: str
    texts: int
    alike: int
    kappa: float | None


def cohen_kappa(pairs: Sequence[tuple[str, str]]) -> float | None:
    """(observed - expected) / (1 - expected) agreement of two annotators' levels for the same texts; None without any or by one level."""
    if not pairs:
        return None
    first, second = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    observed = sum(a == b for a, b in pairs) / len(pairs)
    expected = sum(first[level] * second[level] for level in first) / len(pairs) ** 2
    return None if expected == 1 else (observed - expected) / (1 - expected)


def pairwise(ratings: Ratings) -> list[Pair]:
    """Every two annotators, by name, who labelled a text in common."""
    names = sorted({name for of in ratings.values() for name in of})
    found = []
    for first, second in combinations(names, 2):
        both = [(of[first], of[second]) for of in ratings.values() if first in of and second in of]
        if both:
            found.append(Pair(first, second, len(both), sum(a == b for a, b in both), cohen_kappa(both)))
    return found


def krippendorff_alpha(units: Iterable[Sequence[str]], levels: Sequence[str] = SEVERITIES) -> float | None:
    """1 - observed / expected disagreement over the units (each text's levels, by whomever) that two or more labelled; `levels` in order.

    None where no unit has two, or all labels are one level: then there is nothing to disagree about.
    """
    coincidences: defaultdict[tuple[int, int], float] = defaultdict(float)
    for unit in units:
        for a, b in permutations([levels.index(level) for level in unit], 2):
            coincidences[a, b] += 1 / (len(unit) - 1)
    sums = [sum(count for (a, _), count in coincidences.items() if a == k) for k in range(len(levels))]
    total = sum(sums)

    def apart(a: int, b: int) -> float:
        low, high = sorted((a, b))
        return float((sum(sums[low : high + 1]) - (sums[low] + sums[high]) / 2) ** 2)

    expected = sum(sums[a] * sums[b] * apart(a, b) for a in range(len(levels)) for b in range(len(levels)))
    if not expected:
        return None
    observed = sum(count * apart(a, b) for (a, b), count in coincidences.items())
    return 1 - (total - 1) * observed / expected
