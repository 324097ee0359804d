"""Reading what the stages hand over: the base model, and the model of a run."""

import json
from pathlib import Path
from typing import Any

import torch
from huggingface_hub.errors import GatedRepoError
from peft import PeftModel
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSeq2SeqLM, AutoTokenizer

from curation.errors import TibyanError
from curation.params import OWN, BaseModelParams, where_set
from curation.pretrained import commit_of, device, folder_digest, loading_errors, reason_of
from training_recipes.catalogue import SHOWN, PromptFormat, catalogue, listed, prompt_format
from training_recipes.precision import DTYPES, QUANTISED, nf4
from training_recipes.prompts import PLAIN, set_format

BASE = Path("models/base")
DESCRIPTION = "base.json"  # name, revision, prompt, precision and, of our own weights or a folder, their digest
RECIPE = "recipe.json"


def recipe_folder(run: str) -> Path:
    """models/RUN: recipe.json, and adapter_model.safetensors with adapter_config.json or, of full fine-tuning, a whole model."""
    return BASE.parent / run


def read_description(path: Path) -> dict[str, Any]:
    """A JSON file that an earlier stage wrote. Raises TibyanError when it is not there."""
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        raise TibyanError(f"{path}: not there, or not whole. Run `dvc repro`, which makes it first.") from None


def resolve(params: BaseModelParams) -> dict[str, Any]:
    """What `base_model` of params.yaml stands for: what to load, of which commit, how it is asked, and its weights' precision.

    `name` is tiny-gpt2, a folder, a name of models.yaml or a hub id; `revision` and `prompt` go before models.yaml and the folder.
    Raises TibyanError that lists the known names where it can be none of these.
    """
    name, row = params.name, listed(params.name)
    folder = Path(name)
    asked = prompt_format(params.prompt or (row.prompt if row else PLAIN)).model_dump(exclude={"decoder_start"})
    if name == OWN:
        return {"name": OWN, "revision": None, "prompt": asked, "precision": "fp32"}
    if folder.is_dir():
        commit_of(name, params.revision, "base_model.revision")
        asked = asked if params.prompt else _prompt_of(folder) or asked
        return {"name": name, "revision": None, "prompt": asked, "precision": None, "sha256": folder_digest(folder)}
    if row:
        return {"name": row.hub, "revision": params.revision or row.revision, "prompt": asked, "precision": row.precision}
    if name.count("/") != 1 or name.startswith((".", "/")) or name.endswith("/"):
        known = ", ".join([OWN, *catalogue().models])
        raise TibyanError(f"base_model.name: {name} is no model of {SHOWN}, no folder and no hub id (owner/name). Known: {known}.")
    return {"name": name, "revision": params.revision, "prompt": asked, "precision": None}


def load_base(method: str = "lora") -> tuple[Any, Any]:
    """Model and tokenizer of models/base, or those that models/base/base.json names, held as `method` trains them.

    Raises TibyanError when the folder that it names holds another model by now.
    """
    described = read_description(BASE / DESCRIPTION)
    name, revision = (str(BASE), None) if described["name"] == OWN else (described["name"], described["revision"])
    if described["name"] != OWN and Path(name).is_dir() and folder_digest(Path(name)) != described.get("sha256"):
        raise TibyanError(
            f"{name}: holds another base model than {BASE / DESCRIPTION} says. Run `dvc repro -fs base_model`, then `dvc repro`."
        )
    # Frozen half-precision weights are no better for being held in float32; what is trained is float32 always.
    half = torch.cuda.is_available() and method != "full"
    dtype = DTYPES[described.get("precision")] if half else torch.float32
    return load_model(name, revision, _form(described), dtype, quantised=method == QUANTISED)


def load_model(
    name: str, revision: str | None, form: PromptFormat | None = None, dtype: torch.dtype = torch.float32, quantised: bool = False
) -> tuple[Any, Any]:
    """A model that writes text with its tokenizer, which carries `form`, from a folder or the hub; on the GPU where there is one.

    Raises TibyanError when there is none, it is gated, it lacks the token that ends an answer, or cannot be quantised here.
    """
    options: dict[str, Any] = {"quantization_config": nf4()} if quantised else {}
    try:
        tokenizer = AutoTokenizer.from_pretrained(name, revision=revision)
        encodes = AutoConfig.from_pretrained(name, revision=revision).is_encoder_decoder
        kind = AutoModelForSeq2SeqLM if encodes else AutoModelForCausalLM
        model = kind.from_pretrained(name, revision=revision, dtype=dtype, **options)
    except loading_errors() as error:
        raise TibyanError(f"base_model.name: {name} cannot be loaded ({reason_of(error)}). {_what_to_do(error)}") from None
    if tokenizer.eos_token_id is None:
        raise TibyanError(f"base_model.name: {name} has no end-of-sequence token. Name a model that writes text.")
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token  # padding is told by place, so sharing the token does no harm
    form = form or prompt_format(PLAIN)
    set_format(tokenizer, form.model_copy(update={"decoder_start": model.config.decoder_start_token_id if encodes else None}))
    return model if quantised else model.to(device()), tokenizer


def load_adapted(run: str) -> tuple[Any, Any]:
    """The model of a run: the base with its LoRA adapter on it, or the whole model. Raises TibyanError when its base is another now."""
    folder = recipe_folder(run)
    described = read_description(folder / RECIPE)
    if described["base"] != read_description(BASE / DESCRIPTION):
        raise TibyanError(f"{folder}: trained on another base model than {BASE}. Run `dvc repro`, which trains it again.")
    if (method := described["recipe"]["method"]) == "full":
        return load_model(str(folder), None, _form(described["base"]))
    model, tokenizer = load_base(method)
    return PeftModel.from_pretrained(model, str(folder)), tokenizer


def check_length(model: Any, tokens: int, key: str) -> None:
    """Raise TibyanError when the model has fewer positions than `tokens`: it would fail on the first long record."""
    positions = getattr(model.config, "max_position_embeddings", None)
    if positions and tokens > positions:
        raise TibyanError(
            f"{key}: {tokens} tokens, but the base model reads {positions}. Lower it {where_set(key)}, or raise "
            f"base_model.context of {OWN}."
        )


def _form(described: dict[str, Any]) -> PromptFormat:
    return PromptFormat(**described["prompt"]) if "prompt" in described else prompt_format(PLAIN)


def _prompt_of(folder: Path) -> dict[str, Any] | None:
    """How a model that came out of here is asked; None of a folder from elsewhere."""
    if (folder / DESCRIPTION).is_file():
        return read_description(folder / DESCRIPTION).get("prompt")
    if (folder / RECIPE).is_file():
        return read_description(folder / RECIPE).get("base", {}).get("prompt")
    return None


def _what_to_do(error: Exception) -> str:
    if isinstance(error, GatedRepoError) or isinstance(error.__cause__, GatedRepoError) or "gated repo" in str(error):
        return f"It is gated: accept its terms on its page and run `hf auth login`, or use {OWN}."
    return (
        f"Check name and revision, set HF_HUB_OFFLINE=0 for a hub model, and log in with `hf auth login` where it is gated; or use {OWN}."
    )
