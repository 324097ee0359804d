"""The learned tables of the scores: small CSV files beside this module, written by `python -m benchmarks.quality_learn`, never by hand."""

import csv
from functools import cache
from importlib.resources import files

import duckdb
import pyarrow as pa

from curation.lexicons import load
from curation.text.phrases import PROCLITICS, bare, fold

MOST_RARE = 7_000  # thousandths; of a word that word_rarity.csv does not know


@cache
def learned(name: str) -> tuple[dict[str, str], ...]:
    """The rows of `quality/<name>.csv`."""
    text = files(__package__).joinpath(f"{name}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def coefficients(score: str) -> dict[str, float]:
    """The weights of a logistic regression by feature, `intercept` among them."""
    return {row["feature"]: float(row["weight"]) for row in learned("coefficients") if row["score"] == score}


@cache
def topics() -> tuple[str, ...]:
    """The topics of topic_words.csv, in its order."""
    return tuple(dict.fromkeys(row["topic"] for row in load("topic_words")))


@cache
def topic_stems() -> dict[str, tuple[str, ...]]:
    """Each stem of topic_words.csv with its topics: with the article and without, since ب of بشرة could be a preposition, of البشرة not."""
    rows = load("topic_words")
    keys = fold([row["word"] for row in rows])
    forms = [(form, row["topic"]) for row, key in zip(rows, keys, strict=True) for form in (key, f"ال{key.removeprefix('ال')}")]
    with duckdb.connect() as con:
        table = con.from_arrow(pa.table({"form": [form for form, _ in forms], "topic": [topic for _, topic in forms]}))
        stems = table.project(f"{bare('form', PROCLITICS)} AS stem, topic").distinct().order("stem, topic").fetchall()
    found: dict[str, tuple[str, ...]] = {}
    for stem, topic in stems:
        found[stem] = (*found.get(stem, ()), topic)
    return found
