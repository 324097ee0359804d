"""What a text gives as numbers: ages in years, temperature, pressure, oxygen, sugar, pulse, laboratory values, pills swallowed.

Rows of severity_combinations say from where on a number means something (`given`). A number that is an age, a time or a dose ("سكر من 40
سنه") is no reading.
"""

import re
from collections.abc import Iterator

import duckdb
import pyarrow as pa

from curation.severity.ages import UNIT, ages, value_of

BETWEEN = r"[^0-9]{0,25}?"
FIGURE = r"(?P<number>[0-9]{1,4}(?:\.[0-9]+)?)(?: و ?(?P<more>نصف?)(?= |$))?"
FEVER = (
    r"(?:حرار\S*|سخون\S*|سخن\S*|سخان\S*|صخون\S*|صخان\S*|حمي|حمه|محرار\S*|ميزان|temperature|temp|fever|fievre|fièvre|"
    r"[7h]arar\S*|skh?an\S*|s5on\S*|"
    r"so?khoun\S*)"
)
WEAKER = r"(?:درجه|قست\S*|قسن\S*|طلع\S*|وصل\S*|سجل\S*)"
# Only words of measuring may stand between: "ولا سكري وعمره 41" is an age.
MEASURED = (
    r"(?:(?:نزل\S*|هبط\S*|وصل\S*|طلع\S*|طالع\S*|نازل\S*|هابط\S*|خرج\S*|صار|بقي|لقيت\S*|قست\S*|قياس\S*|كان|صايم|الصايم|فاطر|عشوايي|العشوايي|"
    r"تحليل\S*|حق\S*|علي|الي|حد|عند\S*|معي|هسه|الحين|هلق|دلوقتي|دابا|توا|الان|اليوم|is|was|nezel|wesel|tale3|howa|howwa|3andha|"
    r"3ando) ){0,3}"
)
SUGAR = rf"(?:سكر\S*|السكر\S*|سوكر\S*|so[kq]+ar\S*|su[kq]+ar\S*|glucose|glyc\S*) (?:في الدم |بالدم )?{MEASURED}"
READINGS = tuple(
    (name, re.compile(rf"(?:^| )[وفبل]?(?:ال)?{pattern}"), low, high)
    for name, pattern, low, high in (
        ("temperature", FEVER + BETWEEN + FIGURE, 34, 43.5),
        ("temperature", WEAKER + r"[^0-9سض]{0,15}?" + FIGURE, 37.5, 42.5),
        ("temperature", FIGURE + r" (?:درجه|حراره)", 35, 43),
        ("oxygen", r"(?:اكسجين\S*|اوكسجين\S*|اكسجن|تشبع\S*|spo2|o2|sat|oxyg\S*|oksi\S*|oxi\S*)" + BETWEEN + FIGURE, 50, 100),
        ("sugar", SUGAR + FIGURE, 20, 900),
        ("pulse", r"(?:نبض\S*|دقات|دقه|ضربات|nabd\S*|pouls|pulse)" + BETWEEN + FIGURE, 20, 300),
        ("pulse", FIGURE + r" (?:دقه|نبضه|ضربه|bpm|da2a|da22a|battements)", 20, 300),
        ("inr", r"(?:inr|سيول\S*)" + BETWEEN + FIGURE, 0.5, 30),
        ("bilirubin", r"(?:صفار\S*|بيليروبين|اصفر|صفر\S*|يرقان|asfar|bilirubin\S*)" + r"[^0-9]{0,30}?" + FIGURE, 8, 40),
        ("haemoglobin", r"(?:هيمو\S*|خضاب\S*|hb|hemoglobin\S*|hémoglobin\S*|قوه الدم|دمي|دمها|دمه)" + r"[^0-9]{0,12}?" + FIGURE, 2, 20),
        ("platelets", r"(?:صفايح\S*|صفيحات|صفاح\S*|platelet\S*|plaquette\S*)" + BETWEEN + r"(?P<number>[0-9]{1,6})(?P<more>)", 1, 900_000),
        ("pills", FIGURE + r" (?:حبه|حبات|حبايه|حبايات|قرص|اقراص|حبوب|كبسول\S*|7ab\S*|hab\S*|comprim\S*|pills)", 1, 200),
    )
)  # fmt: skip
PRESSURE = re.compile(r"(?:^| )(?P<high>[0-9]{1,3})(?:/| (?:علي|ع|3ala|3la|3al|sur|over|/) )(?P<low>[0-9]{1,3})(?= |$)")
GRAMS = re.compile(
    r"(?:^| )(?:سكر\S*|السكر\S*|سوكر\S*|sokkar|sukar|sucre|glyc\S*)(?:(?!تراكم|a1c)[^0-9]){0,25}?(?P<number>[0-6]\.[0-9]+)"
    r"(?: ?(?:غرام|جرام|غ|g|gr|gram\S*))?(?= |$)(?P<more>)"
)
GRAMS_BEHIND = re.compile(r"(?:^| )(?P<number>[0-9]\.[0-9]+) ?(?:غرام|جرام|غ|g|gr)(?= |$)(?P<more>)")
TENSION = re.compile(r"ضغط|تنسيون|طونسيون|لاتنسيو|tension|tansion|da[8g]|daght|dagh6")
TIME_BEFORE = re.compile(r"(?:^| )(?:من|عمر\S*|مند|كل|قبل|بعد|صار\S*|بقال\S*|men|3omr\S*) [0-9.]+$")
FIGURES = re.compile("[0-9]")
ANY = r"[0-9]|شهر|يوم|ايام|سنه|سنين|سنتين|عام|اسبوع|اسابيع|سيمان|سمان|عمر"


