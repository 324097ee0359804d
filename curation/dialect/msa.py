"""`normalise_dialect`: the words of a text's own dialect in MSA, conservatively; everything else stays as it is.

Whole words only, from left to right, the longest entry first, with what is written onto a word carried over (inflection.py). Entries
are rows of lexicons/msa_words.csv. Not a translation: what no entry names stays dialect, and what can be read in two ways stays too.
Every change says where it was made and by which entry. A text whose numbers, Latin words or negations would not be the same afterwards
keeps all of its words.
"""

import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

import pyarrow as pa

from curation.dialect.inflection import CIRCUMFIX, Reading, Readings, readings
from curation.dialect.lexicon import condition, folded
from curation.dialect.polarity import denies_alike, follows_without_denying
from curation.schema import SPOKEN

CHANGES = pa.list_(
    pa.struct({"start": pa.int64(), "end": pa.int64(), "form": pa.string(), "msa": pa.string(), "rule": pa.string()}.items())
)
WORD = re.compile(r"[^\W\d_]+")
NUMBER = re.compile(r"\d+(?:[.,٫/]\d+)*")
LATIN = re.compile(r"[A-Za-z]+")
STANDS_FOR_MA = frozenset(("ما", "وما", "فما"))


class Change(NamedTuple):
    """Characters [start, end) of the text before, what stood there, what stands there now, and the entry that says so."""

    start: int
    end: int
    form: str
    msa: str
    rule: str


def to_msa(text: str, dialect: str | None, refused: Collection[str] = ()) -> tuple[str, list[Change]]:
    """The text with the entries of `dialect` but those `refused` (by their `rule`), and the changes. Other dialects pass through."""
    if dialect not in SPOKEN:
        return text, []
    known = readings(dialect)
    plain = folded(text)
    words = WORD.findall(plain)
    if not any(map(known.__getitem__, words)) and STANDS_FOR_MA.isdisjoint(words):
        return text, []
    places = [match.span() for match in WORD.finditer(plain)]
    changes: list[Change] = []
    behind = 0  # the first word that no change has taken yet
    for i, word in enumerate(words):
        if i < behind:
            continue
        begins = known[word]
        if (begins is None or not (begins.alone or (i + 1 < len(words) and words[i + 1] in begins.before))) and word not in STANDS_FOR_MA:
            continue  # most words: nothing is called for them
        length, reading = _at(known, plain, words, places, i, refused)
        if reading is not None:
            behind = i + length
            start, end = places[i][0], places[behind - 1][1]
            if text[start:end] != reading.msa and not _is_perfect_too(word, reading):
                changes.append(Change(start, end, text[start:end], reading.msa, reading.entry.rule))
    return applied(text, changes), changes


def checked(text: str, dialect: str | None, refused: Collection[str] = ()) -> tuple[str, list[Change], bool]:
    """`to_msa`, and whether the check failed: then the text is as it was, and no change is left."""
    normalised, changes = to_msa(text, dialect, refused)
    return (normalised, changes, False) if kept(text, changes) else (text, [], True)


def applied(text: str, changes: Sequence[Change]) -> str:
    """The text after the changes."""
    pieces, position = [], 0
    for change in changes:
        pieces += [text[position : change.start], change.msa]
        position = change.end
    return "".join((*pieces, text[position:]))


def reverted(text: str, changes: Sequence[Change]) -> str:
    """The text before the changes, out of the text after them."""
    pieces, position, moved = [], 0, 0
    for change in changes:
        start = change.start + moved
        pieces += [text[position:start], change.form]
        position = start + len(change.msa)
        moved += len(change.msa) - (change.end - change.start)
    return "".join((*pieces, text[position:]))


def kept(text: str, changes: Sequence[Change]) -> bool:
    """Whether numbers and Latin words (units and drugs among them) stand as before, and each change denies where it denied before."""
    after = applied(text, changes)
    same = NUMBER.findall(text) == NUMBER.findall(after) and LATIN.findall(text) == LATIN.findall(after)
    return same and all(denies_alike(change.form, change.msa) for change in changes)


def _at(
    known: Readings, text: str, words: list[str], places: list[tuple[int, int]], i: int, refused: Collection[str]
) -> tuple[int, Reading | None]:
    """How many words from the i-th on are taken, and what they are; one word and None where nothing is."""
    longest: list[tuple[int, Reading]] = []
    begins, following = known[words[i]], words[i + 1] if i + 1 < len(words) else ""
    for reading in (*begins.before.get(following, ()), *begins.alone) if begins else ():
        length = len(reading.entry.words)
        if longest and reading.rank < longest[0][1].rank:
            break
        if _stands(reading, text, words, places, i, length) and not (refused and reading.entry.rule in refused):
            longest.append((length, reading))
    if not longest and words[i] in STANDS_FOR_MA and following and _blank(text, places, i):
        longest = _denied(known, words, i, refused)
    if not longest or any(reading.msa != longest[0][1].msa for _, reading in longest[1:]):
        return 1, None
    return longest[0]


def _stands(reading: Reading, text: str, words: list[str], places: list[tuple[int, int]], i: int, length: int) -> bool:
    """Whether the other words of the entry follow, blanks alone between them, and its condition holds."""
    if length > 1 and words[i + 1 : i + length] != list(reading.entry.words[1:]):
        return False
    if length > 1 and not all(_blank(text, places, n) for n in range(i, i + length - 1)):
        return False
    return not reading.entry.condition or condition(reading.entry.condition)(words, i, i + length)


def _denied(known: Readings, words: list[str], i: int, refused: Collection[str]) -> list[tuple[int, Reading]]:
    """ما before a verb that the lexicon has: with ش behind it as one word with it, in the other dialects the imperfect as it is."""
    if i > 0 and follows_without_denying(words[i - 1]):
        return []
    conjunction, verb = words[i][:-2], words[i + 1]
    if known.dialect in CIRCUMFIX and verb.endswith(("ش", "شي")):
        return [(2, r._replace(msa=conjunction + r.msa)) for r in known.alone(f"ما{verb}") if _is_verb(r, refused)]
    found = [r for r in known.alone(verb) if _is_verb(r, refused)]
    return [(2, r._replace(msa=f"{conjunction}{'لا' if r.entry.part_of_speech == 'verb' else 'ما'} {r.msa}")) for r in found]


def _is_perfect_too(word: str, reading: Reading) -> bool:
    """ارتفع is "I rise" and "it rose": written alike in MSA but for a hamza."""
    entry = reading.entry
    stem = entry.words[0]
    is_derived = len(stem) > 3 and (stem[1] == "ت" or stem[0] == "ن")  # the forms that have an alif before it: VII, VIII and X
    return entry.part_of_speech == "verb" and is_derived and folded(entry.msa) == stem and word.lstrip("وف").startswith("ا")


def _is_verb(reading: Reading, refused: Collection[str]) -> bool:
    return reading.entry.part_of_speech in ("verb", "perfect") and not reading.entry.condition and reading.entry.rule not in refused


def _blank(text: str, places: list[tuple[int, int]], i: int) -> bool:
    """Whether between the i-th word and the next there is one blank and nothing else."""
    return text[places[i][1] : places[i + 1][0]] == " "
