"""Measured numbers that mean danger by themselves, as rows: temperature, blood pressure, oxygen, blood sugar.

Each row is a pattern over the folded key whose group is the number, and the range in which it counts. A number that is an age, a time or a
dose ("سكر من 40 سنه") is no reading.
"""

from dataclasses import dataclass

import duckdb


@dataclass(frozen=True)
class Measure:
    """`pattern` (RE2) has one group, the reading; it counts from `low` to `high` with `weight` for `level`."""

    name: str
    level: str
    weight: float
    pattern: str
    low: float
    high: float
    source: str


NUMBER = r"([0-9]{1,4}(?:\.[0-9]+)?)"
BETWEEN = r"[^0-9]{0,25}?"
FEVER = (
    r"(?:حراره|حرارت\S*|سخون\S*|سخن\S*|صخون\S*|صخان\S*|سكون\S*|حمي|حمه|temperature|temp|7arara|skhana|skhouna|sakhana|"
    r"درجه|قست\S*|طلع\S*|وصل\S*)"
) + BETWEEN
OXYGEN = r"(?:اكسجين|اوكسجين|اكسجن|تشبع\S*|spo2|o2|sat)" + BETWEEN
# Only words of measuring may stand between: "ولا سكري وعمره 41" is an age.
SUGAR = (
    r"(?:سكر\S*|السكر\S*|sokar|sukkar|glucose) "
    r"(?:(?:نزل\S*|هبط\S*|وصل\S*|طلع\S*|صار|بقي|لقيت\S*|قست\S*|قياس\S*|كان|صايم|الصايم|عشوايي|العشوايي|فاطر|"
    r"علي|الي|حد|عند\S*|معي|is|was) ){0,3}"
)
SYSTOLIC = r"\b([0-9]{3})/[0-9]{2,3}"

MEASURES = (
    Measure("temperature from 40", "critical", 2.0, FEVER + NUMBER, 40, 43, "NICE NG143"),
    Measure("temperature 39 to 40", "moderate", 1.5, FEVER + NUMBER, 39, 39.99, "NICE NG143"),
    Measure("temperature 38 to 39", "moderate", 0.8, FEVER + NUMBER, 38, 38.99, "NICE NG143"),
    Measure("oxygen below 92", "critical", 2.5, OXYGEN + NUMBER, 50, 91.99, "BTS guideline on oxygen, 2017"),
    Measure("systolic from 180", "critical", 1.5, SYSTOLIC, 180, 300, "ESC/ESH 2018: hypertensive crisis is looked for"),
    Measure("systolic 160 to 180", "moderate", 1.0, SYSTOLIC, 160, 179.99, "ESC/ESH 2018: grade 2"),
    Measure("sugar from 400", "critical", 1.8, SUGAR + NUMBER, 400, 900, "ADA, mg/dl: hyperglycaemic crisis is looked for"),
    Measure("sugar below 55", "critical", 1.8, SUGAR + NUMBER, 20, 54, "ADA, mg/dl: level 2 hypoglycaemia"),
)
ANY_READING = "|".join(dict.fromkeys(m.pattern for m in MEASURES))
TIME_BEFORE = r"(?:^| )(?:من|عمر\S*|منذ|كل|قبل|بعد|صار\S*|بقال\S*) [0-9.]+$"
UNIT_AFTER = r" ?(?:سن|عام|يوم|ايام|شهر|اشهر|شهور|اسبوع|ساع|دقي|ملغ|مجم|mg|وحد|حب|قرص|مره|مرات|%|٪)"

# Fever in the first three months of life is an emergency (NICE NG143: under three months with 38 °C or more is high risk).
INFANT_FEVER = Measure("fever under three months", "critical", 3.0, FEVER + NUMBER, 38.0, 43, "NICE NG143")
INFANT = r"(?:عمر\S*|عند\S*|ابن|بيبي|رضيع\S*|مولود\S*|طفل\S*|بنت\S*|ولد\S*) (?:\S+ ){0,3}?"
YOUNG = r"(?:شهرين|شهر|اسبوع\S*|اسابيع|سبوع\S*|سيمان\S*|[1-9] اسابيع|[1-9] اسبوع|[1-9]?[0-9] يوم|[1-9] ايام)(?: |$)"


def measured(con: duckdb.DuckDBPyConnection, texts: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    """`id, key` in; `id, level, topic, cue, weight, start, stop` out, one row for each measure.

    Places are not told: both are 0. Each pattern is read once, however many ranges it has.
    """
    con.execute("DROP TABLE IF EXISTS _measured_texts")
    texts.filter(f"regexp_matches(key, '{ANY_READING}')").create("_measured_texts")  # one look instead of four at most texts
    queries = []
    for pattern in dict.fromkeys(m.pattern for m in MEASURES):
        ranges = [m for m in (*MEASURES, INFANT_FEVER) if m.pattern == pattern]
        listed = ", ".join(f"('{m.level}', '{m.name}', {m.weight}, {m.low}, {m.high}, {m == INFANT_FEVER})" for m in ranges)
        queries.append(f"""
            SELECT id, level, 'measure' AS topic, cue, weight::DOUBLE AS weight, 0 AS start, 0 AS stop
            FROM ({_readings(pattern, min(m.low for m in ranges), max(m.high for m in ranges))})
            JOIN (VALUES {listed}) AS of(level, cue, weight, low, high, infant) ON reading BETWEEN low AND high
            WHERE CASE WHEN infant THEN regexp_matches(key, '{INFANT + YOUNG}') ELSE true END""")
    return con.sql(" UNION ALL ".join(queries))


def _readings(pattern: str, low: float, high: float) -> str:
    """SQL for `id, key, reading` of the keys that hold a number of this pattern in this range which is no age, time or dose."""
    return f"""
        SELECT * FROM (SELECT id, key, try_cast(regexp_extract(key, '{pattern}', 1) AS DOUBLE) AS reading FROM _measured_texts)
        WHERE reading BETWEEN {low} AND {high}
        AND NOT regexp_matches(regexp_extract(key, '{pattern}', 0), '{TIME_BEFORE}') AND NOT regexp_matches(key, '{pattern}{UNIT_AFTER}')"""
