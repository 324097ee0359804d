"""`transformers:MODEL@REVISION`: any sequence classifier of the Hub or of a folder, its labels summed by dialect."""

from collections.abc import Sequence

from curation.dialect.classifiers.labels import Probabilities, dialects_of, summed
from curation.params import DialectParams
from curation.sequence_classifier import SequenceClassifier


class DialectClassifier(SequenceClassifier):
    """A model that is loaded once, and texts to `Probabilities`."""

    def __init__(self, params: DialectParams) -> None:
        """Raises TibyanError as a sequence classifier does, and where a label has no dialect."""
        super().__init__("dialect", str(params.model), params.revision, params.batch_size)
        self._dialects = dialects_of(self.labels, params.labels, str(params.model))
        self.scorer = f"transformers:{self.described}"

    def probabilities(self, texts: Sequence[str]) -> Probabilities:
        """Of each text, in their order."""
        return summed(self.scores(texts), self._dialects)
