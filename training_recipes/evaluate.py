"""evaluate RECIPE: how near a recipe's answers to the test questions come to the real ones, beside three baselines."""

import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from curation.engine import INTERIM, METRICS, write_json
from curation.errors import TibyanError
from curation.params import EvaluateParams, Params
from curation.schema import SEVERITIES
from training_recipes.baselines import nearest_answers
from training_recipes.bertscore import BertScore, embed, score
from training_recipes.encoders import Encoder, load_encoder
from training_recipes.generation import generate
from training_recipes.models import load_adapted, read_description, recipe_folder
from training_recipes.prompts import make_example
from training_recipes.recipe import load_recipe
from training_recipes.records import Record, read_split
from training_recipes.running import main, make_deterministic
from training_recipes.trainer import plain_loss


def run(params: Params, name: str) -> str:
    """Write data/interim/answers_NAME.parquet and reports/metrics/evaluate_NAME.json."""
    load_recipe(name)
    wanted = params.evaluate
    make_deterministic(wanted.seed, wanted.threads)
    # As it was trained, whatever params.yaml says by now.
    trained = read_description(recipe_folder(name) / "recipe.json")["train"]
    column, length = trained["question_column"], trained["max_length"]
    if wanted.max_new_tokens >= length:
        raise TibyanError(f"evaluate.max_new_tokens: {wanted.max_new_tokens} leaves no room in train.max_length ({length}).")
    test = read_split("test", column)[: wanted.max_examples]
    train = read_split("train", column)

    model, tokenizer = load_adapted(name)
    recipe = answers_and_perplexity(model, tokenizer, test, length, wanted)
    with model.disable_adapter():
        untrained = answers_and_perplexity(model, tokenizer, test, length, wanted)
    write_answers(INTERIM / f"answers_{name}.parquet", test, recipe[0])

    questions = [record.question for record in test]
    candidates = {
        name: recipe[0],
        "question_echoed": questions,
        "nearest_question": nearest_answers(questions, train),
        "untrained": untrained[0],
    }
    encoder = load_encoder(wanted.encoder, wanted.encoder_revision, wanted.layer)
    scores = score_all(candidates, [record.answer for record in test], encoder, wanted.batch)
    metrics = {
        "question_column": column,
        "seed": wanted.seed,
        "examples": len(test),
        "encoder": {"name": encoder.name, "revision": encoder.revision, "layer": encoder.layer},
        **means(scores[name]),
        "f1_by_severity": by_severity(scores[name], test),
        "truncated": scores[name].truncated,
        "perplexity": round(recipe[1], 4),
        "answer_words": mean_words(recipe[0]),
        "reference_words": mean_words([record.answer for record in test]),
        "baselines": {baseline: means(scores[baseline]) for baseline in candidates if baseline != name},
    }
    metrics["baselines"]["untrained"]["perplexity"] = round(untrained[1], 4)
    write_json(METRICS / f"evaluate_{name}.json", metrics)
    return f"{len(test)} answers, BERTScore F1 {metrics['f1']}, perplexity {metrics['perplexity']}"


def answers_and_perplexity(model: Any, tokenizer: Any, test: list[Record], length: int, params: EvaluateParams) -> tuple[list[str], float]:
    """What the model answers, and how much the real answers surprise it, per token."""
    answers = generate(model, tokenizer, [r.question for r in test], length, params.max_new_tokens, params.batch)
    real = [make_example(tokenizer, record.question, record.answer, length) for record in test]
    return answers, math.exp(plain_loss(model, real, tokenizer.pad_token_id, params.batch))


def score_all(candidates: dict[str, list[str]], references: list[str], encoder: Encoder, batch: int) -> dict[str, BertScore]:
    """BERTScore of each list of candidates; every text is embedded once."""
    count = len(references)
    vectors = embed([text for texts in (references, *candidates.values()) for text in texts], encoder, batch)
    starts = range(count, len(vectors), count)
    return {name: score(vectors[start : start + count], vectors[:count]) for name, start in zip(candidates, starts, strict=True)}


def means(scores: BertScore) -> dict[str, Any]:
    """Precision, recall and F1, each the mean over pairs, without baseline rescaling."""
    return {part: _mean(getattr(scores, part)) for part in ("precision", "recall", "f1")}


def by_severity(scores: BertScore, test: list[Record]) -> dict[str, dict[str, Any]]:
    """Mean F1 of each severity with the number of pairs behind it; null where there are none."""
    severities = np.array([record.severity for record in test])
    groups = {severity: scores.f1[severities == severity] for severity in SEVERITIES}
    return {severity: {"f1": _mean(f1) if len(f1) else None, "n": len(f1)} for severity, f1 in groups.items()}


def mean_words(texts: list[str]) -> float:
    """Words between spaces in a text, on average."""
    return round(sum(len(text.split()) for text in texts) / len(texts), 4)


def write_answers(path: Path, test: list[Record], answers: list[str]) -> None:
    """`record_id, answer_generated`, written beside and renamed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".parquet.tmp")
    rows = pa.table({"record_id": [record.record_id for record in test], "answer_generated": answers})
    pq.write_table(rows, beside, compression="zstd")
    beside.replace(path)


def _mean(values: Any) -> float:
    return round(float(np.mean(values, dtype=np.float64)), 4)


if __name__ == "__main__":
    main("evaluate", run, sys.argv[1:], takes=("RECIPE",))
