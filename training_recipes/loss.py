"""The severity-weighted loss (arXiv:2604.06346): what is written gravely is learned with more weight. Pure functions.

B examples, T tokens, H numbers a token, V pieces of vocabulary. All sums run over answer tokens: labels of prompt and padding are
IGNORED. The logits at a token are for the next one; an encoder-decoder's labels stand `aligned` with the logits that are for them.
"""

from collections.abc import Callable, Sequence

import torch
from torch.nn.functional import cross_entropy
from torch.utils.checkpoint import checkpoint

IGNORED = -100  # what PyTorch and transformers leave out of a loss


def severity_weights(probabilities: Sequence[Sequence[float]], weights: Sequence[float], normalise: bool = True) -> torch.Tensor:
    """One weight for each example, (N,): w = α·p_mild + β·p_moderate + γ·p_critical.

    `normalise` rescales them to mean 1 over these N, which must be the whole training set; without it their mean
    multiplies the learning rate.
    """
    realised = torch.tensor(probabilities, dtype=torch.float64) @ torch.tensor(weights, dtype=torch.float64)
    return (realised / realised.mean() if normalise else realised).float()


def token_nll(logits: torch.Tensor, labels: torch.Tensor, aligned: bool = False) -> tuple[torch.Tensor, torch.Tensor]:
    """Negative log-likelihood of each token, (B, T-1), 0 where ignored; and the number of answer tokens, (B,).

    `logits` (B, T, V), `labels` (B, T). The first token has nothing before it and never counts, unless `aligned`: then (B, T).
    """
    predictions, targets = _paired(logits, labels, aligned)
    flat = cross_entropy(predictions.flatten(0, 1).float(), targets.flatten(), ignore_index=IGNORED, reduction="none")
    return flat.view(targets.shape), (targets != IGNORED).sum(dim=1)


def chunked_nll(
    states: torch.Tensor, labels: torch.Tensor, output_layer: Callable[[torch.Tensor], torch.Tensor], chunk: int, aligned: bool = False
) -> tuple[torch.Tensor, torch.Tensor]:
    """What `token_nll(output_layer(states), labels)` gives, gradients too, with the logits of `chunk` tokens in memory at most.

    `states` (B, T, H) are what the output layer is given; it takes (N, H) to (N, V), with a bias, a scale, a soft cap or whatever it does.
    A chunk's logits are thrown away once they have given their nll, and computed anew in the backward pass. Tokens that are IGNORED have
    none at all.
    """
    predictions, targets = _paired(states, labels, aligned)
    answers = targets != IGNORED
    chunks = zip(predictions[answers].split(chunk), targets[answers].split(chunk), strict=True)
    parts = [checkpoint(_nll_of, output_layer, part, wanted, use_reentrant=False) for part, wanted in chunks]
    nll = torch.zeros(targets.shape, device=states.device)
    nll[answers] = torch.cat(parts)
    return nll, answers.sum(dim=1)


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


def _paired(outputs: torch.Tensor, labels: torch.Tensor, aligned: bool) -> tuple[torch.Tensor, torch.Tensor]:
    """Each place with the label that it is to predict."""
    return (outputs, labels) if aligned else (outputs[:, :-1], labels[:, 1:])


def _nll_of(output_layer: Callable[[torch.Tensor], torch.Tensor], states: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    return cross_entropy(output_layer(states).float(), targets, reduction="none")
