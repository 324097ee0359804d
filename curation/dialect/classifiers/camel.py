"""`camel_did6`, `camel_did26`: camel-tools' identifier of city dialects (Salameh, Bouamor and Habash 2018), its cities summed by dialect.

Its data, 128 MB or more, is installed by hand with `camel_data`. Nothing is downloaded here: importing `camel_tools.dialectid` would, so
it is imported only where its catalogue already lies. Model 6 knows Beirut, Cairo, Doha, Rabat, Tunis and MSA, so nothing Iraqi; model 26
knows 25 cities. Their training data, MADAR, is travellers' phrases: https://aclanthology.org/C18-1113.
"""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from curation.dialect.classifiers.labels import Probabilities, dialects_of, summed
from curation.errors import TibyanError

MODELS = ("model26", "model6")  # of camel-tools' catalogue; its own default goes first
TEXTS = 500  # handed over at a time: camel-tools makes all of them as wide as the longest


class CamelIdentifier:
    """A model of camel-tools that is loaded once, and texts to `Probabilities`."""

    truncated = 0  # it reads texts to their end

    def __init__(self, name: str) -> None:
        """`name` is one of MODELS. Raises TibyanError with the command that installs it where it cannot be had."""
        package = f"dialectid-{name}"
        try:
            self._model = _pretrained(name)
            self._labels = sorted(self._model.predict(["؟"])[0].scores)
            version = _installed(package)
        except Exception as error:  # whatever a pickle of another version, a broken file or a missing package raise
            reason = " ".join(str(error).split())[:200].rstrip(".") or type(error).__name__
            raise TibyanError(
                f"dialect.backend: camel cannot load {name} ({reason}). Install its data with `camel_data -i {package}`, into the folder "
                f"that CAMELTOOLS_DATA names ({_folder()}), or set dialect.backend back to the default."
            ) from None
        self._dialects = dialects_of(self._labels, {}, f"camel-tools {name}")
        self.scorer = f"camel_did{name.removeprefix('model')}" + (f"@{version}" if version else "")

    def probabilities(self, texts: Sequence[str]) -> Probabilities:
        """Of each text, in their order; a text's own whatever stands beside it."""
        scores = np.empty((len(texts), len(self._labels)))
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        for start in range(0, len(order), TEXTS):
            places = order[start : start + TEXTS]
            for place, predicted in zip(places, self._model.predict([texts[i] for i in places]), strict=True):
                scores[place] = [predicted.scores[label] for label in self._labels]
        return summed(scores, self._dialects)


def _pretrained(name: str) -> Any:
    if not (_folder() / "catalogue.json").is_file():
        raise FileNotFoundError("no data of camel-tools is installed")
    from camel_tools.dialectid import DIDModel6, DIDModel26

    return {"model6": DIDModel6, "model26": DIDModel26}[name].pretrained()


def _folder() -> Path:
    """Where camel-tools looks for its data (camel_tools/data/catalogue.py)."""
    chosen = os.environ.get("CAMELTOOLS_DATA")
    return Path.home() / ".camel_tools" if chosen is None else Path(chosen).expanduser().absolute()


def _installed(package: str) -> str | None:
    """The version that `camel_data` noted; None where the data was put there by other means."""
    noted = _folder() / "versions.json"
    return str(json.loads(noted.read_text(encoding="utf-8")).get(package) or "") or None if noted.is_file() else None
