"""Whether an answer sends the asker to care: by a word list, lexicons/seek_care.csv, for answers to critical questions.

An `act` (go, see, take her to) counts with a `place` (hospital, doctor, ambulance) at most REACH words behind it in one sentence, of
several acts the nearest; so does a place with `now` as near on either side, and a `whole` alone. It does not count where `not` stands
directly before it («مش لازم») or a `denial` does («لا داعي للذهاب»), a `link` between them or none; an `imperfect` is a negation of verbs
in the imperfect alone: «لا تذهب», but not «لا، اذهب» and not «ولا ديه», "or take him". A number to call that can be a pressure or a dose
counts directly behind its act only: «اتصلي على 140», not «يجب ألا يزيد الضغط على 140». "If it gets worse, see a doctor" counts too: what is
found is advice that is missing altogether.
"""

import re
from functools import cache
from typing import NamedTuple

from training_recipes.lexicons import load
from training_recipes.words import readings, words_of

REACH = 4  # words from an act to its place: اذهبي به فورا الى اقرب مستشفى
SENTENCE = re.compile(r"[.!?؟;؛\n]+(?=\s|$)|\n+")

FIGURE = re.compile(r"\S*(?:علي|ب|ل) ?1[0-9]{2}")  # numbers to call that are a pressure, a dose or a price elsewhere
IMPERFECT = re.compile("[تينtyn]")


class Found(NamedTuple):
    """A form of the list in a sentence: its part, and the places of its first word and of the word behind it."""

    part: str
    start: int
    stop: int


def advise_care(answers: list[str]) -> list[bool]:
    """Whether each answer sends to care."""
    parts = [sentences(answer) for answer in answers]
    words = dict(zip(every := [part for of_answer in parts for part in of_answer], words_of(every), strict=True))
    return [any(_advises(words[part]) for part in of_answer) for of_answer in parts]


def sentences(answer: str) -> list[str]:
    """An act reaches no place in another sentence."""
    return [part for part in SENTENCE.split(answer) if part.strip()]


def _advises(words: list[str]) -> bool:
    found = _find(words)
    denied = {end for form in found if form.part in ("not", "denial") for end in _ends(form, found)}
    denied |= {form.stop for form in found if form.part == "imperfect" and IMPERFECT.match("".join(words[form.stop : form.stop + 1]))}
    said = [form for form in found if form.part in ("act", "whole", "place") and form.start not in denied]
    now = [form for form in found if form.part == "now"]
    if any(form.part == "whole" for form in said):
        return True
    for place in (form for form in said if form.part == "place"):
        figure = FIGURE.fullmatch(" ".join(words[place.start : place.stop]))
        near = {place.start} | {form.start for form in now if form.stop == place.start} if figure else _reached(place)
        acts = [form for form in found if form.part == "act" and form.stop in near]
        nearest = max(acts, key=lambda form: form.stop, default=place)
        if nearest in said and (acts or (not figure and any(_between(place, form) < REACH for form in now))):
            return True
    return False


def _reached(place: Found) -> set[int]:
    """Where an act can end that reaches a place."""
    return set(range(place.start - REACH + 1, place.start + 1))


def _between(one: Found, other: Found) -> int:
    """How many words stand between two forms."""
    return max(one.start - other.stop, other.start - one.stop)


def _ends(denier: Found, found: list[Found]) -> set[int]:
    """Where what is denied can begin: directly behind, and of a denial behind one linking word too."""
    linked = {form.stop for form in found if form.part == "link" and form.start == denier.stop and denier.part == "denial"}
    return {denier.stop} | linked


def _find(words: list[str]) -> list[Found]:
    """Every form of the list in a sentence, conjunctions, prepositions and article aside."""
    read = [readings(word) for word in words]
    forms = _forms()
    found = []
    for start, reading in enumerate(read):
        for first in reading:
            for part, form in forms.get(first, ()):
                stop = start + len(form)
                if stop <= len(words) and all(word in read[start + i] for i, word in enumerate(form)):
                    found.append(Found(part, start, stop))
    return sorted(set(found))


@cache
def _forms() -> dict[str, list[tuple[str, list[str]]]]:
    """By their first word."""
    rows = load("seek_care")
    forms: dict[str, list[tuple[str, list[str]]]] = {}
    for row, words in zip(rows, words_of([row["form"] for row in rows]), strict=True):
        forms.setdefault(words[0], []).append((row["part"], words))
    return forms
