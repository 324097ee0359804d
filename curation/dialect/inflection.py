"""A word of a dialect with what is written onto it, and the same in MSA: conjunctions, article, prepositions, pronouns, tense, person.

A stem of the lexicon is found under its clitics (lexicons/clitics.csv), and they are carried over to the MSA word: بيوجعني is
ب + ي + وجع + ني, and with وجع→ؤلم it is يؤلمني. What could be read in two ways that differ is not read at all.
"""

from collections.abc import Iterator
from functools import cache
from itertools import chain
from typing import NamedTuple

from curation.dialect.lexicon import NOMINAL, VERBAL, WHOLE, Entry, clitics, entries

CIRCUMFIX = ("EGY", "LEV", "MGR")  # the dialects that write ش behind what is negated
SHORTEST = 2  # letters of a stem
LOOK = 3  # letters of a stem by which it is looked for in a word
MOST_KEPT = 300_000  # words learnt; a million questions have about that many


class Reading(NamedTuple):
    """An entry that a word, or the first word of several, can be; what it is in MSA; and how much of the word the entry itself takes up."""

    entry: Entry
    msa: str
    stem: int

    @property
    def rank(self) -> tuple[int, bool, bool, int]:
        """Which goes before: more words, with a condition, a whole form, the longer stem."""
        entry = self.entry
        return len(entry.words), bool(entry.condition), entry.part_of_speech in WHOLE, self.stem


class Tail(NamedTuple):
    """What is written behind a stem: the subject's and the object's part of it in MSA, and whether ش follows."""

    subject: str
    object: str
    negated: bool


class Known(NamedTuple):
    """What begins with a word: by the word that has to follow the readings of several words, and those of the word alone; by rank."""

    before: dict[str, tuple[Reading, ...]]
    alone: tuple[Reading, ...]


class Readings(dict[str, Known | None]):
    """For a folded word of one dialect what begins with it, None where nothing does; learnt as words come."""

    def __init__(self, dialect: str) -> None:
        self.dialect = dialect
        self.whole: dict[str, list[Entry]] = {}
        self.stems: dict[str, dict[str, list[Entry]]] = {part: {} for part in (*NOMINAL, *VERBAL)}
        for entry in entries(dialect):
            if len(entry.words) == 1 and entry.part_of_speech in self.stems:
                self.stems[entry.part_of_speech].setdefault(entry.words[0], []).append(entry)
            else:
                self.whole.setdefault(entry.words[0], []).append(entry)
        # The first letters of every stem, ة left aside, which becomes ت: a word without any of them needs no closer look.
        begins = {form.removesuffix("ه")[:LOOK] for stems in self.stems.values() for form in stems}
        self.begins = {length: frozenset(form for form in begins if len(form) == length) for length in range(1, LOOK + 1)}

    def __missing__(self, word: str) -> Known | None:
        before: dict[str, list[Reading]] = {}
        for reading in sorted(self._read(word), key=lambda reading: reading.rank, reverse=True):
            before.setdefault("".join(reading.entry.words[1:2]), []).append(reading)
        alone = tuple(before.pop("", ()))
        known = Known({word: tuple(found) for word, found in before.items()}, alone) if before or alone else None
        if len(self) < MOST_KEPT:
            self[word] = known
        return known

    def alone(self, word: str) -> tuple[Reading, ...]:
        """The readings of one word."""
        known = self[word]
        return known.alone if known else ()

    def _read(self, word: str) -> Iterator[Reading]:
        for written, conjunction in ("", ""), *clitics(self.dialect, "conjunction").items():
            rest = word[len(written) :]
            if not word.startswith(written) or len(rest) < SHORTEST:
                continue
            inflected = (self._nominal(rest), self._imperfect(rest), self._perfect(rest)) if self._may_hold_a_stem(rest) else ()
            for reading in chain(self._whole(rest), *inflected):
                yield reading._replace(msa=conjunction + reading.msa)

    def _may_hold_a_stem(self, word: str) -> bool:
        return any(
            word[i : i + length] in begins for length, begins in self.begins.items() if begins for i in range(len(word) - length + 1)
        )

    def _whole(self, word: str) -> Iterator[Reading]:
        for entry in self.whole.get(word, ()):
            yield Reading(entry, entry.msa, len(word))

    def _nominal(self, word: str) -> Iterator[Reading]:
        for written, preposition in ("", ""), *clitics(self.dialect, "preposition").items():
            rest = word[len(written) :]
            if not word.startswith(written) or len(rest) < SHORTEST or (written and not preposition):
                continue
            for part in NOMINAL:
                for entry in self.stems[part].get(rest, ()):
                    if (msa := _with_front(preposition, entry.msa)) is not None:
                        yield Reading(entry, msa, len(rest))
            if not written.endswith(("ال", "لل")):
                yield from self._possessed(preposition, rest)

    def _possessed(self, preposition: str, word: str) -> Iterator[Reading]:
        for written, pronoun in clitics(self.dialect, "pronoun").items():
            stem = word.removesuffix(written)
            if len(stem) < SHORTEST or stem == word:
                continue
            for form in (stem, f"{stem[:-1]}ه") if stem[-1] == "ت" else (stem,):
                for entry in self.stems["noun"].get(form, ()):
                    if form == stem and form[-1] == "ه":
                        continue  # ة is ت before a pronoun
                    if (msa := _owned(entry.msa, pronoun)) is not None:
                        yield Reading(entry, preposition + msa, len(stem))

    def _imperfect(self, word: str) -> Iterator[Reading]:
        negation = self._negation(word)
        for tense, future in clitics(self.dialect, "tense").items():
            if not word.startswith(negation + tense):
                continue
            rest = word[len(negation) + len(tense) :]
            for person in ("ا", "ن", "ي", "ت", ""):
                if not rest.startswith(person) or (not person and tense not in ("ب", "ه", "ح")) or (tense == "م" and person != "ن"):
                    continue  # بشوف is "I see": behind these the first person has no letter; منشوف is "we see"
                stem_on = rest[len(person) :]
                for end in range(SHORTEST, len(stem_on) + 1):
                    for entry in self.stems["verb"].get(stem_on[:end], ()):
                        if not person and entry.dialect == "*":
                            continue  # بمرض is "with an illness" as well
                        tail = tails(self.dialect, "imperfect").get(stem_on[end:])
                        if tail is None or tail.negated != bool(negation):
                            continue
                        for msa in _conjugated(self.dialect, entry.msa, person, tail, bool(tense) and not future):
                            yield Reading(entry, ("لا " if negation else "") + future + msa, end)

    def _perfect(self, word: str) -> Iterator[Reading]:
        negation = self._negation(word)
        rest = word[len(negation) :]
        for end in range(SHORTEST, len(rest) + 1):
            for entry in self.stems["perfect"].get(rest[:end], ()):
                tail = tails(self.dialect, "perfect").get(rest[end:])
                if tail is not None and tail.negated == bool(negation):
                    subject = tail.subject if not tail.object or tail.subject != "وا" else "و"
                    yield Reading(entry, ("ما " if negation else "") + _joined(entry.msa, subject + tail.object), end)

    def _negation(self, word: str) -> str:
        """ما or م of ما…ش, where the word ends so."""
        if self.dialect not in CIRCUMFIX or not word.endswith(("ش", "شي")):
            return ""
        return "ما" if word.startswith("ما") else "م" if word.startswith("م") else ""


