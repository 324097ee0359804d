"""Which known Arabic word a word in Latin letters stands for: found by its consonants, taken where reading its letters so costs little.

Known are the words of the lexicons of dialect and severity and those that are frequent in Arabic texts (lexicons/common_words.csv).
"""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import product

from curation.dialect.arabizi.letters import Letter, is_vowel, readings, spelt_out, units
from curation.dialect.lexicon import entries, folded
from curation.lexicons import load
from curation.schema import SPOKEN

WEAK = str.maketrans("", "", "اويءهة")  # what a word is not looked for by: vowels, hamza, and ه which may be ة
CLASSES = str.maketrans("ضذظزطصح", "ددددتسه")  # one for the letters that one Latin letter stands for
ARABIC = re.compile(r"[ء-يچگپڤ]{2,}")
# What a known word may cost, more for each letter, and more for one that is of no lexicon of dialect: each the least with which the open
# half of benchmarks/arabizi_words_gold.csv has its most exact matches.
DEAREST, DEAREST_A_LETTER = 2.0, 0.6
COMMON = 3


def known(word: str, region: str) -> str | None:
    """The known Arabic word that the Latin one most likely stands for, ة and ى as its last vowel tells; None where none is near."""
    letters = units(word, region)
    if len(letters) < 2:
        return None
    options = [readings(letters, i, region) for i in range(len(letters))]
    dearest = DEAREST + DEAREST_A_LETTER * len(letters)
    near = (found for consonants in keys(letters, options) for found in known_words(region).get(consonants, ()))
    priced = ((cost(options, arabic), more, arabic) for arabic, more in near)
    found = [(price + more, len(arabic), arabic) for price, more, arabic in priced if price is not None and price <= dearest]
    return spelt_out(min(found)[2], letters) if found else None


def cost(options: Sequence[Sequence[Letter]], arabic: str) -> int | None:
    """What the cheapest way costs to read each unit as one of its options so that they make this word, None where there is none."""
    best = {0: 0}
    for letters in options:
        after: dict[int, int] = {}
        for place, so_far in best.items():
            for letter in letters:
                if arabic.startswith(letter.arabic, place):
                    end, price = place + len(letter.arabic), so_far + letter.cost
                    if after.get(end, price) >= price:
                        after[end] = price
        best = after
    return best.get(len(arabic))


def keys(letters: Sequence[str], options: Sequence[Sequence[Letter]]) -> set[str]:
    """By which consonants an Arabic word that the letters stand for can be found."""
    each = ({key(letter.arabic) for letter in of} if not is_vowel(unit) else {""} for unit, of in zip(letters, options, strict=True))
    return {_undoubled("".join(chosen)) for chosen in product(*each)}


@cache
def key(arabic: str) -> str:
    """The consonants of an Arabic word, those that Latin letters do not tell apart made one."""
    return _undoubled(arabic.translate(WEAK).translate(CLASSES))


def _undoubled(text: str) -> str:
    return re.sub(r"(.)\1+", r"\1", text)


@cache
def known_words(region: str) -> dict[str, tuple[tuple[str, int], ...]]:
    """By consonants, the Arabic words of the word lists, folded, each with what it costs more: nothing where it is of a dialect's list."""
    costs: dict[str, int] = {}
    dialects = (region,) if region else SPOKEN
    own = (word for dialect in dialects for entry in entries(dialect) for word in entry.words)
    marked = (row["form"] for row in load("dialect_words") if row["dialect"] in (*dialects, "MSA"))
    medical = (row["phrase"] for row in load("severity_cues"))
    for more, forms in (0, own), (0, marked), (1, medical), (COMMON, (row["word"] for row in load("common_words"))):
        for word in _words(forms):
            costs.setdefault(word, more)
    found: dict[str, list[tuple[str, int]]] = {}
    for word, more in costs.items():
        found.setdefault(key(word), []).append((word, more))
    return {consonants: tuple(words) for consonants, words in found.items()}


def _words(texts: Iterable[str]) -> Iterable[str]:
    return (word for text in texts for word in ARABIC.findall(folded(text)))
