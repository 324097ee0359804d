"""Learn the weights of `linear_v1` out of texts whose level somebody gave, and of others by what labelling functions make of them.

    python -m curation.severity.learning TEXTS.parquet WEIGHTS.parquet     # text, severity, answer, specialty, corpus, asking

The likeliest weights for the levels given and, WEAK times as much, for the levels believed of the other texts (label_model.py), drawn to
none or to those of the table that one begins with: what a few labels say nothing of stays as it was. Their size is then set by texts
that were left out, so that probabilities are right as often as they say.
"""

import sys
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import minimize, minimize_scalar

from curation.dialect.texts import in_msa
from curation.engine import write_table
from curation.errors import TibyanError
from curation.params import SeverityParams, load_params
from curation.schema import SEVERITIES
from curation.severity import scorer
from curation.severity.counts import count_features
from curation.severity.label_model import ABSTAIN, Votes, believe
from curation.severity.linear import TABLE, THOUSANDTHS, kind_of
from curation.severity.votes import votes_of
from curation.text.phrases import fold
from curation.text.words import Flags

ROWS = pa.schema([(name, pa.string()) for name in ("key", "msa", "severity", "answer", "specialty", "corpus", "asking")])
GIVEN = ROWS.names[2:]  # what a file may say of a text
# By leaving out on the development vignettes; half or twice as much changes the macro-F1 by less than 0.02.
RIDGE = {"word": 3.0, "letters": 20.0, "pair": 3.0, "mark": 3.0}
WEAK = 0.1
FOLDS, ROUNDS = 5, 300
ENOUGH = 100  # known levels from which on the size is set by them
Matrix = NDArray[np.float64]


class Looked(NamedTuple):
    """(texts, features) how often each stands there; the weights that one begins with; and of each text votes, known level and fold."""

    names: list[str]
    counts: sparse.csr_matrix
    begin: Matrix
    votes: Votes
    known: Votes
    fold: Votes
    prior: Matrix


def learn(con: duckdb.DuckDBPyConnection, rows: pa.Table, params: SeverityParams, start: pa.Table | None = None) -> pa.Table:
    """ROWS in, a linear.TABLE out; `params` are those of the word lists, and their prior is what nothing said means."""
    looked = look(con, rows, params, start)
    everything = np.ones(len(rows), bool)
    weights = size(left_out(looked), looked) * fit(looked, everything)
    texts = np.asarray((looked.counts > 0).sum(axis=0)).ravel()
    rounded = np.rint(THOUSANDTHS * weights).astype(np.int64)
    columns = {"feature": looked.names, **{name: rounded[:, i] for i, name in enumerate(SEVERITIES)}, "texts": texts}
    table = pa.table(columns).cast(TABLE).filter(pa.array(np.abs(rounded).max(axis=1) > 0))
    if start is not None:
        table = pa.concat_tables(
            [table, start.filter(pc.invert(pc.is_in(start["feature"], value_set=pa.array(looked.names, pa.string()))))]
        )
    return table.sort_by("feature")


def left_out(looked: Looked) -> Matrix:
    """(texts, levels): the sums of weights that saw no text of the same fold; those of one asking are in one."""
    sums = np.zeros((len(looked.known), len(SEVERITIES)))
    for i in range(FOLDS):
        out = looked.fold == i
        sums[out] = looked.counts[out] @ fit(looked, ~out)
    return sums


def look(con: duckdb.DuckDBPyConnection, rows: pa.Table, params: SeverityParams, start: pa.Table | None) -> Looked:
    """Everything that is fitted and fitted to."""
    texts = con.from_arrow(pa.table({"id": range(len(rows)), "key": rows["key"]}))
    lexicon = scorer.score(con, texts, params).order("id").to_arrow_table()
    of_msa = con.from_arrow(pa.table({"id": range(len(rows)), "key": rows["msa"]}))
    names, counts = count_features(con, of_msa, lexicon, rows["corpus"], start)
    weights = np.zeros((0, 3)) if start is None else np.stack([start[name].to_numpy() for name in SEVERITIES], axis=1) / THOUSANDTHS
    place = {} if start is None else {name: i for i, name in enumerate(start["feature"].to_pylist())}
    begin = np.stack([weights[place[name]] if name in place else np.zeros(3) for name in names]) if names else np.zeros((0, 3))
    votes = votes_of(rows.append_column("evidence", lexicon["evidence"]))
    known = np.array([SEVERITIES.index(level) if level else ABSTAIN for level in rows["severity"].to_pylist()], np.int64)
    fold = np.array([crc32(asking.encode()) % FOLDS for asking in rows["asking"].to_pylist()], np.int64)
    return Looked(names, counts, begin, votes, known, fold, np.array(params.prior))


