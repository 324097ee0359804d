"""The words of questions and answers as they are compared: folded as the matching key is, so that spelling and signs do not count."""

import re
from sys import intern

from curation.text.phrases import fold

# What Arabic writes onto the front of a noun, taken off where three letters remain: PROCLITICS of curation/text/phrases.py.
FRONT = re.compile(r"(?:[وف]?(?:[بكل]?ال|لل|عال|هال)|و?[فبل]|و)(?=[ء-ي]{3,}$)")

_KNOWN: dict[str, list[str]] = {}


def words_of(texts: list[str]) -> list[list[str]]:
    """The folded words of each text, in their order; a text of signs alone has none.

    Folding takes a third of a second for one text or for a thousand, so whoever has many gives them at once; each is folded once.
    """
    if new := [text for text in dict.fromkeys(texts) if text not in _KNOWN]:
        _KNOWN.update(zip(new, ([intern(word) for word in key.split()] for key in fold(new)), strict=True))
    return [_KNOWN[text] for text in texts]


def readings(word: str) -> list[str]:
    """What a folded word can be: as it stands, without its conjunction, and without preposition and article too."""
    without = word[1:] if word[0] in "وف" and len(word) > 2 else word
    return list(dict.fromkeys((word, without, _bare(word), _bare(without))))


def _bare(word: str) -> str:
    found = FRONT.match(word)
    return word[found.end() :] if found else word
