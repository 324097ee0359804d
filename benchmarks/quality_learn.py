"""Learn the tables of curation/quality: how rare words are, which topics go together, what weighs for an advertisement.

    python -m benchmarks.quality_learn

Reads ../shared/data and the sample's written texts; writes word_rarity.csv, topic_kinship.csv, advertisement_words.csv and
coefficients.csv. What leaves the shared sets are single words with a number: AraMed (MIT, Waadtss/AraMed), MentalQA (MIT,
hasanhuz/MentalQA), shami (Apache-2.0, GU-CLASP/shami-corpus), ArSarcasm-v2 (MIT, iabufarha/ArSarcasm-v2), Algerian Darija medical posts
(CC BY 4.0, akram-mahboub/algerian-darija-medical-dataset).
"""

import csv
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from benchmarks import quality_texts as texts
from curation.privacy.redaction import redact_text
from curation.quality import tables
from curation.quality.advertisement import CONTACTS, advertisement_features
from curation.quality.relation import FLOOR, MOST_SHARED, MOST_TOPICAL, shared_words, sides, topic_sums
from curation.quality.stems import Stems, stems_of
from curation.quality.talk import talk_scores
from curation.text.words import NUMBER, Words, words_of

FOLDER = Path(tables.__file__).parent
COMMON = 5.0  # log rarity below which a word in common says nothing; at 3 the AUC is 0.006 higher and twice as many words are grouped
LEAST_TEXTS = 3  # a word of fewer is as rare as one never seen
CHANCE = 30.0  # pairs of chance that a kinship is shrunk by
SAMPLE_WEIGHT = 0.3  # of the sample's pairs in the kinship: four pairs are made of each written asking
# What is sold is no mark of selling: teeth, hair. A number or a link is a feature of its own.
NO_MARKS = {*tables.topic_stems(), *CONTACTS, "handle"}
RELATION = ("shared", "root_shared", "kinship", "kinship_by_topical", "topical")
ADVERTISEMENT = ("coverage", "learned", "contact")
ADVERTISEMENT_RIDGE = 20.0  # seventy advertisements can be told apart by almost anything
Matrix = npt.NDArray[np.float64]


def main() -> None:
    """Write the four tables."""
    con = duckdb.connect(config={"threads": 1})
    pairs = texts.aramed() + texts.sample()
    write_rarity(con, pairs)
    features = relation_features(con, pairs)
    aramed = np.arange(len(texts.aramed()))
    right = np.array([pair.right for pair in pairs])
    kinship = learn_kinship(features, np.flatnonzero(right), np.where(np.arange(len(pairs)) < len(aramed), 1.0, SAMPLE_WEIGHT))
    write("topic_kinship", ("question", "answer", "kinship"), _long(kinship))
    x = relation_matrix(features, kinship)[aramed]
    rows = [("answer_unrelated", name, weight) for name, weight in zip(("intercept", *RELATION), fit(x, right[aramed]), strict=True)]
    rows += [("advertisement", name, weight) for name, weight in learn_advertisements(con).items()]
    write("coefficients", ("score", "feature", "weight"), [(score, name, f"{weight:.4f}") for score, name, weight in rows])


def write_rarity(con: duckdb.DuckDBPyConnection, pairs: list[texts.Pair]) -> None:
    """Log inverse document frequency above COMMON, in thousandths, of every stem that LEAST_TEXTS texts hold."""
    said = [text for pair in pairs + texts.mentalqa() for text in (pair.question, pair.answer)] + texts.general()
    distinct = sorted(set(said))
    key_texts(con, distinct)
    view_stems(con, words_of(con, con.table("_keyed")))
    count = len(distinct)
    found = con.execute("SELECT stem, count(*) FROM _stems_in GROUP BY stem").fetchall()
    rows = [
        (stem, round(1000 * max(math.log((count + 1) / (n + 1)) - COMMON, 0)))
        for stem, n in sorted(found)
        if n >= LEAST_TEXTS and not redact_text(stem)[1]  # no name leaves a set, not even a frequent one
    ]
    write("word_rarity", ("stem", "rarity"), rows)


