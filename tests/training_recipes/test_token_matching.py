import numpy as np
import pytest
import torch
from torch.nn.functional import normalize

from training_recipes.token_matching import idf_weights, precision_recall
from training_recipes.token_vectors import TokenVectors


def text(tokens: int, seed: int, width: int = 4) -> TokenVectors:
    """Of an even seed on one side of the origin, of an odd one on the other: all similarities between the two are below 0."""
    generator = torch.Generator().manual_seed(seed)
    vectors = normalize(torch.randn(tokens, width, generator=generator).abs(), dim=-1) * (-1) ** seed
    pieces = torch.randint(5, 25, (tokens,), generator=generator).tolist()
    content = torch.tensor([1.0 if 0 < i < tokens - 1 else 0.0 for i in range(tokens)])
    return TokenVectors(tuple(pieces), vectors, content, 1, "made")


def plainly(candidate: TokenVectors, reference: TokenVectors, weights: list[list[float]]) -> tuple[float, float]:
    similarity = (candidate.vectors @ reference.vectors.T).numpy()
    return tuple(np.average(similarity.max(axis=axis), weights=w) for axis, w in zip((1, 0), weights, strict=True))


@pytest.mark.parametrize("idf", [False, True])
def test_each_token_takes_the_nearest_one(idf: bool) -> None:
    candidates = [text(3 + 7 * i % 23, i) for i in range(40)]
    references = [text(3 + 11 * i % 31, 100 + i // 2) for i in range(40)]
    weights = idf_weights(references) if idf else None
    found = precision_recall(list(zip(candidates, references, strict=True)), weights)
    for pair, of_pair in zip(zip(candidates, references, strict=True), found, strict=True):
        of_texts = [[float(c) * (weights[p] if weights else 1.0) for c, p in zip(t.content, t.pieces, strict=True)] for t in pair]
        np.testing.assert_allclose(of_pair, plainly(*pair, of_texts), atol=1e-6)
    assert (found < 0).any() and (found > 0).any()


def test_a_pair_with_an_empty_text_scores_nothing() -> None:
    empty = TokenVectors((), torch.empty(0, 0), torch.empty(0), 0, "made")
    assert precision_recall([(empty, text(5, 1)), (text(5, 1), empty), (empty, empty)], None).tolist() == [[0, 0]] * 3
    assert precision_recall([], None).shape == (0, 2)


def test_a_text_of_nothing_but_special_tokens_is_divided_by_nothing() -> None:
    specials = TokenVectors((1, 2), normalize(torch.ones(2, 4), dim=-1), torch.zeros(2), 1, "made")
    assert precision_recall([(specials, text(5, 1))], None)[0, 0] == 0
