"""Reading what the stages hand over: the base model, and a base model with a recipe's adapter."""

import json
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from safetensors import SafetensorError
from transformers import AutoModelForCausalLM, AutoTokenizer

from curation.errors import TibyanError

BASE = Path("models/base")
DESCRIPTION = "base.json"  # name, revision and, for our own model, the digest of its weights
OWN = "tiny-gpt2"


def recipe_folder(recipe: str) -> Path:
    """models/RECIPE: adapter_model.safetensors, adapter_config.json and recipe.json."""
    return BASE.parent / recipe


def read_description(path: Path) -> dict[str, Any]:
    """A JSON file that an earlier stage wrote. Raises TibyanError when it is not there."""
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        raise TibyanError(f"{path}: not there, or not whole. Run `dvc repro`, which makes it first.") from None


def load_base() -> tuple[Any, Any]:
    """Model and tokenizer of models/base, or those of the hub that models/base/base.json names."""
    described = read_description(BASE / DESCRIPTION)
    if described["name"] == OWN:
        return load_model(str(BASE), None)
    return load_model(described["name"], described["revision"])


def load_model(name: str, revision: str | None) -> tuple[Any, Any]:
    """A causal language model in float32 with its tokenizer, from a folder or the hub.

    Raises TibyanError when there is none, it is gated, or it lacks the token that ends an answer.
    """
    try:
        tokenizer = AutoTokenizer.from_pretrained(name, revision=revision)
        model = AutoModelForCausalLM.from_pretrained(name, revision=revision, dtype=torch.float32)
    except (OSError, ValueError, ImportError, RuntimeError, SafetensorError) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
        raise TibyanError(
            f"base_model.name: {name} cannot be loaded ({reason}). Check name and revision; for a hub model set "
            "HF_HUB_OFFLINE=0 and, where it is gated, accept its terms on its page and run `hf auth login`; "
            f"or use {OWN}."
        ) from None
    if tokenizer.eos_token_id is None:
        raise TibyanError(f"base_model.name: {name} has no end-of-sequence token. Name a model that writes text.")
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token  # padding is told by place, so sharing the token does no harm
    return model.to("cuda" if torch.cuda.is_available() else "cpu"), tokenizer


def load_adapted(recipe: str) -> tuple[Any, Any]:
    """The base model with the recipe's LoRA adapter on it. Raises TibyanError when it was trained on another base."""
    folder = recipe_folder(recipe)
    described = read_description(folder / "recipe.json")
    if described["base"] != read_description(BASE / DESCRIPTION):
        raise TibyanError(f"{folder}: trained on another base model than {BASE}. Run `dvc repro`, which trains it again.")
    model, tokenizer = load_base()
    return PeftModel.from_pretrained(model, str(folder)), tokenizer


def check_length(model: Any, tokens: int, key: str) -> None:
    """Raise TibyanError when the model has fewer positions than `tokens`: it would fail on the first long record."""
    positions = getattr(model.config, "max_position_embeddings", None)
    if positions and tokens > positions:
        raise TibyanError(f"{key}: {tokens} tokens, but the base model reads {positions}. Lower it in params.yaml.")
