"""Names of persons: after a title, after "my name is", and where a listed given name stands beside a family name.

Not caught: a first name alone in running text without any cue, and a rare name after a weak cue. docs and the card say so.
"""

import re
from functools import cache
from typing import NamedTuple

from curation.lexicons import load
from curation.privacy.patterns import BINDERS, KUNYA_CUES, LIKELY_CUES, SURE_CUES, TITLES

FOLDING = str.maketrans("أإآٱةىؤئ", "ااااهيوي", "\u0640\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652")
WORD = re.compile(r"[^\W\d_][\w\u064b-\u0652'’]*")
GAP = r"[\s:،,.\-/]*"
EDGE = r"(?<![\w])(?:[وفبل]|ل?ل|ال|وال|بال|عند ال)?"
CUES = tuple(
    (kind, re.compile(rf"(?i){EDGE}(?:{cue})(?![^\W\d_])"))
    for kind, cue in (("title", TITLES), ("bare_title", "د"), ("sure", SURE_CUES), ("kunya", KUNYA_CUES), ("likely", LIKELY_CUES))
)
MAX_WORDS = 4
NISBA = re.compile(r"^ال\w{3,}ي$")  # الشمري: a family name even where it is a frequent word
VERB = re.compile(r"^(?:بي|بت|كي|كت|هي|هت|سي|ست)\w{2}|(?:تلي|الي|تلنا|لها|تني|وني|يني|تنا|لهم|تله)$")  # كتبتلي is no family name
BETWEEN = re.compile(r"[ \t\u00a0]*[:/]?[ \t\u00a0]*")


# Listed names that posts write as words: على as علي, when, with it, my Lord, teeth; عمرو is "his age" in the Levant.
ALSO_WORDS = frozenset({"علي", "لما", "بيه", "ربي", "سنان", "ايه", "el", "al"})
VERBS_TOO = frozenset({"طلعت"})  # "زوجي طلعت دهونه مرتفعة": after a relative it is what came out
AGE = re.compile(r"\s*(?:[0-9٠-٩۰-۹]|شهر|سن[ةه]|سنت|سنين|اسبوع|يوم|ايام|فوق|تقريب)")


class Word(NamedTuple):
    start: int
    end: int
    folded: str


def fold_name(word: str) -> str:
    """A name in one spelling: hamza, ة and ى folded, vowel signs off, lower case."""
    return word.translate(FOLDING).lower()


@cache
def given_names() -> frozenset[str]:
    """Every listed given name, folded."""
    return frozenset(fold_name(row["name"]) for row in load("given_names"))


@cache
def plain_given_names() -> frozenset[str]:
    """Given names that are not ordinary words too."""
    return frozenset(fold_name(row["name"]) for row in load("given_names") if "word" not in row["note"]) - ALSO_WORDS


@cache
def common_words() -> frozenset[str]:
    """Frequent words of Arabic texts, folded: what stands here is taken for no family name."""
    return frozenset(row["word"] for row in load("common_words"))


def name_spans(text: str) -> list[tuple[int, int]]:
    """Where names of persons stand in `text`, as (start, end) in characters, not overlapping, in order."""
    words = _words(text)
    at = {word.start: i for i, word in enumerate(words)}
    spans = []
    for kind, cue in CUES:
        for match in cue.finditer(text):
            gap = BETWEEN.match(text, match.end())
            first = at.get(gap.end() if gap else match.end())
            if first is not None and (count := _name_length(text, words, first, kind)):
                spans.append((words[first].start, words[first + count - 1].end))
    for i, word in enumerate(words):
        if i + 1 < len(words) and _adjacent(text, word, words[i + 1]) and _begins_name(text, words, i):
            count = _name_length(text, words, i, "likely")
            if count > 1:
                spans.append((word.start, words[i + count - 1].end))
    return _merge(spans)


def _words(text: str) -> list[Word]:
    """The words of a text; a stroke or a vowel sign that stands alone is none."""
    words = (Word(match.start(), match.end(), fold_name(match.group())) for match in WORD.finditer(text))
    return [word for word in words if word.folded]


