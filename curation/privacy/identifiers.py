"""Numbers that stand for one person: national ids with their check rules, IBANs, passports, files of clinics.

Sources: ISO 13616 and ISO 7812 (Luhn) through python-stdnum; the layouts of the ids as the countries' authorities describe them.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from stdnum import iban, luhn

from curation.privacy.patterns import DIGIT, DIGITS


def _saudi(number: str) -> bool:
    return number[0] in "12" and luhn.is_valid(number)


def _emirates(number: str) -> bool:
    return number.startswith("784") and "1900" <= number[3:7] <= "2099" and luhn.is_valid(number)


def _egypt(number: str) -> bool:
    """Century 2 or 3, a date of birth, and one of the governorates (88: born abroad)."""
    if number[0] not in "23" or not (1 <= int(number[7:9]) <= 35 or number[7:9] == "88"):
        return False
    return _is_date(1700 + 100 * int(number[0]) + int(number[1:3]), number[3:5], number[5:7])


def _kuwait(number: str) -> bool:
    """Century, date of birth, serial, and a check digit: eleven less the weighted sum modulo eleven."""
    if number[0] not in "123" or not _is_date(1700 + 100 * int(number[0]) + int(number[1:3]), number[3:5], number[5:7]):
        return False
    weights = (2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return 11 - sum(w * int(d) for w, d in zip(weights, number, strict=False)) % 11 == int(number[-1])


def _is_date(year: int, month: str, day: str) -> bool:
    try:
        date(year, int(month), int(day))
    except ValueError:
        return False
    return True


@dataclass(frozen=True)
class Identifier:
    """A national id of fixed length whose check is strong enough without a cue before it."""

    country: str
    length: int
    check: Callable[[str], bool]
    why: str


# The ids of Qatar, Bahrain, Oman, Iraq, Jordan, Lebanon, Syria, Sudan, Libya and the Maghreb have no such check: only behind a cue.
IDENTIFIERS = (
    Identifier("SA", 10, _saudi, "1 citizens, 2 residents; Luhn"),
    Identifier("AE", 15, _emirates, "784, year of birth; Luhn"),
    Identifier("EG", 14, _egypt, "a date and a governorate in fourteen digits"),
    Identifier("KW", 12, _kuwait, "a date and a check digit"),
)
SPACED = {15: (3, 4, 7, 1), 14: (1, 6, 7)}  # as cards print them; other gaps make lists of numbers, not ids


def national_id(number: str) -> str | None:
    """The country whose rule a number in Western digits keeps."""
    for rule in IDENTIFIERS:
        if len(number) == rule.length and rule.check(number):
            return rule.country
    return None


SOME_DIGITS = re.compile(r"\d(?:[ -]?\d){2}")
LATIN = re.compile("[A-Za-z]")
IBAN = re.compile(rf"(?i)(?<![a-z0-9])[a-z]{{2}}[ -]?{DIGIT}{{2}}(?:[ -]?[a-z0-9٠-٩۰-۹０-９]){{11,30}}(?![a-z0-9])")
CUE = (
    r"(?:ال)?رقم(?:ي|ه|ها|و)?\s?(?:ال)?(?:سكاني|بوليص[ةه]|وثيق[ةه]|هوي[ةه]|قومي|وطني|مدني|شخصي|جواز|بطاق[ةه]|[اإ]قام[ةه]|سجل|ضمان|ت[اأ]مين|حساب)\w*|"
    r"(?:ال|ب)?بطاق(?:[ةه]|تي)(?:\s(?:ال)?(?:مدني[ةه]|شخصي[ةه]|وطني[ةه]|تعريف|موحد[ةه]))?|(?:ال)?هوي(?:[ةه]|تي)(?:\s(?:ال)?(?:وطني[ةه]|[اإ]ماراتي[ةه]))?|"
    r"(?:ال)?[اإ]قام(?:[ةه]|تي)|السجل المدني|جواز(?:ي|\s?(?:ال)?سفر\w*)?|(?:ال)?[اآ]يبان|حساب\s?(?:رقم|بنكي)|"
    r"(?i:\b(?:c\.?i\.?n|l?bi[tṭ]a[9qk]a|carte|ccp|r\.?i\.?p|c\.?n\.?i\.?e?|nin|qid|cpr|iqama|passport|passeport|national id|emirates id|"
    r"id (?:no|number)|iban|rib|ssn|carte nationale))"
)
FILE_CUE = (
    r"رقم\s?(?:ال)?(?:ملف|مريض|طبي|عين[ةه]|دخول|طلب|حال[ةه])\w*(?:\s(?:ال)?طبي)?|(?:ال)?ملف(?:ي|ه|ها|و)?(?:\s(?:ال)?طبي)?\s?(?:رقم|:|#|رقمه)|"
    r"(?i:\b(?:mrn|file (?:no|number|#)|medical record|patient id|n°? ?(?:du )?dossier|dossier (?:n°|no|num[eé]ro|médical)))"
)
_BETWEEN = r"(?:\s?(?:هو|هي|رقم|رقمه|رقمها|بتاع\w*|ديال\w*|تبع\w*|no|number|n°|is|num[eé]ro|:|：|#|=|\.|-|/|\(|ال\w+)){0,4}\s{0,2}"
_WORDS = r"(?: ?[^\W\d_A-Z]{2,10}(?!\S)){0,2} {0,2}"  # "the passport of my son, number"
_NO_MEASURE = r"(?!\s?(?:ريال|جنيه|دينار|درهم|دولار|يورو|ملغ|مجم|mg|ml|مل|وحد|[%٪])|[.,٫]?[0-9٠-٩])"
CUED = (  # what it needs, a pattern, digits at least, and why; the needs are looked for first, because the patterns are slow
    (
        re.compile(rf"{DIGIT}(?:[ -]?{DIGIT}){{4}}"),
        re.compile(rf"(?:{CUE}){_BETWEEN}{_WORDS}{_BETWEEN}([A-Za-z]{{0,4}}[ -]?{DIGIT}(?:[ -]?{DIGIT}){{4,23}}){_NO_MEASURE}"),
        5,
        "whatever its check digit: a wrong digit typed is still somebody's number",
    ),
    (
        re.compile(rf"[A-Za-z]{{2}}{DIGIT}"),
        re.compile(rf"(?:{CUE}){_BETWEEN}([A-Za-z]{{2}}{DIGIT}{{2}}(?:[ -]?[A-Za-z0-9٠-٩]){{11,30}})"),
        10,
        "an IBAN with a wrong check digit",
    ),
    (
        re.compile("(?i)رقم|ملف|mrn|file|record|patient|dossier"),
        re.compile(rf"(?:{FILE_CUE}){_BETWEEN}([A-Za-z]{{0,4}}[-/]?{DIGIT}(?:[-/]?[A-Za-z0-9٠-٩۰-۹]){{1,15}}){_NO_MEASURE}"),
        3,
        "the number under which a clinic knows a patient",
    ),
)


def identifier_spans(text: str) -> list[tuple[int, int]]:
    """IBANs that keep their check rule, and what stands behind a word for an id, account, passport or file."""
    spans: list[tuple[int, int]] = []
    if not SOME_DIGITS.search(text):
        return spans
    for match in IBAN.finditer(text) if LATIN.search(text) else ():
        start, found = match.start(), match.group().translate(DIGITS)
        for end in (len(found), *(i for i in range(len(found) - 1, 14, -1) if found[i] in " -")):  # words written behind it
            if iban.is_valid(found[:end]):
                spans.append((start, start + end))
                break
    for needs, pattern, least, _ in CUED:
        for match in pattern.finditer(text) if needs.search(text) else ():
            if sum(c.isdigit() for c in match.group(1)) >= least:
                spans.append(match.span(1))
    return spans
