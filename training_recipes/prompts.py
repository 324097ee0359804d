"""The one prompt format, for pretraining, training and generation alike, and which tokens a model learns from."""

from dataclasses import dataclass
from typing import Any

import torch

from training_recipes.loss import IGNORED

# Plain words, not special tokens: a hub model's vocabulary stays as it is, and LoRA has no new embeddings to learn.
QUESTION = "سؤال: "
ANSWER = "\nجواب:"


@dataclass(frozen=True)
class Example:
    """One pair as a model sees it: ids of prompt and answer, labels of the same length, and its weight in the loss."""

    ids: list[int]
    labels: list[int]
    weight: float = 1.0


def prompt_ids(tokenizer: Any, question: str, max_tokens: int) -> list[int]:
    """QUESTION, the question and ANSWER in `max_tokens` at most: a long question loses its end, not the mark after."""
    before, after = _marks(tokenizer)
    return before + _ids(tokenizer, question)[: max(0, max_tokens - len(before) - len(after))] + after


def make_example(tokenizer: Any, question: str, answer: str, max_tokens: int, weight: float = 1.0) -> Example:
    """Prompt, answer and end-of-sequence in at most `max_tokens`; the labels hold the answer and its end alone.

    Where both are too long the answer may take half. A cut answer has no end-of-sequence: it did not end there.
    """
    answer_ids = [*_ids(tokenizer, " " + answer), tokenizer.eos_token_id]
    marks = sum(map(len, _marks(tokenizer)))
    room = max_tokens - marks
    prompt = prompt_ids(tokenizer, question, marks + max(room - len(answer_ids), room // 2))
    answer_ids = answer_ids[: max_tokens - len(prompt)]
    return Example(prompt + answer_ids, [IGNORED] * len(prompt) + answer_ids, weight)


def whole_text(example: Example) -> Example:
    """The same example with its prompt to be learned too, as pretraining does."""
    return Example(example.ids, example.ids, example.weight)


def collate(examples: list[Example], pad_id: int) -> dict[str, torch.Tensor]:
    """A batch padded on the right: `input_ids`, `attention_mask` and `labels`, (B, T), and `weights`, (B,).

    Padding is told by place, not by id: pad and end-of-sequence are one token in many models.
    """
    width = max(len(example.ids) for example in examples)
    gaps = [width - len(example.ids) for example in examples]
    pairs = list(zip(examples, gaps, strict=True))
    return {
        "input_ids": torch.tensor([e.ids + [pad_id] * gap for e, gap in pairs]),
        "attention_mask": torch.tensor([[1] * len(e.ids) + [0] * gap for e, gap in pairs]),
        "labels": torch.tensor([e.labels + [IGNORED] * gap for e, gap in pairs]),
        "weights": torch.tensor([e.weight for e in examples]),
    }


def collate_prompts(prompts: list[list[int]], pad_id: int) -> dict[str, torch.Tensor]:
    """`input_ids` and `attention_mask`, (B, T), padded on the left: every answer begins right after its prompt."""
    width = max(map(len, prompts))
    return {
        "input_ids": torch.tensor([[pad_id] * (width - len(ids)) + ids for ids in prompts]),
        "attention_mask": torch.tensor([[0] * (width - len(ids)) + [1] * len(ids) for ids in prompts]),
    }


def _marks(tokenizer: Any) -> tuple[list[int], list[int]]:
    """The ids before a question, with the beginning-of-sequence where a model expects one, and those after it."""
    begins = tokenizer.bos_token_id is not None and tokenizer("").input_ids[:1] == [tokenizer.bos_token_id]
    return [tokenizer.bos_token_id] * begins + _ids(tokenizer, QUESTION), _ids(tokenizer, ANSWER)


def _ids(tokenizer: Any, text: str) -> list[int]:
    """Ids of the text alone; a patient who writes `<|endoftext|>` gets its letters, not the token."""
    return list(tokenizer(text, add_special_tokens=False, split_special_tokens=True, verbose=False).input_ids)
