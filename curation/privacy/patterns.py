"""What personal data looks like, as data. Patterns are Python `re`; doses, lab values, ages and dates must pass through all of them."""

from dataclasses import dataclass

MARKS = "\u200b-\u200f\u202a-\u202e\u2066-\u2069"  # bidi and zero-width marks stand inside numbers copied from phones
SEPARATOR = rf"[ .\-{MARKS}\u00a0()]{{0,3}}"
DIGIT = r"[0-9٠-٩۰-۹０-９]"
ZERO = "[0٠۰０]"
NUMBER_GOES_ON = rf"(?!{DIGIT}|[.,٫/]{DIGIT}|\s?[%٪])"  # 12345678.5 and 12345678 % are measured; a full stop ends a sentence
TOP_LEVEL = "com|net|org|info|edu|gov|me|co|io|app|link|site|online|shop|store|ly|gl|eg|sa|ae|kw|qa|bh|om|iq|jo|lb|sy|ps|ye|sd|ma|dz|tn"


@dataclass(frozen=True)
class Pattern:
    """A kind of personal data. `cue`, where given, must stand in the 40 characters before."""

    kind: str
    pattern: str
    why: str
    cue: str = ""


NUMBER_CUE = (
    r"رقم|موبايل|جوال|تلفون|تليفون|هاتف|واتس|وتس|اتصل|كلم|للحجز|استفسار|خابر|دق |(?<!\[)phone|tel|mob|whats|num|call|ra9m|noumero|raqm"
)

COUNTED = "نسخ|وحد|خلي|كري|صفيح|copies|iu|u/|/ml|ml|مل"  # viral loads and the like may have eight digits
ROUND = rf"{DIGIT}{{2}}[0٠۰]{{2}}|{DIGIT}{{2}}[5٥۵][0٠۰]"
YEAR = "(?:19|20|١٩|٢٠)[0-9٠-٩]{2}"

# In this order: what an earlier one took, a later one does not see.
PATTERNS = (
    Pattern("LINK", r"(?i:https?://|www\.)[^\s،؛<>\"']+", "addresses with a scheme"),
    Pattern(
        "EMAIL",
        r"(?i)[a-z0-9][a-z0-9._%+-]*\s?@\s?[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)+",
        "addresses of persons and clinics",
    ),
    Pattern(
        "LINK",
        rf"(?i)(?<![\w@.])(?:[a-z0-9-]+\.)+(?:{TOP_LEVEL})(?![a-z0-9]|\.[a-z0-9])(?:/[^\s،؛<>\"']*)?",
        "addresses without a scheme: wa.me/2010…",
    ),
    Pattern("HANDLE", r"(?<![\w])@\s?[\w.]{2,}", "accounts"),
    Pattern(
        "PHONE",
        rf"(?<!{DIGIT})(?:\+|{ZERO}{{2}})[{MARKS}]?{DIGIT}(?:{SEPARATOR}{DIGIT}){{7,14}}(?!{DIGIT})",
        "international",
    ),
    Pattern(
        "PHONE",
        rf"(?<![{DIGIT[1:-1]}.,٫/]){ZERO}[1-9١-٩۱-۹](?:{SEPARATOR}{DIGIT}){{6,10}}(?!{DIGIT})",
        "national, with its leading zero; never 0.5",
    ),
    Pattern("ID", rf"(?<!{DIGIT}){DIGIT}{{14,}}(?!{DIGIT})", "account, post and national ids: no dose or count is so long"),
    Pattern(
        "PHONE",
        rf"(?<![{DIGIT[1:-1]}.,٫/]){DIGIT}{{8,13}}{NUMBER_GOES_ON}(?!\s?(?:{COUNTED}))",
        "eight digits in a run, unless they are counted",
    ),
    Pattern(
        "PHONE",
        rf"(?<![{DIGIT[1:-1]}.,٫/])(?!{ROUND}|{YEAR}){DIGIT}{{4}}[ \-]{{1,2}}(?!{ROUND}|{YEAR}){DIGIT}{{4}}{NUMBER_GOES_ON}",
        "four and four, as Kuwait, Qatar, Oman and Bahrain write them; 1000-2000 units and 2019-2020 are none",
    ),
    Pattern(
        "PHONE",
        rf"(?<![{DIGIT[1:-1]}.,٫/]){DIGIT}{{2}}([ \-.]){DIGIT}{{3}}\1{DIGIT}{{3}}{NUMBER_GOES_ON}(?!\s?(?:{COUNTED}))",
        "two, three and three, as Tunisia writes them",
    ),
    Pattern(
        "PHONE",
        rf"(?<![{DIGIT[1:-1]}.,٫/]){DIGIT}{{2,4}}(?:[ \-]?{DIGIT}{{2,4}}){{1,4}}{NUMBER_GOES_ON}(?!\s?(?:{COUNTED}))",
        "seven digits and more in groups, after a word that asks for a call",
        cue=NUMBER_CUE,
    ),
)
MIN_CUED_DIGITS = 7  # after a cue; a platelet count has six

# A title is followed by the name of a doctor, or by a specialty: the word lists decide.
TITLES = (
    r"دكتور[ةه]?|دوكتور[ةه]?|دكتر|دختور[ةه]?|الحكيم[ةه]?|بروفيسور[ةه]?|بروفسور[ةه]?|استاذ[ةه]?|أستاذ[ةه]?|مدام|الست|السيد[ةه]?|الحاج[ةه]?|حجي|"
    r"ممرض[ةه]?|كابتن|د\s?[./]|دك\s?/|أ\.د\.?|ا\.د\.?|dr\.?|doctor|docteur|doktor[a]?|dktor[a]?|doctora|prof\.?|mme\.?|mr\.?|mrs\.?"
)
# After these stands a name, whatever the word; after the others only a listed name counts ("دوا اسمه كونكور" is a drug).
SURE_CUES = (
    r"(?:انا|أنا|اني|ana)?\s?(?:اسمي|إسمي|أسمي|سميتي|smiti|smity|esmi|ismi|asmi)|"
    r"الاسم\s?:|الإسم\s?:|اسم المريض[ةه]?\s?:?|اسم الحال[ةه]\s?:?"
)
# أم سجاد الربيعي: سجاد is a word too, but with a family name behind it, it is a name here.
KUNYA_CUES = "ام|أم|ابو|أبو|أبا|المريض[ةه]?|مريض(?:ن|ت)ا"
LIKELY_CUES = (
    r"اسمه|اسمها|اسمو|سميتو|سميتها|إسمها|إسمه|smito|smiytha|smitha|esmaha|esmha|esmo|esmaho|ismo|ismha|isma|الطفل[ةه]?|"
    r"بنتي|ابني|إبني|ولدي|بنيتي|وليدي|زوجي|زوجتي|مراتي|جوزي|اخوي|اخي|أخي|اختي|أختي|امي|أمي|ابوي|والدتي|والدي|خالتي|عمتي|صديقتي|صاحبتي|ysmi|"
    r"bnti|benti|binti|weldi|wldi|ibni|ebni|om|oum|umm|abo|abu|mama|baba|okhti|jouzi|"
    r"ma3ak|m3ak|m3akom|m3akum|el mareeda?|lmrida?|mareeda?|marid"
)
# Parts of a name that take the next word along.
BINDERS = (
    "عبد",
    "ابو",
    "بو",
    "بن",
    "ابن",
    "ولد",
    "ال",
    "ام",
    "بنت",
    "ايت",
    "el",
    "al",
    "abu",
    "abou",
    "ben",
    "bin",
    "abd",
    "ait",
)
