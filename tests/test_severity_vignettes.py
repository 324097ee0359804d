"""The written vignettes are what docs/severity.md says: counts, balance, halves by the rule, no two alike, words of the vocabulary."""

import csv
import hashlib
import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from curation import clean

ROOT = Path(__file__).resolve().parents[1]
with (ROOT / "benchmarks/severity_vignettes.csv").open(encoding="utf-8", newline="") as handle:
    ROWS = list(csv.DictReader(handle))

LEVELS = ("mild", "moderate", "critical")
DIALECTS = {"MSA": 58, "EGY": 57, "LEV": 57, "GLF": 57, "IRQ": 57, "MGR": 57, "arabizi": 57}
TRAPS = {  # each with the levels that it may end at
    "negation": LEVELS,
    "history": LEVELS,
    "question_about": LEVELS,
    "no_keyword": ("moderate", "critical"),
    "misspelt": LEVELS,
    "resolved": LEVELS,
    "someone_else": LEVELS,
    "mild_words_critical": ("critical",),
    "scary_words_mild": ("mild",),
    "age_decides": LEVELS,
    "number_decides": LEVELS,
}
ARABIC, LATIN = re.compile("[\u0600-\u06ff]"), re.compile("[A-Za-z]")


def test_columns_and_counts() -> None:
    assert list(ROWS[0]) == ["id", "text", "dialect", "level", "topic", "trap", "half", "why"]
    assert len(ROWS) == 400
    assert Counter(row["dialect"] for row in ROWS) == DIALECTS
    assert [row["id"] for row in ROWS if not re.fullmatch(r"[a-z]{3}\d\d", row["id"])] == []
    assert len({row["id"] for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_third_of_each_dialect_is_of_each_level(dialect: str) -> None:
    counts = Counter(row["level"] for row in ROWS if row["dialect"] == dialect)
    assert set(counts) == set(LEVELS) and min(counts.values()) >= 18 and max(counts.values()) <= 20


def test_the_half_is_what_the_id_decides() -> None:
    def half(row_id: str) -> str:
        return "test" if int(hashlib.sha256(row_id.encode()).hexdigest()[-2:], 16) % 3 == 0 else "development"

    assert [row["id"] for row in ROWS if row["half"] != half(row["id"])] == []
    of_test = Counter(row["level"] for row in ROWS if row["half"] == "test")
    assert min(of_test[level] for level in LEVELS) >= 40, "too few of a level to measure its recall on"


def test_traps_are_known_and_many() -> None:
    counts = Counter(row["trap"] for row in ROWS if row["trap"])
    assert set(counts) == set(TRAPS) and min(counts.values()) >= 10
    assert sum(counts.values()) >= 0.4 * len(ROWS)
    assert [row["id"] for row in ROWS if row["trap"] and row["level"] not in TRAPS[row["trap"]]] == []


def test_no_two_are_alike() -> None:
    keys = clean([row["text"] for row in ROWS])["key"].to_pylist()
    assert [row["id"] for row, count in zip(ROWS, map(Counter(keys).get, keys), strict=True) if count != 1] == []
    seen = defaultdict(set)  # and none repeats a run of another's words: every one is its own situation
    for row, key in zip(ROWS, keys, strict=True):
        words = key.split()
        for start in range(len(words) - 5):
            seen[tuple(words[start : start + 6])].add(row["id"])
    assert sorted(map(sorted, filter(lambda ids: len(ids) > 1, seen.values()))) == []


def test_every_row_is_a_patients_text_with_a_reason() -> None:
    words = {row["id"]: len(row["text"].split()) for row in ROWS}
    assert [row_id for row_id, count in words.items() if not 4 <= count <= 90] == []
    assert sum(count >= 40 for count in words.values()) >= 30, "patients also write at length"
    assert [row["id"] for row in ROWS if row["text"] != row["text"].strip() or "\n" in row["text"]] == []
    assert [row["id"] for row in ROWS if not row["why"].endswith(".") or ARABIC.search(row["why"])] == []
    assert [row["id"] for row in ROWS if not re.fullmatch("[a-z-]+", row["topic"])] == []


def test_arabizi_is_in_latin_letters_and_nothing_else_is() -> None:
    for row in ROWS:
        arabic, latin = len(ARABIC.findall(row["text"])), len(LATIN.findall(row["text"]))
        assert (arabic == 0 < latin) if row["dialect"] == "arabizi" else (arabic > 4 * latin), row["id"]


def test_the_texts_to_learn_from_and_those_held_out() -> None:
    with (ROOT / "benchmarks/severity_texts.csv").open(encoding="utf-8", newline="") as file:
        texts = list(csv.DictReader(file))
    assert list(texts[0]) == ["id", "text", "dialect", "level", "topic", "trap", "part", "why"]
    held_out = [row for row in texts if row["part"] == "held_out"]
    assert (len(texts), len(held_out)) == (3360, 210)
    assert Counter((row["dialect"], row["level"]) for row in held_out) == {(d, k): 10 for d in DIALECTS for k in LEVELS}
    assert len({row["id"] for row in texts}) == len({row["text"] for row in [*texts, *ROWS]}) - len(ROWS) == len(texts)
    assert {row["dialect"] for row in texts} == set(DIALECTS) and {row["trap"] for row in texts} == {*TRAPS, ""}
    counts = Counter(row["level"] for row in texts)
    assert set(counts) == set(LEVELS) and max(counts.values()) < 1.15 * min(counts.values())
    latin = [row["id"] for row in texts if (row["dialect"] == "arabizi") == bool(ARABIC.search(row["text"]))]
    assert latin == [], "Arabizi has no Arabic letter, the others have some"
