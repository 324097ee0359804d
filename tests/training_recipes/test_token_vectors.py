from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from bert_score import utils as package
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import (
    AlbertConfig,
    AutoModel,
    AutoTokenizer,
    DistilBertConfig,
    ElectraConfig,
    GPT2Config,
    PreTrainedTokenizerFast,
    RobertaConfig,
    T5Config,
    XLMRobertaConfig,
)

from tests.training_recipes.beside_package import as_array, package_score
from training_recipes import token_vectors
from training_recipes.bertscore import bert_score
from training_recipes.encoders import Encoder, load_encoder
from training_recipes.token_vectors import embed, tokenise, windows

# Written for this test.
TEXTS = ["عندي حرقان بعد الاكل من اسبوع", "ابني عنده كحة بالليل ومش نايم", "صداع", "نحس بدوخة كي نوقف"]
OTHERS = ["اشعر بحموضة بعد الاكل منذ اسبوع", "طفلي يسعل ليلا ولا ينام", "عندي صداع", "اشعر بدوار عند الوقوف"]


@given(count=st.integers(0, 3000), room=st.integers(1, 600))
def test_windows_keep_every_piece_once_and_far_from_a_cut(count: int, room: int) -> None:
    plan = windows(count, room)
    assert [piece for w in plan for piece in range(w.first, w.last)] == list(range(count))
    assert (len(plan) == 1) == (0 < count <= room)
    for w in plan:
        assert 0 <= w.start <= w.first < w.last <= w.stop <= count
        assert w.stop - w.start == min(count, room)
        assert w.start == 0 or w.first - w.start >= room // 4
        assert w.stop == count or w.stop - w.last >= room // 4
    assert len(plan) <= 2 + count // max(room // 2, 1)


def test_windows_by_hand() -> None:
    assert [(w.start, w.stop, w.first, w.last) for w in windows(10, 4)] == [(0, 4, 0, 3), (2, 6, 3, 5), (4, 8, 5, 7), (6, 10, 7, 10)]


@pytest.mark.parametrize("letters", [63, 100, 500])
def test_a_long_text_has_the_vectors_of_its_windows(tiny: Encoder, letters: int) -> None:
    text = " ".join("ابتثجحخدذرزس"[i * i % 12] for i in range(letters))
    (whole,) = embed([text], tiny, batch_size=3)  # of the longest, windows do not fit into one batch
    (pieces,) = tokenise([text], tiny)
    plan = windows(letters, 62)
    assert whole.pieces == pieces
    assert len(pieces) == letters + 2
    assert whole.windows == len(plan) > 1
    assert whole.vectors.shape == (letters + 2, 32)
    assert whole.content.tolist() == [0.0, *[1.0] * letters, 0.0]
    for w in plan:
        read = [pieces[0], *pieces[1 + w.start : 1 + w.stop], pieces[-1]]
        with torch.no_grad():
            hidden = tiny.model(torch.tensor([read])).last_hidden_state[0]
        made = torch.nn.functional.normalize(hidden, dim=-1)
        kept = made[1 + w.first - w.start : 1 + w.last - w.start]
        torch.testing.assert_close(whole.vectors[1 + w.first : 1 + w.last], kept, atol=1e-5, rtol=0)
        if w is plan[0]:
            torch.testing.assert_close(whole.vectors[0], made[0], atol=1e-5, rtol=0)
        if w is plan[-1]:
            torch.testing.assert_close(whole.vectors[-1], made[-1], atol=1e-5, rtol=0)


def test_a_text_that_just_fits_is_read_whole(tiny: Encoder) -> None:
    fits, long = embed(["ا" * 62, "ا" * 63], tiny)
    assert (fits.windows, long.windows, len(fits.pieces), len(long.pieces)) == (1, 2, 64, 65)