def key_texts(con: duckdb.DuckDBPyConnection, said: list[str]) -> None:
    """The table `_keyed`: `id, key, cut` of texts by their place in the list."""
    keyed = texts.table(con, [texts.Pair(None, text, "") for text in said])
    keyed.project("record_id::INTEGER AS id, question_key AS key, question_cut AS cut").create_view("_keyed_now", replace=True)
    con.execute("CREATE OR REPLACE TEMP TABLE _keyed AS FROM _keyed_now")


def view_stems(con: duckdb.DuckDBPyConnection, words: Words) -> Stems:
    """The view `_stems_in`: `stem, id`, once for each text that the stem stands in."""
    stems = stems_of(con, words)
    found = np.unique(words.texts.astype(np.int64) << NUMBER | stems.of_word[words.numbers])
    columns = {"stem": stems.vocabulary.take(pa.array(found & (1 << NUMBER) - 1)), "id": words.ids.take(pa.array(found >> NUMBER))}
    con.from_arrow(pa.table(columns)).filter("stem <> ''").create_view("_stems_in", replace=True)
    return stems


def relation_features(con: duckdb.DuckDBPyConnection, pairs: list[texts.Pair]) -> dict[str, Matrix]:
    """By pair: `shared`, the rarity of shared words, and the log-odds `asked` and `answered` of each topic."""
    texts.table(con, pairs).create_view("_now", replace=True)
    con.execute("CREATE OR REPLACE TEMP TABLE _pairs AS SELECT record_id::INTEGER AS row, * FROM _now")
    sql = "SELECT 2 * row AS id, question_key AS key FROM _pairs UNION ALL SELECT 2 * row + 1, answer_key FROM _pairs"
    words = words_of(con, con.sql(sql))
    stems = stems_of(con, words)
    topic_sums(con, words, stems)
    sides(con, con.sql("SELECT row, specialty FROM _pairs"))
    shared_words(con, words, stems)
    table = con.sql("SELECT * FROM _sides LEFT JOIN (SELECT row, shared FROM _shared) USING (row) ORDER BY row").to_arrow_table()
    columns = {name: np.nan_to_num(table[name].to_numpy().astype(float)) for name in table.column_names}
    return {
        "shared": columns["shared"],
        "asked": np.stack([columns[f"q_{t}"] for t in tables.topics()], axis=1),
        "answered": np.stack([columns[f"a_{t}"] for t in tables.topics()], axis=1),
    }


def posterior(log_odds: Matrix) -> Matrix:
    """Probabilities of the topics."""
    odds = np.exp(log_odds)
    return odds / odds.sum(axis=1, keepdims=True)


def learn_kinship(features: dict[str, Matrix], rows: npt.NDArray[np.int64], weights: Matrix) -> Matrix:
    """How often two topics meet in right pairs, against chance; shrunk to 1."""
    asked, answered = posterior(features["asked"][rows]), posterior(features["answered"][rows])
    together = (asked * weights[rows, None]).T @ answered
    together /= together.sum()
    chance = np.outer(together.sum(axis=1), together.sum(axis=0))
    shrink = CHANCE / weights[rows].sum()
    return np.asarray((together + shrink * chance) / (chance + shrink * chance))


def relation_matrix(features: dict[str, Matrix], kinship: Matrix) -> Matrix:
    """The features of RELATION, a column each, as curation/quality/relation.py computes them."""
    met = np.einsum("ni,ij,nj->n", posterior(features["asked"]), kinship, posterior(features["answered"]))
    kin = np.log(met + FLOOR)
    topical = np.minimum(features["answered"].sum(axis=1), MOST_TOPICAL)
    shared = features["shared"]
    return np.stack([np.minimum(shared, MOST_SHARED), np.sqrt(shared), kin, kin * topical, topical], axis=1)


def fit(x: Matrix, y: npt.NDArray[Any], ridge: float = 1.0) -> Matrix:
    """Logistic regression by Newton's method, columns scaled, intercept first; weights are for the columns as they came."""
    mean, spread = x.mean(axis=0), x.std(axis=0) + 1e-9
    scaled = np.c_[np.ones(len(x)), (x - mean) / spread]
    penalty = np.diag([1e-6, *[ridge] * x.shape[1]])
    beta = np.zeros(scaled.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-scaled @ beta))
        hessian = (scaled * (p * (1 - p))[:, None]).T @ scaled + penalty
        beta += np.linalg.solve(hessian, scaled.T @ (y - p) - penalty @ beta)
    weights = beta[1:] / spread
    return np.r_[beta[0] - mean @ weights, weights]