def fit(looked: Looked, chosen: Flags) -> Matrix:
    """(features, levels): the likeliest weights for some of the texts, by L-BFGS; sums of weights are added to the log of the prior."""
    x, known = looked.counts[chosen], looked.known[chosen]
    levels = believe(looked.votes[chosen], looked.prior, known).levels
    count = np.where(known != ABSTAIN, 1.0, WEAK * (looked.votes[chosen] != ABSTAIN).any(axis=1))
    ridge = np.array([RIDGE[kind_of(name)] for name in looked.names])[:, None]
    offset = np.log(np.maximum(looked.prior, 1e-6))

    def loss(flat: Matrix) -> tuple[float, Matrix]:
        weights = flat.reshape(looked.begin.shape)
        logs = log_softmax(x @ weights + offset)
        off = weights - looked.begin
        slope = x.T @ (count[:, None] * (np.exp(logs) - levels)) + ridge * off
        return float(-(count[:, None] * levels * logs).sum() + (ridge * off * off).sum() / 2), slope.ravel()

    found = minimize(loss, looked.begin.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": ROUNDS}).x
    return np.asarray(found.reshape(looked.begin.shape))


def size(sums: Matrix, looked: Looked) -> float:
    """By how much to multiply weights so that what was left out is as probable as may be: temperature, the other way up."""
    known = np.flatnonzero(looked.known != ABSTAIN)
    if len(known) < ENOUGH:
        return 1.0
    offset = np.log(np.maximum(looked.prior, 1e-6))

    def loss(log_size: float) -> float:
        return float(-log_softmax(offset + np.exp(log_size) * sums[known])[np.arange(len(known)), looked.known[known]].mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-1.5, 1.0), method="bounded").x))


def log_softmax(sums: Matrix) -> Matrix:
    """(texts, levels) logs of probabilities."""
    less = sums - sums.max(axis=1, keepdims=True)
    return np.asarray(less - np.log(np.exp(less).sum(axis=1, keepdims=True)))


def main(given: Path, target: Path) -> None:
    """Learn from a Parquet of `text, severity, answer, specialty, corpus, asking`; null is not known. `target` is written at once."""
    try:
        table = pq.read_table(given, columns=["text", *GIVEN])
    except (OSError, KeyError, pa.ArrowException) as error:
        columns = ", ".join(GIVEN)
        raise TibyanError(f"{given}: not a Parquet with the columns text, {columns} ({type(error).__name__}).") from error
    if unknown := sorted({level for level in table["severity"].to_pylist() if level} - set(SEVERITIES)):
        raise TibyanError(f"{given}: severity {', '.join(unknown)}: none of {', '.join(SEVERITIES)}. Rename it or leave it null.")
    with duckdb.connect() as con:
        write_table(learn(con, rows_of(table), load_params().severity), target)


def rows_of(table: pa.Table) -> pa.Table:
    """ROWS of a table with `text` and some of the others; what is missing is null, one corpus, an asking of its own."""
    columns = {name: table[name] if name in table.column_names else pa.nulls(len(table), pa.string()) for name in GIVEN}
    columns["corpus"] = pc.fill_null(columns["corpus"].cast(pa.string()), "given")
    texts = [text or "" for text in table["text"].to_pylist()]
    with duckdb.connect(config={"autoinstall_known_extensions": False}) as con:
        read = [text or "" for text in in_msa(con, texts)]
    keys, msa = (pa.chunked_array([pa.array(fold(of), pa.string())]) for of in (texts, read))
    columns["asking"] = pc.coalesce(columns["asking"].cast(pa.string()), keys)
    return pa.table({"key": keys, "msa": msa, **columns}).cast(ROWS)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(f"learning: name two files: TEXTS.parquet to learn from (text, {', '.join(GIVEN)}) and WEIGHTS.parquet to write.")
    try:
        main(Path(sys.argv[1]), Path(sys.argv[2]))
    except TibyanError as error:
        sys.exit(f"learning: {error}")