def _begins_name(text: str, words: list[Word], i: int) -> bool:
    """Whether a name needs no cue here: two given names in a row, a given and a family name, عبد الـ with a family name behind it."""
    given, following = words[i].folded, words[i + 1].folded
    if given == "عبد" and following.startswith("ال") and i + 2 < len(words):
        return _is_given(words[i + 2].folded) or NISBA.match(words[i + 2].folded) is not None
    if given not in plain_given_names():
        # دسامر الزعبي: the title written onto the name
        return given[0] == "د" and given[1:] in plain_given_names() and following.startswith("ال") and _is_family(following)
    return following in plain_given_names() or (following.startswith(("ال", "el", "al")) and _is_family(following))


def known_name_spans(text: str, names: frozenset[str]) -> list[tuple[int, int]]:
    """Where any of the full names (folded, of two words or more) stands in `text`."""
    if not names:
        return []
    words = _words(text)
    spans = []
    for name in names:
        parts = name.split()
        for i in range(len(words) - len(parts) + 1):
            if [w.folded for w in words[i : i + len(parts)]] == parts:
                spans.append((words[i].start, words[i + len(parts) - 1].end))
    return _merge(spans)


def _name_length(text: str, words: list[Word], first: int, kind: str) -> int:
    """How many words from `first` on are a name; 0 when none is."""
    folded = words[first].folded
    if folded == "عمرو" and AGE.match(text, words[first].end):
        return 0
    if text[words[first].start : words[first].end] == "على" or (kind == "likely" and folded in VERBS_TOO):
        return 0
    if folded.isascii() and not _is_given(folded) and not text[words[first].start].isupper():
        return 0  # Arabizi: only a capital or the list tells a name
    following = words[first + 1].folded if first + 1 < len(words) and _adjacent(text, words[first], words[first + 1]) else ""
    if folded[0] == "و" and not _is_given(folded) and not NISBA.match(following):
        return 0
    named = (_is_given(folded) and (folded not in ALSO_WORDS or _is_family(following))) or folded in BINDERS
    named = named or (folded[0] == "د" and folded[1:] in plain_given_names() and following.startswith("ال"))
    if not named and NISBA.match(following):
        named = (kind == "likely" and _is_family(folded)) or (kind == "kunya" and (_is_family(folded) or _is_family(following)))
    if not named and kind == "sure":
        # سليمة and بان are ordinary words too; what follows them is not.
        named = _is_family(folded) or following in BINDERS or _is_family(following)
    if not named and kind == "title" and not VERB.search(folded):
        named = (
            following in BINDERS
            or (following.startswith("ال") and _is_family(following))
            or (_is_family(folded) and _is_family(following) and not VERB.search(following))
            or (_is_family(folded) and NISBA.match(following) is not None)
        )
    if kind == "bare_title":  # د سامر, but also فيتامين د
        named = folded in plain_given_names()
    if not named:
        return 0
    count, bound, unlisted = 1, folded in BINDERS, False
    while count < MAX_WORDS and first + count < len(words) and _adjacent(text, words[first + count - 1], words[first + count]):
        word = words[first + count].folded
        if not (bound or _is_given(word) or _is_family(word) or NISBA.match(word) or word in BINDERS):
            break
        if word.isascii() and not bound and not _is_given(word) and not text[words[first + count].start].isupper():
            break
        if not (bound or _is_given(word) or word.startswith("ال") or word in BINDERS):
            if VERB.search(word) or unlisted:  # one unlisted family name; the next unlisted word is a drug or a verb
                break
            unlisted = True
        unlisted = unlisted or (word.startswith("ال") and not bound)  # after a family name no unlisted word: it is a verb
        bound = word in BINDERS
        count += 1
    if folded in BINDERS and count == 1:
        return 0
    return count


def _is_given(folded: str) -> bool:
    return folded in given_names()


def _is_family(folded: str) -> bool:
    """A word that is no common word, nor one with something written onto its front; after a name, و is "and"."""
    return len(folded) > 2 and folded[0] != "و" and folded not in common_words() and _stem(folded) not in common_words()


def _stem(folded: str) -> str:
    """Without the words written onto the front, so that `بالمستشفى` is known as common. ب alone begins names: بوزيد, بنجلون."""
    return re.sub(r"^(?:ال|بال|فال|لل|[فل])(?=\w{3})", "", folded)


def _adjacent(text: str, left: Word, right: Word) -> bool:
    return text[left.end : right.start].strip(" \u00a0\t") == "" and "\n" not in text[left.end : right.start]


def _merge(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
