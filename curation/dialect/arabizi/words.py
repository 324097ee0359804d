"""A word of Arabizi in Arabic letters: by the lexicon, also under what is written onto it; else a known word; else letter by letter.

lexicons/arabizi_words.csv has words as people type them, with region and Arabic spelling. A word is looked up as it stands, then without
what Arabic writes onto it: و, the article, ب ل ف in front, pronouns behind.
"""

import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import NamedTuple

from curation.dialect.arabizi.known_words import known
from curation.dialect.arabizi.letters import by_letters
from curation.dialect.arabizi.lexicon import BY_LETTERS, lexicon, mine, rule_of

DOUBLED = re.compile(r"(?<!^)(.)\1")  # at the beginning of a word it is an article: ssokar
NO_ARTICLE = re.compile(r"التهاب\w*|الم|الام|الف|الله")
SHORTEST = 3  # letters of what is left when something is taken off
FRONTS = {
    "w": "و", "wa": "و", "we": "و", "ou": "و", "el": "ال", "al": "ال", "il": "ال", "l": "ال", "wel": "وال", "wil": "وال", "wl": "وال",
    "oul": "وال", "b": "ب", "bi": "ب", "be": "ب", "bel": "بال", "bil": "بال", "bl": "بال", "lel": "لل", "lil": "لل", "ll": "لل",
    "f": "في ", "fel": "في ال", "fil": "في ال", "fl": "في ال", "3al": "على ال", "3l": "على ال", "mel": "من ال", "mnel": "من ال",
    "hal": "هال", "d": "د", "del": "ديال ال", "dl": "ديال ال",
}  # fmt: skip
ONLY_IN = {"d": "MGR", "del": "MGR", "dl": "MGR", "f": "MGR", "fl": "MGR", "hal": "LEV", "ou": "MGR", "oul": "MGR"}
# Letters before which the article's l is said, and written, as they are: es-sokkar, ssokkar.
SUN = ("sh", "ch", "th", "dh", "t", "d", "r", "z", "s", "n", "6", "9")
BEHINDS = {
    "ny": "ني", "ni": "ني", "y": "ي", "i": "ي", "ak": "ك", "ek": "ك", "ik": "ك", "k": "ك", "ha": "ها", "na": "نا", "hom": "هم", "hum": "هم",
    "kom": "كم", "kum": "كم", "oh": "ه", "o": "ه", "ou": "و", "u": "ه",
}  # fmt: skip
BEHINDS_OF_MINE = {"LEV": {"a": "ها", "on": "هم"}, "GLF": {"a": "ه", "ah": "ه"}, "IRQ": {"a": "ه", "ich": "چ"}}  # wejji, wejja
FEMININE = ("et", "at", "it", "t")  # ة before a pronoun


class Spelt(NamedTuple):
    """The Arabic letters of a word, and the rule that gave them."""

    arabic: str
    rule: str


def spelt(word: str, region: str | None, refused: Collection[str] = ()) -> Spelt | None:
    """A word in Arabic letters; None where no rule reaches it, or those that do are refused."""
    return _spelt(word, region or "", frozenset(refused))


@lru_cache(200_000)
def in_lexicon(word: str, region: str | None) -> bool:
    """Whether the lexicon has a word, as it stands or under what is written onto it."""
    return next(_by_lexicon(word, region or ""), None) is not None


@lru_cache(200_000)
def _spelt(word: str, region: str, refused: frozenset[str]) -> Spelt | None:
    for found in _by_lexicon(word, region):
        if found.rule not in refused:
            return found
    if BY_LETTERS in refused:
        return None
    arabic = _denied(word, region, refused) or known(word, region) or _with_front(word, region) or by_letters(word, region)
    return Spelt(arabic, BY_LETTERS) if arabic else None


def _by_lexicon(word: str, region: str) -> Iterator[Spelt]:
    """As it stands; without what is in front; without what is behind; without both."""
    single = DOUBLED.sub(r"\1", word)
    if row := _row(word, region) or (_row(single, region) if len(single) > SHORTEST else None):
        yield row
    fronts = list(_fronts(word, region))
    for front, rest in fronts:
        if (row := _row(rest, region)) and not has_article(row.arabic):
            yield row._replace(arabic=joined(front, row.arabic))
    for front, rest in ("", word), *((front, rest) for front, rest in fronts if not front.endswith("ال")):
        for owned in _owned(rest, region):
            yield owned._replace(arabic=joined(front, owned.arabic))


