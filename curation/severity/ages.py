"""Ages in years out of what people write: "عمره شهرين", "ابن ستين سنة", "3andou 2 chhour"; how long something lasts is none."""

import re
from collections.abc import Iterator

UNITS = {
    "واحد": 1, "اتنين": 2, "تنين": 2, "جوج": 2, "زوج": 2, "تلات": 3, "تلاته": 3, "تلت": 3, "تلته": 3, "اربع": 4, "اربعه": 4,
    "ربع": 4, "خمس": 5, "خمسه": 5, "ست": 6, "سته": 6, "سبع": 7, "سبعه": 7, "تمان": 8, "تماني": 8, "تمانيه": 8, "تمن": 8,
    "تمنيه": 8, "تسع": 9, "تسعه": 9, "عشر": 10, "عشره": 10, "حداشر": 11, "اتناشر": 12, "تلاتاشر": 13, "اربعتاشر": 14,
    "خمستاشر": 15, "ستاشر": 16, "سبعتاشر": 17,
}  # fmt: skip
TENS = {"عشر": 20, "تلات": 30, "اربع": 40, "خمس": 50, "ست": 60, "سبع": 70, "تمان": 80, "تسع": 90}
WORDS = {**UNITS, **{stem + end: tens for stem, tens in TENS.items() for end in ("ين", "ون")}}
NUMBER = (
    r"(?P<number>[0-9]{1,4}(?:\.[0-9]+)?|"
    + "|".join(sorted(WORDS, key=len, reverse=True))
    + r")(?: و ?(?P<more>نصف?|"
    + ("|".join(stem + end for stem in TENS for end in ("ين", "ون")) + "))?")
)
YEAR = r"(?:سنه|سنين|سنوات|سني|سنتا|عام|عاما|اعوام|عوام|sana|sene|sneen|snen|snin|ans|an|3am|year|years|yr)"
MONTH = r"(?:شهر|شهور|اشهر|شهرا|chhar|chhour|chour|char|chahr|shohor|shohoor|shahr|shhour|ashhor|mois|month|months)"
WEEK = r"(?:اسبوع|اسابيع|سمانه|سيمانه|سيمانات|سمانات|سوابع|semaine|semaines|simana|simanat|osbo3|asabi3|weeks|week)"
DAY = r"(?:يوم|ايام|يوما|تيام|ليام|jour|jours|youm|yom|ayam|iyam|days)"
TWO = {
    "سنتين": 2.0,
    "عامين": 2.0,
    "شهرين": 2 / 12,
    "اسبوعين": 14 / 365,
    "سيمانتين": 14 / 365,
    "يومين": 2 / 365,
    "chahrin": 2 / 12,
    "shahrein": 2 / 12,
    "shahren": 2 / 12,
}
ONE = {"سنه": 1.0, "عام": 1.0, "شهر": 1 / 12, "اسبوع": 7 / 365, "سيمانه": 7 / 365, "سمانه": 7 / 365, "يوم": 1 / 365}
PER = {YEAR: 1.0, MONTH: 1 / 12, WEEK: 7 / 365, DAY: 1 / 365}
# A time behind these is how long something lasts or was ago, not somebody's age.
SINCE = re.compile(
    r"(?:^| )(?:من|مند|قبل|بعد|كل|صار\S*|صرل\S*|بقال\S*|بقي\S*|هادي|هاي|خلال|لمده|مده|طول|اخر|اول|ضل\S*|ليا|ليه|ليها|ليهم|"
    r"اله|الها|كمان|men|mn|mel|ba3d|abl|9bel|kol|koul|ba2al\S*|sarl\S*|9arl\S*|hadi|depuis|avant|since|for|last) ?"
    r"(?:اكتر من |حوالي |شي |كام |كم |تقريبا |ال|اقل من )?$"
)
NAMED = re.compile(r"(?:^| )[وفب]?(?:عمر\S*|بعمر|ما كمل\S*|مكملش|لم يكمل|لم تكمل|ما تكمل|3omr\S*|3umr\S*|3mr\S*|age|aged)(?: \S+){0,2} ?$")
BORN = re.compile(r"(?:^| )(?:ال)?(?:مولود\S*|خلقان\S*|ولدته|ولدتها|اتولد\S*|تولد\S*|انولد\S*) (?:من|مند|قبل|هادي|ليه|قبل حوالي) ?$")
OF_SOMEBODY = re.compile(
    r"(?:^| )[وفب]?(?:ال)?(?:عنده|عندها|عندو|عندهم|عده|عدها|معه|3ando\S*|3anda\S*|3ndo\S*|3nda\S*|3end\S*|ابن\S*|بنت\S*|ولد\S*|طفل\S*|"
    r"رضيع\S*|مولود\S*|بيبي|نونو|خلقان\S*|بزر\S*|حفيد\S*|وليد\S*|wld\S*|weld\S*|bent\S*|bnt\S*|ibn\S*|ebn\S*|tefl\S*|bebe|bébé)"
    r"(?: \S+){0,1} ?$"
)
# Behind a number that is then no bare age.
UNIT = re.compile(rf" ?(?:{YEAR}|{MONTH}|{WEEK}|{DAY}|ساع|دقيق|ملغ|مجم|mg|وحد|حب|قرص|مره|مرات|%|٪)")
TIMES = re.compile(rf"(?:^| )(?:{NUMBER} ?(?P<unit>{YEAR}|{MONTH}|{WEEK}|{DAY})|(?P<two>{'|'.join(TWO)})|(?P<one>{'|'.join(ONE)}))(?= |$)")
AGE = re.compile(
    rf"(?:^| )[وفب]?(?:عمر\S*|3omr\S*|3umr\S*|3mr\S*|عند(?:ه|ها|و|ي)|عد(?:ه|ها|ي)) (?:حوالي |تقريبا |شي |el |la )?{NUMBER}(?= |$)"
)


def ages(key: str) -> Iterator[tuple[str, float, re.Match[str]]]:
    """Each age of a folded key: "age", years, where it stands."""
    for match in TIMES.finditer(key):
        before = key[: match.start()]
        if SINCE.search(before) and not BORN.search(before):
            continue
        said, unit = match.group("number"), match.group("unit")
        named = NAMED.search(before)
        if said and unit:
            years = value_of(match) * next(per for of, per in PER.items() if re.fullmatch(of, unit))
            if named or re.fullmatch(YEAR, unit) or OF_SOMEBODY.search(before) or BORN.search(before):
                yield "age", years, match
        elif named or (match.group("two") and OF_SOMEBODY.search(before)):
            yield "age", TWO.get(match.group("two")) or ONE[match.group("one")], match
    for match in AGE.finditer(key):
        if not UNIT.match(key[match.end() :]) and 1 <= value_of(match) <= 110 and not re.match(r" (?:في|علي|/)", key[match.end() :]):
            yield "age", value_of(match), match


def value_of(match: re.Match[str]) -> float:
    """The number of a match of NUMBER: digits or words, with a half or tens behind it."""
    number, more = match.group("number"), match.group("more")
    value = float(WORDS[number]) if number in WORDS else float(number)
    return value + (0.5 if more.startswith("نص") else WORDS[more]) if more else value
