"""Learn curation/severity/weights.parquet, and measure it by leaving out.

    python -m benchmarks.severity_learn [--write] [--test]

Known levels: the development half of benchmarks/severity_vignettes.csv and the sample's written questions. Believed ones: questions of
AraMed (MIT, Waadtss/AraMed), MentalQA (MIT, hasanhuz/MentalQA) and the Algerian Darija medical posts (CC BY 4.0,
akram-mahboub/algerian-darija-medical-dataset), whose labels are not read. Only single words, letters of words and our own cues leave it,
each with a number. The test half is scored and counted, nothing else, and
only when asked for: whoever looks at its figures while changing something tunes by them.
"""

import argparse
import csv
import time
from collections.abc import Iterator
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from benchmarks import quality_texts as texts
from benchmarks.setting import ROOT
from curation.api import SEVERITY, score_severity
from curation.schema import SEVERITIES
from curation.severity import learning
from curation.severity.label_model import ABSTAIN
from curation.severity.linear import WEIGHTS, write_weights
from curation.severity.scorers import score

VIGNETTES = ROOT / "benchmarks" / "severity_vignettes.csv"
SCORERS = ("lexicon_v1", "linear_v1", "ensemble_v1")
BINS = 10
TIMED, THREADS = 60_000, 2
Matrix = learning.Matrix


def vignettes(half: str) -> list[dict[str, str]]:
    """The rows of one half: `development` or `test`."""
    with VIGNETTES.open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["half"] == half]


def _rows() -> Iterator[dict[str, Any]]:
    for row in vignettes("development"):
        yield {"text": row["text"], "severity": row["level"], "corpus": "vignettes"}
    for material in texts.written().values():
        for question in material["questions"]:
            for side, answer in (("question", "answer"), ("rephrased", "answer_rephrased")):
                known = {
                    "severity": question["severity"],
                    "specialty": question.get("specialty"),
                    "corpus": "sample",
                    "asking": question["id"],
                }
                yield {"text": question[side], "answer": question[answer], **known}
    for corpus, pairs in (("aramed", texts.aramed()[:400]), ("mentalqa", texts.mentalqa())):
        for pair in pairs:
            yield {"text": pair.question, "answer": pair.answer, "specialty": pair.specialty, "corpus": corpus}
    for post in texts.darija():
        yield {"text": post, "corpus": "darija"}


def rows() -> pa.Table:
    """learning.ROWS of everything that is learnt from."""
    names = ("text", *learning.ROWS.names[1:])
    found = list(_rows())
    return learning.rows_of(pa.table({name: pa.array([row.get(name) for row in found], pa.string()) for name in names}))


def figures(known: learning.Votes, p: Matrix) -> dict[str, float]:
    """Of (texts) levels and (texts, levels) probabilities: accuracy, macro-F1, recall and under-triage of critical, calibration error."""
    given = p.argmax(axis=1)
    confidence, right = p.max(axis=1), given == known
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    errors = [(bins == i).mean() * abs(confidence[bins == i].mean() - right[bins == i].mean()) for i in set(bins.tolist())]
    f1 = [2 * ((known == k) & (given == k)).sum() / max((known == k).sum() + (given == k).sum(), 1) for k in range(len(SEVERITIES))]
    return {
        "texts": len(known),
        "accuracy": right.mean(),
        "macro_f1": float(np.mean(f1)),
        "critical_recall": (given[known == 2] == 2).mean(),
        "under_triage": (given < known).mean(),
        "ece": sum(errors),
    }


def main(write: bool, test: bool) -> None:
    """Print the figures; with `write`, the table is learnt on all of it first; with `test`, those of the test half too."""
    table = rows()
    with duckdb.connect(config={"threads": 1}) as con:
        if write:
            write_weights(learning.learn(con, table, SEVERITY), WEIGHTS)
        looked = learning.look(con, table, SEVERITY, None)
    sums = learning.left_out(looked)
    p = np.exp(learning.log_softmax(np.log(looked.prior) + learning.size(sums, looked) * sums))
    lexicon = _probabilities(table["key"].to_pylist(), "lexicon_v1")
    both = np.sqrt(p * lexicon)
    for corpus in ("vignettes", "sample"):
        chosen = np.array([name == corpus for name in table["corpus"].to_pylist()]) & (looked.known != ABSTAIN)
        for name, of in (("lexicon_v1", lexicon), ("linear_v1", p), ("ensemble_v1", both / both.sum(axis=1, keepdims=True))):
            _print(f"{name}, {corpus}, left out", figures(looked.known[chosen], of[chosen]))
    if test:
        given = vignettes("test")
        known = np.array([SEVERITIES.index(row["level"]) for row in given])
        for name in SCORERS:
            _print(f"{name}, test half, as shipped", figures(known, _probabilities([row["text"] for row in given], name)))
    for name in SCORERS:
        wall, cpu = speed(table["key"].to_pylist(), name)
        print(f"{name}: {wall:,.0f} texts a second on {THREADS} threads, {cpu:,.0f} a second of processor")


def speed(keys: list[str], scorer: str) -> tuple[float, float]:
    """Texts a second, of the clock and of the processor, over these keys again and again; the best of three."""
    table = pa.table({"id": range(TIMED), "key": (keys * (TIMED // len(keys) + 1))[:TIMED]})
    params = SEVERITY.model_copy(update={"scorer": scorer})
    best = [0.0, 0.0]
    with duckdb.connect(config={"threads": THREADS}) as con:
        for _ in range(3):
            wall, cpu = time.perf_counter(), time.process_time()
            score(con, con.from_arrow(table), params).to_arrow_table()
            best = [max(best[0], TIMED / (time.perf_counter() - wall)), max(best[1], TIMED / (time.process_time() - cpu))]
    return best[0], best[1]


def _probabilities(texts: list[str], scorer: str) -> Matrix:
    scored = score_severity(texts, SEVERITY.model_copy(update={"scorer": scorer}))
    return np.stack([scored[f"p_{level}"].to_numpy() for level in SEVERITIES], axis=1)


def _print(name: str, found: dict[str, float]) -> None:
    print(f"{name:48s}", "  ".join(f"{key} {value:.3f}" if key != "texts" else f"{value:.0f} texts" for key, value in found.items()))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write curation/severity/weights.parquet")
    parser.add_argument("--test", action="store_true", help="measure on the test half too")
    main(**vars(parser.parse_args()))
