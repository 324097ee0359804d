"""Labelling functions: what single signs in a question, its answer or its specialty say of its level, right more often than not.

Each looks at one sign and votes for a level or abstains; label_model.py finds out how far each is to be believed. None is a scorer.
"""

import re
from collections.abc import Callable, Iterable
from functools import cache, partial
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from curation.lexicons import load
from curation.schema import SEVERITIES
from curation.severity.ages import ages
from curation.severity.features import Cue, read_line
from curation.severity.label_model import ABSTAIN, Votes
from curation.text.phrases import fold

LEVELS = MILD, MODERATE, CRITICAL = tuple(range(len(SEVERITIES)))
INFANT = 0.26  # years: under three months (NICE NG143), as the rules have it
STRONG = 2.5  # a cue that says its level by itself
SHORT, LONG = 6, 60  # words: who writes so little seldom has much, who writes so much has had it for long

# What a doctor who answers sends for, over the folded key. A warning ("لو حصل نزيف روح الطوارئ") is about what has not happened.
EMERGENCY = r"(?:طوار\S*|اسعاف\S*|الاسعاف|urgences?|el tawari2|tawari2|tawari)"
AT_ONCE = r"(?:فور\S*|حال\S*|الان|الحين|هسه|هسا|دلوقتي|هلا|هلق|دابا|حالا|دروك|ضروك|بسرعه|immediatement|daba|dlwa2ty|7alan|fawran)"
AT_ONCE_TO_EMERGENCY = rf"(?:\S{{0,4}}{EMERGENCY} (?:\S+ ){{0,3}}?{AT_ONCE}|{AT_ONCE} (?:\S+ ){{0,6}}?\S{{0,2}}{EMERGENCY})"
IF = r"(?:^| )(?:ولو|لو|واذا|اذا|وان|ان|الا|وفي حال|في حال|عند|واي|اي|ila|law|lw|iza|si) (?:\S+ ){0,10}$"
VISIT = (
    r"(?:^| )(?:راجع\S*|مراجع\S*|احجز\S*|حجز\S*|اكشف\S*|تكشف\S*|كشف|زور\S*|زياره|استشير\S*|استشر\S*|يستحسن|لازم (?:دكتور|طبيب)|"
    r"شوف\S*|تشوف\S*|اعرض\S*|عرض\S*|فحص|الفحص|تحليل|تحاليل|اشعه|سونار|ايكو)"
)
REASSURES = (
    r"(?:^| )(?:لا داعي للقلق|لا تقلق\S*|ما تقلق\S*|متقلق\S*|ماتقلق\S*|اطمن\S*|اطمين\S*|طبيعي|طبيعيه|بسيط|بسيطه|"
    r"عادي|عاديه|لا يدعو للقلق|غير خطير\S*|مو خطير\S*|مش خطير\S*|ماشي خطير|من غير قلق|متخافيش|متخافش|لا تخاف\S*|ما تخاف\S*)(?: |$)"
)
PLEA = (
    r"(?:^| )(?:الحقوني|الحقونا|انقذوني|انقذونا|النجده|بسرعه|مستعجل\S*|طوار\S*|ارجوكم|عاجل\S*|ضروري|"
    r"3ajil|urgent|urgence|bsor3a|el7a2oni)(?: |$)"
)
# Specialties of forums whose questions mostly can wait; of others (heart, blood) what is asked says nothing of the level.
CAN_WAIT = ("جراحه تجميل", "الامراض الجلديه", "طب الاسنان", "تغذيه", "تجميل", "جلديه", "اسنان", "الطب البديل", "عقم")


class Seen(NamedTuple):
    """What the functions look at: the folded question, its cues, the folded answer and specialty, both empty where there is none."""

    key: str
    cues: list[Cue]
    answer: str
    specialty: str

    def free(self, level: int | None = None) -> list[Cue]:
        """Cues that stand in no context, of one level or of all."""
        return [cue for cue in self.cues if not cue.context and level in (None, SEVERITIES.index(cue.level))]

    @property
    def contexts(self) -> set[str | None]:
        return {cue.context for cue in self.cues}

    @property
    def words(self) -> int:
        return len(self.key.split())


class Labelling(NamedTuple):
    """A labelling function: it votes for `level` where `holds`, else it abstains; `why` is what it goes by."""

    name: str
    level: int
    holds: Callable[[Seen], bool]
    why: str


def _sends_at_once(answer: str) -> bool:
    """Whether an answer sends to an emergency department now, and not only in case of something."""
    return any(not re.search(IF, answer[: found.start()]) for found in re.finditer(AT_ONCE_TO_EMERGENCY, answer))


