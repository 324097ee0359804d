"""Tibyan: from raw Arabic medical dumps to a gated, tagged dataset. The text API is what `__all__` names."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from curation.api import clean, find_duplicates, identify_dialect, normalise_dialect, redact, score_severity

__all__ = ["clean", "find_duplicates", "identify_dialect", "normalise_dialect", "redact", "score_severity"]


def __getattr__(name: str) -> Any:
    """The text API on first use: eleven stages start without it, each half a second sooner (PEP 562)."""
    if name in __all__:
        return getattr(import_module("curation.api"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
