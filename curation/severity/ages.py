"""Ages in years out of what people write: "عمره شهرين", "ابن ستين سنة", "3andou 2 chhour"; how long something lasts is none."""

import re
from collections.abc import Iterator

from curation.severity.searches import Search, Told

UNITS = {
    "واحد": 1, "اتنين": 2, "تنين": 2, "جوج": 2, "زوج": 2, "تلات": 3, "تلاته": 3, "تلت": 3, "تلته": 3, "اربع": 4, "اربعه": 4,
    "ربع": 4, "خمس": 5, "خمسه": 5, "ست": 6, "سته": 6, "سبع": 7, "سبعه": 7, "تمان": 8, "تماني": 8, "تمانيه": 8, "تمن": 8,
    "تمنيه": 8, "تسع": 9, "تسعه": 9, "عشر": 10, "عشره": 10, "حداشر": 11, "اتناشر": 12, "تلاتاشر": 13, "اربعتاشر": 14,
    "خمستاشر": 15, "ستاشر": 16, "سبعتاشر": 17,
}  # fmt: skip
TENS = {"عشر": 20, "تلات": 30, "اربع": 40, "خمس": 50, "ست": 60, "سبع": 70, "تمان": 80, "تسع": 90}
MORE = {stem + end: tens for stem, tens in TENS.items() for end in ("ين", "ون")}
WORDS = {**UNITS, **MORE}
FIGURES_OR_WORDS = r"[0-9]{1,4}(?:\.[0-9]+)?|" + "|".join(sorted(WORDS, key=len, reverse=True))
NUMBER = rf"(?P<number>{FIGURES_OR_WORDS})(?: و ?(?P<more>نصف?|{'|'.join(MORE)}))?"
YEAR = "سنه|سنين|سنوات|سني|سنتا|عام|عاما|اعوام|عوام|sana|sene|sneen|snen|snin|ans|an|3am|year|years|yr"
MONTH = "شهر|شهور|اشهر|شهرا|chhar|chhour|chour|char|chahr|shohor|shohoor|shahr|shhour|ashhor|mois|month|months"
WEEK = "اسبوع|اسابيع|سمانه|سيمانه|سيمانات|سمانات|سوابع|semaine|semaines|simana|simanat|osbo3|asabi3|weeks|week"
DAY = "يوم|ايام|يوما|تيام|ليام|jour|jours|youm|yom|ayam|iyam|days"
PER = {unit: years for units, years in ((YEAR, 1.0), (MONTH, 1 / 12), (WEEK, 7 / 365), (DAY, 1 / 365)) for unit in units.split("|")}
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
# A time behind these is how long something lasts or was ago, not somebody's age.
SINCE = re.compile(
    r"(?:^| )(?:من|مند|قبل|بعد|كل|صار\S*|صرل\S*|بقال\S*|بقي\S*|هادي|هاي|خلال|لمده|مده|طول|اخر|اول|ضل\S*|ليا|ليه|ليها|ليهم|"
    r"اله|الها|كمان|men|mn|mel|ba3d|abl|9bel|kol|koul|ba2al\S*|sarl\S*|9arl\S*|hadi|depuis|avant|since|for|last)"
    r"(?: (?:اكتر من|حوالي|شي|كام|كم|تقريبا|اقل من))?(?: ?ال)? ?$"
)
LIVED = r"عمر\S*|بعمر|ما كمل\S*|مكملش|لم يكمل|لم تكمل|ما تكمل|3omr\S*|3umr\S*|3mr\S*|age|aged"
NAMED = re.compile(rf"(?:^| )[وفب]?(?:{LIVED})(?: \S+){{0,2}} ?$")
BIRTH = r"مولود\S*|خلقان\S*|ولدته|ولدتها|اتولد\S*|تولد\S*|انولد\S*"
BORN = re.compile(rf"(?:^| )(?:ال)?(?:{BIRTH}) (?:من|مند|قبل|هادي|ليه|قبل حوالي) ?$")
SOMEBODY = (
    r"عنده|عندها|عندو|عندهم|عده|عدها|معه|3ando\S*|3anda\S*|3ndo\S*|3nda\S*|3end\S*|ابن\S*|بنت\S*|ولد\S*|طفل\S*|"
    r"رضيع\S*|مولود\S*|بيبي|نونو|خلقان\S*|بزر\S*|حفيد\S*|وليد\S*|wld\S*|weld\S*|bent\S*|bnt\S*|ibn\S*|ebn\S*|tefl\S*|bebe|bébé"
)
OF_SOMEBODY = re.compile(rf"(?:^| )[وفب]?(?:ال)?(?:{SOMEBODY})(?: \S+){{0,1}} ?$")
BLANKS = 5  # that the four above span at most, in front of a time
# Behind a number that is then no bare age.
UNIT = re.compile(rf" ?(?:{YEAR}|{MONTH}|{WEEK}|{DAY}|ساع|دقيق|ملغ|مجم|mg|وحد|حب|قرص|مره|مرات|%|٪)")
TIMES = re.compile(rf"(?:^| )(?:{NUMBER} ?(?P<unit>{YEAR}|{MONTH}|{WEEK}|{DAY})|(?P<two>{'|'.join(TWO)})|(?P<one>{'|'.join(ONE)}))(?= |$)")
AGED = r"عمر\S*|3omr\S*|3umr\S*|3mr\S*|عنده|عندها|عندو|عندي|عده|عدها|عدي"
AGE = re.compile(rf"(?:^| )[وفب]?(?:{AGED}) (?:حوالي |تقريبا |شي |el |la )?{NUMBER}(?= |$)")
OF_AGE = re.compile(r" ?[وفب]?(?:عمر|3[ou]?mr)")
NO_AGE = re.compile(" (?:في|علي|/)")


