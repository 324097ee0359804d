"""The cut of a vocabulary on a small Gemma of our own: texts keep their pieces, and the model what it says of them."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, normalizers, trainers
from transformers import Gemma3ForCausalLM, Gemma3TextConfig, GemmaTokenizer, PreTrainedTokenizerFast

from benchmarks.experiment.vocabulary import BYTES, cut_model, cut_tokenizer, kept_pieces, pieces_in
from training_recipes.models import load_model
from training_recipes.prompts import make_example

SPECIALS = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>"]
MARKUP = ["<table>", "\n\n", "<start_of_turn>"]  # added tokens, as Gemma has hundreds of
LEARNT = [
    "عندي صداع شديد من يومين ومش عارفة أنام",
    "بنتي عندها سخونة 39 وبترجع كل حاجة من الصبح",
    "خذ حبة باراسيتامول 500 ملغ كل ثماني ساعات واشرب الماء",
    "فيا السكر وكنحس بالعيا بزاف واش ندير التحاليل",
    "الم في الصدر يمتد الى الذراع، اذهب الى الطوارئ حالا",
    "paracetamol 500 mg three times a day",
]
SEEN = ["عندي سخونة من يومين", "خذ باراسيتامول 500 ملغ", "صداع\n\nشديد 💊", "<table> اذهب الى الطوارئ"]


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    """Byte pair encoding with bytes for what it has no piece for, as transformers makes it of a Gemma GGUF."""
    backend = Tokenizer(models.BPE(byte_fallback=True, unk_token="<unk>"))
    backend.normalizer = normalizers.Replace(" ", "▁")
    trainer = trainers.BpeTrainer(vocab_size=560, special_tokens=[*SPECIALS, *MARKUP, *sorted(BYTES)], show_progress=False)
    backend.train_from_iterator([part for text in LEARNT * 3 for part in (text, f" {text}")], trainer)
    model = json.loads(backend.to_str())["model"]
    made = GemmaTokenizer(vocab=model["vocab"], merges=[tuple(pair) for pair in model["merges"]], add_bos_token=True)
    made.add_tokens(MARKUP)
    assert made("")["input_ids"] == [made.bos_token_id] and len(made) == len(model["vocab"])
    return made


@pytest.fixture(scope="module")
def model(tokenizer: Any) -> Any:
    torch.manual_seed(0)
    config = Gemma3TextConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=16,
        sliding_window=8,
        layer_types=["sliding_attention", "full_attention"],
        max_position_embeddings=128,
        initializer_range=0.3,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
    )
    return Gemma3ForCausalLM(config).eval()


@pytest.fixture(scope="module")
def kept(tokenizer: Any) -> list[int]:
    return kept_pieces(tokenizer, SEEN)


def pieces(tokenizer: Any, text: str) -> list[str]:
    return list(tokenizer.convert_ids_to_tokens(tokenizer(text)["input_ids"]))


def test_texts_keep_their_pieces(tokenizer: Any, kept: list[int]) -> None:
    smaller = cut_tokenizer(tokenizer, kept)
    assert len(smaller) == len(kept) < 0.8 * len(tokenizer)
    for text in SEEN:
        assert pieces(smaller, text) == pieces(tokenizer, text)
        assert smaller.decode(smaller(text)["input_ids"], skip_special_tokens=True) == text
    whole = pieces(tokenizer, SEEN[3])
    assert "<table>" in whole and "<start_of_turn>" not in smaller.get_vocab()


LETTERS = st.text(alphabet="صداعيونخ ▁ab5\n💊é", max_size=12)


@given(st.lists(LETTERS | st.sampled_from([*LEARNT, *MARKUP]), min_size=1, max_size=4))
def test_whatever_the_texts_are_they_keep_their_pieces(tokenizer: Any, texts: list[str]) -> None:
    smaller = cut_tokenizer(tokenizer, kept_pieces(tokenizer, [*texts, "".join(texts)]))
    for text in (*texts, "".join(texts)):
        assert pieces(smaller, text) == pieces(tokenizer, text)


def test_special_tokens_and_bytes_stay(tokenizer: Any, kept: list[int]) -> None:
    smaller = cut_tokenizer(tokenizer, kept)
    assert {*SPECIALS, *BYTES} <= set(smaller.get_vocab())
    for name in ("bos", "eos", "pad", "unk", "mask"):
        assert getattr(smaller, f"{name}_token") == f"<{name}>"
    unseen = "ظلمة غيث"  # letters of which some are no piece any more
    assert smaller.decode(smaller(unseen)["input_ids"], skip_special_tokens=True) == unseen


def test_the_logits_of_the_pieces_kept_are_the_same(tokenizer: Any, model: Any, kept: list[int]) -> None:
    smaller, fewer = cut_model(model, kept), cut_tokenizer(tokenizer, kept)
    assert smaller.num_parameters() == model.num_parameters() - 32 * (len(tokenizer) - len(kept))
    assert smaller.get_output_embeddings().weight is smaller.get_input_embeddings().weight
    for text in SEEN:
        with torch.inference_mode():
            before = model(**tokenizer(text, return_tensors="pt", return_token_type_ids=False)).logits[..., kept]
            after = smaller(**fewer(text, return_tensors="pt", return_token_type_ids=False)).logits
        assert before.std() > 0.1
        torch.testing.assert_close(after, before, atol=1e-5, rtol=1e-5)


def test_what_is_saved_is_loaded_as_a_base_model(tokenizer: Any, model: Any, kept: list[int], tmp_path: Path) -> None:
    fewer = cut_tokenizer(tokenizer, kept)
    cut_model(model, kept).save_pretrained(tmp_path)
    fewer.save_pretrained(tmp_path)
    loaded, read = load_model(str(tmp_path), None)
    assert loaded.config.vocab_size == len(read) == len(kept)
    assert (loaded.config.bos_token_id, loaded.config.eos_token_id) == (read.bos_token_id, read.eos_token_id)
    assert make_example(read, SEEN[0], SEEN[1], 64) == make_example(fewer, SEEN[0], SEEN[1], 64)
    for text in SEEN:
        assert pieces(read, text) == pieces(tokenizer, text)


def test_special_ids_are_counted_anew(tokenizer: Any, model: Any) -> None:
    """Where something before them goes, as in a tokenizer whose special tokens come last."""
    kept = sorted({*kept_pieces(tokenizer, ["صداع"])} - {tokenizer.pad_token_id})
    model.config.pad_token_id = None
    smaller, fewer = cut_model(model, kept), cut_tokenizer(tokenizer, kept)
    model.config.pad_token_id = tokenizer.pad_token_id
    assert smaller.config.eos_token_id == fewer.eos_token_id == tokenizer.eos_token_id - 1
    assert fewer("")["input_ids"] == [smaller.config.bos_token_id] == [tokenizer.bos_token_id - 1]


def test_an_output_table_of_its_own_is_cut_too(tokenizer: Any, model: Any, kept: list[int]) -> None:
    untied = Gemma3ForCausalLM(Gemma3TextConfig(**{**model.config.to_dict(), "tie_word_embeddings": False})).eval()
    smaller, fewer = cut_model(untied, kept), cut_tokenizer(tokenizer, kept)
    ids = {"input_ids": torch.tensor([tokenizer(SEEN[0])["input_ids"]])}
    with torch.inference_mode():
        before, after = untied(**ids).logits[..., kept], smaller(input_ids=torch.tensor([fewer(SEEN[0])["input_ids"]])).logits
    torch.testing.assert_close(after, before, atol=1e-5, rtol=1e-5)


def test_other_kinds_of_tokenizers_are_refused() -> None:
    unigram = Tokenizer(models.Unigram([("<unk>", 0.0), ("صداع", -1.0)], unk_id=0))
    with pytest.raises(ValueError, match="only byte pair encoding can be cut, this tokenizer is Unigram"):
        cut_tokenizer(PreTrainedTokenizerFast(tokenizer_object=unigram), [0, 1])


def test_pieces_are_found_within_and_across_words() -> None:
    assert pieces_in(["abcd", "x y"], {"b", "bcd", "bd", "x y", "abcde", "ab"}) == {"b", "bcd", "x y", "ab"}
