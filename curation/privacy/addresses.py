"""Street addresses where they are plain: a street with its number, floor or flat, or a street behind a word for "address".

Not caught: a town or a quarter alone, directions in words ("behind the mosque"), a street named without a number.
"""

import re

from curation.privacy.patterns import DIGIT

_ORDINAL = (
    r"(?:ال)?(?:[اأ]ول[ىي]?|ت[اأ]ني[ةه]?|ثان(?:ي|ي[ةه])?|ثالث[ةه]?|تالت[ةه]?|رابع[ةه]?|خامس[ةه]?|سادس[ةه]?|سابع[ةه]?|ثامن[ةه]?|تاسع[ةه]?|"
    r"عاشر[ةه]?|[اأ]رضي|[اأ]خير)"
)
_ARABIC_PART = (
    r"عمار[ةه]|بناي[ةه]|مبن[ىي]|برج|شق[ةه]|دور|طابق|فيلا|منزل|بيت|قطع[ةه]|بلوك|قسيم[ةه]|جاد[ةه]|مدخل|دار|محل|محل[ةه]|زقاق|مربع|مجمع"
)
_PART_WORD = (
    rf"(?:ال)?(?:{_ARABIC_PART})|رقم|"
    r"(?i:block|bloc|apt|appt|appartement|flat|building|immeuble|imm|villa|n°|étage|etage|floor|résidence)\.?"
)
_NUMBER = rf"{DIGIT}{{1,4}}(?!{DIGIT})[a-zA-Z]?(?![^\S\n]?(?:ملغ|مجم|mg|سن[ةه]|شهر|يوم|ساع[ةه]|دقيق))"
_COUNTED = rf"[^\S\n]?(?:رقم)?[^\S\n]?[:#/]?[^\S\n]?(?:{_NUMBER}|{_ORDINAL}(?!\w))"
_PART = rf"(?:{_PART_WORD}){_COUNTED}"
_STREET_WORD = r"(?<!\w)(?:[بوفل]?(?:ال)?شارع|طريق|في ش|ش[^\S\n]?[./]|زنق[ةه]|نهج|(?i:rue|avenue|av\.|boulevard|bd\.?|street))(?!\w)"
_STOP = (
    rf"(?:{_PART_WORD}|من|عند|جنب|جمب|[اأ]مام|قدام|خلف|ورا|قرب|فوق|تحت|و?كان|و?انا|لكن|لان|فيه|في|على|علي|الي|الى|عشان|وعند\w*|بعد|مع)"
    r"(?!\w)"
)
_WORD = rf"(?!{_STOP})[^\W\d_][\w'’]*"
_GAP = r"[^\S\n]?[,،\-–:/]?[^\S\n]?"
_QUARTER = r"(?<!\w)(?:حي|ضاحي[ةه]|(?i:quartier|hay|cité))[^\S\n][^\W\d_]\w*"
_STREET = rf"(?:{_NUMBER}[^\S\n]?[,،]?[^\S\n]?)?{_STREET_WORD}[^\S\n]?(?:{_WORD}(?:[^\S\n]{_WORD}){{0,3}}?|{_NUMBER})"
_CUE = r"(?:(?:ال)?عنوان\w*|ساكن(?:[ةه]|ين)?[^\S\n]?(?:في|ب)?|(?i:adresse|address))[^\S\n]?(?:هو|:)?[^\S\n]?(?:في)?[^\S\n]?"
_PARTS = rf"{_PART}(?:{_GAP}(?:{_PART}|(?:شارع|جاد[ةه])[^\S\n]{_NUMBER}))+"
ADDRESS = re.compile(
    rf"(?:{_QUARTER}{_GAP})?{_STREET}(?:[^\S\n](?:رقم[^\S\n])?{_NUMBER}(?![-)]))?(?:{_GAP}(?:{_PART}|{_QUARTER}))*(?:{_GAP}{_PART}|(?<=\d))"
    rf"|{_PARTS}"
    rf"|{_PART}{_GAP}{_STREET_WORD}[^\S\n]{_WORD}"
    rf"|{_NUMBER}[^\S\n]?,?[^\S\n]?{_STREET_WORD}[^\S\n]{_WORD}(?:[^\S\n]{_WORD})?"
    rf"|{_QUARTER}{_GAP}{_STREET_WORD}[^\S\n]{_WORD}(?:[^\S\n]{_WORD})?"
)
_QUICK_LOOK = re.compile(
    r"(?i)شارع|طريق|زقاق|(?<!\w)ش[^\S\n]?[./]|في ش |زنق|نهج|rue|avenue|av\.|boul|bd|street|(?:عمار|بناي|شق|قطع|قسيم)\w.*\d"
)
_HOUSE = re.compile(r"\d|عنوان|ساكن|حي |دور|طابق|(?i:adresse|address|quartier)")
STREET_WORD, PARTS = re.compile(_STREET_WORD), re.compile(_PARTS)  # طريقة is no street, and comes a hundred times as often
SOME_PART = re.compile(rf"(?:{_ARABIC_PART}|رقم){_COUNTED}|[A-Za-z]")  # ten times as fast without an article that may be there
CUED = re.compile(rf"{_CUE}((?:{_QUARTER}{_GAP})?{_STREET_WORD}[^\S\n]?{_WORD}(?:[^\S\n]{_WORD}){{0,2}})")


def address_spans(text: str) -> list[tuple[int, int]]:
    """Where street addresses stand in `text`."""
    if not _HOUSE.search(text) or not _QUICK_LOOK.search(text):
        return []
    if not STREET_WORD.search(text):
        return [match.span() for match in PARTS.finditer(text)] if SOME_PART.search(text) else []
    return [match.span() for match in ADDRESS.finditer(text)] + [match.span(1) for match in CUED.finditer(text)]
