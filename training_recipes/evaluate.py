"""evaluate RUN…: how near the answers of all runs, of the untrained model and of baselines come to the real ones, and how surely."""

import sys
from pathlib import Path
from typing import Any

import numpy as np

from curation.engine import METRICS, write_json
from curation.errors import TibyanError
from curation.params import EvaluateParams, Params
from curation.schema import DIALECT_LABELS, SEVERITIES
from training_recipes.baselines import baselines, nearest_by_embedding
from training_recipes.bertscore import baseline, embed, idf_weights, score_systems, signature
from training_recipes.encoders import Encoder, load_encoder
from training_recipes.leaderboard import Bootstrap, Measured, slices, table
from training_recipes.measures import Known, Measures, know, measures, own_measures, read
from training_recipes.overlap import chrf_signature
from training_recipes.records import BUILT, Record, digest, read_split
from training_recipes.running import main, make_deterministic
from training_recipes.significance import Floats, Measure
from training_recipes.systems import UNTRAINED, System, read_systems

EVALUATION = Path("reports/evaluation.json")
OF_COLUMN = ("nearest_bm25", "nearest_embedding", "question_echoed")  # baselines that look at the question
# Words of the real answer, from and to: about the thirds of what AraMed's doctors and MentalQA's counsellors write.
LENGTHS = ((1, 12), (13, 27), (28, None))
UNKNOWN = "not stated"


def run(params: Params, *names: str) -> str:
    """Write reports/evaluation.json, with intervals, differences and slices, and its values alone to reports/metrics/evaluate.json.

    The untrained model is always among the systems. Raises TibyanError where answers are missing or from other data, questions or base.
    """
    wanted = params.evaluate
    make_deterministic(wanted.seed, wanted.threads)
    test = read_split("test", params.train.question_column)[: wanted.max_examples]
    runs = read_systems([name for name in names if name != UNTRAINED], test, params.train.question_column, digest(BUILT))
    if wanted.against not in {system.name for system in runs}:
        there = ", ".join(system.name for system in runs)
        raise TibyanError(f"evaluate.against: {wanted.against} is not among what is compared ({there}). Name one of these, or its run too.")
    encoder = load_encoder(wanted.encoder, wanted.encoder_revision, wanted.layer)
    systems = [*runs, *baseline_systems(runs, wanted, encoder)]
    said = [text for system in systems for of_run in system.answers for text in of_run]
    read([*said, *(text for record in test for text in (record.question, record.answer))])
    known = know(test)
    measured, bert = score(systems, known, encoder, wanted)
    bootstrap = Bootstrap(wanted.bootstrap, wanted.seed, wanted.confidence)
    found = table(measured, wanted.against, bootstrap)
    own = {metric: [measure] for metric, measure in own_measures(known.answers, known.words, known).items()}
    evaluation = {
        "examples": len(test),
        "critical": int(known.critical.sum()),
        "seed": wanted.seed,
        "against": wanted.against,
        "bootstrap": {"samples": wanted.bootstrap, "confidence": wanted.confidence},
        **bert,
        "chrf_signature": chrf_signature(),
        "systems": {system.name: about(system) | {"metrics": found[system.name]} for system in systems},
        "references": table({"references": own}, "", bootstrap)["references"],
        "slices": slices(measured, groups(test, known), bootstrap),
    }
    write_json(EVALUATION, evaluation)
    write_json(METRICS / "evaluate.json", values(evaluation))
    ours = found[wanted.against]["f1"]
    return f"({len(test)} questions, {len(systems)} systems): {wanted.against} F1 {ours['value']} ({ours['low']} to {ours['high']})"


