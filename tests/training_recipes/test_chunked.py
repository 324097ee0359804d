from collections.abc import Callable
from typing import Any

import pytest
import torch
from peft import LoraConfig, get_peft_model
from transformers import (
    BloomConfig,
    BloomForCausalLM,
    CohereConfig,
    CohereForCausalLM,
    Gemma3ForCausalLM,
    Gemma3TextConfig,
    GPT2Config,
    GPT2LMHeadModel,
    GPTJConfig,
    GPTJForCausalLM,
    GraniteConfig,
    GraniteForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    T5Config,
    T5ForConditionalGeneration,
)

from curation.errors import TibyanError
from training_recipes.chunked import in_chunks
from training_recipes.loss import IGNORED, token_form
from training_recipes.trainer import answer_nll, model_inputs

V = 37
LLAMA = {"vocab_size": V, "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
ENDS: dict[str, Any] = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}
MODELS: dict[str, Callable[[], Any]] = {
    "gpt2, tied": lambda: GPT2LMHeadModel(GPT2Config(vocab_size=V, n_positions=16, n_embd=16, n_layer=1, n_head=2, **ENDS)),
    "llama": lambda: LlamaForCausalLM(LlamaConfig(**LLAMA, **ENDS)),
    "bloom": lambda: BloomForCausalLM(BloomConfig(vocab_size=V, hidden_size=16, n_layer=1, n_head=2, **ENDS)),
    "gptj, a bias": lambda: GPTJForCausalLM(GPTJConfig(vocab_size=V, n_positions=16, n_embd=16, n_layer=1, n_head=2, rotary_dim=4, **ENDS)),
    "gemma, soft cap": lambda: Gemma3ForCausalLM(
        Gemma3TextConfig(**LLAMA, num_key_value_heads=1, head_dim=8, final_logit_softcapping=0.4, **ENDS)
    ),
    "cohere, a factor": lambda: CohereForCausalLM(CohereConfig(**LLAMA, logit_scale=3.0, **ENDS)),
    "granite, a divisor": lambda: GraniteForCausalLM(GraniteConfig(**LLAMA, logits_scaling=0.25, **ENDS)),
    "t5, scaled states": lambda: T5ForConditionalGeneration(
        T5Config(vocab_size=V, d_model=16, d_kv=8, d_ff=32, num_layers=1, num_heads=2, decoder_start_token_id=0, **ENDS)
    ),
}


def made(name: str, dtype: torch.dtype = torch.float32) -> Any:
    torch.manual_seed(4)
    model = MODELS[name]().to(dtype).eval()  # without dropout
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.3)  # wide, so that a cap and a scale show
    return model


def batch(encodes: bool = False) -> dict[str, torch.Tensor]:
    ids = torch.randint(3, V, (3, 9), generator=torch.Generator().manual_seed(1))
    labels = ids.clone()
    labels[0, :4] = labels[1, :2] = labels[1, 7:] = IGNORED
    mask = torch.ones_like(ids)
    mask[1, 7:] = 0
    read = {"decoder_input_ids": torch.nn.functional.pad(labels, (1, -1)).clamp(min=0)} if encodes else {}  # one place later
    return {"input_ids": ids, "attention_mask": mask, "labels": labels, "weights": torch.tensor([0.5, 1.0, 1.75])} | read


def gradients(model: Any, chunk: int | None) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    model.zero_grad()
    inputs = batch(model.config.is_encoder_decoder)
    with in_chunks(model, chunk):
        nll, tokens = answer_nll(model, model, inputs, chunk is not None)
    loss = token_form(nll, tokens, inputs["weights"])
    loss.backward()
    return loss.detach(), {name: p.grad for name, p in model.named_parameters() if p.grad is not None}


@pytest.mark.parametrize("lora", [False, True])
@pytest.mark.parametrize("name", MODELS)
def test_the_gradients_are_those_of_all_logits(name: str, lora: bool) -> None:
    model = made(name)
    if lora:
        task = "SEQ_2_SEQ_LM" if model.config.is_encoder_decoder else "CAUSAL_LM"
        model = get_peft_model(model, LoraConfig(task_type=task, r=2, init_lora_weights=False, target_modules="all-linear"))
    loss, plain = gradients(model, None)
    by_chunk_loss, by_chunk = gradients(model, 4)
    torch.testing.assert_close(by_chunk_loss, loss)
    assert plain and by_chunk.keys() == plain.keys()
    for parameter in plain:
        torch.testing.assert_close(by_chunk[parameter], plain[parameter], rtol=1e-4, atol=1e-6)
    assert all("lora_" in parameter for parameter in plain) == lora


def test_lora_on_the_output_layer_itself() -> None:
    model = get_peft_model(
        made("llama"), LoraConfig(task_type="CAUSAL_LM", r=2, init_lora_weights=False, target_modules=["q_proj", "lm_head"])
    )
    (_, plain), (_, by_chunk) = gradients(model, None), gradients(model, 4)
    assert any("lm_head" in parameter for parameter in plain)
    for parameter in plain:
        torch.testing.assert_close(by_chunk[parameter], plain[parameter], rtol=1e-4, atol=1e-6)


def test_in_bfloat16_as_near_as_its_digits() -> None:
    model = made("gemma, soft cap", torch.bfloat16)
    (loss, plain), (by_chunk_loss, by_chunk) = gradients(model, None), gradients(model, 4)
    assert by_chunk_loss.dtype == torch.float32
    torch.testing.assert_close(by_chunk_loss, loss, rtol=1e-2, atol=0)
    for parameter in plain:
        assert (by_chunk[parameter] - plain[parameter]).norm() <= 0.02 * plain[parameter].norm() + 1e-3


def test_the_model_is_as_before_afterwards_and_without_labels() -> None:
    model = made("llama")
    given = model_inputs(batch())
    before = model(**given).logits
    with in_chunks(model, 4):
        torch.testing.assert_close(model(**given).logits, before)
    with pytest.raises(RuntimeError, match="stopped"), in_chunks(model, 4):
        raise RuntimeError("stopped")
    assert "forward" not in vars(model) and "forward" not in vars(model.lm_head)
    torch.testing.assert_close(model(**given).logits, before)


class Doubled(LlamaForCausalLM):
    """Does to its logits what its configuration does not say."""

    def forward(self, *given: Any, **inputs: Any) -> Any:
        outputs = super().forward(*given, **inputs)
        outputs.logits = outputs.logits * 2
        return outputs


def test_a_model_that_does_something_else_to_its_logits_is_refused() -> None:
    model = Doubled(LlamaConfig(**LLAMA, **ENDS))
    with pytest.raises(TibyanError, match="logits of Doubled are not those of its output layer"), in_chunks(model, 4):
        pass
    assert "forward" not in vars(model)
