"""How a question is asked, for pretraining, training and generation alike, and which tokens a model learns from."""

from dataclasses import dataclass
from typing import Any

import torch

from training_recipes.catalogue import PromptFormat, prompt_format
from training_recipes.loss import IGNORED

PLAIN = "plain"  # of models.yaml: for models that were never taught to chat
ANCHOR = "\n"  # what a text is tokenised behind, for tokenizers that put a space before whatever stands first


@dataclass(frozen=True)
class Example:
    """One pair as a model sees it: ids of prompt and answer, labels of the same length, and its weight in the loss.

    Of an encoder-decoder, `source` is what the encoder reads, and `ids` what the decoder does: the labels, one place later, behind the
    token that a decoder begins with.
    """

    ids: list[int]
    labels: list[int]
    weight: float = 1.0
    source: list[int] | None = None


def set_format(tokenizer: Any, form: PromptFormat) -> None:
    """The format goes wherever the tokenizer goes, so that no model is asked in another way than it was trained in."""
    tokenizer.prompt_format = form


def format_of(tokenizer: Any) -> PromptFormat:
    """The format that was set; the plain one where none was."""
    form: PromptFormat | None = getattr(tokenizer, "prompt_format", None)
    return form or prompt_format(PLAIN)


def prompt_ids(tokenizer: Any, question: str, max_tokens: int) -> list[int]:
    """The marks and the question in `max_tokens` at most: a long question loses its end, not the mark after.

    For an encoder-decoder this is what the encoder reads, with the end-of-sequence that it expects.
    """
    before, after = _marks(tokenizer)
    space = " " if format_of(tokenizer).before.endswith(" ") else ""  # a space is part of the word behind it
    return before + _ids(tokenizer, space + question)[: max(0, max_tokens - len(before) - len(after))] + after


def make_example(tokenizer: Any, question: str, answer: str, max_tokens: int, weight: float = 1.0) -> Example:
    """Prompt, answer and end-of-sequence in at most `max_tokens`; the labels hold the answer and its end alone.

    Where both are too long the answer may take half; an encoder and a decoder have `max_tokens` each. A cut answer has no
    end-of-sequence: it did not end there.
    """
    form = format_of(tokenizer)
    answer_ids = [*_ids(tokenizer, form.lead + answer), tokenizer.eos_token_id]
    if form.decoder_start is not None:
        labels = answer_ids[:max_tokens]
        return Example([form.decoder_start, *labels[:-1]], labels, weight, prompt_ids(tokenizer, question, max_tokens))
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

    Padding is told by place, not by id: pad and end-of-sequence are one token in many models. Of an encoder-decoder the first two are the
    encoder's, and `decoder_input_ids` and `decoder_attention_mask` are as long as the labels.
    """
    ids, mask = _padded([example.ids for example in examples], pad_id)
    labels, _ = _padded([example.labels for example in examples], IGNORED)
    learned = {"labels": labels, "weights": torch.tensor([example.weight for example in examples])}
    sources = [example.source for example in examples if example.source is not None]
    if not sources:
        return {"input_ids": ids, "attention_mask": mask, **learned}
    source, source_mask = _padded(sources, pad_id)
    read = {"input_ids": source, "attention_mask": source_mask, "decoder_input_ids": ids, "decoder_attention_mask": mask}
    return read | learned


def collate_prompts(prompts: list[list[int]], pad_id: int) -> dict[str, torch.Tensor]:
    """`input_ids` and `attention_mask`, (B, T), padded on the left: every answer begins right after its prompt."""
    width = max(map(len, prompts))
    return {
        "input_ids": torch.tensor([[pad_id] * (width - len(ids)) + ids for ids in prompts]),
        "attention_mask": torch.tensor([[0] * (width - len(ids)) + [1] * len(ids) for ids in prompts]),
    }


def _padded(rows: list[list[int]], filler: int) -> tuple[torch.Tensor, torch.Tensor]:
    """The rows filled up on the right, and 1 where there was something, both (B, T)."""
    width = max(map(len, rows))
    filled = [row + [filler] * (width - len(row)) for row in rows]
    return torch.tensor(filled), torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in rows])


def _marks(tokenizer: Any) -> tuple[list[int], list[int]]:
    """The ids before a question, with the beginning-of-sequence where a model expects one, and those after it."""
    form = format_of(tokenizer)
    begins = tokenizer.bos_token_id is not None and tokenizer("").input_ids[:1] == [tokenizer.bos_token_id]
    before = tokenizer(form.before.removesuffix(" "), add_special_tokens=False).input_ids
    after = _ids(tokenizer, form.after, special=True) + [tokenizer.eos_token_id] * (form.decoder_start is not None)
    return [tokenizer.bos_token_id] * begins + list(before), after


def _ids(tokenizer: Any, text: str, special: bool = False) -> list[int]:
    """Ids of the text as it reads behind another; a patient who writes `<|endoftext|>` gets its letters, not the token.

    SentencePiece tokenizers put a space before whatever stands first, which here would be in the middle of a text.
    """

    def ids(text: str) -> list[int]:
        return list(tokenizer(text, add_special_tokens=False, split_special_tokens=not special, verbose=False).input_ids)

    anchor, behind = ids(ANCHOR), ids(ANCHOR + text)
    return behind[len(anchor) :] if behind[: len(anchor)] == anchor else ids(text)
