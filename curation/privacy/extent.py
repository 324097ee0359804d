"""The words of a text, how far a name reaches among them, and what stands around it: the questions that names.py asks."""

import re
from typing import NamedTuple

from curation.privacy.cues import ADJECTIVES, DRUGS, KIN, NO_FAMILY_NAME, NOT_BEFORE, NOT_BEHIND, PRAYER
from curation.privacy.known import WORD
from curation.privacy.vocabulary import BINDER, COMMON, CUES, GIVEN, MEANINGS, NISBA, PLAIN, VERB, WORD_TOO, is_family

Word = tuple[int, int, str, int]  # start, end, folded, bits: a plain tuple, because most texts have twenty of them
MAX_WORDS = 4
MAX_GAP = re.compile(r"[ \t\u00a0_]*")


class Next(NamedTuple):
    """The word behind one, where nothing but a blank stands between them."""

    folded: str
    bits: int
    capital: bool = False

    @property
    def family(self) -> bool:
        """الزعبي, el Haddad: a family name by its article."""
        return self.folded.startswith(("ال", "el", "al")) and is_family(self.folded)

    @property
    def nisba(self) -> bool:
        return NISBA.match(self.folded) is not None


def words_of(text: str) -> list[Word]:
    """The words of a text; a stroke or a vowel sign that stands alone is none."""
    return [(m.start() + front, m.end(), folded, bits) for m in WORD.finditer(text) for folded, bits, front in (MEANINGS[m[0]],) if folded]


def adjacent(text: str, left: Word, right: Word) -> bool:
    """Whether nothing but blanks (or the strokes of a hashtag) stands between two words."""
    return MAX_GAP.fullmatch(text, left[1], right[0]) is not None


def next_word(text: str, words: list[Word], i: int) -> Next:
    """The word behind the one at `i`; empty where there is none, or more than a blank between."""
    if i + 1 < len(words) and adjacent(text, words[i], words[i + 1]):
        return Next(words[i + 1][2], words[i + 1][3], text[words[i + 1][0]].isupper())
    return Next("", 0)


def could_be_name(word: Word) -> bool:
    """A listed name, or a word that is neither a frequent one nor a verb."""
    _, _, folded, bits = word
    return bool(bits & GIVEN) or (not bits & (COMMON | CUES) and is_family(folded) and not VERB.search(folded))


def begins_sentence(text: str, start: int) -> bool:
    """Whether a sentence, line or list begins at `start`."""
    before = text[max(0, start - 40) : start].rstrip(" \t")
    return not before or before[-1] in ".!؟?\n،,؛:\x00"


def is_no_person(words: list[Word], i: int, count: int = 1) -> bool:
    """A prophet, a hospital, a drug: a given name that names nobody who writes or is written about."""
    if i and (words[i - 1][2] in NOT_BEFORE or words[i - 1][2] in DRUGS):
        return True
    if i + count < len(words) and words[i + count][2] in NOT_BEHIND:
        return True
    return words[i][2] in ("محمد", "عيسي", "موسي", "ابراهيم") and any(word[2] in PRAYER for word in words[max(0, i - 4) : i])


def length(text: str, words: list[Word], first: int, cued: bool) -> int:
    """How many words from `first`, which is a name, on belong to it. With a sure cue, one unlisted family name does too."""
    count = 1
    bound = _binds(words[first])  # the next word belongs to the name, whatever it is: عبد, ابو
    unlisted = False  # after an unlisted family name only what is surely a name goes on: the next word is a drug or a verb
    latin = text[words[first][0]].isupper()
    while count < MAX_WORDS + bound and first + count < len(words) and adjacent(text, words[first + count - 1], words[first + count]):
        start, end, word, bits = words[first + count]
        if bound:
            bound = word == "ال"
        elif text[start - 1].isalpha():
            break  # something is written onto its front: "and"
        elif _binds(words[first + count]):
            if not _takes_along(text, words, first + count):
                break
            bound = True
        elif bits & GIVEN:
            if (bits & WORD_TOO and word in ADJECTIVES and not cued) or (unlisted and not bits & PLAIN):
                break
        elif _is_family_name(text[start:end], word, bits, unlisted, cued, latin):
            unlisted = True
        else:
            break
        count += 1
    return count


def _binds(word: Word) -> bool:
    return bool(word[3] & BINDER and not word[3] & GIVEN)


def _takes_along(text: str, words: list[Word], i: int) -> bool:
    """Whether بن, ابو and the like at `i` stand inside a name: "son of my sister" does not."""
    if words[i][2] in ("ام", "ال") or i + 1 >= len(words) or not adjacent(text, words[i], words[i + 1]) or words[i + 1][3] & CUES:
        return False
    return words[i][2] not in KIN or bool(words[i + 1][3] & GIVEN) or words[i][2] == "بن"


def _is_family_name(written: str, word: str, bits: int, unlisted: bool, cued: bool, latin: bool) -> bool:
    """`unlisted`: one stood before. `latin`: the name began with a capital."""
    if NISBA.match(word) and word not in NO_FAMILY_NAME:
        return not unlisted or is_family(word)
    if not is_family(word):
        return False
    if word.startswith("ال") and len(word) > 4:
        return True
    if unlisted or bits & CUES or VERB.search(word):
        return False
    if word.isascii():
        return written[0].isupper() and (cued or (latin and not written.isupper()))
    return cued or word.startswith(("بو", "بن"))
