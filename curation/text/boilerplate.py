"""Openings and closings that carry nothing medical, as patterns of the spellings that people use."""

import re
from typing import Literal

from curation.lexicons import load

SEPARATOR = r"[\s،,.؛;:!؟?*~-]"


def opening() -> str:
    """Any run of the listed openings at the start, in whatever spelling of hamza, ة and ى, each letter stretched or not."""
    alternatives = "|".join(spelling_pattern(phrase) for phrase in listed("start"))
    return rf"^{SEPARATOR}*(?:و?(?:{alternatives})(?:{SEPARATOR}+|$))+"


def closing() -> str:
    """The same for closings, over the reversed text. What stands right before them is kept: it may end the question."""
    one = "(?:" + "|".join(spelling_pattern(phrase[::-1]) for phrase in listed("end")) + ")و?"
    return rf"^{SEPARATOR}*(?:{one}{SEPARATOR}+)*{one}({SEPARATOR}|$)"


def listed(position: Literal["start", "end"]) -> list[str]:
    """The boilerplate of one end, the longest first."""
    return sorted((row["phrase"] for row in load("boilerplate") if row["position"] == position), key=lambda p: (-len(p), p))


SPELLINGS = {"ا": "[اأإآٱ]+", "ه": "[هة]+", "ي": "[يىئ]+", "و": "[وؤ]+", " ": r"[\s،,]+"}
FOLDED = str.maketrans("أإآٱةىئؤ", "اااا" + "هييو")


def spelling_pattern(phrase: str) -> str:
    """RE2 pattern of a phrase that matches it as people type it: any hamza, ة or ه, ى or ي, letters stretched."""
    letters = phrase.translate(FOLDED)
    return "".join(SPELLINGS.get(c, f"{re.escape(c)}+" if c.isalpha() else re.escape(c)) for c in letters)