def baseline_systems(runs: list[System], params: EvaluateParams, encoder: Encoder) -> list[System]:
    """One of each kind; of those that look at the question one for each column that runs were asked in, where there are several."""
    columns = list(dict.fromkeys(system.question_column for system in runs))
    systems = []
    for column in columns:
        test, train = read_split("test", column)[: params.max_examples], read_split("train", column)
        found = baselines(test, train, params.seed)
        asked = [record.question for record in test]
        found["nearest_embedding"] = nearest_by_embedding(asked, train, encoder, params.batch, params.embedded_candidates)
        for name, answers in found.items():
            if name not in OF_COLUMN and column != columns[0]:
                continue
            full_name = f"{name} ({column})" if name in OF_COLUMN and len(columns) > 1 else name
            systems.append(System(full_name, "baseline", [answers], [], [], column, []))
    return systems


def score(systems: list[System], known: Known, encoder: Encoder, params: EvaluateParams) -> tuple[Measured, dict[str, Any]]:
    """The measures by system, metric and run, and what BERTScore was made by."""
    references = embed(known.answers, encoder, params.batch)
    idf = idf_weights(references) if params.idf else None
    unrelated = baseline(references, params.seed, idf)
    answers = {f"{system.name}/{i}": of_run for system in systems for i, of_run in enumerate(system.answers)}
    scores = score_systems(answers, references, encoder, params.batch, idf)
    measured: dict[str, dict[str, list[Measure]]] = {system.name: {} for system in systems}
    for system in systems:
        for i, of_run in enumerate(system.answers):
            found: Measures = measures(of_run, known, scores[f"{system.name}/{i}"], unrelated[2])
            for metric, measure in found.items():
                measured[system.name].setdefault(metric, []).append(measure)
    return measured, {
        "encoder": {"name": encoder.name, "revision": encoder.revision, "layer": encoder.layer},
        "signature": signature(encoder, params.idf, rescaled=False),
        "signature_rescaled": signature(encoder, params.idf, rescaled=True),
        "unrelated": {part: round(of, 4) for part, of in zip(("precision", "recall", "f1"), unrelated, strict=True)},
        "windowed": max(of.windowed for of in scores.values()),
    }


def about(system: System) -> dict[str, Any]:
    """What a system is, with the perplexity of its model over the real answers: the mean over runs, and their deviation."""
    of = system.perplexities
    return {
        "kind": system.kind,
        "runs": system.runs,
        "seeds": system.seeds,
        "question_column": system.question_column,
        "perplexity": round(float(np.mean(of)), 4) if of else None,
        "perplexity_sd": round(float(np.std(of, ddof=1)), 4) if len(of) > 1 else None,
    }


def groups(test: list[Record], known: Known) -> dict[str, dict[str, Floats]]:
    """The slices that have a question, each with 1 for its questions and 0 for the others."""

    def by(found: list[str], order: tuple[str, ...]) -> dict[str, Floats]:
        return {name: np.array([of == name for of in found], np.float64) for name in order if name in found}

    specialties = [record.specialty or UNKNOWN for record in test]
    names = tuple(f"{low} to {high} words" if high else f"{low} words and more" for low, high in LENGTHS)
    lengths = [names[sum(len(words) > (high or np.inf) for _, high in LENGTHS)] for words in known.words]
    return {
        "severity": by([record.severity for record in test], SEVERITIES),
        "dialect": by([record.dialect for record in test], DIALECT_LABELS),
        "specialty": by(specialties, (*sorted({*specialties} - {UNKNOWN}), UNKNOWN)),
        "length": by(lengths, names),
    }


def values(evaluation: dict[str, Any]) -> dict[str, Any]:
    """The values without their intervals, few enough for `dvc metrics show` and `diff`."""
    systems = {
        name: {metric: figure["value"] for metric, figure in system["metrics"].items()}
        | ({"perplexity": system["perplexity"]} if system["perplexity"] is not None else {})
        for name, system in evaluation["systems"].items()
    }
    return {"examples": evaluation["examples"], "signature": evaluation["signature"], "systems": systems}


if __name__ == "__main__":
    main("evaluate", run, sys.argv[1:], takes=("RUN…",))
