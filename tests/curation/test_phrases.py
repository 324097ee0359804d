"""Phrases are found where a plain search, word by word, finds them, whatever else is in the table."""

import re

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.text.phrases import CONJUNCTION, ENDINGS, PROCLITICS, match_phrases
from curation.text.words import words_of

Hits = list[tuple[int, int, int, int]]

FOUND = [
    ("وجع في صدري", "وجع في الصدر", PROCLITICS, "an article there, a pronoun here"),
    ("عندي صداع", "وصداع", CONJUNCTION, "a conjunction of the entry"),
    ("وصداع شديد", "صداع", CONJUNCTION, "a conjunction"),
    ("بطني وراسي", "راسي", CONJUNCTION, "a conjunction before the last word"),
    ("والصدر", "صدر", CONJUNCTION, None),
    ("وجع", "جع", CONJUNCTION, None),
]


def found(texts: list[str], phrases: list[str], clitics: str) -> Hits:
    with duckdb.connect() as con:
        rows = con.from_arrow(pa.table({"id": pa.array(range(len(texts)), pa.int64()), "key": pa.array(texts, pa.string())}))
        listed = con.from_arrow(
            pa.table({"entry": pa.array(range(len(phrases)), pa.int64()), "phrase_key": pa.array(phrases, pa.string())})
        )
        return sorted(match_phrases(con, words_of(con, rows), listed, clitics).fetchall())


def bare(word: str, clitics: str) -> str:
    arabic = r"[\u0620-\u065f\u066e-\u06d3]"
    word = re.sub(clitics.replace(r"\p{Arabic}", arabic), r"\1", word)
    return re.sub(ENDINGS.replace(r"\p{Arabic}", arabic), r"\1", word) if clitics == PROCLITICS else word


def searched(texts: list[str], phrases: list[str], clitics: str) -> Hits:
    plain = [[bare(word, clitics) for word in text.split(" ")] for text in texts]
    parts = [[bare(word, clitics) for word in phrase.split(" ")] for phrase in phrases]
    return sorted(
        (i, entry, start + 1, len(part))
        for i, words in enumerate(plain)
        for entry, part in enumerate(parts)
        for start in range(len(words))
        if words[start : start + len(part)] == part
    )


@pytest.mark.parametrize(("text", "phrase", "clitics", "why"), FOUND, ids=[f"{text}, {phrase}" for text, phrase, *_ in FOUND])
def test_clitics(text: str, phrase: str, clitics: str, why: str | None) -> None:
    assert bool(found([text], [phrase], clitics)) == (why is not None)


WORDS = [c + w + e for w in ("وجع", "صدر", "راس", "ضيق") for c in ("", "و", "ف", "ال", "وال", "ب", "لل") for e in ("", "ي", "ها")]
WORDS += ["في", "و", "3andi", "5", ""]
RUNS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=7).map(" ".join)
PHRASES = st.lists(st.sampled_from(WORDS[:-1]), min_size=1, max_size=4).map(" ".join)


@settings(max_examples=40, deadline=None)
@given(st.lists(RUNS, min_size=1, max_size=12), st.lists(PHRASES, min_size=1, max_size=8), st.sampled_from([CONJUNCTION, PROCLITICS]))
def test_the_same_places_as_a_search_word_by_word(texts: list[str], phrases: list[str], clitics: str) -> None:
    assert found(texts, phrases, clitics) == searched(texts, phrases, clitics)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.none() | st.text("اب 9a", max_size=12), max_size=8))
def test_words_are_those_of_string_split(texts: list[str | None]) -> None:
    with duckdb.connect() as con:
        rows = con.from_arrow(pa.table({"id": pa.array(range(len(texts)), pa.int64()), "key": pa.array(texts, pa.string())}))
        words = words_of(con, rows)
    bounds = zip(words.first[:-1], words.first[1:], strict=True)
    said = [words.vocabulary.take(pa.array(words.numbers[i:j])).to_pylist() for i, j in bounds]
    assert said == [[] if text is None else text.split(" ") for text in texts]