def _row(word: str, region: str) -> Spelt | None:
    """The row of the region, of all, or of whichever is first; in the Levant with a for its last e, too."""
    for form in (word, f"{word[:-1]}a" if region == "LEV" and word.endswith("e") else word):
        if by_region := lexicon().get(form):
            return Spelt(by_region.get(region) or by_region.get("all") or next(iter(by_region.values())), rule_of(form))
    return None


def _fronts(word: str, region: str) -> Iterator[tuple[str, str]]:
    for latin, arabic in FRONTS.items():
        rest = word[len(latin) :].lstrip("'")
        if word.startswith(latin) and len(rest) >= SHORTEST and ONLY_IN.get(latin, region) == region:
            yield arabic, rest
    for sun in SUN:  # ssokar, essokar
        for vowel in ("", "e", "i", "a"):
            if word.startswith(vowel + sun + sun) and len(word) - len(vowel + sun) >= SHORTEST:
                yield "ال", word[len(vowel + sun) :]


def _owned(word: str, region: str) -> Iterator[Spelt]:
    """With a pronoun behind it; a feminine one also without: 3amaleyet el zayda."""
    for latin, pronoun in (("", ""), *BEHINDS.items(), *(of_mine := BEHINDS_OF_MINE.get(region, {})).items()):
        stem = word.removesuffix(latin)
        if (latin and stem == word) or len(stem) < SHORTEST:
            continue
        for feminine in FEMININE:
            bare = stem.removesuffix(feminine)
            if bare != stem and len(bare) >= SHORTEST - 1:
                for row in (_row(bare + vowel, region) for vowel in ("a", "e", "ah")):
                    if row and row.arabic.endswith("ة"):
                        yield row._replace(arabic=f"{row.arabic[:-1]}ت{pronoun}") if pronoun else row
        for possessed in (f"{stem}i", f"{stem}y") if pronoun else ():
            if possessed in mine() and (row := _row(possessed, region)) and row.arabic.endswith("ي"):
                yield row._replace(arabic=row.arabic[:-1] + pronoun)  # raso, by rasi
        if pronoun and latin not in of_mine and (row := _row(stem, region)) and " " not in row.arabic and row.arabic[-1] not in "ةىاوي":
            yield row._replace(arabic=row.arabic + pronoun)


def has_article(word: str) -> bool:
    """Whether an Arabic word begins with the article and not only with its letters."""
    return word.startswith("ال") and NO_ARTICLE.fullmatch(word) is None


def joined(front: str, word: str) -> str:
    """What is written onto a word, before it; ال and what ends in it meets no second ال, and ل with it is لل."""
    if word.startswith("هاد") and front.endswith("ال"):
        return front.removesuffix("ال") + "ل" + word  # l had: to this
    if has_article(word) and front.endswith("ل"):
        front = {"ل": "لل"}.get(front, front.removesuffix("ال"))
        return front + (word.removeprefix("ال") if front.endswith("لل") else word)
    return front + word


def _denied(word: str, region: str, refused: frozenset[str]) -> str | None:
    """ma…sh around a verb, where people write so."""
    if region not in ("EGY", "LEV", "MGR", "") or not word.startswith("m") or not word.endswith(("sh", "ch")):
        return None
    verb = word[2 if word.startswith("ma") else 1 : -2]
    vowel = verb[-1:] in ("e", "i") and len(verb) > SHORTEST  # mabanamesh
    found = _spelt(verb, region, refused) if len(verb) >= SHORTEST else None
    if found is None and vowel:
        found = _spelt(verb[:-1], region, refused)
    if found is None or " " in found.arabic:
        return None
    return ("م" if region == "EGY" else "ما") + found.arabic.replace("ة", "ه") + "ش"


def _with_front(word: str, region: str) -> str | None:
    """What is in front taken off and the rest read, where something sure is: the article, و before it."""
    for front, rest in _fronts(word, region):
        is_article = "ال" in front or front == "لل"
        if is_article and rest[0] not in "aeiou" and (arabic := known(rest, region) or by_letters(rest, region)):
            return joined(front, arabic)
    return None
