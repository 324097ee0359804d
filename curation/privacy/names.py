"""Names of persons: after a title or "my name is", where a listed given name stands, and every full name that the dump's authors bear.

A text is cut into words once; each word's meaning is one look-up (vocabulary.py), and only where a word is a cue or a name the rules
below look at its neighbours. Not caught: a rare name after a weak cue, a given name that is an ordinary word too, alone without a cue.
"""

import re

from curation.privacy.cues import ADJECTIVES, BEFORE_OWN_NAME, DRUGS, KIN, NOT_CALLED
from curation.privacy.extent import Next, Word, adjacent, begins_sentence, could_be_name, is_no_person, length, next_word, words_of
from curation.privacy.known import KnownNames, known_names
from curation.privacy.vocabulary import (
    BINDER,
    COMMON,
    CUES,
    DOCTOR_D,
    GIVEN,
    KUNYA,
    NISBA,
    PLAIN,
    RELATIVE,
    SELDOM,
    SURE,
    TITLE,
    VERB,
    VOCATIVE,
    WORD_TOO,
    fold_name,
    given_names,
    is_family,
)

__all__ = ["KnownNames", "fold_name", "known_names", "name_spans"]

FORM_FIELD = "الاسم"  # with a colon behind it
TELLING = CUES | DOCTOR_D | GIVEN | BINDER
CUE_GAP = re.compile(r"[ \t\u00a0_]*[:/.]?[ \t\u00a0_]*")
FIELD_GAP = re.compile(r"[ \t\u00a0]*[:：][ \t\u00a0]*")
COMMA_GAP = re.compile(r"[^\n]{1,2}")  # يا، احمد
AGE = re.compile(r"\s*(?:[0-9٠-٩۰-۹]|شهر|سن[ةه]|سنت|سنين|اسبوع|يوم|ايام|فوق|تقريب)")
AFTER_PERSON = re.compile(
    r"\s*[،,]?\s*(?:عمر[هوي]ا?\b|عمرها|عند[هو]ا?\b|عندها|سن[هو]ا?\s|سنها|عندو|3omr|3and|3end|[0-9٠-٩]+\s?(?:سن|شهر|شهور|يوم))"
)
AFTER_OWN_NAME = re.compile(r"\s*(?:$|[.،,!؛\n)]|و\w|عمري|من\s|انا\s|أنا\s|عندي|ابلغ|[0-9٠-٩]|w\s|3omri|3andi|3endi)")


def name_spans(text: str, known: KnownNames | None = None) -> list[tuple[int, int]]:
    """Where names of persons stand in `text`, as (start, end) in characters, not overlapping, in order."""
    words = words_of(text)
    spans: list[tuple[int, int]] = []
    done = 0  # words before this one belong to a name already
    for i, (_, _, folded, bits) in enumerate(words):
        if i < done or not (bits & TELLING or folded == FORM_FIELD or (known is not None and folded in known.longest)):
            continue
        first, count = i, _known_length(text, words, i, known) if known is not None else 0
        if not count and _is_cue(text, words, i):
            first, count = i + 1, _after_cue(text, words, i)
        if not count and bits & (GIVEN | BINDER):
            first, count = i, _by_itself(text, words, i)
        if count:
            spans.append((words[first][0], words[first + count - 1][1]))
            done = first + count
    return spans


def _known_length(text: str, words: list[Word], i: int, known: KnownNames) -> int:
    """How many words at `i` are the full name of an author; the longest name counts."""
    for count in range(min(known.longest.get(words[i][2], 0), len(words) - i), 1, -1):
        if " ".join(word[2] for word in words[i : i + count]) in known.names and all(
            adjacent(text, words[j], words[j + 1]) for j in range(i, i + count - 1)
        ):
            return count
    return 0


def _is_cue(text: str, words: list[Word], i: int) -> bool:
    _, end, folded, bits = words[i]
    if i + 1 == len(words):
        return False
    behind = words[i + 1][0]
    if folded == FORM_FIELD:
        return FIELD_GAP.fullmatch(text, end, behind) is not None
    if bits & VOCATIVE and COMMA_GAP.fullmatch(text, end, behind):
        return True
    return bool(bits & (CUES | DOCTOR_D)) and CUE_GAP.fullmatch(text, end, behind) is not None


