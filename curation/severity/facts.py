"""What a text gives as numbers: ages in years, temperature, pressure, oxygen, sugar, pulse, laboratory values, pills swallowed.

Rows of severity_combinations say from where on a number means something (`given`). A number that is an age, a time or a dose ("سكر من 40
سنه") is no reading.
"""

import re
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

import duckdb
import pyarrow as pa

from curation.severity.ages import AGES, ONE, PER, TWO, UNIT, value_of
from curation.severity.searches import Search, Told, find_matches
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


ONTO = r"[وفبل]?(?:ال)?"  # written onto the first word of a reading
A_FIGURE = "[^ ]*[0-9]"
WITHIN = 32  # words, from the first of a reading to its figure: more than there is room for


class Reading(NamedTuple):
    """A number from `low` to `high` where the search finds one."""

    name: str
    low: float
    high: float
    search: Search


def _behind(name: str, words: str, rest: str, low: float, high: float) -> Reading:
    """The figure is behind one of the words."""
    first = "|".join(word.partition(" ")[0] for word in words.split("|"))
    pattern = re.compile(rf"(?:^| ){ONTO}(?:{words}){rest}")
    return Reading(name, low, high, Search(pattern, partial(_read, name, low, high), f"{ONTO}(?:{first})", A_FIGURE, WITHIN))


def _before(name: str, words: str, low: float, high: float) -> Reading:
    """The figure, with a half behind it or none, is before one of the words."""
    pattern = re.compile(rf"(?:^| ){ONTO}{FIGURE} (?:{words})")
    return Reading(name, low, high, Search(pattern, partial(_read, name, low, high), f"{ONTO}[0-9]", f"(?:{words})", 3))


def _read(name: str, low: float, high: float, match: re.Match[str]) -> Iterator[Told]:
    if name not in ("pills", "pulse") and (UNIT.match(match.string, match.end()) or TIME_BEFORE.search(match.group())):
        return
    value = value_of(match)
    if low <= value <= high:
        yield name, value / (1_000 if name == "platelets" and value >= 1_000 else 1)


READINGS = (
    _behind("temperature", FEVER, BETWEEN + FIGURE, 34, 43.5),
    _behind("temperature", WEAKER, r"[^0-9سض]{0,15}?" + FIGURE, 37.5, 42.5),
    _before("temperature", "درجه|حراره", 35, 43),
    _behind("oxygen", r"اكسجين\S*|اوكسجين\S*|اكسجن|تشبع\S*|spo2|o2|sat|oxyg\S*|oksi\S*|oxi\S*", BETWEEN + FIGURE, 50, 100),
    _behind("sugar", SUGAR, MEASURED + FIGURE, 20, 900),
    _behind("pulse", PULSE, BETWEEN + FIGURE, 20, 300),
    _before("pulse", r"دقه|نبضه|ضربه|bpm|da2a|da22a|battements", 20, 300),
    _behind("inr", r"inr|سيول\S*", BETWEEN + FIGURE, 0.5, 30),
    _behind("bilirubin", BILE, r"[^0-9]{0,30}?" + FIGURE, 8, 40),
    _behind("haemoglobin", HAEMOGLOBIN, r"[^0-9]{0,12}?" + FIGURE, 2, 20),
    _behind("platelets", PLATELETS, BETWEEN + r"(?P<number>[0-9]{1,6})(?P<more>)", 1, 900_000),
    _before("pills", r"حبه|حبات|حبايه|حبايات|قرص|اقراص|حبوب|كبسول\S*|7ab\S*|hab\S*|comprim\S*|pills", 1, 200),
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


def _pressure(match: re.Match[str]) -> Iterator[Told]:
    high, low = float(match.group("high")), float(match.group("low"))
    if high <= 26 and low <= 16 and TENSION.search(match.string):  # centimetres of mercury, as in the Maghreb
        high, low = 10 * high, 10 * low
    if 60 <= high <= 300 and 30 <= low < high:
        yield "systolic", high
        yield "diastolic", low


def _grams(match: re.Match[str]) -> Iterator[Told]:
    """Grams a litre, as in the Maghreb."""
    yield "sugar", 100 * float(match.group("number"))


def _grams_behind(match: re.Match[str]) -> Iterator[Told]:
    if "سكر" in match.string and not GRAMS.search(match.string):
        yield from _grams(match)


SEARCHES = (
    *AGES,
    *(reading.search for reading in READINGS),
    Search(PRESSURE, _pressure, "[0-9]{1,3}(?:/|$)", f"[0-9]{{1,3}}/|(?:{OVER})$", 1),
    Search(GRAMS, _grams, "سكر|السكر|سوكر|sokkar|sukar|sucre|glyc", A_FIGURE, WITHIN),
    Search(GRAMS_BEHIND, _grams_behind, r"[0-9]\.[0-9]", A_FIGURE, 0),
)
# A word of a text that says a number at all.
TOLD = f"[^ ]*(?:[0-9]|عمر|{'|'.join(sorted({*PER, *TWO, *ONE}))})"


def find_facts(con: duckdb.DuckDBPyConnection, texts: duckdb.DuckDBPyRelation, words: Words) -> None:
    """`id, key` and their words in; `_facts` (id, fact, value, start, stop) out, places in words from 1 as cues have them."""
    rows = [(text, *fact) for text, search, match in find_matches(con, texts, words, SEARCHES, TOLD) for fact in _facts(search, match)]
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


def facts_of(key: str) -> Iterator[tuple[str, float, int, int]]:
    """Each number that a key gives, its value, and from which word to behind which it stands."""
    return (fact for search in SEARCHES for match in search.pattern.finditer(key) for fact in _facts(search, match))


def _facts(search: Search, match: re.Match[str]) -> Iterator[tuple[str, float, int, int]]:
    for name, value in search.tell(match):
        begin = match.start() + (match.group()[:1] == " ")
        start = match.string.count(" ", 0, begin) + 1
        yield name, value, start, start + match.group().strip().count(" ") + 1
