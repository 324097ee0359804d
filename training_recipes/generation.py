"""Answers as a model would give them: greedy, in batches, the same on every run."""

from typing import Any

import torch
from transformers import GenerationConfig

from training_recipes.prompts import collate_prompts, prompt_ids

NO_REPEAT = 3  # tokens: a small model under greedy search otherwise says one phrase until it runs out of room


@torch.inference_mode()
def generate(model: Any, tokenizer: Any, questions: list[str], max_length: int, max_new_tokens: int, batch: int) -> list[str]:
    """One answer for each question, in their order; prompt and answer together take at most `max_length` tokens."""
    model.eval()
    settings = GenerationConfig(
        do_sample=False,
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
