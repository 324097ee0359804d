"""Numbers with a unit, and drugs, that an answer names and neither its reference nor its question does.

What is counted: distinct pairs of a number and a kind of unit (lexicons/units.csv), in one unit a kind, so that 0.5 g is 500 mg and
يومين two days; pressures like 140/90; and distinct drugs (lexicons/drug_names.csv), by what is in them, so that Panadol is paracetamol.
A number alone is not counted, a drug that the list lacks is not seen, and one that the reference lacks may still be right: this is a
floor of what was invented, not a judgement of it.
"""

import re
from functools import cache
from typing import TypeVar

from training_recipes.lexicons import load
from training_recipes.words import readings, words_of

Claims = frozenset[tuple[str, str]]  # ("mass", "500") or ("drug", "paracetamol")
Of = TypeVar("Of")
FIGURE = re.compile(r"([0-9]+(?:\.[0-9]+)?)(\D*)")
PRESSURE = re.compile(r"[وبفل]?([0-9]{2,3})/([0-9]{1,3})")
LOWEST = 60  # mmHg; a first number below it is a date or a share, or a pressure in cmHg where the word stands before it
PRESSED = re.compile(r"ضغط\w{0,3}(?: الدم)?$")
# Signs that folding would drop, as words of units.csv; ranges, so that 5-10 is two numbers.
SPELT = {"%": " percent ", "٪": " percent ", "°": " degree ", "º": " degree ", "µg": " mcg ", "μg": " mcg "}
RANGE = re.compile(r"(?<=[0-9٠-٩])\s*[-–]\s*(?=[0-9٠-٩])")
THOUSANDS = re.compile(r"(?<![\d.,٬٫/])(?![0٠۰])\d{1,3}(?:[,٬]\d{3})+(?!\d|[,٬٫]\d)")  # 1,000; but 0,125 and 12,5 are decimals
# Number words that figures.csv lacks, since nothing is counted by them alone; folded. With hundreds in one word: ثلاثمئة.
ALSO = re.compile(
    r"و?(?:واحده?|ا?[تث]ن[يت]?ين|اثنان|احدي?|ميتين|ميتان|الفين|الفان|الاف|مليون|(?:[تث]لا?[تث]|ا?ربع|خمس|ست|سبع|[تث]ما?ني?|تسع)ما?يه)"
)
TO = {"الي", "او", "ل", "to", "or"}  # between the two numbers of a range: من 5 الى 10 ايام


def numbers_of(texts: list[str]) -> list[Claims]:
    """The numbers with a unit in each text."""
    return [_numbers(words) for words in words_of([spelt(text) for text in texts])]


def drugs_of(texts: list[str]) -> list[Claims]:
    """The drugs named in each text."""
    listed = _drugs()
    return [frozenset(("drug", drug) for word in words if (drug := _first(listed, word))) for words in words_of(texts)]


def unsupported(answers: list[Claims], references: list[Claims], questions: list[Claims]) -> list[int]:
    """How many claims of each answer neither its reference nor its question makes."""
    return [len(said - known - asked) for said, known, asked in zip(answers, references, questions, strict=True)]


def spelt(text: str) -> str:
    """With the signs in words that folding would drop."""
    for sign, word in SPELT.items():
        text = text.replace(sign, word)
    return RANGE.sub(" الى ", THOUSANDS.sub(lambda number: re.sub("[,٬]", "", number.group()), text))


def _numbers(words: list[str]) -> Claims:
    units, figures, twice = _units(), _figures(), _twice()
    found = set[tuple[str, str]]()
    for i, word in enumerate(words):
        if pressure := _pressure(words, i):
            found.add(("pressure", pressure))
        elif dual := _first(twice, word):
            found.add(_in_one_unit(1, *dual))
        elif (told := _figure(word, figures)) is not None and not _goes_on(words, i, told[0], figures):
            value, written_on = told
            unit = units.get(written_on) if written_on else _unit_behind(words, i, units, figures)
            if unit:
                found.add(_in_one_unit(value, *unit))
    return frozenset(found)


def _pressure(words: list[str], i: int) -> str | None:
    """The pressure at `i` in mmHg: 150/95, and «ضغطه 12/8», which is in cmHg."""
    if not (match := PRESSURE.fullmatch(words[i])):
        return None
    high, low = int(match.group(1)), int(match.group(2))
    if high >= LOWEST:
        return f"{high}/{low}" if len(match.group(2)) > 1 else None
    return f"{10 * high}/{10 * low}" if PRESSED.search(" ".join(words[max(0, i - 2) : i])) else None


def _goes_on(words: list[str], i: int, value: float, figures: dict[str, float]) -> bool:
    """Whether the number word at `i` ends a number of several words: خمسة وعشرين, ثلاث مئة, 2 ونصف; «تلات أربع أيام» are two numbers."""
    if i == 0 or FIGURE.fullmatch(words[i]):
        return False
    joined = words[i] not in figures and words[i].startswith("و")
    if FIGURE.fullmatch(words[i - 1]):
        return value >= 100 or (joined and value < 1)
    return (joined or value >= 10) and (_first(figures, words[i - 1]) is not None or ALSO.fullmatch(words[i - 1]) is not None)


def _figure(word: str, figures: dict[str, float]) -> tuple[float, str] | None:
    """The number that a word is, and the unit that is written onto it: 500mg."""
    if match := FIGURE.fullmatch(word):
        return float(match.group(1)), match.group(2)
    value = _first(figures, word)
    return None if value is None else (value, "")


def _unit_behind(words: list[str], i: int, units: dict[str, tuple[str, float]], figures: dict[str, float]) -> tuple[str, float] | None:
    """The unit of the number at `i`: the next word, or that of the range's end."""
    behind = words[i + 1 : i + 4]
    if not behind:
        return None
    if unit := units.get(behind[0]):
        return unit
    if behind[0] in TO and len(behind) > 1 and (end := _figure(behind[1], figures)) is not None:
        return units.get(end[1] or "".join(behind[2:]))
    return None


def _first(listed: dict[str, Of], word: str) -> Of | None:
    """What the list has for a word, whatever is written onto its front."""
    return next((listed[reading] for reading in readings(word) if reading in listed), None)


def _in_one_unit(value: float, kind: str, factor: float) -> tuple[str, str]:
    return kind, f"{value * factor:.6g}"


@cache
def _units() -> dict[str, tuple[str, float]]:
    return {word: (row["kind"], float(row["factor"])) for row, word in _folded("units", "form") if row["count"] == "one"}


@cache
def _twice() -> dict[str, tuple[str, float]]:
    """Duals, which say the number themselves; it is in their factor."""
    return {word: (row["kind"], float(row["factor"])) for row, word in _folded("units", "form") if row["count"] == "two"}


@cache
def _figures() -> dict[str, float]:
    return {word: float(row["value"]) for row, word in _folded("figures", "form")}


@cache
def _drugs() -> dict[str, str]:
    return {word: row["drug"] for row, word in _folded("drug_names", "form")}


def _folded(name: str, column: str) -> list[tuple[dict[str, str], str]]:
    rows = load(name)
    return [(row, " ".join(words)) for row, words in zip(rows, words_of([row[column] for row in rows]), strict=True)]
