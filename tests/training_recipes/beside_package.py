"""The bert-score package, asked so that its scores can be laid beside ours."""

from pathlib import Path
from typing import Any

import bert_score
import numpy as np

from training_recipes.bertscore import BertScore


def package_score(folder: Path, layer: int, candidates: list[str], references: list[str], **options: Any) -> np.ndarray:
    """Precision, recall and F1 of `bert_score.score`, (pairs, 3), with its own loading of model and tokenizer.

    One pair at a time, for in a batch its padding beats negative similarities.
    """
    model = {"model_type": str(folder), "num_layers": layer, "lang": "ar", "device": "cpu", "batch_size": 1, "nthreads": 0}
    return np.stack([part.numpy() for part in bert_score.score(candidates, references, **model, **options)], axis=-1)


def as_array(scores: BertScore) -> np.ndarray:
    return np.stack([scores.precision, scores.recall, scores.f1], axis=-1)


def write_baseline(path: Path, values: tuple[float, float, float], layers: int) -> str:
    """In the package's layout: a row for each layer, from 0."""
    rows = [f"{layer},{','.join(map(str, values))}" for layer in range(layers + 1)]
    path.write_text("\n".join(["LAYER,P,R,F", *rows]) + "\n")
    return str(path)