def advertisement_material(con: duckdb.DuckDBPyConnection) -> tuple[Matrix, list[set[str]], npt.NDArray[np.int64], npt.NDArray[Any]]:
    """Features without learned words, the stems of each text, whether it is an advertisement, and its group for cross-validation."""
    ads = texts.advertisements()
    said = [(text, i) for i, of in enumerate(ads.values()) for text in of]
    plain = texts.honest()
    key_texts(con, [text for text, _ in said] + plain)
    words = words_of(con, con.sql("SELECT id, trim(concat_ws(' ', key, cut)) AS key FROM _keyed"))
    talk_scores(con, words)
    whole = view_stems(con, words)
    rows = con.execute(f"""
        SELECT coverage, contact FROM (SELECT id FROM _keyed) LEFT JOIN ({advertisement_features(con, words, whole)}) USING (id) ORDER BY id
        """).fetchall()
    x = np.array([[coverage or 0.0, 0.0, contact or 0] for coverage, contact in rows], float)
    stems: list[set[str]] = [set() for _ in rows]
    for stem, ids in con.execute("SELECT stem, list(id) FROM _stems_in GROUP BY stem ORDER BY stem").fetchall():
        for i in ids:
            stems[i].add(stem)
    y = np.array([1] * len(said) + [0] * len(plain))
    groups = np.array([group for _, group in said] + [i % len(ads) for i in range(len(plain))])
    return x, stems, y, groups


def advertisement_words(stems: list[set[str]], y: npt.NDArray[Any], least: int = 4, most: float = 3.0) -> dict[str, float]:
    """Log-odds of a word in an advertisement against honest texts, shrunk, of words that `least` advertisements hold."""
    sold, told = y.sum(), (1 - y).sum()
    weights = {}
    for stem in sorted(set().union(*(stems[i] for i in np.flatnonzero(y)))):
        n = sum(stem in stems[i] for i in np.flatnonzero(y))
        if n >= least and stem not in NO_MARKS and not stem.isdigit():
            m = sum(stem in stems[i] for i in np.flatnonzero(1 - y))
            weight = math.log((n + 0.5) / (sold + 1)) - math.log((m + 0.5) / (told + 1))
            if weight > 1:
                weights[stem] = min(weight, most)
    return weights


def with_words(
    x: Matrix, stems: list[set[str]], y: npt.NDArray[Any], groups: npt.NDArray[np.int64], without: tuple[int, ...] = ()
) -> Matrix:
    """The features with `learned` filled in, each group's from the words of the other groups; groups in `without` teach nothing."""
    filled = x.copy()
    for group in sorted(set(groups)):
        teach = ~np.isin(groups, (group, *without))
        words = advertisement_words([s for s, t in zip(stems, teach, strict=True) if t], y[teach])
        for i in np.flatnonzero(groups == group):
            filled[i, 1] = sum(words.get(stem, 0.0) for stem in stems[i])
    return filled


def learn_advertisements(con: duckdb.DuckDBPyConnection) -> dict[str, float]:
    """Writes advertisement_words.csv; returns the weights of the regression, learned on words of the other dialects' advertisements."""
    x, stems, y, groups = advertisement_material(con)
    write("advertisement_words", ("stem", "weight"), [(s, f"{w:.3f}") for s, w in advertisement_words(stems, y).items()])
    weights = fit(with_words(x, stems, y, groups), y, ADVERTISEMENT_RIDGE)
    return dict(zip(("intercept", *ADVERTISEMENT), weights, strict=True))


def _long(kinship: Matrix) -> list[tuple[str, str, str]]:
    names = tables.topics()
    return [(q, a, f"{kinship[i, j]:.4f}") for i, q in enumerate(names) for j, a in enumerate(names)]


def write(name: str, header: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> None:
    """A table of curation/quality; what was read of it before is forgotten."""
    with (FOLDER / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])
    tables.learned.cache_clear()


if __name__ == "__main__":
    main()
