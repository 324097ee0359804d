"""Phone numbers: runs of digits by one pattern, then the numbering plans of `phonenumbers` for every Arab region decide.

A run without +, 00 or a leading zero can be a dose, a count or a date: it needs the shape of a phone, or a word that asks for a call.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import pairwise

import phonenumbers

from curation.privacy.identifiers import SPACED, national_id
from curation.privacy.patterns import DIGIT, DIGITS, MARKS

REGIONS = (
    "EG",
    "SA",
    "AE",
    "KW",
    "QA",
    "BH",
    "OM",
    "YE",
    "IQ",
    "JO",
    "LB",
    "SY",
    "PS",
    "SD",
    "LY",
    "TN",
    "DZ",
    "MA",
    "MR",
    "SO",
    "DJ",
    "KM",
)
TYPES = ("fixed_line", "mobile", "toll_free", "shared_cost", "uan", "voip", "premium_rate")
_GAP = f"[ \\-‐-―.()/\u00a0{MARKS}]{{0,3}}"
RUN = re.compile(rf"[+＋]?[(]?{DIGIT}(?:{_GAP}{DIGIT}){{6,}}")
MANY_DIGITS = re.compile(rf"{DIGIT}(?:{_GAP}{DIGIT}){{6}}")  # without them there is no number here to find, and this looks faster
GROUP = re.compile(rf"{DIGIT}+")
STRONG_CUE = re.compile(
    r"(?i)موبايل|جوال|محمول|تلفون|تليفون|تلف[وى]|هاتف|واتس|وتس|واتاب|اتصل|اتصال|كلم(?:ني|وني|يني|ونا)|خابر|عيطو?ل|دق(?:وا|ي)?\s|للتواصل|تواصل|للحجز|نمر[ةهت]|فون\b|"
    r"phone|\btel\b|\bmob|whats|\bcall|ra9m|r[aq]*[q92]mi|noumero|nimero|numero|raqm|tilifoun|hatif"
)
WEAK_CUE = re.compile(r"(?i)رقم|استفسار|راسل|\bnum")
NOT_DIALLED = re.compile(r"(?i)viral|فيروس|فايروس|ڤيروس|\bload|\bpcr|hbv|hcv|hiv|\brna|\bdna|copies|صفائح|صفيح|platelet|\bplt")
MEASURED = re.compile(r"(?i)سكر|ضغط|نبض|تحليل|تحاليل|منحن|قياس|قرا[ءي]|معدل|حرار|وزن|glucose|bp\b|pulse")
COUNTED = re.compile(
    r"(?i)(?:\s?(?:[%٪]|نسخ|وحد|خلي[ةه]|كري|صفيح|copies|iu\b|u/|/ml|ml\b|مل\b|ريال|جنيه|دينار|درهم|دولار|ليرة|units?\b)|[.,٫/]?[0-9٠-٩۰-۹])"
)
_DAY, _MONTH, _YEAR, _SLASH = "(?:0?[1-9]|[12][0-9]|3[01])", "(?:0?[1-9]|1[0-2])", "(?:19|20)[0-9]{2}", "[-./ ]?"
DATE = re.compile(f"{_YEAR}{_SLASH}{_MONTH}{_SLASH}{_DAY}|{_DAY}{_SLASH}{_MONTH}{_SLASH}{_YEAR}")
MOST_GROUPS = 16  # of one number; a long list of numbers is then read in linear time
REACH = 40  # characters before a number in which its cue stands
# Groups of digits as people write numbers without a leading zero; with any other grouping a list of values looks the same.
SHAPES = frozenset(
    {
        (4, 4),
        (2, 3, 3),
        (3, 3, 3),
        (3, 3, 4),
        (2, 3, 4),
        (1, 3, 3, 3),
        (3, 6),
        (2, 6),
        (3, 7),
        (2, 7),
        (3, 2, 3, 4),
        (3, 3, 3, 3),
        (4, 4, 4),
        (3, 2, 7),
        (2, 3, 7),
    }
)


@cache
def _plan() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """The national and the international numbers of all Arab regions as two expressions: 22 parses a candidate would be too slow."""
    national, abroad = [], []
    for region in REGIONS:
        data = phonenumbers.PhoneMetadata.metadata_for_region(region, None)
        assert data is not None
        kinds = (getattr(data, kind) for kind in TYPES)
        numbers = "|".join(kind.national_number_pattern for kind in kinds if kind is not None and kind.national_number_pattern)
        national.append(rf"(?:{data.national_prefix or ''})?(?:{numbers})")
        abroad.append(rf"{data.country_code}0?(?:{numbers})")
    return re.compile("|".join(national)), re.compile("|".join(abroad))


def is_national(digits: str) -> bool:
    """Whether the digits can be dialled inside any Arab region; the zero in front may be missing where people leave it out."""
    return _plan()[0].fullmatch(digits) is not None


@lru_cache(maxsize=10_000)
def is_international(digits: str) -> bool:
    """Whether country code and number, without + or 00, can be dialled from anywhere."""
    if _plan()[1].fullmatch(digits):
        return True
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse("+" + digits))
    except phonenumbers.NumberParseException:
        return False


def number_spans(text: str) -> Iterator[tuple[int, int, str]]:
    """Phone numbers, and numbers too long for anything but an account or an id, as (start, end, kind)."""
    for run in RUN.finditer(text):
        groups = [(m.start() + run.start(), m.end() + run.start(), m.group().translate(DIGITS)) for m in GROUP.finditer(run.group())]
        first = 0
        while first < len(groups):
            for last in range(min(len(groups), first + MOST_GROUPS), first, -1):
                kind = _kind(text, groups[first:last], first == 0, last - first == len(groups))
                if kind == "PHONE" and _stands_alone(text, groups[first:last], first == 0):
                    continue  # 0612345678 3: three times a day
                if kind:
                    plus = first == 0 and text[run.start()] in "+＋"
                    opening = (
                        "("
                        if text[groups[first][0] - 1 : groups[first][0]] == "(" and ")" in text[groups[first][0] : groups[last - 1][1]]
                        else ""
                    )
                    yield (run.start() if plus else groups[first][0] - len(opening)), groups[last - 1][1], kind
                    first = last - 1
                    break
            first += 1


def _stands_alone(text: str, groups: list[tuple[int, int, str]], leads: bool) -> bool:
    """Whether the last group is a number of its own: one digit, or two behind a long run, and what stands before is a whole phone."""
    *rest, last = groups
    if not rest or len(last[2]) > 2 or text[rest[-1][1] : last[0]].strip(" \u00a0"):
        return False
    return (len(last[2]) == 1 or len(rest[-1][2]) >= 7) and _kind(text, rest, leads, False) == "PHONE"


def _kind(text: str, groups: list[tuple[int, int, str]], leads: bool, whole: bool) -> str | None:
    start, end = groups[0][0], groups[-1][1]
    digits = "".join(group for _, _, group in groups)
    size = len(digits)
    if size < 7:
        return None
    before = text[max(0, start - 2) : start]
    if before[-1:].isascii() and before[-1:].isalpha() and digits[0] != "0":
        return None  # LOT12345678, and the parts of a UUID
    plus = leads and ("+" in before or "＋" in before)
    shape = tuple(len(group) for _, _, group in groups)
    if not plus and size <= 15 and DATE.fullmatch(text[start:end].translate(DIGITS)):
        return None
    if len(groups) == 1 and size >= 14 and not (size <= 17 and digits.startswith("00") and is_international(digits[2:])):
        return "ID"
    if (size == 12 or size in SPACED) and (len(groups) == 1 or shape == SPACED.get(size)) and national_id(digits):
        return "ID"
    if size > 17:
        return None
    if plus:
        return "PHONE" if (is_international(digits) or size >= 9) and size <= 15 else None
    if digits.startswith("00"):
        rest = digits[2:]
        return "PHONE" if 8 <= len(rest) <= 15 and (is_international(rest) or (max(shape) >= 7 and len(rest) >= 9)) else None
    if size > 15 or (before[-1:] in (".", ",", "٫") and text[start - 2 : start - 1].isdecimal()):
        return None
    window = re.split(r"[\x00\]]|\d{3}", text[max(0, start - REACH) : start])[-1]  # a cue speaks for the first number after it
    strong = STRONG_CUE.search(window) is not None
    if COUNTED.match(text, end) and not strong:
        return None
    if digits[0] == "0":
        return _with_zero(text[start:end], digits, shape, strong)
    if strong and (size >= 8 or is_national(digits)) and size <= 13:
        return "PHONE"
    if len(groups) == 1:
        return _alone(text[max(0, start - REACH) : start], digits, WEAK_CUE.search(window) is not None)
    gaps = {text[a[1] : b[0]].strip(MARKS_TEXT) or " " for a, b in pairwise(groups)}
    if WEAK_CUE.search(window) and is_national(digits) and min(shape) > 1 and "/" not in gaps:
        return "PHONE"
    values = max(shape) == 3 and not any(group[0] == "0" for _, _, group in groups)
    if not whole or (values and (gaps == {" "} or MEASURED.search(text[max(0, start - REACH) : start]))):
        return None  # a part of a list, or three values in a row
    if shape not in SHAPES or len(gaps) > 1 or (gaps == {"/"} and shape != (2, 6)) or (gaps == {"."} and len(shape) < 3):
        return None
    if sum(_is_round(group) for _, _, group in groups) >= min(2, len(groups) - 1) or NOT_DIALLED.search(
        text[max(0, start - REACH) : start]
    ):
        return None
    return "PHONE" if is_national(digits) or (size >= 11 and is_international(digits)) else None


def _with_zero(found: str, digits: str, shape: tuple[int, ...], strong: bool) -> str | None:
    if not 8 <= len(digits) <= 13:
        return None
    if len(shape) == 1 or strong:
        return "PHONE" if len(digits) >= 9 or is_national(digits) else None
    if max(shape) <= 2:  # 08 12 16 20 are hours
        return "PHONE" if len(digits) in (9, 10) and is_national(digits) and (set(shape[1:]) == {2} or max(shape) == 1) else None
    if "." in found and (len(shape) < 3 or min(shape) < 2):
        return None
    return "PHONE" if is_national(digits) or (shape[0] >= 3 and 10 <= len(digits) <= 11 and len(shape) <= 4) else None


def _alone(before: str, digits: str, cued: bool) -> str | None:
    """Digits in one run, without a zero in front."""
    if len(digits) == 7:
        return None
    if NOT_DIALLED.search(before) or (digits.endswith("0000") and not cued):
        return None
    if len(digits) == 10 and digits[0] in "12" and not is_national(digits) and national_id(digits):
        return "ID"
    if is_national(digits) or is_international(digits):
        return "PHONE"
    return ("PHONE" if cued else "ID") if len(digits) >= 9 else ("PHONE" if cued else None)


def _is_round(group: str) -> bool:
    return group.endswith(("00", "50")) or (len(group) == 4 and group[:2] in ("19", "20"))


MARKS_TEXT = "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
