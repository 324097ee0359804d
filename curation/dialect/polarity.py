"""Whether a word or a phrase of a dialect denies something, and whether its MSA does: an opinion of its own on what the entries say."""

import re
from functools import lru_cache

from curation.dialect.lexicon import folded

# In the dialects; ما and what is written onto it, ش behind a verb, and the words for "not", "without", "nobody".
_DENIES = re.compile(
    r"(?:^|\s)[وف]?(?:ما\w*|مش|مو|موش|مهو|مهوب|موب|مب|مهب|مكو|مني|بلا|بلاش|بدون|دون|من غير|لا|لاباس|لم|لن|ولا|غير|عدم|ليس\w*|لست\w*|لسنا|فش"
    r"|م(?:قدر|بعرف|بقدر|بدي|حدا?|دري|كاين|نعرف|عاد|عند\w*)|مفي\w*|ما?\w+شي?|(?:ب|عند)\w+ش)(?=\s|$)"
)
# In MSA; there ما is one only where it was written for ما.
_MSA_DENIES = re.compile(r"(?:^|\s)[وف]?[بل]?(?:لا|ألا|لم|لن|غير|عدم|دون|بدون|بلا|ليس\w*|لست\w*|لسنا)(?=\s|$)")
# Behind these, ما denies nothing: بعد ما, كل ما, من غير ما (which غير does).
_BEFORE_MA = (
    "بعد|قبل|كبل|گبل|كل|مثل|متل|زي|وقت|وكت|وگت|يوم|حتي|لحد|لين|الين|الي|لغايه|لبين|حسب|علي|قد|كد|گد|قدر|اول|طول|بدل|منين|كيف|حيث|وين|عن|من|مع|"
    "عقب|عكب|عگب|كثر|كتر|ساعه|ورا|وره|مورا"
)
_FOLLOWS = re.compile(f"[وف]?(?:{_BEFORE_MA})")
_NO_MA = re.compile(rf"(?:^|(?<=\s))[وف]?(?:(?:{_BEFORE_MA}) ما\w*|(?<!من )غير ما|[قگك]بل لا)(?=\s|$)")
# What looks like a negation and is none, or none in MSA: water, mother, "how much", "please".
_NOT_JUDGED = re.compile(
    "[وف]?(?:ماما|ماطيشه|ماكل[هت]\\w*|"
    "ما بارد|ما سخون|ماي(?: .*)?|بطن[هي] ماشيه|متغاشي|باش|بيش|بلش(?: معي)?|باديش|بقديش|بقداش|ب?[ينت]?هرش|[بي]?[يت]ترعش|"
    "(?:بايش|بوش) تنصحوني|ولا شي|ع ?الفاضي|غير (?:حل|دكتور|شي|علاج)|اذا ما ?عليك امر|اذا ماكو زحمه|بلا زحمه(?: عليك)?|ليسري?|ولالا|فما|فمو)"
)
# In Latin letters: words that surely deny, and those that can.
_LATIN_DENIES = re.compile(r"(?:w[aei]?|ou)?(?:m[eiou]?sh|mo?u?ch|la2+|machi|m[ou]b|ma?f(?:i|ee|e)sh|ma[kg]u|ma\w{3,}[sc]h)")
_LATIN_MAY_DENY = re.compile(r"(?:w[aei]?|ou)?(?:m.*|l+[aeo].*|aw?l[ae]|b[ae]?l[ae].*|be?do?u?n|f[ei]+sh|walo?u?|gh?h?[ei]+i?r|n[oai].*)")
_PLAINLY_DENIES = re.compile(r"(?:^|\s)و?(?:مش|مو|موش|مب|ما|لا|ماكو|مفيش|ما?\w{3,}ش)(?=\s|$)")


def follows_without_denying(word: str) -> bool:
    """Whether ما behind this word (folded) is no negation."""
    return _FOLLOWS.fullmatch(word) is not None


@lru_cache(100_000)
def denies_alike(form: str, msa: str) -> bool:
    """Whether a word or a phrase of a dialect denies just where its MSA does."""
    plain = folded(form)
    if _NOT_JUDGED.fullmatch(plain):
        return True
    denied = _DENIES.search(_NO_MA.sub(" ", plain)) is not None
    return denied == (_MSA_DENIES.search(msa) is not None or (denied and msa.removeprefix("و").removeprefix("ف").startswith("ما ")))


def letters_deny_alike(form: str, arabic: str) -> bool:
    """Whether Arabizi that denies still does in Arabic letters, and what denies there did."""
    words = form.lower().replace("-", " ").split()
    if any(_LATIN_DENIES.fullmatch(word) for word in words) and _DENIES.search(folded(arabic)) is None:
        return False
    return _PLAINLY_DENIES.search(arabic) is None or any(_LATIN_MAY_DENY.fullmatch(word) for word in words)
