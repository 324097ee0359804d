"""Openings, closings and advertisement tails that carry nothing medical, as patterns of the spellings that people use.

The patterns for the end of a text are written for the text read backwards: RE2 is fast from where it starts.
"""

import re
from collections.abc import Iterable
from typing import Any, Literal

from curation.lexicons import load

SEPARATOR = r"[\s،,.؛;:!؟?*~-]"
SOFT = SEPARATOR.replace(".", "").replace("-", "")  # those that no number starts with
SPELLINGS = {"ا": "[اأإآٱ]+", "ه": "[هة]+", "ي": "[يىئ]+", "و": "[وؤ]+", " ": r"[\s،,]+"}
FOLDED = str.maketrans("أإآٱةىئؤ", "اااا" + "هييو")
PLACEHOLDERS = ("PHONE", "LINK", "ADDRESS", "EMAIL", "HANDLE", "NAME", "ID")  # of redaction; see curation/privacy
TAIL_SEPARATOR = r"[\s،,.؛;:!؟?*~()/|\x{2013}\x{2014}-]"
NO_SEPARATOR = TAIL_SEPARATOR.replace("[", "[^", 1)
FIRST = 6  # letters of an opener or opening that a look compares
END = ""  # in a tree of phrases: one ends here
LAST = 6  # letters that a look at the end of a text compares
Tree = dict[str, Any]
CONTACTS = PLACEHOLDERS[:5]  # a name or an id alone makes no advertisement


def opening() -> str:
    """Any run of the listed openings at the start, in whatever spelling of hamza, ة and ى, each letter stretched or not."""
    # A point or minus is taken only with another separator behind it: what follows may be -2.5.
    return rf"^{SEPARATOR}*(?:و?{any_phrase(listed('start'))}(?:{SEPARATOR}*{SOFT}|[.-]+|$))+"


def opening_look() -> str:
    """Whether a text starts with the first letters of an opening."""
    starts = {phrase.translate(FOLDED)[:FIRST].strip() for phrase in listed("start")}
    return rf"^{SEPARATOR}*و?{any_phrase(sorted(starts))}"


def closing() -> str:
    """The same for closings, over the reversed text. What stands right before them is kept: it may end the question."""
    one = any_phrase(phrase[::-1] for phrase in listed("end"))
    return rf"^{SEPARATOR}*(?:{one}و?({SEPARATOR}+|$))+"


def closing_look() -> str:
    """Whether a text ends with the last word of a closing."""
    return _ends_with(listed("end"))


def listed(position: Literal["start", "end"]) -> list[str]:
    """The boilerplate of one end, the longest first."""
    return _longest_first(row["phrase"] for row in load("boilerplate") if row["position"] == position)


def tail(closings: bool) -> str:
    """Advertisement tails, over the reversed text: from an opener on nothing but words of advertisements and placeholders to the end.

    An opener of the part `contact` needs a placeholder behind it: "call" may be advice, "call [PHONE]" is not. A number is no
    such word, so that a tail with hours or a dose in it stays, and so does a tail that is all of the text. Where `closings`
    go too, they may stand in a tail.
    """
    phrases = _tails("word") + _tails("contact") + _tails("opener") + (listed("end") if closings else [])
    item = f"(?:{_reversed(phrases)}و?|{_placeholder(PLACEHOLDERS)})"
    contact = rf"{_placeholder(CONTACTS)}{TAIL_SEPARATOR}*(?:{item}{TAIL_SEPARATOR}+)*{_reversed(_tails('contact'))}"
    return rf"^{TAIL_SEPARATOR}*(?:{item}{TAIL_SEPARATOR}+)*(?:{_reversed(_tails('opener'))}|{contact})و?({TAIL_SEPARATOR}+{NO_SEPARATOR})"


def tail_look(closings: bool) -> str:
    """Whether a text ends with a placeholder or with the last word of what an advertisement says."""
    phrases = [row["phrase"] for row in load("advertisement_tails")] + (listed("end") if closings else [])
    return _ends_with(phrases, TAIL_SEPARATOR, r"\]")


def opener_look() -> str:
    """Whether an opener may stand anywhere."""
    starts = {spelling_pattern(phrase[:FIRST].strip(), stretched=False) for phrase in _tails("opener") + _tails("contact")}
    return "|".join(sorted(starts))


def spelling_pattern(phrase: str, stretched: bool = True) -> str:
    """RE2 pattern of a phrase that matches it as people type it: any hamza, ة or ه, ى or ي, letters stretched."""
    letters = phrase.translate(FOLDED)
    pattern = "".join(SPELLINGS.get(c, f"{re.escape(c)}+" if c.isalpha() else re.escape(c)) for c in letters)
    return pattern if stretched else pattern.replace("]+", "]").replace("+", "").replace(r"[\s،,]", r"[\s،,]+")


def any_phrase(phrases: Iterable[str], stretched: bool = True) -> str:
    """RE2 pattern of any of the phrases, the longest that goes on well: a tree of their letters.

    As a list of alternatives it would need more states than RE2 keeps, and take four times as long.
    """
    tree: Tree = {}
    for phrase in phrases:
        branch = tree
        for letter in phrase.translate(FOLDED):
            branch = branch.setdefault(letter, {})
        branch[END] = {}

    def pattern(branch: Tree) -> str:
        ways = [spelling_pattern(letter, stretched) + pattern(then) for letter, then in branch.items() if letter != END]
        ways += [""] if END in branch else []
        return ways[0] if len(ways) == 1 else f"(?:{'|'.join(ways)})"

    return pattern(tree)


def _tails(part: str) -> list[str]:
    return [row["phrase"] for row in load("advertisement_tails") if row["part"] == part]


def _reversed(phrases: list[str]) -> str:
    return any_phrase((phrase[::-1] for phrase in phrases), stretched=False)


def _placeholder(names: tuple[str, ...]) -> str:
    return r"\](?:" + "|".join(name[::-1] for name in names) + r")\["


def _ends_with(phrases: list[str], separator: str = SEPARATOR, *others: str) -> str:
    """Few and short enough for RE2 to run them from the end: the last letters of the last words."""
    ends = {spelling_pattern(phrase.split()[-1][-LAST:]) for phrase in phrases}
    return f"(?:{'|'.join((*sorted(ends), *others))}){separator}*$"


def _longest_first(phrases: Iterable[str]) -> list[str]:
    return sorted(phrases, key=lambda p: (-len(p), p))
