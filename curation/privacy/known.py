"""The people of a dump: every full name of an author, looked up by its first word, however many there are."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from curation.privacy.cues import ORGANISATION
from curation.privacy.vocabulary import BINDER, GIVEN, PLAIN, TITLE, common_words, fold_name, given_names, meaning

WORD = re.compile(r"[^\W\d_][^\W_]*+(?:[\u064b-\u0652'’]++[^\W_]*+)*+")  # with its vowel signs; possessive, because all text passes here
MAX_WORDS = 5


class KnownNames(NamedTuple):
    """Folded full names, and for each first word how many words the longest name has that begins with it."""

    longest: dict[str, int]
    names: frozenset[str]


def known_names(author_names: Iterable[str]) -> KnownNames:
    """The full names among a dump's author names. A page that is called by common words («صحة المرأة») is none."""
    longest: dict[str, int] = {}
    names: set[str] = set()
    for author in author_names:
        words = [fold_name(word) for word in WORD.findall(author or "")]
        while words and meaning(words[0])[0] & TITLE:
            words.pop(0)
        if not 2 <= len(words) <= MAX_WORDS or not is_person(words):
            continue
        name = " ".join(words)
        if name not in names:
            names.add(name)
            longest[words[0]] = max(longest.get(words[0], 0), len(words))
    return KnownNames(longest, frozenset(names))


def is_person(words: list[str]) -> bool:
    """Whether words that stand as an author's name are safe to look for in texts.

    One must be a given name and nothing else, or two must be given names, or one must be no frequent word: ordinary text then never
    says all of them in a row. «نور الشمس», «دنيا الدواء» and "Health Care" fail it.
    """
    if not ORGANISATION.isdisjoint(words):
        return False
    given, common = given_names(), common_words()
    if any(given.get(word) == PLAIN for word in words) or sum(word in given for word in words) >= 2:
        return True
    if " ".join(words[:2]) in given and len(words) > 2:
        return True
    return any(
        len(word) > 2 and word not in common and word not in given and _bare(word) not in common and not meaning(word)[0] & (GIVEN | BINDER)
        for word in words
    )


def _bare(word: str) -> str:
    return re.sub(r"^(?:وال|بال|فال|لل|ال|[وبلف])(?=\w{3})", "", word)
