"""Learn the table of word weights by which `tagger` tells dialects, out of corpora whose texts are labelled.

    python -m curation.dialect.learning CORPORA.parquet WEIGHTS.parquet      # text, dialect, corpus

A text's score for a class is a bias and the sum of the weights of its words, over the root of how many words it has. The weight of a word
has four parts: what the hand-written lists say of it (lexicons/dialect_words.csv), whether it is a dialect form with another MSA
(msa_words.csv), whether it can be read as one with what is written onto it (inflection.py), and how much more often texts of the class
have it than texts of the others. Corpora carry topics: the last part is a mean over corpora, of words that at least MIN_CORPORA have,
drawn towards what all classes have in common; and how much each part counts is fitted on texts of corpora that the rates did not see.
"""

import sys
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from scipy.optimize import minimize

from curation.dialect.inflection import readings
from curation.dialect.lexicon import folded
from curation.dialect.rates import MIN_CORPORA, MIN_TEXTS, Found, Matrix, learnt, left_out_scores
from curation.dialect.tagger import hand_weights, in_msa
from curation.engine import write_table
from curation.errors import TibyanError
from curation.lexicons import load
from curation.privacy.redaction import redact_text
from curation.schema import ARABIC_DIALECTS, SPOKEN
from curation.text.phrases import CONJUNCTION, bare, find_phrases, fold
from curation.text.words import split

LABELLED = pa.schema([("key", pa.string()), ("dialect", pa.string()), ("corpus", pa.string())])
PARTS = ("hand", "msa", "inflected", "learnt")
FEWEST_WORDS = 3  # of a text in the fit: entries of a dictionary are no texts
RIDGE = 1e-4  # few texts that are told apart easily would make the numbers as large as one likes
MOST_WEIGHT = 5.0  # of a text in the fit: a class of few texts must not outweigh what is known


def learn(con: duckdb.DuckDBPyConnection, labelled: pa.Table) -> pa.Table:
    """LABELLED in; `phrase_key`, a weight for each class in thousandths, and how many texts have it, out. The bias is the empty phrase."""
    phrases = vocabulary(con, labelled)
    found, parts = look(con, labelled, phrases), by_hand(phrases)
    counts, biases = fit(found, parts)
    every = np.ones(len(found.root), bool)
    weights = combined(parts, learnt(found, every, len(phrases)), counts)
    seen = np.bincount(found.entry, minlength=len(phrases))
    rounded = np.rint(1_000 * np.concatenate([biases[None], weights])).astype(np.int16)
    table = pa.table(
        {
            "phrase_key": ["", *phrases],
            **{name: rounded[:, i] for i, name in enumerate(ARABIC_DIALECTS)},
            "texts": np.concatenate([[len(found.root)], seen]).astype(np.int32),
        }
    )
    return table.filter(pa.array(np.abs(rounded).max(axis=1) > 0))


def left_out(con: duckdb.DuckDBPyConnection, labelled: pa.Table) -> tuple[Found, Matrix]:
    """The texts, and (texts, classes) scores from weights that saw no text of their corpus; the five numbers of the fit saw all."""
    phrases = vocabulary(con, labelled)
    found, parts = look(con, labelled, phrases), by_hand(phrases)
    counts, biases = fit(found, parts)
    learnt_scores = left_out_scores(found, len(phrases))
    return found, found.scores(combined(parts, np.zeros_like(parts[0]), counts)) + counts[-1] * learnt_scores + biases


def vocabulary(con: duckdb.DuckDBPyConnection, labelled: pa.Table) -> list[str]:
    """Every listed phrase, and the words that enough texts and corpora have; no name leaves a corpus, not even a frequent one."""
    con.from_arrow(labelled).create_view("_labelled", replace=True)
    words = con.sql(f"""
        SELECT word FROM (SELECT DISTINCT {bare("word", CONJUNCTION)} AS word, key, corpus
                          FROM (SELECT unnest(string_split(key, ' ')) AS word, key, corpus FROM _labelled))
        WHERE regexp_full_match(word, '[\\p{{Arabic}}]{{2,}}')
        GROUP BY word HAVING count(*) >= {MIN_TEXTS} AND count(DISTINCT corpus) >= {MIN_CORPORA} ORDER BY word""").fetchall()
    listed = {key for key, _ in (*hand_weights(), *in_msa())}
    topics = fold([row["form"] for row in load("dialect_topics")])
    plain = con.from_arrow(pa.table({"word": sorted(listed)})).project(bare("word", CONJUNCTION)).fetchall()
    not_learnt = {*topics, *(word for (word,) in plain)}
    return sorted(listed | {word for (word,) in words if word not in not_learnt and not redact_text(word)[1]})