def find_facts(con: duckdb.DuckDBPyConnection, texts: duckdb.DuckDBPyRelation) -> None:
    """`id, key` in; `_facts` (id, fact, value, start, stop) out, places in words from 1 as cues have them."""
    given = texts.filter(f"regexp_matches(key, '{ANY}')").project("id, key").to_arrow_table()
    rows = [(i, *fact) for i, key in enumerate(given["key"].to_pylist()) for fact in facts_of(key)]
    columns = list(zip(*rows, strict=True)) if rows else [(), (), (), (), ()]
    table = pa.table(
        {
            "id": given["id"].combine_chunks().take(pa.array(columns[0], pa.int64())),
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
    for name, value, match in (*ages(key), *_readings(key)):
        begin = match.start() + (match.group()[:1] == " ")
        start = key.count(" ", 0, begin) + 1
        yield name, value, start, start + match.group().strip().count(" ") + 1


def _readings(key: str) -> Iterator[tuple[str, float, re.Match[str]]]:
    if not FIGURES.search(key):
        return
    for name, pattern, low, high in READINGS:
        for match in pattern.finditer(key):
            if name not in ("pills", "pulse") and (UNIT.match(key[match.end() :]) or TIME_BEFORE.search(match.group())):
                continue
            if low <= value_of(match) <= high:
                yield name, value_of(match) / (1_000 if name == "platelets" and value_of(match) >= 1_000 else 1), match
    for match in PRESSURE.finditer(key):
        high_, low_ = float(match.group("high")), float(match.group("low"))
        if high_ <= 26 and low_ <= 16 and TENSION.search(key):  # centimetres of mercury, as in the Maghreb
            high_, low_ = 10 * high_, 10 * low_
        if 60 <= high_ <= 300 and 30 <= low_ < high_:
            yield "systolic", high_, match
            yield "diastolic", low_, match
    behind = GRAMS_BEHIND.finditer(key) if "سكر" in key else ()
    for match in GRAMS.finditer(key) if GRAMS.search(key) else behind:  # grams a litre, as in the Maghreb
        yield "sugar", 100 * float(match.group("number")), match