@cache
def tails(dialect: str, tense: str) -> dict[str, Tail]:
    """Everything that can stand behind the stem of a verb, but what can be read in two ways."""
    subjects = {"imperfect": {"": "", "ي": "ي", "ين": "ين", "وا": "وا", "ون": "ون"}, "perfect": {"": "", "ت": "ت", "تي": "ت", "وا": "وا"}}[
        tense
    ]
    objects = {"": "", **clitics(dialect, "object"), **{form: f" {msa}" for form, msa in clitics(dialect, "dative").items()}}
    negations = ("", "ش", "شي") if dialect in CIRCUMFIX else ("",)
    found: dict[str, set[Tail]] = {}
    for subject, subject_msa in subjects.items():
        for written, object_ in objects.items():
            for sign in negations:
                # The silent alif is written at the end of a word only.
                before = subject.removesuffix("ا") if written or sign else subject
                found.setdefault(before + written + sign, set()).add(Tail(subject_msa, object_, bool(sign)))
    return {written: one for written, (one, *more) in found.items() if not more}


def _conjugated(dialect: str, stem: str, person: str, tail: Tail, indicative: bool) -> Iterator[str]:
    """The imperfect in MSA. Nothing where the person is not sure."""
    plural, you = tail.subject in ("وا", "ون"), tail.subject in ("ي", "ين")
    if (you and person != "ت") or (plural and person in ("ا", "")) or (dialect == "MGR" and person in ("ا", "")):
        return
    if dialect == "MGR" and person == "ن" and not plural:
        person = "أ"  # نمشي is "I go", نمشيو "we go"
    elif person in ("ا", ""):
        person = "أ"
    subject = {"وا": "ون", "ي": "ين"}.get(tail.subject, tail.subject) if indicative else tail.subject
    if plural and person == "ن":
        subject = ""
    elif subject == "وا" and tail.object and tail.object[0] != " ":
        subject = "و"
    if subject and stem[-1] in "ىي":
        stem = stem[:-1]  # يمشون, تمشين
    front = "آ" + stem[1:] if person + stem[0] == "أأ" else person + stem  # آكل
    yield _joined(front, subject + tail.object)


def _joined(word: str, behind: str) -> str:
    """What is written behind a word changes its last letter."""
    if not behind or behind[0] == " ":
        return word + behind
    return word[:-1] + {"ة": "ت", "ى": "ا"}.get(word[-1], word[-1]) + behind


def _with_front(preposition: str, msa: str) -> str | None:
    """None where it is not sure how: ضيق تنفس with an article."""
    if not preposition:
        return msa
    without = {"لل": "ل"}.get(preposition, preposition.removesuffix("ال"))  # the article
    first, *others = msa.split(" ")
    if others:  # of ضيق التنفس the second word has the article already
        is_construct = len(others) == 1 and others[0].startswith("ال") and not first.startswith("ال")
        return without + msa if is_construct else None
    if without != preposition:
        return preposition + msa.removeprefix("ال")
    return preposition + msa if not msa.startswith("ال") else None


def _owned(msa: str, pronoun: str) -> str | None:
    """A noun and whose it is: of ضيق التنفس ضيق تنفسه."""
    *front, last = msa.split(" ")
    if not front:
        return _joined(msa, pronoun) if not msa.startswith("ال") else None
    return " ".join((*front, _joined(last.removeprefix("ال"), pronoun))) if len(front) == 1 and last.startswith("ال") else None


@cache
def readings(dialect: str) -> Readings:
    """Of one dialect, kept for the life of the process."""
    return Readings(dialect)
