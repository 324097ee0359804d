"""Arabizi in Arabic letters: word by word, what is English, French, a drug, a number or a code left as it is.

`3andi waga3 fi batni w bakhod panadol 500mg` is `عندي وجع في بطني وباخد panadol 500mg`. The region is told by its marked words, and how its
words are spelt goes by it. Every word changed is a change with its place in the text and its rule: `arabizi_word <word>`, a row of
lexicons/arabizi_words.csv, or `arabizi_letters`.
"""

from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import NamedTuple

from curation.dialect.arabizi.latin_words import is_measure, is_unit, kind, looks_foreign, tokens
from curation.dialect.arabizi.lexicon import lexicon, region_of
from curation.dialect.arabizi.words import SUN, Spelt, in_lexicon, joined, spelt
from curation.dialect.msa import Change, applied

ONTO_THE_NEXT = frozenset(("و", "ب", "ل", "ال", "وال", "بال", "لل", "ولل", "وبال", "هال", "وب", "ول"))  # written onto the next word
GAPS = (" ", "-")
BEFORE_A_LETTER = frozenset(
    ("vitamin", "vitamine", "vitamins", "vit", "hepatitis", "hepatite", "hépatite", "type", "group", "groupe", "plan")
)
FRENCH_ARTICLES = frozenset(("la", "le", "de", "un"))  # where French follows
FRENCH_LINKS = frozenset(("de", "du", "des", "au", "aux", "à"))  # behind French: mal de tête
AND = " + "  # between the rules of one change


class Transliterated(NamedTuple):
    """A text in Arabic letters, what changed, and the region of its Arabizi, None where nothing says."""

    text: str
    changes: list[Change]
    region: str | None


def transliterate(text: str, refused: Collection[str] = ()) -> Transliterated:
    """The text with its Arabizi in Arabic letters, without the rules that are `refused`; Arabic letters and the rest pass as they are."""
    places = _articles(text, tokens(text))
    words = [word for _, _, word in places]
    region = region_of(words)
    arabic = [None if left else spelt(word, region, refused) for word, left in zip(words, left_alone(text, places, region), strict=True)]
    changes = _joined(text, places, arabic)
    return Transliterated(applied(text, changes), changes, region)


def _articles(text: str, places: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """The words, each article that is said as its word begins (es sokkar, esh-sha3r) as el."""
    found = list(places)
    for i, ((start, end, word), (begins, _, behind)) in enumerate(pairwise(places)):
        if word[0] in "aei" and word[1:] in SUN and behind.startswith(word[1:]) and text[end:begins] in GAPS and not kind(behind):
            found[i] = (start, end, "el")
    return found


def left_alone(text: str, places: Sequence[tuple[int, int, str]], region: str | None) -> list[bool]:
    """Of each word whether it is none of Arabizi's: a measure, in capitals, listed, or of other letters.

    A word of both lists goes by the words beside it: left alone where those are.
    """
    shouted = sum(c.isupper() for c in text) * 2 > sum(c.isalpha() for c in text)
    left = [_stays(text, start, end, word, region, shouted) for start, end, word in places]
    for i, (start, _, word) in enumerate(places):
        before, behind = (places[n][2] if 0 <= n < len(places) else "" for n in (i - 1, i + 1))
        is_letter = len(word) == 1 and before in BEFORE_A_LETTER and text[places[i - 1][1] : start] == " "  # vitamin d
        is_french = (word in FRENCH_ARTICLES and kind(behind) in ("french", "")) or (kind(word) == "french" and behind in FRENCH_LINKS)
        if is_letter or (is_french and behind and left[i + 1]):
            left[i] = True
        elif word in lexicon() and kind(word) and (before or behind):
            left[i] = all(left[n] for n in (i - 1, i + 1) if 0 <= n < len(places))
    return left


def _stays(text: str, start: int, end: int, word: str, region: str | None, shouted: bool) -> bool:
    before, behind = text[max(start - 2, 0) : start], text[end : end + 1]
    in_capitals = end - start > 1 and text[start:end].isupper() and not shouted  # TSH; ANA, which is no ana
    if in_capitals or is_unit(word, before, behind):
        return True
    if word in lexicon():
        return False
    if len(word) == 1 or kind(word) or is_measure(word, before):
        return True
    if in_lexicon(word, region) or any(c.isdigit() for c in word):
        return False
    return not word.replace("'", "").isascii() or looks_foreign(word)  # accents are French


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