def _after_cue(text: str, words: list[Word], i: int) -> int:
    """How many words behind the cue at `i` are a name; 0 when none is."""
    cue, (start, end, folded, bits) = words[i][3], words[i + 1]
    behind = next_word(text, words, i + 1)
    if folded in ("عمر", "عمرو") and AGE.match(text, end):  # "his age"
        return 0
    if i and words[i][2] in ("اسمه", "اسمها") and words[i - 1][2] in DRUGS and adjacent(text, words[i - 1], words[i]):
        return 0  # «دوا اسمه كونكور 5 يوم», but not «أحتاج إبر؟ اسمي بشرى»
    if words[i][2] == FORM_FIELD:
        named = could_be_name(words[i + 1])
    elif cue & DOCTOR_D:
        pointed = "." in text[words[i][1] : start] or "/" in text[words[i][1] : start]
        named = (not i or words[i - 1][2] != "فيتامين") and bool(
            (not bits & (COMMON | CUES) and could_be_name(words[i + 1])) or bits & GIVEN or _titled(words[i + 1], behind)
            if pointed
            else bits & PLAIN
        )
    elif cue & VOCATIVE:
        named = bool(bits & (PLAIN | SELDOM)) or bool(bits & WORD_TOO and folded not in NOT_CALLED)
    elif bits & GIVEN:
        named = _is_meant_as_name(words, i, behind.bits & (GIVEN | BINDER) != 0 or behind.nisba or behind.family)
        return length(text, words, i + 1, bool(cue & (TITLE | SURE))) if named else 0
    elif is_no_person(words, i + 1):
        named = False
    elif f"{folded} {behind.folded}" in given_names():
        named = True
    elif bits & BINDER:
        named = bool((cue & (TITLE | SURE) and not folded.isascii()) or behind.bits & GIVEN)
    elif folded.isascii() and not text[start].isupper():
        named = False  # Arabizi: only a capital or the list tells a name
    elif cue & SURE:
        named = _is_own_name(text, words, i)
    elif cue & RELATIVE and not folded.startswith("ال") and AFTER_PERSON.match(text, end) and could_be_name(words[i + 1]):
        return 1
    elif cue & (RELATIVE | KUNYA):  # أم سجاد الربيعي
        named = behind.nisba and is_family(folded) and is_family(behind.folded)
    else:
        named = _titled(words[i + 1], behind)
    return length(text, words, i + 1, True) if named else 0


def _is_meant_as_name(words: list[Word], i: int, goes_on: bool) -> bool:
    """Whether the listed name behind the cue at `i` is one, and not the word that it is too."""
    cue, (_, _, folded, bits) = words[i][3], words[i + 1]
    if folded in ("علي", "لما", "ربي", "ايه", "سنان") or (cue & RELATIVE and folded in ADJECTIVES):
        return goes_on
    if cue & TITLE and folded in ("زين", "طيب", "حكيم") and not words[i][2].startswith("ال"):  # "a good doctor"
        return goes_on
    # "or", not "mother of"
    return not (cue & KUNYA and bits & WORD_TOO and any(word[2] == "هل" for word in words[max(0, i - 12) : i]))


def _is_own_name(text: str, words: list[Word], i: int) -> bool:
    """Whether an unlisted word behind "my name" is the writer's: «انا اسمي نسرينة», but not «اقترب اسمي شعرت»."""
    _, end, folded, _ = words[i + 1]
    behind = next_word(text, words, i + 1)
    own = not i or words[i - 1][2] in BEFORE_OWN_NAME or begins_sentence(text, words[i][0])
    if not (own or AFTER_OWN_NAME.match(text, end) or behind.nisba):
        return False
    return could_be_name(words[i + 1]) or (is_family(behind.folded) and not VERB.search(behind.folded) and not VERB.search(folded))


def _titled(word: Word, behind: Next) -> bool:
    """Whether an unlisted word behind a title is a name and no specialty: the word behind it has to be a family name."""
    _, _, folded, bits = word
    if bits == COMMON or VERB.search(folded):
        return False
    if behind.bits & BINDER and behind.folded not in ("ام", "ال"):
        return could_be_name(word)
    if not is_family(folded) or (folded.isascii() and not behind.capital):
        return False
    return behind.nisba or (not folded.startswith("ال") and is_family(behind.folded) and (behind.family or not VERB.search(behind.folded)))


def _by_itself(text: str, words: list[Word], i: int) -> int:
    """A given name without a cue: alone where the word is nothing else, else with a given or family name behind it."""
    start, end, folded, bits = words[i]
    behind = next_word(text, words, i)
    if not bits & GIVEN:
        return _with_abd(text, words, i)
    if folded.isascii() and not text[start].isupper() and not behind.bits & PLAIN:
        return 0  # Arabizi: hana is "here"
    if is_no_person(words, i) or (folded == "عمرو" and AGE.match(text, end)):
        return 0
    if bits & PLAIN or (behind.folded in KIN and i + 2 < len(words) and words[i + 2][3] & (GIVEN | RELATIVE)):  # شهد بنت اختي
        return length(text, words, i, False)
    if bits & SELDOM:
        named = bool(behind.bits & (PLAIN | SELDOM)) or behind.family
    else:  # كريم البيتادين is a drug, العربي السوري a country
        named = folded != "كريم" and not folded.startswith("ال") and bool(behind.bits & PLAIN or (behind.family and behind.nisba))
    count = length(text, words, i, False) if named else 0
    return count if count > 1 else 0


def _with_abd(text: str, words: list[Word], i: int) -> int:
    """عبد with a listed second part, or with any and a name behind it."""
    behind = next_word(text, words, i)
    if words[i][2] not in ("عبد", "abd") or not behind.folded:
        return 0
    if f"{words[i][2]} {behind.folded}" in given_names():
        return 0 if is_no_person(words, i, 2) else length(text, words, i, False)
    third = next_word(text, words, i + 1)
    named = behind.folded.startswith("ال") and (third.bits & GIVEN or NISBA.match(third.folded))
    return length(text, words, i, False) if named else 0
