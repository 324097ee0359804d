"""A model and its tokenizer cut down to the pieces that given texts can use: what it says of those texts stays the same."""

import copy
import json
from collections.abc import Collection, Iterable
from typing import Any

import torch
from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerFast

SPECIAL = ("bos_token", "eos_token", "pad_token", "unk_token", "mask_token")
BYTES = {f"<0x{value:02X}>" for value in range(256)}  # what letters that are no piece are written in


def kept_pieces(tokenizer: Any, texts: Iterable[str]) -> list[int]:
    """The ids of special tokens, of bytes, and of every piece that stands somewhere in a text; in their order.

    Byte pair encoding joins neighbours, so that all it makes on the way of a text stands in that text: whatever joins
    there is kept, in the order of before, and what is left out could not have joined. Each text therefore keeps its pieces.
    """
    vocabulary: dict[str, int] = tokenizer.get_vocab()
    normalise = tokenizer.backend_tokenizer.normalizer.normalize_str
    distinct = dict.fromkeys(texts)
    # Added tokens are looked for in the text as it is, pieces in the normalised one (Gemma's has ▁ for spaces).
    found = pieces_in((form for text in distinct for form in dict.fromkeys((text, normalise(text)))), vocabulary)
    named = {getattr(tokenizer, name) for name in SPECIAL} - {None}
    return sorted(vocabulary[piece] for piece in found | named | BYTES if piece in vocabulary)


def pieces_in(texts: Iterable[str], pieces: Collection[str]) -> set[str]:
    """Those of the pieces that stand in one of the texts, within words or across them."""
    beginnings = {piece[:end] for piece in pieces for end in range(1, len(piece) + 1)}
    found = set[str]()
    for text in texts:
        for start in range(len(text)):
            for end in range(start + 1, len(text) + 1):
                run = text[start:end]
                if run not in beginnings:
                    break
                if run in pieces:
                    found.add(run)
    return found


def cut_tokenizer(tokenizer: Any, kept: list[int]) -> Any:
    """The same byte pair encoding with the pieces `kept` alone, numbered from 0 in the order given."""
    new = {old: i for i, old in enumerate(kept)}
    written = json.loads(tokenizer.backend_tokenizer.to_str())
    model = written["model"]
    if model["type"] != "BPE":
        raise ValueError(f"only byte pair encoding can be cut, this tokenizer is {model['type']}")
    model["vocab"] = {piece: new[old] for piece, old in model["vocab"].items() if old in new}
    inside = model["vocab"]
    model["merges"] = [[a, b] for a, b in model["merges"] if a in inside and b in inside and a + b in inside]
    written["added_tokens"] = [token | {"id": new[token["id"]]} for token in written["added_tokens"] if token["id"] in new]
    for special in ((written["post_processor"] or {}).get("special_tokens") or {}).values():  # those put around every text
        special["ids"] = [new[old] for old in special["ids"]]
    names = {name: token for name in SPECIAL if (token := getattr(tokenizer, name)) in inside}
    return PreTrainedTokenizerFast(tokenizer_object=Tokenizer.from_str(json.dumps(written)), padding_side=tokenizer.padding_side, **names)


def cut_model(model: Any, kept: list[int]) -> Any:
    """The same model with the rows `kept` of its embeddings, in and out: the logits are those of before at these places."""
    new = {old: i for i, old in enumerate(kept)}
    config = copy.deepcopy(model.config)
    config.vocab_size = len(kept)
    for name in ("bos_token_id", "eos_token_id", "pad_token_id"):
        old = getattr(config, name, None)
        setattr(config, name, [new[i] for i in old] if isinstance(old, list) else new.get(old))
    tables = (model.get_input_embeddings().weight, model.get_output_embeddings().weight)
    names = {name for name, value in model.named_parameters(remove_duplicate=False) if any(value is table for table in tables)}
    rows = torch.tensor(kept)
    smaller = type(model)(config).to(model.dtype)
    smaller.load_state_dict({name: value[rows] if name in names else value for name, value in model.state_dict().items()})
    return smaller.eval()
