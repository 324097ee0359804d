"""Tibyan: from raw Arabic medical dumps to a gated, tagged dataset. The text API is what `__all__` names."""

from curation.api import clean, find_duplicates, identify_dialect, normalise_dialect, redact, score_severity

__all__ = ["clean", "find_duplicates", "identify_dialect", "normalise_dialect", "redact", "score_severity"]
