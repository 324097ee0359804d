"""Arabizi in Arabic letters: word by word, what is English, French, a drug, a number or a code left as it is.

`3andi waga3 fi batni w bakhod panadol 500mg` is `عندي وجع في بطني وباخد panadol 500mg`. The region is told by its marked words, and how its
words are spelt goes by it. Every word changed is a change with its place in the text and its rule: `arabizi_word <word>`, a row of
lexicons/arabizi_words.csv, or `arabizi_letters`.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from curation.dialect.arabizi_words import Spelt, joined, lexicon, region_of, spelt
from curation.dialect.latin_words import foreign, is_measure, looks_foreign, tokens
from curation.dialect.msa import Change, applied

ONTO_THE_NEXT = frozenset(("و", "ب", "ل", "ال", "وال", "بال", "لل", "ولل", "وبال", "هال", "وب", "ول"))  # written onto the next word
GAPS = (" ", "-")
AND = " + "  # between the rules of one change


class Transliterated(NamedTuple):
    """A text in Arabic letters, what changed, and the region of its Arabizi, None where nothing says."""

    text: str
    changes: list[Change]
    region: str | None


def transliterate(text: str, refused: Collection[str] = ()) -> Transliterated:
    """The text with its Arabizi in Arabic letters, without the rules that are `refused`; Arabic letters and the rest pass as they are."""
    places = tokens(text)
    words = [word for _, _, word in places]
    region = region_of(words)
    arabic = [None if left else spelt(word, region, refused) for word, left in zip(words, left_alone(text, places), strict=True)]
    changes = _joined(text, places, arabic)
    return Transliterated(applied(text, changes), changes, region)


def left_alone(text: str, places: Sequence[tuple[int, int, str]]) -> list[bool]:
    """Of each word whether it is none of Arabizi's."""
    words = [word for _, _, word in places]
    known = [word in lexicon() for word in words]
    measures = [not has and is_measure(word, text[:start]) for (start, _, word), has in zip(places, known, strict=True)]
    shouted = sum(c.isupper() for c in text) * 2 > sum(c.isalpha() for c in text)
    listed = foreign(words, known)

    def left(i: int) -> bool:
        start, end, word = places[i]
        if measures[i] or listed[i]:
            return True
        if text[start:end].isupper() and end - start > 1 and not shouted:
            return True  # TSH, ANA
        return not known[i] and not any(c.isdigit() for c in word) and looks_foreign(word)

    return [left(i) for i in range(len(words))]


def _joined(text: str, places: Sequence[tuple[int, int, str]], arabic: Sequence[Spelt | None]) -> list[Change]:
    """Changes; و, ب, the article and the word that they are written onto are one."""
    changes: list[Change] = []
    for (start, end, _), found in zip(places, arabic, strict=True):
        if found is None:
            continue
        last = changes[-1] if changes else None
        if last is not None and text[last.end : start] in GAPS and last.msa.split(" ")[-1] in ONTO_THE_NEXT:
            *before, front = last.msa.split(" ")
            msa = " ".join((*before, joined(front, found.arabic)))
            changes[-1] = Change(last.start, end, text[last.start : end], msa, f"{last.rule}{AND}{found.rule}")
        else:
            changes.append(Change(start, end, text[start:end], found.arabic, found.rule))
    return changes
