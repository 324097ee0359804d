"""LoRA over a base model: on which layers, and how it is saved; and how a whole model is."""

from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from transformers.pytorch_utils import Conv1D

from curation.engine import write_json
from curation.errors import TibyanError
from curation.params import OWN, TrainParams
from training_recipes.catalogue import catalogue
from training_recipes.models import BASE, RECIPE, read_description


def with_adapter(base: Any, params: TrainParams) -> Any:
    """The base model frozen, with fresh LoRA matrices to be trained on the layers of `train.lora_targets`, or of its architecture.

    Raises TibyanError naming the targets that the base model does not have.
    """
    config = LoraConfig(
        task_type="SEQ_2_SEQ_LM" if base.config.is_encoder_decoder else "CAUSAL_LM",
        r=params.lora_rank,
        lora_alpha=params.lora_alpha,
        lora_dropout=params.lora_dropout,
        target_modules=lora_targets(base, params.lora_targets),
        fan_in_fan_out=base.config.model_type == "gpt2",  # its Conv1D keeps matrices the other way round
    )
    return get_peft_model(base, config)


def lora_targets(base: Any, wanted: list[str] | None) -> list[str] | str:
    """The names of modules to adapt: those of params.yaml, else what models.yaml says of the architecture, else "all-linear"."""
    layers = [name for name, module in base.named_modules() if isinstance(module, torch.nn.Linear | Conv1D | torch.nn.Embedding)]

    def is_there(target: str) -> bool:
        return any(name == target or name.endswith(f".{target}") for name in layers)

    if wanted is None:
        listed = catalogue().architectures.get(type(base).__name__, [])
        return [target for target in listed if is_there(target)] or "all-linear"
    missing = [target for target in wanted if not is_there(target)]
    if missing or not wanted:
        there = ", ".join(sorted({name.rpartition(".")[2] for name in layers}))
        absent = ", ".join(missing) or "an empty list"
        raise TibyanError(f"train.lora_targets: the base model has no layer {absent}; it has {there}. Name some of these, or set null.")
    return wanted


def save_adapter(model: Any, description: dict[str, Any], folder: Path, whole: dict[str, Any] | None = None) -> None:
    """adapter_model.safetensors, adapter_config.json and recipe.json, alike to the byte in every run.

    PEFT writes target_modules in the order of a set, which varies, and a model card with nothing in it. `whole` holds the weights of a
    model that lies in pieces.
    """
    base = description["base"]
    config = model.peft_config["default"]
    config.base_model_name_or_path = str(BASE) if base["name"] == OWN else base["name"]
    config.revision = base["revision"]
    model.save_pretrained(folder, save_embedding_layers=False, state_dict=whole)
    (folder / "README.md").unlink()
    saved = read_description(folder / "adapter_config.json")
    write_json(folder / "adapter_config.json", saved | {"target_modules": sorted(saved["target_modules"])})
    write_json(folder / RECIPE, description)


def save_whole(model: Any, tokenizer: Any, description: dict[str, Any], folder: Path, whole: dict[str, Any] | None = None) -> None:
    """A model that transformers loads without this project, its tokenizer, and recipe.json."""
    model.config.use_cache = True  # the Trainer turns it off
    model.save_pretrained(folder, state_dict=whole)
    tokenizer.save_pretrained(folder)
    write_json(folder / RECIPE, description)
