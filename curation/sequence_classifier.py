"""Any sequence classifier of the Hub or of a folder: texts in, the probabilities of its labels out.

Texts of one length in tokens go through it together, so that nothing is padded, and in double precision, of which the scores keep six
digits: a text has the same ones in any batch and order, with any number of threads. A model of BERT's size takes 1.6 times as long so; in
single precision 14 of 1,664 probabilities differed in those digits between texts by themselves and texts in batches of 32.
"""

import os
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from curation.errors import TibyanError
from curation.pretrained import check_weights, commit_of, device, folder_digest, loading_errors, max_length, quiet_loading, reason_of


class SequenceClassifier:
    """A model that is loaded once. `labels` are its own; `truncated` counts the texts so far whose end it did not read."""

    def __init__(self, section: str, model: str, revision: str | None, batch_size: int) -> None:
        """Raises TibyanError naming the key of params.yaml, in `section`, where there is no such model or it is no classifier."""
        commit = commit_of(model, revision, f"{section}.revision")
        self._tokenizer, self._model = _load(section, model, commit)
        self.labels = [str(label) for _, label in sorted(self._model.config.id2label.items())]
        self._longest = max_length(self._tokenizer, self._model)
        self._section, self._name, self._batch = section, model, batch_size
        self.truncated = 0
        self.described = _described(model, commit or getattr(self._model.config, "_commit_hash", None))

    def scores(self, texts: Sequence[str]) -> Any:
        """Probabilities, (texts, labels), in their order. Raises TibyanError where memory does not suffice for a batch."""
        ids = self._ids(list(texts))
        scores = np.empty((len(texts), len(self.labels)))
        for places in batches([len(one) for one in ids], self._batch):
            scores[places] = self._scores([ids[i] for i in places])
        return scores

    def _ids(self, texts: list[str]) -> list[list[int]]:
        """What the model reads of each, special tokens included; a patient who writes `[SEP]` gets its letters, not the token."""
        ids = self._tokenizer(texts, split_special_tokens=True, verbose=False).input_ids if texts else []
        for i in [i for i, one in enumerate(ids) if len(one) > self._longest]:
            self.truncated += 1
            ids[i] = self._tokenizer(texts[i], split_special_tokens=True, truncation=True, max_length=self._longest).input_ids
        return list(ids)

    def _scores(self, ids: list[list[int]]) -> Any:
        """Probabilities of the labels, (batch, labels), of texts of one length."""
        import torch

        inputs = torch.tensor(ids, device=self._model.device)
        try:
            with torch.inference_mode(), torch.random.fork_rng():
                torch.manual_seed(0)  # some attend by lot (Reformer), and then by the same for all
                logits = self._model(input_ids=inputs, attention_mask=torch.ones_like(inputs)).logits
        except (MemoryError, RuntimeError) as error:
            if isinstance(error, MemoryError) or "memory" in str(error):  # PyTorch's has no class of its own on a CPU
                raise TibyanError(f"{self._section}.batch_size: {self._batch} texts at a time do not fit into memory. Lower it.") from None
            raise TibyanError(f"{self._section}.model: {self._name} fails on a text ({reason_of(error):.200}). Name another.") from None
        if not torch.isfinite(logits).all():
            raise TibyanError(f"{self._section}.model: {self._name} answers with what is no number. Name another.")
        return torch.softmax(logits.double(), dim=-1).cpu().numpy()


def batches(lengths: Sequence[int], most: int) -> Iterator[list[int]]:
    """The places of all lengths in lists of at most so many, each of one length."""
    order = sorted(range(len(lengths)), key=lengths.__getitem__)
    for _, group in groupby(order, lengths.__getitem__):
        places = list(group)
        yield from (places[start : start + most] for start in range(0, len(places), most))


def _load(section: str, name: str, commit: str | None) -> tuple[Any, Any]:
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    # The stage starts processes afterwards, and tokenizers would complain in each that its threads are not there.
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    try:
        with quiet_loading():
            tokenizer = AutoTokenizer.from_pretrained(name, revision=commit)
            model, loading = AutoModelForSequenceClassification.from_pretrained(
                name, revision=commit, dtype=torch.float64, output_loading_info=True
            )
    except loading_errors() as error:
        raise TibyanError(
            f"{section}.model: {name} cannot be loaded ({reason_of(error)}). Name a folder with a sequence classifier, or a hub id, and "
            "set HF_HUB_OFFLINE=0 to have that downloaded; for a gated one accept its terms on its page and run `hf auth login`."
        ) from None
    check_weights(name, loading["missing_keys"], f"{section}.model")
    if model.config.num_labels < 2 or model.config.problem_type not in (None, "single_label_classification"):
        raise TibyanError(f"{section}.model: {name} does not choose one label of several. Name a model that does.")
    if model.config.pad_token_id is None:
        model.config.pad_token_id = -1  # GPT-2 and its like look for the last token that is none; here all are
    return tokenizer, model.eval().to(device())


def _described(name: str, commit: str | None) -> str:
    """A hub id with its commit; a folder by its own name with a digest of what is in it, since its path is nobody's business."""
    folder = Path(name)
    if not folder.is_dir():
        return f"{name}@{commit or 'unknown'}"
    return f"{folder.resolve().name}@{folder_digest(folder)[:12]}"