def _highest(cues: Iterable[Cue]) -> int:
    return max((SEVERITIES.index(cue.level) for cue in cues), default=ABSTAIN)


def _combined(seen: Seen) -> int:
    return _highest(cue for cue in seen.free() if cue.name in _rules())


def _measured(seen: Seen) -> int:
    return _highest(cue for cue in seen.free() if _rules().get(cue.name))


@cache
def _rules() -> dict[str, bool]:
    """The rules by the names that their cues have; whether a number that was measured is part of them, which an age is not."""
    rules: dict[str, bool] = {}
    for row in load("severity_combinations"):
        rules[row["note"]] = rules.get(row["note"], False) or any(not given.startswith("age") for given in row["given"].split())
    return rules


def _votes(highest: Callable[[Seen], int], level: int, seen: Seen) -> bool:
    return highest(seen) == level


FUNCTIONS = (
    Labelling("strong critical cue", CRITICAL, lambda s: any(c.weight >= STRONG for c in s.free(CRITICAL)), "says it by itself"),
    Labelling(
        "weak critical cue",
        CRITICAL,
        lambda s: bool(s.free(CRITICAL)) and all(c.weight < STRONG for c in s.free(CRITICAL)),
        "often said of less, too",
    ),
    Labelling("several critical cues", CRITICAL, lambda s: len(s.free(CRITICAL)) > 1, "two signs are seldom both figures of speech"),
    Labelling("moderate cue", MODERATE, lambda s: bool(s.free(MODERATE)) and not s.free(CRITICAL), "nothing graver beside it"),
    Labelling("several moderate cues", MODERATE, lambda s: len(s.free(MODERATE)) > 1 and not s.free(MILD), "nothing milder beside them"),
    Labelling("mild cue", MILD, lambda s: bool(s.free(MILD)), "whatever stands beside it"),
    Labelling(
        "mild cues alone", MILD, lambda s: bool(s.free(MILD)) and len(s.free(MILD)) == len(s.free()), "nothing else is complained of"
    ),
    *(Labelling(f"combination, {SEVERITIES[k]}", k, partial(_votes, _combined, k), "words that mean more together") for k in LEVELS),
    *(
        Labelling(f"measure, {SEVERITIES[k]}", k, partial(_votes, _measured, k), "a number is no matter of tone")
        for k in (MODERATE, CRITICAL)
    ),
    Labelling(
        "infant",
        CRITICAL,
        lambda s: bool(s.free(MODERATE) or s.free(CRITICAL)) and any(years < INFANT for _, years, _ in ages(s.key)),
        "NICE NG143: age decides",
    ),
    Labelling(
        "asked about", MILD, lambda s: "question_about" in s.contexts and not s.free(MODERATE) + s.free(CRITICAL), "docs/severity.md, 3"
    ),
    Labelling("in context alone", MILD, lambda s: bool(s.cues) and not s.free(), "denied, past or asked about"),
    Labelling("resolved", MILD, lambda s: "resolved" in s.contexts and not s.free(CRITICAL), "docs/severity.md, 3"),
    Labelling("plea", CRITICAL, lambda s: bool(re.search(PLEA, s.key) and s.free(CRITICAL)), "who cries for help and names a danger"),
    Labelling("short", MILD, lambda s: s.words <= SHORT and not s.free(), "who has much writes more"),
    Labelling("long", MODERATE, lambda s: s.words >= LONG and not s.free(CRITICAL), "a long story goes on for long"),
    Labelling("answer sends at once", CRITICAL, lambda s: _sends_at_once(s.answer), "what a doctor made of it"),
    Labelling("answer sends", MODERATE, lambda s: bool(re.search(VISIT, s.answer)) and not _sends_at_once(s.answer), "the same"),
    Labelling("answer reassures", MILD, lambda s: bool(re.search(REASSURES, s.answer)) and not _sends_at_once(s.answer), "the same"),
    Labelling("specialty", MILD, lambda s: any(name in s.specialty for name in CAN_WAIT), "most of what is asked there"),
)


def votes_of(texts: pa.Table) -> Votes:
    """(texts, FUNCTIONS) levels or ABSTAIN; `texts` has `key, evidence` and, null where there is none, `answer, specialty`."""
    sides = [fold([value or "" for value in texts[name].to_pylist()]) for name in ("answer", "specialty")]
    rows = zip(texts["key"].to_pylist(), texts["evidence"].to_pylist(), *sides, strict=True)
    seen = [Seen(key or "", [cue for line in lines or [] if (cue := read_line(line))], *more) for key, lines, *more in rows]
    return np.array([[f.level if f.holds(of) else ABSTAIN for f in FUNCTIONS] for of in seen], np.int64).reshape(len(seen), len(FUNCTIONS))
