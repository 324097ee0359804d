import pytest
import torch
from torch.nn.functional import cross_entropy

from training_recipes.loss import IGNORED, chunked_nll, sample_form, severity_weights, token_form, token_nll

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


def loss_and_gradients(form, states: torch.Tensor, layer: torch.nn.Module, labels: torch.Tensor, chunk: int | None, aligned: bool = False):
    """The loss with unequal weights, and its gradients by the states and by whatever the layer learns."""
    weights = torch.tensor([0.5, 1.0, 1.75])
    if chunk is None:
        nll, tokens = token_nll(layer(states), labels, aligned)
    else:
        nll, tokens = chunked_nll(states, labels, layer, chunk, aligned)
    loss = form(nll, tokens, weights)
    return loss, torch.autograd.grad(loss, [states, *(p for p in layer.parameters() if p.requires_grad)])


class SoftCapped(torch.nn.Linear):
    """As in Gemma and Cohere: a scale, then a soft cap."""

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        return 2 * torch.tanh(super().forward(states) * 0.6 / 2)


@pytest.mark.parametrize("form", [token_form, sample_form])
@pytest.mark.parametrize("aligned", [False, True])
@pytest.mark.parametrize("chunk", [1, 3, 100])
@pytest.mark.parametrize(
    ("kind", "bias", "frozen"), [(torch.nn.Linear, False, False), (torch.nn.Linear, True, True), (SoftCapped, True, False)]
)
def test_chunks_give_the_same_loss_and_gradients(batch, form, aligned, chunk, kind, bias, frozen) -> None:
    _, labels = batch
    states, layer = torch.randn(3, 7, 5, requires_grad=True), kind(5, 11, bias=bias).requires_grad_(not frozen)
    loss, gradients = loss_and_gradients(form, states, layer, labels, None, aligned)
    by_chunk, by_chunk_gradients = loss_and_gradients(form, states, layer, labels, chunk, aligned)
    torch.testing.assert_close(by_chunk, loss)
    torch.testing.assert_close(by_chunk_gradients, gradients)
    assert len(gradients) == 1 if frozen else len(gradients) > 1


def test_chunks_hold_and_ask_for_no_more_than_they_say(batch: tuple[torch.Tensor, torch.Tensor]) -> None:
    _, labels = batch
    states, layer, seen = torch.randn(3, 7, 5, requires_grad=True), torch.nn.Linear(5, 11), list[int]()
    layer.register_forward_pre_hook(lambda _, given: seen.append(len(given[0])))
    kept = list[int]()
    with torch.autograd.graph.saved_tensors_hooks(
        lambda tensor: kept.append(tensor.shape[-1] if tensor.dim() > 1 else 0) or tensor, lambda t: t
    ):
        nll, _ = chunked_nll(states, labels, layer, 4)
    assert seen == [4, 4, 3]  # the 11 answer tokens, and no prompt
    assert 11 not in kept  # no logits wait for the backward pass
    nll.sum().backward()
    assert seen == [4, 4, 3, 3, 4, 4]


def test_a_batch_without_answers_is_a_loss_of_nothing() -> None:
    states, layer = torch.randn(2, 4, 5, requires_grad=True), torch.nn.Linear(5, 11)
    nll, tokens = chunked_nll(states, torch.full((2, 4), IGNORED), layer, 4)
    token_form(nll, tokens, torch.ones(2), 3).backward()
    assert tokens.tolist() == [0, 0] and not nll.any()
    assert states.grad is not None and not states.grad.any()


@pytest.mark.parametrize("form", [token_form, sample_form])
def test_padding_on_either_side_changes_nothing(batch: tuple[torch.Tensor, torch.Tensor], form) -> None:
    logits, labels = batch
    weights = torch.tensor([0.5, 1.0, 1.5])
    bare = form(*token_nll(logits, labels), weights)
    for side in ((0, 3), (3, 0)):
        padded = torch.nn.functional.pad(labels, side, value=IGNORED)
        wide = torch.nn.functional.pad(logits.detach(), (0, 0, *side), value=7.0)
        torch.testing.assert_close(form(*token_nll(wide, padded), weights), bare)


def test_labels_of_an_encoder_decoder_stand_where_they_are_predicted(batch: tuple[torch.Tensor, torch.Tensor]) -> None:
    logits, labels = batch
    stock = cross_entropy(logits.reshape(-1, 11), labels.reshape(-1))
    nll, tokens = token_nll(logits, labels, aligned=True)
    assert nll.shape == labels.shape
    torch.testing.assert_close(token_form(nll, tokens, torch.ones(3)), stock)
