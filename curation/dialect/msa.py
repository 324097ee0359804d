"""`normalise_dialect`: dialect words of a text's own dialect become MSA, word by word, conservatively; everything else stays as it is.

Whole words only, longest phrase first, from left to right, with و and ف carried over. A text whose numbers would change keeps its
original. Entries are rows of lexicons/msa_words.csv. Not a translation: what no entry names stays dialect.
"""

import re
from functools import cache

from curation.lexicons import load

FOLDING = str.maketrans("أإآٱةىؤئ", "ااااهيوي")
WORD = re.compile(r"[^\W\d_]+")
LONGEST = 4


@cache
def entries(dialect: str) -> dict[tuple[str, ...], str]:
    """Folded words of a form to its MSA."""
    return {tuple(row["form"].translate(FOLDING).split()): row["msa"] for row in load("msa_words") if row["dialect"] == dialect}


def to_msa(text: str, dialect: str | None) -> tuple[str, list[str]]:
    """The text with the entries of `dialect` replaced, and each change as `form→msa`. MSA, arabizi and unknown pass through."""
    forms = entries(dialect or "")
    if not forms:
        return text, []
    words = [(m.start(), m.end(), m.group().translate(FOLDING)) for m in WORD.finditer(text)]
    pieces, changes, position, i = [], [], 0, 0
    while i < len(words):
        length, carried, msa = _longest(text, words, i, forms)
        if length:
            start, end = words[i][0], words[i + length - 1][1]
            pieces += [text[position:start], carried, msa]
            changes.append(f"{text[start:end]}→{carried}{msa}")
            position = end
        i += length or 1
    changed = "".join((*pieces, text[position:]))
    return (changed, changes) if _digits(changed) == _digits(text) else (text, [])


def _longest(text: str, words: list[tuple[int, int, str]], i: int, forms: dict[tuple[str, ...], str]) -> tuple[int, str, str]:
    """How many words from `i` on an entry takes, the conjunction that it carries, and its MSA."""
    for length in range(min(LONGEST, len(words) - i), 0, -1):
        if any(text[words[j][1] : words[j + 1][0]] != " " for j in range(i, i + length - 1)):
            continue
        run = tuple(word for _, _, word in words[i : i + length])
        if run in forms:
            return length, "", forms[run]
        if run[0][0] in "وف" and (run[0][1:], *run[1:]) in forms:
            return length, run[0][0], forms[(run[0][1:], *run[1:])]
    return 0, "", ""


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())
