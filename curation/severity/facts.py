"""What a text gives as numbers: ages in years, temperature, pressure, oxygen, sugar, pulse, laboratory values, pills swallowed.

Rows of severity_combinations say from where on a number means something (`given`). A number that is an age, a time or a dose ("سكر من 40
سنه") is no reading.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from typing import NamedTuple

import duckdb
import numpy as np
import pyarrow as pa

from curation.severity import ages
from curation.severity.ages import UNIT, value_of
from curation.severity.signs import begins, bits, signs_in
from curation.severity.wording import plain
from curation.text.words import Words

BETWEEN = r"[^0-9]{0,25}?"
FIGURE = r"(?P<number>[0-9]{1,4}(?:\.[0-9]+)?)(?: و ?(?P<more>نصف?)(?= |$))?"
FEVER = (
    r"حرار\S*|سخون\S*|سخن\S*|سخان\S*|صخون\S*|صخان\S*|حمي|حمه|محرار\S*|ميزان|temperature|temp|fever|fievre|fièvre|"
    r"[7h]arar\S*|skh?an\S*|s5on\S*|so?khoun\S*"
)
WEAKER = r"درجه|قست\S*|قسن\S*|طلع\S*|وصل\S*|سجل\S*"
SUGAR = r"سكر\S*|السكر\S*|سوكر\S*|so[kq]+ar\S*|su[kq]+ar\S*|glucose|glyc\S*"
# Only words of measuring may stand between: "ولا سكري وعمره 41" is an age.
MEASURED = (
    r" (?:في الدم |بالدم )?"
    r"(?:(?:نزل\S*|هبط\S*|وصل\S*|طلع\S*|طالع\S*|نازل\S*|هابط\S*|خرج\S*|صار|بقي|لقيت\S*|قست\S*|قياس\S*|كان|صايم|الصايم|فاطر|عشوايي|العشوايي|"
    r"تحليل\S*|حق\S*|علي|الي|حد|عند\S*|معي|هسه|الحين|هلق|دلوقتي|دابا|توا|الان|اليوم|is|was|nezel|wesel|tale3|howa|howwa|3andha|"
    r"3ando) ){0,3}"
)
PULSE = r"نبض\S*|دقات|دقه|ضربات|nabd\S*|pouls|pulse"
BILE = r"صفار\S*|بيليروبين|اصفر|صفر\S*|يرقان|asfar|bilirubin\S*"
HAEMOGLOBIN = r"هيمو\S*|خضاب\S*|hb|hemoglobin\S*|hémoglobin\S*|قوه الدم|دمي|دمها|دمه"
PLATELETS = r"صفايح\S*|صفيحات|صفاح\S*|platelet\S*|plaquette\S*"


class Reading(NamedTuple):
    """A number from `low` to `high` where `pattern` matches; `words` are those of the pattern that a text must have."""

    name: str
    words: str
    pattern: re.Pattern[str]
    low: float
    high: float


def _reading(name: str, before: str, words: str, behind: str, low: float, high: float) -> Reading:
    return Reading(name, words, re.compile(rf"(?:^| )[وفبل]?(?:ال)?{before}(?:{words}){behind}"), low, high)


READINGS = (
    _reading("temperature", "", FEVER, BETWEEN + FIGURE, 34, 43.5),
    _reading("temperature", "", WEAKER, r"[^0-9سض]{0,15}?" + FIGURE, 37.5, 42.5),
    _reading("temperature", FIGURE + " ", "درجه|حراره", "", 35, 43),
    _reading("oxygen", "", r"اكسجين\S*|اوكسجين\S*|اكسجن|تشبع\S*|spo2|o2|sat|oxyg\S*|oksi\S*|oxi\S*", BETWEEN + FIGURE, 50, 100),
    _reading("sugar", "", SUGAR, MEASURED + FIGURE, 20, 900),
    _reading("pulse", "", PULSE, BETWEEN + FIGURE, 20, 300),
    _reading("pulse", FIGURE + " ", r"دقه|نبضه|ضربه|bpm|da2a|da22a|battements", "", 20, 300),
    _reading("inr", "", r"inr|سيول\S*", BETWEEN + FIGURE, 0.5, 30),
    _reading("bilirubin", "", BILE, r"[^0-9]{0,30}?" + FIGURE, 8, 40),
    _reading("haemoglobin", "", HAEMOGLOBIN, r"[^0-9]{0,12}?" + FIGURE, 2, 20),
    _reading("platelets", "", PLATELETS, BETWEEN + r"(?P<number>[0-9]{1,6})(?P<more>)", 1, 900_000),
    _reading("pills", FIGURE + " ", r"حبه|حبات|حبايه|حبايات|قرص|اقراص|حبوب|كبسول\S*|7ab\S*|hab\S*|comprim\S*|pills", "", 1, 200),
)
OVER = "علي|ع|3ala|3la|3al|sur|over|/"
PRESSURE = re.compile(rf"(?:^| )(?P<high>[0-9]{{1,3}})(?:/| (?:{OVER}) )(?P<low>[0-9]{{1,3}})(?= |$)")
GRAMS = re.compile(
    r"(?:^| )(?:سكر\S*|السكر\S*|سوكر\S*|sokkar|sukar|sucre|glyc\S*)(?:(?!تراكم|a1c)[^0-9]){0,25}?(?P<number>[0-6]\.[0-9]+)"
    r"(?: ?(?:غرام|جرام|غ|g|gr|gram\S*))?(?= |$)(?P<more>)"
)
GRAMS_BEHIND = re.compile(r"(?:^| )(?P<number>[0-9]\.[0-9]+) ?(?:غرام|جرام|غ|g|gr)(?= |$)(?P<more>)")
TENSION = re.compile(r"ضغط|تنسيون|طونسيون|لاتنسيو|tension|tansion|da[8g]|daght|dagh6")
TIME_BEFORE = re.compile(r"(?:^| )(?:من|عمر\S*|مند|كل|قبل|بعد|صار\S*|بقال\S*|men|3omr\S*) [0-9.]+$")

Fact = tuple[str, float, re.Match[str]]
Search = Callable[[str], Iterable[Fact]]


def _read(reading: Reading, key: str) -> Iterator[Fact]:
    name, _, pattern, low, high = reading
    for match in pattern.finditer(key):
        if name not in ("pills", "pulse") and (UNIT.match(key, match.end()) or TIME_BEFORE.search(match.group())):
            continue
        if low <= value_of(match) <= high:
            yield name, value_of(match) / (1_000 if name == "platelets" and value_of(match) >= 1_000 else 1), match


def _pressures(key: str) -> Iterator[Fact]:
    for match in PRESSURE.finditer(key):
        high, low = float(match.group("high")), float(match.group("low"))
        if high <= 26 and low <= 16 and TENSION.search(key):  # centimetres of mercury, as in the Maghreb
            high, low = 10 * high, 10 * low
        if 60 <= high <= 300 and 30 <= low < high:
            yield "systolic", high, match
            yield "diastolic", low, match


def _grams(key: str) -> Iterator[Fact]:
    behind = GRAMS_BEHIND.finditer(key) if "سكر" in key else ()
    for match in GRAMS.finditer(key) if GRAMS.search(key) else behind:  # grams a litre, as in the Maghreb
        yield "sugar", 100 * float(match.group("number")), match


# What is searched for, and the words that a text must have for it: all of one of the sets.
A_FIGURE = "[^ ]*[0-9]"
TOLD = "[^ ]*(?:[0-9]|شهر|يوم|ايام|سنه|سنين|سنتين|عام|اسبوع|اسابيع|سيمان|سمان|عمر)"
SEARCHES: tuple[tuple[Search, tuple[tuple[str, ...], ...]], ...] = (
    (ages.ages_in_times, ((TOLD, ages.A_NUMBER, ages.A_YEAR), (TOLD, ages.A_PERSON, ages.A_TIME))),
    (ages.bare_ages, ((TOLD, begins(ages.AGED), ages.A_NUMBER),)),
    *((partial(_read, reading), ((A_FIGURE, begins(reading.words)),)) for reading in READINGS),
    (_pressures, (("[0-9]{1,3}/",), (A_FIGURE, f"(?:{OVER})$"))),
    (_grams, ((A_FIGURE, "[^ ]*سكر|سوكر|sokkar|sukar|sucre|glyc"),)),
)
SIGNS = tuple(dict.fromkeys(sign for _, sets in SEARCHES for signs in sets for sign in signs))
ALL = (1 << len(SIGNS)) - 1


def find_facts(con: duckdb.DuckDBPyConnection, texts: duckdb.DuckDBPyRelation, words: Words) -> None:
    """`id, key` and their words, with the letters made one, in; `_facts` (id, fact, value, start, stop) out, places in words from 1 as cues have them."""
    signs = signs_in(words, SIGNS)
    at = np.flatnonzero([bool(_searches(of)) for of in signs.tolist()])
    keys = con.from_arrow(texts.project("key").to_arrow_table().take(pa.array(at))).project(plain("key")).to_arrow_table()[0].to_pylist()
    rows = [(i, *fact) for i, key, said in zip(at.tolist(), keys, signs[at].tolist(), strict=True) for fact in facts_of(key, said)]
    columns = list(zip(*rows, strict=True)) if rows else [(), (), (), (), ()]
    table = pa.table(
        {
            "id": words.ids.take(pa.array(columns[0], pa.int64())),
            "fact": pa.array(columns[1], pa.string()),
            "value": pa.array(columns[2], pa.float64()),
            "start": pa.array(columns[3], pa.int64()),
            "stop": pa.array(columns[4], pa.int64()),
        }
    )
    con.execute("DROP TABLE IF EXISTS _facts")
    con.from_arrow(table).distinct().create("_facts")


def facts_of(key: str, signs: int = ALL) -> Iterator[tuple[str, float, int, int]]:
    """Each number that a key with these signs gives, its value, and from which word to behind which it stands."""
    for search in _searches(signs):
        for name, value, match in search(key):
            begin = match.start() + (match.group()[:1] == " ")
            start = key.count(" ", 0, begin) + 1
            yield name, value, start, start + match.group().strip().count(" ") + 1


@cache
def _searches(signs: int) -> list[Search]:
    return [search for search, sets in SEARCHES if any(signs & (wanted := bits(of, SIGNS)) == wanted for of in sets)]