def ages(key: str) -> Iterator[tuple[str, float, re.Match[str]]]:
    """Each age of a folded key: "age", years, where it stands."""
    return ((name, years, match) for search in AGES for match in search.pattern.finditer(key) for name, years in search.tell(match))


def _age_in_time(match: re.Match[str]) -> Iterator[Told]:
    """A time that is an age: "عمره شهرين", "ابن ستين سنة"."""
    before = _before(match)
    if SINCE.search(before) and not BORN.search(before):
        return
    unit, two = match.group("unit"), match.group("two")
    if unit:
        if PER[unit] == 1 or NAMED.search(before) or OF_SOMEBODY.search(before) or BORN.search(before):
            yield "age", value_of(match) * PER[unit]
    elif NAMED.search(before) or (two and OF_SOMEBODY.search(before)):
        yield "age", TWO[two] if two else ONE[match.group("one")]


def _bare_age(match: re.Match[str]) -> Iterator[Told]:
    """An age without a unit: "عمري 34", "عندها 78", "عمره خمسين"; "عنده خمس" counts something else."""
    years = value_of(match)
    if match.group("number") in WORDS and not OF_AGE.match(match.group()):
        return
    if not UNIT.match(match.string, match.end()) and 1 <= years <= 110 and not NO_AGE.match(match.string, match.end()):
        yield "age", years


def value_of(match: re.Match[str]) -> float:
    """The number of a match of NUMBER: digits or words, with a half or tens behind it."""
    number, more = match.group("number"), match.group("more")
    value = float(WORDS[number]) if number in WORDS else float(number)
    return value + (0.5 if more.startswith("نص") else WORDS[more]) if more else value


def _before(match: re.Match[str]) -> str:
    """The last words before a match: looked at whole, a long text would be read again for each time in it."""
    key, begin = match.string, match.start()
    for _ in range(BLANKS):
        begin = key.rfind(" ", 0, begin)
        if begin < 0:
            break
    return key[max(begin, 0) : match.start()]


A_NUMBER = rf"[0-9]|(?:{'|'.join(WORDS)})(?:{'|'.join(PER)})?$"
JOINED = rf"(?:(?:{FIGURES_OR_WORDS})|و?(?:نصف?|{'|'.join(MORE)}))?"  # in front of a unit that is written onto it
SINGLE = "|".join((*TWO, *ONE))
AGES = (
    Search(TIMES, _age_in_time, rf"{A_NUMBER}|(?:{SINGLE})$", rf"(?:{JOINED}(?:{'|'.join(PER)})|{SINGLE})$", 3),
    Search(AGE, _bare_age, rf"[وفب]?(?:{AGED})", A_NUMBER, 2),
)
