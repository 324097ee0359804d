"""Answers as a model would give them: greedy or drawn by a seed, in batches, the same on every run."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from peft import PeftModel
from transformers import GenerationConfig

from training_recipes.prompts import collate_prompts, format_of, prompt_ids

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
    """One answer for each question, in their order, asked in the format that the tokenizer carries.

    Prompt and answer together take at most `max_length` tokens; of an encoder-decoder the prompt alone does.
    Greedy at a temperature of 0; above, drawn by `seed`, the same for the same questions in the same batches.
    """
    model.eval()
    torch.manual_seed(seed)
    sampling = {"do_sample": True, "temperature": temperature, "top_p": top_p, "top_k": 0} if temperature else {"do_sample": False}
    start_id = format_of(tokenizer).decoder_start
    room = max_length - (max_new_tokens if start_id is None else 0)
    settings = GenerationConfig(
        **sampling,
        num_beams=1,
        max_new_tokens=max_new_tokens,
        no_repeat_ngram_size=NO_REPEAT,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        decoder_start_token_id=start_id,
    )
    answers = list[str]()
    with decoding(model, settings):
        for start in range(0, len(questions), batch):
            prompts = [prompt_ids(tokenizer, question, room) for question in questions[start : start + batch]]
            inputs = {key: value.to(model.device) for key, value in collate_prompts(prompts, tokenizer.pad_token_id).items()}
            written = model.generate(**inputs, generation_config=settings)
            answers += [_text(tokenizer, ids[inputs["input_ids"].shape[1] if start_id is None else 1 :]) for ids in written]
    return answers


@contextmanager
def decoding(model: Any, settings: GenerationConfig) -> Iterator[None]:
    """Inside, nothing is decoded by a hub model's own generation_config.json, which says whatever `settings` leaves unsaid."""
    inner = model.get_base_model() if isinstance(model, PeftModel) else model
    own, inner.generation_config = inner.generation_config, settings
    try:
        yield
    finally:
        inner.generation_config = own


def _text(tokenizer: Any, ids: torch.Tensor) -> str:
    """Without the half of a letter that a byte-level model may stop in."""
    return str(tokenizer.decode(ids, skip_special_tokens=True)).replace("\ufffd", "").strip()
