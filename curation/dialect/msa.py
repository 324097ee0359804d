"""`normalise_dialect`: dialect words of a text's own dialect become MSA, word by word, conservatively; everything else stays as it is.

Whole words only, longest phrase first, from left to right, with و and ف carried over. Words are letters and no entry's MSA has a digit, so
numbers stay. Entries are rows of lexicons/msa_words.csv. Not a translation: what no entry names stays dialect.
"""

import re
from functools import cache

from curation.lexicons import load

FOLDING = tuple(zip("أإآٱةىؤئ", "ااااهيوي", strict=True))
WORD = re.compile(r"[^\W\d_]+")
Form = tuple[str, tuple[str, ...], str]
Forms = dict[str, list[Form]]


@cache
def entries(dialect: str) -> Forms:
    """By the word that a form begins with in a text, و or ف before it or not: what is carried over, the form's words, its MSA.

    The longest form first. Words are folded.
    """
    forms: Forms = {}
    listed = {tuple(_folded(row["form"]).split()): row["msa"] for row in load("msa_words") if row["dialect"] == dialect}
    for carried in ("", "و", "ف"):
        for words, msa in listed.items():
            forms.setdefault(carried + words[0], []).append((carried, words, msa))
    return {first: sorted(found, key=lambda form: -len(form[1])) for first, found in forms.items()}


def to_msa(text: str, dialect: str | None) -> tuple[str, list[str]]:
    """The text with the entries of `dialect` replaced, and each change as `form→msa`. MSA, arabizi and unknown pass through."""
    forms = entries(dialect or "")
    if not forms:
        return text, []
    folded = _folded(text)  # letter for letter: places are the same
    words = WORD.findall(folded)
    starting = [i for i, word in enumerate(words) if word in forms]
    if not starting:
        return text, []
    places = [m.span() for m in WORD.finditer(folded)]
    pieces, changes, position, behind = [], [], 0, 0
    for i in starting:
        found = _longest(folded, places, i, forms[words[i]]) if i >= behind else None
        if found:
            length, msa = found
            start, end = places[i][0], places[i + length - 1][1]
            pieces += [text[position:start], msa]
            changes.append(f"{text[start:end]}→{msa}")
            position, behind = end, i + length
    return "".join((*pieces, text[position:])), changes


def _longest(text: str, places: list[tuple[int, int]], i: int, forms: list[Form]) -> tuple[int, str] | None:
    """How many words from the i-th on the longest of these forms takes, and its MSA behind what is carried over."""
    for carried, form, msa in forms:
        length = len(form)
        if i + length <= len(places) and text[places[i][0] : places[i + length - 1][1]] == carried + " ".join(form):
            return length, carried + msa
    return None


def _folded(text: str) -> str:
    for letter, plain in FOLDING:  # ten times as fast as translate(), which looks every character up
        text = text.replace(letter, plain)
    return text