def test_no_more_tokens_at_once_than_stay_in_a_cache(tiny: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(token_vectors, "TOKENS", 40)
    seen = []
    hook = tiny.model.register_forward_pre_hook(lambda _, args, kwargs: seen.append(tuple(kwargs["input_ids"].shape)), with_kwargs=True)
    try:
        embed(["ا" * n for n in (60, 18, 17, 7, 6, 5, 4, 3, 2, 1)], tiny, batch_size=4)
    finally:
        hook.remove()
    assert seen == [(1, 62), (2, 20), (1, 9), (4, 8), (2, 4)]


def test_texts_of_the_same_pieces_are_one(tiny: Encoder) -> None:
    one, other, empty, blank = embed(["صداع شديد", " صداع  شديد\n", "", " \u00a0"], tiny)
    assert one is other and empty is blank
    assert (empty.pieces, empty.vectors.numel(), empty.windows, empty.encoder) == ((), 0, 0, tiny.identity)


def test_no_vector_keeps_its_batch_in_memory(tiny: Encoder) -> None:
    for text in embed(["ا", "ا" * 60, "ا" * 100], tiny):
        assert text.vectors.untyped_storage().nbytes() == text.vectors.numel() * 4


def bytes_tokenizer(bos: str | None) -> PreTrainedTokenizerFast:
    """Pieces of one byte, as those of GPT-2 and RoBERTa come down to; with <s> … </s> around, or nothing."""
    pieces = ["<s>", "<pad>", "</s>", "<unk>", *sorted(pre_tokenizers.ByteLevel.alphabet())]
    tokenizer = Tokenizer(models.BPE({piece: i for i, piece in enumerate(pieces)}, [], unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    if bos:
        tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
    named = {"bos_token": "<s>", "cls_token": "<s>", "sep_token": "</s>", "pad_token": "<pad>"} if bos else {}
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="</s>", unk_token="<unk>", model_max_length=256, **named)


SMALL = {"vocab_size": 300, "hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": 64}
WIDE = {"max_position_embeddings": 258, "initializer_range": 0.3}
# Those of the encoders that are usual for Arabic (AraBERT and CAMeLBERT are BERT; AraELECTRA; XLM-R), and others built otherwise.
ARCHITECTURES: dict[str, Callable[[], Any]] = {
    "roberta": lambda: RobertaConfig(**SMALL, **WIDE, pad_token_id=1),
    "xlm-roberta": lambda: XLMRobertaConfig(**SMALL, **WIDE, pad_token_id=1),
    "electra": lambda: ElectraConfig(**SMALL, **WIDE, embedding_size=16),
    "albert": lambda: AlbertConfig(**SMALL, **WIDE, embedding_size=16),
    "distilbert": lambda: DistilBertConfig(vocab_size=300, dim=32, n_layers=3, n_heads=2, hidden_dim=64, **WIDE),
    "t5": lambda: T5Config(vocab_size=300, d_model=32, d_kv=16, d_ff=64, num_layers=3, num_heads=2),
}


@pytest.fixture(params=ARCHITECTURES)
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Named after the architecture: the package knows T5 by its name."""
    torch.manual_seed(1)
    path = tmp_path / request.param
    AutoModel.from_config(ARCHITECTURES[request.param]()).save_pretrained(path)
    bytes_tokenizer("<s>").save_pretrained(path)
    return path


@pytest.mark.parametrize("idf", [False, True])
def test_other_architectures_are_equal_to_the_package(folder: Path, idf: bool) -> None:
    ours = bert_score(TEXTS, OTHERS, load_encoder(str(folder), None, 2), 3, idf)
    theirs = package_score(folder, 2, TEXTS, OTHERS, idf=idf)
    np.testing.assert_allclose(as_array(ours), theirs, atol=1e-5)


def test_a_decoder_that_the_package_does_not_take(tmp_path: Path) -> None:
    torch.manual_seed(1)
    config = GPT2Config(vocab_size=300, n_positions=128, n_embd=32, n_layer=3, n_head=2)
    AutoModel.from_config(config).save_pretrained(tmp_path)
    bytes_tokenizer(None).save_pretrained(tmp_path)
    with pytest.raises(ValueError, match="Not supported"):
        package.get_model(str(tmp_path), 2)
    encoder = load_encoder(str(tmp_path), None, 2)
    texts = embed([TEXTS[0], TEXTS[0] * 5, ""], encoder)
    assert [text.windows for text in texts] == [1, 4, 0]
    assert all(text.content.all() for text in texts)  # no special tokens
    one, long = (len(AutoTokenizer.from_pretrained(tmp_path)(TEXTS[0] * n)["input_ids"]) for n in (1, 5))
    assert [len(text.pieces) for text in texts] == [one, long, 0]
    assert bert_score([TEXTS[0] * 5], [TEXTS[0] * 5], encoder).f1 == pytest.approx(1, abs=1e-5)
