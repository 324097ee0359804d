"""The rules of severity_combinations as tables; their sets of words by number, and the words of all sets in groups."""

import re
from functools import cache
from math import inf
from typing import NamedTuple

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curation.lexicons import load
from curation.severity.wording import forms, opened
from curation.text.phrases import PROCLITICS, parts_of
from curation.text.words import Places

SLOTS = (1, 2, 3)
FAR = "^"  # before a set of words that count wherever they stand: what somebody is or has besides, as a pregnancy
GIVEN = re.compile(r"^([a-z]+)(>=|<)([0-9.]+)$")


class Groups(NamedTuple):
    """The keys of all `words`, one of those that find the same; the group `of_word` each is in; for each group in which `sets` it is."""

    words: list[str]
    of_word: NDArray[np.uint16]
    sets: list[Places]


@cache
def groups() -> Groups:
    """Words that are in the same sets are a group, the words of a concept mostly: there are some two thousand, of 90,000 words."""
    sets_with: dict[str, list[int]] = {}
    for number, words in enumerate(_numbers()):
        for word in opened(words):
            sets_with.setdefault(word, []).append(number)
    members: dict[str, set[int]] = {}
    for word, sets in sets_with.items():
        for key in forms(word):
            members.setdefault(key, set()).update(sets)
    listed = sorted(members)
    sets_of: dict[tuple[int, ...], tuple[str, set[int]]] = {}
    for key, parts in zip(listed, parts_of(listed, PROCLITICS)[0], strict=True):
        sets_of.setdefault(tuple(parts), (key, set()))[1].update(members[key])
    number_of: dict[tuple[int, ...], int] = {}
    of_word = [number_of.setdefault(tuple(sorted(sets)), len(number_of)) for _, sets in sets_of.values()]
    return Groups([word for word, _ in sets_of.values()], np.array(of_word, np.uint16), [np.array(sets, np.int64) for sets in number_of])


@cache
def sets_of_rules() -> list[Places]:
    """For each rule its sets of words, by number, in the order of its slots."""
    rows = load("severity_combinations")
    return [np.array([_numbers()[words.removeprefix(FAR)] for words in _slots_of(row)], np.int64) for row in rows]


def tabulate(con: duckdb.DuckDBPyConnection) -> None:
    """`_rules` (what a rule says, how many slots it `needs` and how many numbers are `wanted`), `_slots` of rules, `_givens` of numbers."""
    rows = load("severity_combinations")
    wanted = [len(row["given"].split()) for row in rows]
    rules = {
        "rule": range(len(rows)),
        **{name: [row[name] for row in rows] for name in ("level", "topic")},
        "weight": [float(row["weight"]) for row in rows],
        "cue": [row["note"] for row in rows],
        "needs": [len(sets) for sets in sets_of_rules()],
        "wanted": wanted,
    }
    slots = [
        (rule, slot, _numbers()[words.removeprefix(FAR)], words.startswith(FAR))
        for rule, row in enumerate(rows)
        for slot, words in enumerate(_slots_of(row), start=1)
    ]
    givens = [
        (rule, number, *_given(said), wanted[rule]) for rule, row in enumerate(rows) for number, said in enumerate(row["given"].split())
    ]
    tables = {
        "_rules": rules,
        "_slots": dict(zip(("rule", "slot", "words", "far"), zip(*slots, strict=True), strict=True)),
        "_givens": dict(zip(("rule", "number", "fact", "low", "high", "wanted"), zip(*givens, strict=True), strict=True)),
    }
    for name, columns in tables.items():
        con.from_arrow(pa.table(columns)).create_view(name, replace=True)


def _slots_of(row: dict[str, str]) -> list[str]:
    """The sets of a row, those that may stand anywhere behind the others: the first is the place of the whole."""
    return sorted((row[f"words_{s}"] for s in SLOTS if row[f"words_{s}"]), key=lambda words: words.startswith(FAR))


@cache
def _numbers() -> dict[str, int]:
    """Each distinct set of words as the list has it, numbered."""
    rows = load("severity_combinations")
    return {words: i for i, words in enumerate(dict.fromkeys(words.removeprefix(FAR) for row in rows for words in _slots_of(row)))}


def _given(said: str) -> tuple[str, float, float]:
    """What a rule wants of a number: its name, from, below. "age<0.25" or "systolic>=180"."""
    match = GIVEN.match(said)
    if not match:
        raise ValueError(f"severity_combinations.csv: {said!r} is no condition such as age<0.25")
    name, sign, number = match.groups()
    return (name, float(number), inf) if sign == ">=" else (name, -inf, float(number))
