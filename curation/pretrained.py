"""What is loaded from the Hub or from a folder: of which commit, whether it is whole, and how long a text it takes."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from curation.errors import TibyanError

UNLIMITED = 1_000_000  # tokens; a tokenizer that states no length says 10**30, which overflows in its own Rust code


def commit_of(name: str, revision: str | None, key: str) -> str | None:
    """The commit that `revision` stands for, so that config, tokenizer and weights are of one; None for a folder.

    Raises TibyanError naming `key`, the parameter of the revision, where a folder is given one.
    """
    from transformers.utils.hub import resolve_revision

    if Path(name).is_dir():
        if revision is not None:
            raise TibyanError(f"{key}: {name} is a folder and has no {revision}; set it to null.")
        return None
    resolved = resolve_revision(name, revision)  # `revision` itself where the hub cannot be asked
    return str(getattr(resolved, "resolved", resolved)) if resolved else None


def device() -> str:
    """The GPU where there is one, else the CPU."""
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def folder_digest(folder: Path) -> str:
    """SHA-256 over the names and contents of a folder's files: what a folder has in place of a commit."""
    digest = sha256()
    for path in sorted(folder.iterdir()):
        if path.is_file():
            digest.update(path.name.encode())
            with path.open("rb") as file:
                while block := file.read(1 << 20):
                    digest.update(block)
    return digest.hexdigest()


def loading_errors() -> tuple[type[Exception], ...]:
    """What `from_pretrained` raises where there is no such model, it is gated, damaged, or wants another package."""
    from safetensors import SafetensorError

    return (OSError, ValueError, ImportError, RuntimeError, SafetensorError)


def reason_of(error: Exception) -> str:
    """The first line of what an error says, to stand in brackets in a sentence."""
    return (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")


def check_weights(name: str, missing: Iterable[str], key: str) -> None:
    """Raise TibyanError where transformers filled in random weights for those that the model lacks."""
    listed = sorted(missing)
    if listed:
        raise TibyanError(
            f"{key}: {name} has no weights for {listed[0]}, nor for {len(listed) - 1} other parameters; name a model that was saved whole."
        )


def max_length(tokenizer: Any, model: Any) -> int:
    """The tokens that both the tokenizer and the model's positions allow, special tokens included."""
    positions = getattr(model.config, "max_position_embeddings", None) or 0  # T5 has none, XLNet says -1
    for name, table in model.named_modules():
        # RoBERTa counts positions from padding_idx + 1, so that its 514 places hold 512 tokens.
        if name.endswith("position_embeddings") and getattr(table, "padding_idx", None) is not None:
            positions = table.num_embeddings - table.padding_idx - 1
    return int(min(limit for limit in (tokenizer.model_max_length, positions, UNLIMITED) if limit > 0))


@contextmanager
def quiet_loading() -> Iterator[None]:
    """Without transformers' progress bars and its table of the weights that were left out on purpose."""
    from transformers.utils import logging

    verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if bars:
            logging.enable_progress_bar()
