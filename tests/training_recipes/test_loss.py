import pytest
import torch
from torch.nn.functional import cross_entropy

from training_recipes.loss import IGNORED, sample_form, severity_weights, token_form, token_nll

SOFT = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.5, 0.25, 0.25]]


@pytest.fixture
def batch() -> tuple[torch.Tensor, torch.Tensor]:
    """Logits (3, 7, 11) and labels with answers of 4, 2 and 5 tokens after prompts."""
    torch.manual_seed(3)
    labels = torch.randint(0, 11, (3, 7))
    labels[0, :3] = labels[1, :2] = labels[1, 4:] = labels[2, :2] = IGNORED
    return torch.randn(3, 7, 11, requires_grad=True), labels


def test_weights_of_one_are_the_stock_cross_entropy(batch: tuple[torch.Tensor, torch.Tensor]) -> None:
    logits, labels = batch
    stock = cross_entropy(logits[:, :-1].reshape(-1, 11), labels[:, 1:].reshape(-1))
    assert token_form(*token_nll(logits, labels), torch.ones(3)).item() == pytest.approx(stock.item(), abs=1e-6)


def test_unequal_weights_by_hand(batch: tuple[torch.Tensor, torch.Tensor]) -> None:
    logits, labels = batch
    weights = torch.tensor([0.5, 1.0, 1.5])
    sums, counts = [], []
    for b in range(3):
        log_p = logits[b].log_softmax(-1)
        answer = [t for t in range(1, 7) if labels[b, t] != IGNORED]
        sums.append(-sum(log_p[t - 1, labels[b, t]] for t in answer))
        counts.append(len(answer))
    nll, tokens = token_nll(logits, labels)
    assert tokens.tolist() == counts == [4, 2, 5]
    by_token = sum(w * s for w, s in zip(weights, sums, strict=True)) / sum(counts)
    by_sample = sum(w * s / n for w, s, n in zip(weights, sums, counts, strict=True)) / 3
    assert token_form(nll, tokens, weights).item() == pytest.approx(by_token.item(), abs=1e-6)
    assert sample_form(nll, tokens, weights).item() == pytest.approx(by_sample.item(), abs=1e-6)
    # What the broadcast mistake would give: the weights cancel.
    assert token_form(nll, tokens, weights).item() != pytest.approx((nll.sum() / 11 * weights.mean()).item(), abs=1e-3)


@pytest.mark.parametrize("form", [token_form, sample_form])
def test_the_gradient_of_an_example_scales_with_its_weight(batch: tuple[torch.Tensor, torch.Tensor], form) -> None:
    logits, labels = batch
    gradients = []
    for weights in (torch.ones(3), torch.tensor([1.0, 2.5, 0.0])):
        (gradient,) = torch.autograd.grad(form(*token_nll(logits, labels), weights), logits)
        gradients.append(gradient)
    even, uneven = gradients
    torch.testing.assert_close(uneven[0], even[0])
    torch.testing.assert_close(uneven[1], 2.5 * even[1])
    assert not uneven[2].any() and even[2].any()


@pytest.mark.parametrize("form", [token_form, sample_form])
@pytest.mark.parametrize("shape", [(3, 1, 1), (3, 1), (1,), ()])
def test_a_weight_that_would_broadcast_is_refused(batch: tuple[torch.Tensor, torch.Tensor], form, shape) -> None:
    with pytest.raises(ValueError, match="one weight for each example"):
        form(*token_nll(*batch), torch.ones(shape))


def test_dividing_by_all_items_makes_parts_add_up(batch: tuple[torch.Tensor, torch.Tensor]) -> None:
    nll, tokens = token_nll(*batch)
    weights = torch.tensor([0.5, 1.0, 1.5])
    parts = [token_form(nll[i : i + 1], tokens[i : i + 1], weights[i : i + 1], tokens.sum()) for i in range(3)]
    assert sum(parts).item() == pytest.approx(token_form(nll, tokens, weights).item(), abs=1e-6)


def test_prompt_and_padding_have_no_gradient(batch: tuple[torch.Tensor, torch.Tensor]) -> None:
    logits, labels = batch
    (gradient,) = torch.autograd.grad(token_form(*token_nll(logits, labels), torch.ones(3)), logits)
    predicts = torch.zeros(3, 7, dtype=torch.bool)
    predicts[:, :-1] = labels[:, 1:] != IGNORED
    assert (gradient.abs().sum(-1) > 0).equal(predicts)


def test_weights_come_from_probabilities() -> None:
    raw = severity_weights(SOFT, [0.5, 1.0, 1.5], normalise=False)
    assert raw.tolist() == pytest.approx([0.5, 1.0, 1.5, 0.875])
    normalised = severity_weights(SOFT, [0.5, 1.0, 1.5])
    assert normalised.mean().item() == pytest.approx(1)
    torch.testing.assert_close(normalised / normalised[0], raw / raw[0])
