"""Repeated lines and copied runs: the share of a text's words that stand in a run of words which the text has said before.

After the duplicate n-grams of Gopher (Rae et al. 2021, table A1), in words, since a Facebook post has few lines and they are short.
"""

import duckdb
import numpy as np
import pyarrow as pa

from curation.text.words import NUMBER, Flags, Places, Words, distinct

RUN = 3  # words; two repeat in any text ("في البطن")
# A first look by a set of 64 slots for the words of a text: n different words fill 64 (1 - (1 - 1/64)^n) of them. Where fewer than this
# share is filled, its runs are looked at one by one; other texts score 0. Long texts fill all, so there different words are counted.
FILLED, LEAST_WORDS = 0.8, 6
LONG, DIFFERENT = 100, 0.6  # words, and the share of them that differ; texts that repeat nothing have 0.65 and more


def repetition_scores(con: duckdb.DuckDBPyConnection, words: Words) -> None:
    """Makes the view `_repeated`: `id, value, said` (the first run said again), of the texts where anything is."""
    looked = words.only(_repetitive(con, words))
    again, texts = _said_before(looked), looked.texts
    covered = np.zeros(len(texts) + RUN, bool)
    for i in range(RUN):
        covered[again + i] = True
    count = np.bincount(texts[covered[: len(texts)]], minlength=len(looked.counts))
    found, first = np.unique(texts[again], return_index=True)
    runs = [looked.vocabulary.take(pa.array(looked.numbers[again[first] + i])).to_pylist() for i in range(RUN)]
    columns = {
        "id": looked.ids.take(pa.array(found)),
        "value": pa.array(count[found] / looked.counts[found], pa.float64()),
        "said": pa.array([" ".join(run) for run in zip(*runs, strict=True)], pa.string()),
    }
    con.from_arrow(pa.table(columns)).create_view("_repeated", replace=True)


def _repetitive(con: duckdb.DuckDBPyConnection, words: Words) -> Flags:
    """The texts that do not have as many different words as others."""
    count, some = words.counts, words.counts > 0
    slots = np.left_shift(np.uint64(1), words.each(con, "hash(word) % 64")[0].to_numpy().astype(np.uint64))
    filled = np.zeros(len(count), np.int64)
    if some.any():
        filled[some] = np.bitwise_count(np.bitwise_or.reduceat(slots[words.numbers], words.first[:-1][some]))
    long = count > LONG
    looked = ~long & (count >= LEAST_WORDS) & (filled < FILLED * 64 * (1 - (1 - 1 / 64) ** count))
    of_long = words.only(long)
    different = distinct(of_long.texts.astype(np.int64) << NUMBER | of_long.numbers) >> NUMBER
    looked[long] = np.bincount(different, minlength=len(of_long.counts)) < DIFFERENT * of_long.counts
    return looked


def _said_before(words: Words) -> Places:
    """The places where a run begins that its text has said before."""
    starts = np.flatnonzero(np.arange(len(words.numbers)) + RUN <= np.repeat(words.first[1:], words.counts))
    run = words.texts[starts].astype(np.int64)
    for i in range(RUN):  # a run is numbered by its text and its words
        longer = run << NUMBER | words.numbers[starts + i]
        run = np.searchsorted(distinct(longer.copy()), longer)
    order = np.argsort(run, kind="stable")
    same = np.flatnonzero(run[order][1:] == run[order][:-1]) + 1
    return np.sort(starts[order[same]])