def look(con: duckdb.DuckDBPyConnection, labelled: pa.Table, phrases: list[str]) -> Found:
    """Where the phrases stand. Raises TibyanError where a class is none of ours."""
    if unknown := sorted(set(labelled["dialect"].to_pylist()) - set(ARABIC_DIALECTS)):
        raise TibyanError(f"corpora: dialect {', '.join(unknown)}: none of {', '.join(ARABIC_DIALECTS)}. Rename it or leave it out.")
    words = split(pa.array(range(len(labelled))), labelled["key"].chunks, 1)
    where, which, _ = find_phrases(con, words, phrases, CONJUNCTION)
    pairs = np.unique(words.text_of(where) * len(phrases) + which)
    corpora = sorted(set(labelled["corpus"].to_pylist()))
    dialect = np.array([ARABIC_DIALECTS.index(name) for name in labelled["dialect"].to_pylist()], np.int32)
    corpus = np.array([corpora.index(name) for name in labelled["corpus"].to_pylist()], np.int32)
    return Found(pairs // len(phrases), pairs % len(phrases), np.sqrt(np.maximum(words.counts, 1)), dialect, corpus, corpora)


def by_hand(phrases: list[str]) -> list[Matrix]:
    """What is known of each phrase without any corpus, (phrases, classes) each: the parts but the last."""
    hand, msa, inflected = (np.zeros((len(phrases), len(ARABIC_DIALECTS))) for _ in range(3))
    place = {phrase: i for i, phrase in enumerate(phrases)}
    for (key, dialect), weight in hand_weights().items():
        hand[place[key], ARABIC_DIALECTS.index(dialect)] = weight
    told = np.asarray(hand.any(axis=1))
    for key, dialect in in_msa():
        if not told[place[key]]:
            msa[place[key], ARABIC_DIALECTS.index(dialect)] = 1.0
    told = np.asarray(told | msa.any(axis=1))
    for phrase, dialect in _inflected([phrase for phrase, i in place.items() if not told[i] and " " not in phrase and len(phrase) > 2]):
        inflected[place[phrase], ARABIC_DIALECTS.index(dialect)] = 1.0
    shared = [part / np.sqrt(np.maximum(part.sum(axis=1, keepdims=True), 1.0)) for part in (msa, inflected)]  # what two have tells less
    return [hand, *shared]


def _inflected(words: list[str]) -> set[tuple[str, str]]:
    """The words that can be read as an entry of a dialect with what is written onto it, and are not the MSA of it themselves."""
    read = []
    for dialect in SPOKEN:
        known = readings(dialect)
        for word in words:
            for reading in known.alone(folded(word)):
                if not reading.entry.condition:
                    read.append((word, dialect, reading.msa))
    keys = fold([msa for *_, msa in read])
    # نخاف is "I fear" in the Maghreb and "we fear" in MSA: told by its neighbours alone.
    standard = {(w, dialect) for (w, dialect, _), key in zip(read, keys, strict=True) if key in (w, w.replace("ن", "ا", 1))}
    return {(word, dialect) for word, dialect, _ in read} - standard


def fit(found: Found, parts: list[Matrix]) -> tuple[Matrix, Matrix]:
    """How much each of PARTS counts, and the biases: the most probable, each class and each corpus in it weighing alike."""
    whole = found.root >= np.sqrt(FEWEST_WORDS)
    scores = np.stack([of[whole] for of in (*(found.scores(part) for part in parts), left_out_scores(found, len(parts[0])))])
    dialect = found.dialect[whole]
    cell = dialect * len(found.corpora) + found.corpus[whole]
    sizes = np.bincount(cell, minlength=len(ARABIC_DIALECTS) * len(found.corpora)).reshape(len(ARABIC_DIALECTS), -1)
    weight = 1.0 / (sizes.ravel()[cell] * (sizes > 0).sum(axis=1)[dialect])
    weight = np.minimum(weight * len(weight) / weight.sum(), MOST_WEIGHT)

    def loss(given: Matrix) -> float:
        sums = np.einsum("p,ptk->tk", given[:-1], scores) + _biases(given[-1])
        sums -= sums.max(axis=1, keepdims=True)
        logs = sums[np.arange(len(sums)), dialect] - np.log(np.exp(sums).sum(axis=1))
        return float(-(weight * logs).mean() + RIDGE * ((given - 1.0) ** 2).sum())

    best = minimize(loss, np.append(np.ones(len(scores)), 0.0), method="BFGS").x
    return best[:-1], _biases(best[-1])


def _biases(of_msa: float) -> Matrix:
    """Which dialect is written in is not to be told by how many texts of each there were; how often none is, has to be known."""
    return np.append(of_msa, np.zeros(len(ARABIC_DIALECTS) - 1))


def combined(parts: list[Matrix], rates: Matrix, counts: Matrix) -> Matrix:
    """The weight of each phrase for each class."""
    return np.asarray(sum(count * of for count, of in zip(counts, (*parts, rates), strict=True)))


def main(corpora: Path, target: Path) -> None:
    """Learn from a Parquet of `text, dialect, corpus`; the table is written beside `target` and renamed."""
    try:
        given = pq.read_table(corpora, columns=["text", "dialect", "corpus"])
    except (OSError, KeyError, pa.ArrowException) as error:
        raise TibyanError(f"{corpora}: not a Parquet with the columns text, dialect, corpus ({type(error).__name__}).") from error
    labelled = pa.table([pa.array(fold(given["text"].to_pylist()), pa.string()), given["dialect"], given["corpus"]], schema=LABELLED)
    with duckdb.connect() as con:
        write_table(learn(con, labelled), target)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("learning: name two files: CORPORA.parquet to learn from (text, dialect, corpus) and WEIGHTS.parquet to write.")
    try:
        main(Path(sys.argv[1]), Path(sys.argv[2]))
    except TibyanError as error:
        sys.exit(f"learning: {error}")
