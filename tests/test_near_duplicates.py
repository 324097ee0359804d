"""The benchmark of near-duplicates: what it plants, and that its truth and its scores are right."""

import random

import numpy as np
import pytest

from benchmarks import near_duplicates as bench
from benchmarks.near_duplicates_by import THRESHOLD, needs, shingles

ORGANS, DAYS, TIMES = ("الركبه", "الكتف"), (3, 9), ("ليلا", "صباحا")
KEYS = [f"عندي الم في {organ} من {n} ايام ويزيد {when} وما نفع معه المسكن" for organ in ORGANS for n in DAYS for when in TIMES]


@pytest.mark.parametrize("kind", bench.KINDS)
def test_what_is_planted(kind: str) -> None:
    for key in KEYS:
        copy = bench.KINDS[kind](random.Random(1), key)
        numbers = [bench.NUMBER.findall(text) for text in (key, copy)]
        assert copy != key
        assert (numbers[0] == numbers[1]) is (kind != "a number changed")


def test_copies_know_their_originals() -> None:
    everything, copies = bench.planted(KEYS)
    assert everything[: len(KEYS)] == KEYS and len(set(everything)) == len(everything)
    assert {copy.kind for copy in copies} == set(bench.KINDS)
    assert all(copy.original < len(KEYS) <= copy.row for copy in copies)


def test_every_pair_is_found() -> None:
    keys, _ = bench.planted(KEYS)
    found = {frozenset(pair) for pair in bench.every_pair(keys, list(range(len(keys))))}
    expected = {frozenset((a, b)) for a in range(len(keys)) for b in range(a) if bench.jaccard(keys[a], keys[b]) >= THRESHOLD}
    assert found == expected and expected


def test_a_cluster_that_nothing_justifies_costs_precision() -> None:
    keys = [KEYS[0], KEYS[0] + " اليوم", "سوال اخر تماما عن تساقط الشعر", "كم جرعه فيتامين د للاطفال"]
    assert shingles(keys[0]) < shingles(keys[1]) and bench.jaccard(keys[0], keys[1]) >= THRESHOLD
    right = bench.scores(keys, np.array([0, 0, 2, 3]), [(0, 1)])
    assert (right["recall"], right["precision_of_joins"], right["precision_of_pairs"]) == (1, 1, 1)
    wrong = bench.scores(keys, np.array([0, 1, 0, 3]), [(0, 1)])
    assert (wrong["recall"], wrong["precision_of_joins"], wrong["precision_of_pairs"]) == (0, 0, 0)
    chained = bench.scores(keys, np.array([0, 0, 0, 3]), [(0, 1)])
    assert (chained["recall"], chained["precision_of_joins"], chained["precision_of_pairs"]) == (1, 1 / 2, 1 / 3)


def test_a_missing_library_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.near_duplicates_by.LIBRARIES", ("no_such_library",))
    with pytest.raises(SystemExit, match="no_such_library is not installed here"):
        needs("no_such_library")
