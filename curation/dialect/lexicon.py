"""The entries of lexicons/msa_words.csv and clitics.csv, ready to be looked up: what a word of a dialect is in MSA, and when."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple

from curation.lexicons import load

FOLDING = tuple(zip("أإآٱةىؤئ", "ااااهيوي", strict=True))
NOMINAL = ("noun", "adjective")
VERBAL = ("verb", "perfect")
WHOLE = ("form", "adverb", "question", "negation", "particle", "number", "pronoun", "phrase")
PARTS_OF_SPEECH = (*NOMINAL, *VERBAL, *WHOLE)
Clitics = dict[str, str]  # as written in the dialect, folded, and in MSA; "" in MSA where nothing stands for it


class Entry(NamedTuple):
    """A row of msa_words.csv, its form folded."""

    dialect: str
    words: tuple[str, ...]
    msa: str
    part_of_speech: str
    condition: str

    @property
    def rule(self) -> str:
        """What a change says of where it comes from."""
        return f"{self.part_of_speech} {' '.join(self.words)}"


def folded(text: str) -> str:
    """Hamza, ة and ى in one spelling, letter for letter: places are the same."""
    for letter, plain in FOLDING:  # ten times as fast as translate(), which looks every character up
        text = text.replace(letter, plain)
    return text


@cache
def entries(dialect: str) -> tuple[Entry, ...]:
    """Those of a dialect and, where it says nothing itself of a form, those of all (`*`), in the order of the file."""
    own = [_entry(row) for row in load("msa_words") if row["dialect"] == dialect]
    taken = {(entry.words, entry.part_of_speech) for entry in own}
    shared = [_entry(row) for row in load("msa_words") if row["dialect"] == "*"]
    return (*own, *(entry for entry in shared if (entry.words, entry.part_of_speech) not in taken))


def _entry(row: dict[str, str]) -> Entry:
    return Entry(row["dialect"], tuple(folded(row["form"]).split()), row["msa"], row["part_of_speech"], row["condition"])


@cache
def clitics(dialect: str, kind: str) -> Clitics:
    """Of the dialect and of all; what a dialect says itself goes before."""
    rows = [row for row in load("clitics") if row["kind"] == kind and row["dialect"] in ("*", dialect)]
    return {folded(row["form"]): row["msa"] for row in sorted(rows, key=lambda row: row["dialect"] != "*")}


@cache
def condition(written: str) -> Callable[[Sequence[str], int, int], bool]:
    """Whether the words (folded) around [start, end) are as a condition has them.

    `before:a|b;not_after:c*;first`: the next word is a or b, the one before does not begin with c, nothing stands before. Raises ValueError
    where it cannot be read.
    """
    tests = [_test(part) for part in written.split(";") if part]
    return lambda words, start, end: all(test(words, start, end) for test in tests)


def _test(part: str) -> Callable[[Sequence[str], int, int], bool]:
    name, _, listed = part.partition(":")
    whole = frozenset(folded(word) for word in listed.split("|") if not word.endswith("*"))
    begins = tuple(folded(word[:-1]) for word in listed.split("|") if word.endswith("*"))

    def among(word: str) -> bool:
        return word in whole or (bool(begins) and word.startswith(begins))

    if (name in ("first", "last")) == bool(listed):
        raise ValueError(f"{part!r} is no condition")
    tests: dict[str, Callable[[Sequence[str], int, int], bool]] = {
        "before": lambda words, _, end: end < len(words) and among(words[end]),
        "after": lambda words, start, _: start > 0 and among(words[start - 1]),
        "not_before": lambda words, _, end: end >= len(words) or not among(words[end]),
        "not_after": lambda words, start, _: start == 0 or not among(words[start - 1]),
        "first": lambda _words, start, _end: start == 0,
        "last": lambda words, _start, end: end == len(words),
    }
    if name not in tests:
        raise ValueError(f"{part!r} is no condition")
    return tests[name]
