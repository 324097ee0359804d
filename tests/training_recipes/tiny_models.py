"""A model of a few kilobytes of every architecture in models.yaml, with a tokenizer of its family trained on the sample's own texts."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import torch
import yaml
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import (
    BloomConfig,
    BloomForCausalLM,
    GPT2Config,
    GPT2LMHeadModel,
    Lfm2Config,
    Lfm2ForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    PreTrainedTokenizerFast,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
    T5Config,
    T5ForConditionalGeneration,
)

from tests.conftest import ROOT

WIDTH, LAYERS, HEADS, POSITIONS = 16, 2, 2, 128
VOCABULARY = 500  # bytes and a few hundred pieces
LLAMA = {
    "hidden_size": WIDTH,
    "intermediate_size": 2 * WIDTH,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": HEADS,
    "num_key_value_heads": 1,
    "max_position_embeddings": POSITIONS,
}
# The class, the configuration's class and what makes it small; the family of its tokenizer.
TINY: dict[str, tuple[Any, Any, dict[str, Any], str]] = {
    "BloomForCausalLM": (BloomForCausalLM, BloomConfig, {"hidden_size": WIDTH, "n_layer": LAYERS, "n_head": HEADS}, "bytes"),
    "GPT2LMHeadModel": (
        GPT2LMHeadModel,
        GPT2Config,
        {"n_embd": WIDTH, "n_layer": LAYERS, "n_head": HEADS, "n_positions": POSITIONS},
        "bytes",
    ),
    "Lfm2ForCausalLM": (Lfm2ForCausalLM, Lfm2Config, {**LLAMA, "layer_types": ["conv", "full_attention"]}, "chatml"),
    "LlamaForCausalLM": (LlamaForCausalLM, LlamaConfig, LLAMA, "pieces"),
    "MistralForCausalLM": (MistralForCausalLM, MistralConfig, {**LLAMA, "sliding_window": None}, "pieces"),
    "Qwen2ForCausalLM": (Qwen2ForCausalLM, Qwen2Config, LLAMA, "bytes"),
    "Qwen3ForCausalLM": (Qwen3ForCausalLM, Qwen3Config, {**LLAMA, "head_dim": WIDTH // HEADS}, "chatml"),
    "T5ForConditionalGeneration": (
        T5ForConditionalGeneration,
        T5Config,
        {
            "d_model": WIDTH,
            "d_kv": WIDTH // HEADS,
            "d_ff": 2 * WIDTH,
            "num_layers": LAYERS,
            "num_heads": HEADS,
            "feed_forward_proj": "gated-gelu",
            "tie_word_embeddings": False,
            "decoder_start_token_id": 0,
        },
        "unigram",
    ),
}


def write_tiny(architecture: str, folder: Path) -> None:
    """Save a model with random weights and its tokenizer."""
    model_class, config_class, small, family = TINY[architecture]
    tokenizer = tokenizer_of(family)
    torch.manual_seed(1)
    special = {name: getattr(tokenizer, name) for name in ("bos_token_id", "eos_token_id", "pad_token_id")}
    model_class(config_class(vocab_size=len(tokenizer), **small, **special)).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


@cache
def texts() -> list[str]:
    """Questions and answers of data/sample, which were written for this project."""
    found = [
        yaml.safe_load(path.read_text(encoding="utf-8"))["questions"] for path in sorted((ROOT / "data/sample/written").glob("[EM]*.yaml"))
    ]
    return [row[key] for rows in found for row in rows for key in ("question", "answer") if row.get(key)]


@cache
def tokenizer_of(family: str) -> Any:
    """`bytes` as GPT-2, BLOOM and Qwen have it, `chatml` with the tokens of a chat, `pieces` as Llama and Mistral, `unigram` as T5."""
    return {"bytes": _bytes, "chatml": _chatml, "pieces": _pieces, "unigram": _unigram}[family]()


def _bytes(specials: tuple[str, ...] = ("<|endoftext|>",), **names: str) -> Any:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(vocab_size=VOCABULARY, special_tokens=list(specials), initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(_lines(), trainer)
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, **(names or {"eos_token": "<|endoftext|>", "pad_token": "<|endoftext|>"}))


def _chatml() -> Any:
    specials = ("<|pad|>", "<|startoftext|>", "<|im_start|>", "<|im_end|>")
    tokenizer = _bytes(specials, pad_token="<|pad|>", bos_token="<|startoftext|>", eos_token="<|im_end|>")
    tokenizer._tokenizer.post_processor = processors.TemplateProcessing(
        single="<|startoftext|> $A", special_tokens=[("<|startoftext|>", specials.index("<|startoftext|>"))]
    )
    return tokenizer


def _pieces() -> Any:
    tokenizer = Tokenizer(models.BPE(byte_fallback=True, unk_token="<unk>", fuse_unk=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    raw = [f"<0x{byte:02X}>" for byte in range(256)]
    trainer = trainers.BpeTrainer(vocab_size=VOCABULARY, special_tokens=["<unk>", "<s>", "</s>", *raw], show_progress=False)
    # Trained by words: with `split=False` a whole line would be one.
    words = (word for line in _lines() for word in line.split())
    tokenizer.train_from_iterator(words, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="<unk>", bos_token="<s>", eos_token="</s>")


def _unigram() -> Any:
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=VOCABULARY, special_tokens=["<pad>", "</s>", "<unk>"], unk_token="<unk>", show_progress=False
    )
    tokenizer.train_from_iterator(_lines(), trainer)
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="<pad>", eos_token="</s>", unk_token="<unk>")


def _lines() -> Iterator[str]:
    return (f"سؤال: {text}\nجواب:" for text in texts())
