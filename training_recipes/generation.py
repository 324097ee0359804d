"""Answers as a model would give them: greedy or drawn by a seed, in batches, the same on every run."""

from typing import Any

import torch
from transformers import GenerationConfig

from training_recipes.prompts import collate_prompts, prompt_ids

NO_REPEAT = 3  # tokens: a small model under greedy search otherwise says one phrase until it runs out of room


@torch.inference_mode()
def generate(
    model: Any,
    tokenizer: Any,
    questions: list[str],
    max_length: int,
    max_new_tokens: int,
    batch: int,
    *,
    temperature: float = 0.0,
    top_p: float = 1.0,
    seed: int = 0,
) -> list[str]:
    """One answer for each question, in their order; prompt and answer together take at most `max_length` tokens.

    Greedy at a temperature of 0; above, drawn by `seed`, the same for the same questions in the same batches.
    """
    model.eval()
    torch.manual_seed(seed)
    sampling = {"do_sample": True, "temperature": temperature, "top_p": top_p, "top_k": 0} if temperature else {"do_sample": False}
    settings = GenerationConfig(
        **sampling,
        max_new_tokens=max_new_tokens,
        no_repeat_ngram_size=NO_REPEAT,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    answers = list[str]()
    for start in range(0, len(questions), batch):
        prompts = [prompt_ids(tokenizer, q, max_length - max_new_tokens) for q in questions[start : start + batch]]
        inputs = {key: value.to(model.device) for key, value in collate_prompts(prompts, tokenizer.pad_token_id).items()}
        written = model.generate(**inputs, generation_config=settings)[:, inputs["input_ids"].shape[1] :]
        answers += [_text(tokenizer, ids) for ids in written]
    return answers


def _text(tokenizer: Any, ids: torch.Tensor) -> str:
    """Without the half of a letter that a byte-level model may stop in."""
    return str(tokenizer.decode(ids, skip_special_tokens=True)).replace("\ufffd", "").strip()
