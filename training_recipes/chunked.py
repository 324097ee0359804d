"""A model that gives each token's loss in place of logits: `Schedule.loss_chunk`. No vocabulary is then too large.

Works on any model whose logits are its output layer's, scaled and soft-capped as its configuration says, with LoRA on it or in it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from peft import PeftModel
from transformers.integrations.deepspeed import is_deepspeed_zero3_enabled

from curation.errors import TibyanError
from curation.params import where_set
from training_recipes.loss import chunked_nll, token_nll

Layer = Callable[[torch.Tensor], torch.Tensor]


@contextmanager
def in_chunks(model: Any, chunk: int | None) -> Iterator[None]:
    """Inside, `model(**inputs, labels=labels)` returns what `chunked_nll` does; without labels it is as ever. None: nothing is changed.

    The model's own `forward` is what is changed and not the model, so that LoRA, DistributedDataParallel and FSDP around it go on working.
    Raises TibyanError when the model does more to its logits than is known here.
    """
    if chunk is None:
        yield
        return
    inner = model.get_base_model() if isinstance(model, PeftModel) else model
    layer, finish, forward = inner.get_output_embeddings(), finishing(inner.config), inner.forward
    if is_deepspeed_zero3_enabled():
        raise TibyanError(
            "train.loss_chunk: the processes of DeepSpeed ZeRO-3 would wait for each other for ever. "
            f"Set it to null {where_set('train.loss_chunk')}."
        )

    def forward_to_nll(*given: Any, labels: torch.Tensor | None = None, **inputs: Any) -> Any:
        if labels is None:
            return forward(*given, **inputs)
        states = _before(layer, lambda: forward(*given, **inputs))
        return chunked_nll(states, labels, lambda part: finish(layer(part)), chunk, inner.config.is_encoder_decoder)

    inner.forward = forward_to_nll
    try:
        if layer is None or not _agrees(model):
            raise TibyanError(
                f"train.loss_chunk: the logits of {type(inner).__name__} are not those of its output layer and cannot be had in chunks. "
                f"Set it to null {where_set('train.loss_chunk')}."
            )
        yield
    finally:
        del inner.forward


def finishing(config: Any) -> Layer:
    """What happens to logits behind the output layer: a scale (Cohere multiplies, Granite divides) and a soft cap (Gemma)."""
    text = config.get_text_config(decoder=True)
    scale = (getattr(text, "logit_scale", None) or 1.0) / (getattr(text, "logits_scaling", None) or 1.0)
    cap = getattr(text, "final_logit_softcapping", None)

    def finish(logits: torch.Tensor) -> torch.Tensor:
        scaled = logits if scale == 1 else logits * scale
        return torch.tanh(scaled / cap) * cap if cap else scaled

    return finish


def _before(layer: Any, run: Callable[[], Any]) -> torch.Tensor:
    """What `run` gives to the output layer, which computes nothing meanwhile."""
    seen, own = list[torch.Tensor](), vars(layer).get("forward")

    def keep(states: torch.Tensor) -> torch.Tensor:
        seen.append(states)
        return states[..., :1]

    layer.forward = keep
    try:
        run()
    finally:
        if own is None:
            del layer.forward
        else:
            layer.forward = own
    (states,) = seen
    return states


@torch.no_grad()
def _agrees(model: Any) -> bool:
    """Whether a few tokens cost the same both ways."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    ids = torch.tensor([[0, 1, 1, 0]], device=model.device)
    inputs = {"input_ids": ids} | ({"decoder_input_ids": ids} if model.config.is_encoder_decoder else {})
    try:
        wanted, _ = token_nll(model(**inputs).logits, ids, model.config.is_encoder_decoder)
        found, _ = model(**inputs, labels=ids)
    except ValueError:  # the output layer was never called, or twice
        return False
    finally:
        for module, training in modes:
            module.training = training
    return torch.allclose(found, wanted, rtol=1e-2, atol=1e-3)  # bfloat16 has two digits
