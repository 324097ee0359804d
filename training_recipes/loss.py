"""The severity-weighted loss (arXiv:2604.06346): what is written gravely is learned with more weight. Pure functions.

B examples, T tokens, V pieces of vocabulary. All sums run over answer tokens: labels of prompt and padding are IGNORED.
"""

from collections.abc import Sequence

import torch
from torch.nn.functional import cross_entropy

IGNORED = -100  # what PyTorch and transformers leave out of a loss


def severity_weights(probabilities: Sequence[Sequence[float]], weights: Sequence[float], normalise: bool = True) -> torch.Tensor:
    """One weight for each example, (N,): w = α·p_mild + β·p_moderate + γ·p_critical.

    `normalise` rescales them to mean 1 over these N, which must be the whole training set; without it their mean
    multiplies the learning rate.
    """
    realised = torch.tensor(probabilities, dtype=torch.float64) @ torch.tensor(weights, dtype=torch.float64)
    return (realised / realised.mean() if normalise else realised).float()


def token_nll(logits: torch.Tensor, labels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Negative log-likelihood of each token, (B, T-1), 0 where ignored; and the number of answer tokens, (B,).

    `logits` (B, T, V), `labels` (B, T). The first token has nothing before it and never counts.
    """
    targets = labels[:, 1:]
    flat = cross_entropy(logits[:, :-1].flatten(0, 1).float(), targets.flatten(), ignore_index=IGNORED, reduction="none")
    return flat.view(targets.shape), (targets != IGNORED).sum(dim=1)


def token_form(nll: torch.Tensor, tokens: torch.Tensor, weights: torch.Tensor, items: torch.Tensor | int | None = None) -> torch.Tensor:
    """Σ_b w_b Σ_t nll_bt / Σ_b n_b, a scalar; with weights of 1 it is the stock cross-entropy.

    `items` are the answer tokens of all batches that one optimiser step accumulates (the Trainer's
    `num_items_in_batch`): dividing by them makes accumulation exact. None means that this batch is all there is.
    """
    _check_shape(nll, weights)
    return (weights * nll.sum(dim=1)).sum() / (tokens.sum() if items is None else items)


def sample_form(nll: torch.Tensor, tokens: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """mean_b(w_b · mean_t nll_bt), a scalar, as the paper writes it: a short answer counts as much as a long one."""
    _check_shape(nll, weights)
    return (weights * nll.sum(dim=1) / tokens.clamp(min=1)).mean()


def _check_shape(nll: torch.Tensor, weights: torch.Tensor) -> None:
    """(B, 1, 1) would broadcast to mean(w) · mean(loss) and quietly cancel the method."""
    if weights.shape != nll.shape[:1]:
        raise ValueError(f"one weight for each example, shape {tuple(nll.shape[:1])}; got {tuple(weights.shape)}")
