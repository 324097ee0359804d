"""people: invented accounts; numbers, e-mails, links, handles and names for the slots; what fits whom."""

import random
import re
from dataclasses import dataclass, field
from typing import Any

from noise import TO_INDIC

REGION_OF = {
    "EGY": ["EG"],
    "LEV": ["JO", "LB", "SY"],
    "GLF": ["SA", "AE", "KW", "QA"],
    "IRQ": ["IQ"],
    "MGR": ["MA", "DZ", "TN"],
}
# country code, national prefixes, digits behind the prefix, whether a leading 0 falls away abroad, how it is spaced
PHONES = {
    "EG": ("20", ["010", "011", "012", "015"], 8, (4, 3, 4)),
    "SA": ("966", ["050", "053", "054", "055", "056", "059"], 7, (3, 3, 4)),
    "AE": ("971", ["050", "052", "054", "055", "056"], 7, (3, 3, 4)),
    "KW": ("965", ["5", "6", "9"], 7, (4, 4)),
    "QA": ("974", ["33", "55", "66", "77"], 6, (4, 4)),
    "IQ": ("964", ["0770", "0771", "0780", "0790", "0750"], 7, (4, 3, 4)),
    "JO": ("962", ["077", "078", "079"], 7, (3, 3, 4)),
    "LB": ("961", ["03", "70", "71", "76", "81"], 6, (2, 3, 3)),
    "SY": ("963", ["0933", "0944", "0955", "0988"], 6, (4, 3, 3)),
    "MA": ("212", ["06", "07"], 8, (2, 2, 2, 2, 2)),
    "DZ": ("213", ["05", "06", "07"], 8, (4, 2, 2, 2)),
    "TN": ("216", ["20", "22", "50", "55", "98"], 6, (2, 3, 3)),
}

# Which words of a line belong to one country of a mixed dialect, so that a post does not change country half-way.
REGION_WORDS = {
    "MA": re.compile(
        r"عافاك|بغيت|بغا|خواتاتي|ديال|غادي|كازا|كنعاني|هادشي|كيما قلتي|ليا\b|لي بغا|البادية|لالة|دابا|سيمانة"
    ),
    "DZ": re.compile("راني|نسقسي|خاوتي|صحيت|درك|صرالها|كاش|راكم|58 ولاية|ميساج|واش درتو"),
    "TN": re.compile("يعيشك|عسلامة|بربي|توة|نجم ناخو|متاع|فيسع|عيطولي|50 دينار"),
    "EGY": re.compile(
        "(?i)Mesa2|gama3a|3andy|Yaret|3ayez|yrod|mo2addaman|Rabena|yefedny|Eb3at|ta7aleel|3aysha|7agz|esteshary|Zay ma|"
        "fel soora|ya dakatra|Teslam|ha3mel|Alf salama|kaman|eshfeeh|3amalty|Ebny|Kalmny|tammentny|adellak|el moshkela|"
        "delwa2ty|wla ba3do|Nafs el|a3rad|lel ahameya|Raga3|متحس|معايا|الحوار"
    ),
    "LEV": re.compile(
        r"(?i)kifak|Ya3tikon|ktir|badde|khalikon|tab3i|iza|t7assan|Shoufo|eza btriedo|hek|metlek|Salamto|yetamenkon|"
        r"Mrf2a|5as\b|bezzabt|Marhaba|Yislamo|Motab3a"
    ),
    "MGR": re.compile(
        r"(?i)khoti|Slm|3likom|Jawb|3afakom|yjazik|d'avance|rqmi|Smitha|tswira|Rani|tbib|khouya|Lah\b|Ma tchouf|"
        r"Mtab3in|khti|Rdit|Dkhol|Wach|Ch7al|ychaf"
    ),
}
MIXED = {"MGR": ("MA", "DZ", "TN"), "arabizi": ("EGY", "LEV", "MGR")}
LATIN_NAMES = {"EGY": slice(0, 3), "LEV": slice(3, 6), "MGR": slice(6, 10)}


def _words(arabic: str, latin: str) -> re.Pattern[str]:
    """Whole words, perhaps behind و, ل, ب or ف: مرتي is a wife, مرتين is twice."""
    return re.compile(rf"(?<![ء-ي])[ولبف]?(?:{arabic})(?![ء-ي])|\b(?i:{latin})\b")


MAN = re.compile(r"زوجتي|مراتي|مرتي\b|حاسس|خايف\b|محتار\b|شاب\b|خصيتي|الانتصاب|خطيبتي|متزوج جديد|مزوج|انا رجل|طالب\b")
WOMAN = re.compile(
    r"حامل|جوزي|زوجي|راجلي|الدور[هة]|دورتي|الحمل|ارضع|ابني|ولدي|بنتي|ابنتي|طفلي|"
    r"خايف[هة]|محتار[هة]|عايز[هة]|ناطرة|حاس[هة]\b|البيبي|رضيع|مريض[هة]\b|طالبة|عاملة|حلاقة|معلمة|موظفة|متزوجة|فتاة|سيدة|محتاج[هة]|مرتاح[هة]\b|البنوت|النونو|7amel|Ebni|Benti|binti|wlidi"
)
DAUGHTER = _words("بنتي|ابنتي|بنيتي|طفلتي", "benti|binti|bnti")
SON = _words("ابني|ولدي|طفلي|وليدي", "ebni|ebny|ibni|wlidi|weldi")
MOTHER = _words("امي|أمي|والدتي|ماما|الوالدة|الوالده|يمه|يما", "mama|walidti|walidty|lwalida")
WIFE_OR_SISTER = "مراتي|مرتي|زوجتي|اختي|أختي|جدتي"
FATHER = "ابوي|ابويا|والدي|بابا|الوالد|الواليد|زوجي|جوزي|راجلي|اخوي|خويا|أخي|جدي"
HER = re.compile("|".join([DAUGHTER.pattern, MOTHER.pattern, _words(WIFE_OR_SISTER, "okhti|khti").pattern]))
HIM = re.compile("|".join([SON.pattern, _words(FATHER, "baba|khouya|akhi").pattern]))
SAYS_WOMAN = re.compile(
    r"بنات|عايزه|مستنيه|ناطرة|خواتي|خواتاتي|ممنونة|محتاجة|متشكره|اختي|حايرة|"
    r"ممتنة|انا متابعه|متابعة بعد|رقم جوزي|مب مرتاحه|مو مرتاحة|khti|3aysha"
)
SAYS_MAN = re.compile("راني حاير|مازلت حاير")
# A sentence with personal data goes only where it fits: cue in the sentence, what the question must say.
TESTS = "تحاليل|تحليل|التقرير|الاشعه|نتايج|النتائج|الفحص|ta7aleel|ta7leel|الأشعة|ملف"
TESTED = "تح[ال]|اشع|أشع|فحص|نتيج|طلع|رنين|سونار|دم|HB|TSH|ta7|lyse"
NEVER = re.compile("(?!)")
FITS: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = (
    (re.compile(r"بنتي \{"), DAUGHTER),
    (re.compile("انا ام|اني ام"), re.compile(f"{DAUGHTER.pattern}|{SON.pattern}")),
    (re.compile("هي امي|امي اسمها|والدتي|hiya mama"), MOTHER),
    (re.compile("المريضة|اسمها"), HER),
    (re.compile(r"مريضنا، اسمه|المريض \{"), HIM),
    (re.compile(TESTS), re.compile(TESTED)),
    (re.compile("العملية التي"), re.compile("عملي|جراح")),
    (re.compile("هالعلاج|العلاج ده|الوصفة|علاج فايض|العلاج فايض"), re.compile("حب|علاج|دوا|قرص|بخاخ|ملغ|كريم|شراب")),
    (re.compile("داخله المدرسه"), re.compile("بنتي.*(سنين|سنوات)")),
    (re.compile("راقدة بالردهة|بالسبيطار"), NEVER),
    (re.compile("وحدي|lewa7dy|المواليد"), re.compile(f"^(?!.*(?:{HER.pattern}|{HIM.pattern}))", re.DOTALL)),
)
SIGNS_FOR = (
    (re.compile("اطفال|الاطفال"), re.compile("الاطفال")),
    (re.compile("الجراحة"), re.compile("جراحة")),
    (re.compile("قلبية"), re.compile("القلب")),
    (re.compile("باطن|داخلية|batna"), re.compile("باطنية|الهضمي|الغدد|الدم$|العام|التنفسي|القلب")),
)
REFERS = re.compile("تراجع|راجع|مراجعة")  # the doctor named is another one than the writer


@dataclass(frozen=True)
class Account:
    name: str  # as the account is called
    person: str  # as the person is called
    woman: bool
    native_id: str


@dataclass(frozen=True)
class Span:
    kind: str
    start: int
    end: int
    value: str


@dataclass
class Text:
    """A text under construction, which remembers where personal data stands."""

    text: str = ""
    spans: list[Span] = field(default_factory=list)

    def add(self, part: "str | Text") -> "Text":
        if isinstance(part, str):
            self.text += part
        else:
            shift = len(self.text)
            self.text += part.text
            self.spans += [Span(s.kind, s.start + shift, s.end + shift, s.value) for s in part.spans]
        return self

    def add_slot(self, kind: str, value: str) -> "Text":
        self.spans.append(Span(kind, len(self.text), len(self.text) + len(value), value))
        return self.add(value)


def suits(line: str, region: str | None) -> bool:
    """Whether a line of a mixed dialect can stand in a post from this region."""
    if region is None:
        return True
    theirs = [r for r in (MIXED["MGR"] if region in MIXED["MGR"] else MIXED["arabizi"]) if REGION_WORDS[r].search(line)]
    return not theirs or region in theirs


def woman_writes(question: str) -> bool | None:
    """True or False where the question shows it, else None."""
    if MAN.search(question):
        return False
    return True if WOMAN.search(question) else None


def said_by(line: str, woman: bool | None) -> bool:
    """Whether this asker can say this line: a woman's words only from a woman, a man's not from one."""
    return not (SAYS_WOMAN.search(line) and woman is not True) and not (SAYS_MAN.search(line) and woman is True)


def signs(sentence: str, woman: bool, specialty: str) -> bool:
    """Whether a doctor of this sex, who answers in this specialty, can end with this sentence."""
    if woman and re.search("اخوكم|الدكتور ", sentence) and not REFERS.search(sentence):
        return False
    return all(need.search(specialty) for cue, need in SIGNS_FOR if cue.search(sentence))


def fits(sentence: str, question: str) -> bool:
    """Whether a sentence with personal data can stand under this question."""
    return all(need.search(question) for cue, need in FITS if cue.search(sentence))


def split_name(full: str) -> tuple[str, str]:
    """Given name and family name."""
    words = full.split()
    given = 2 if words[0] == "عبد" else 1
    return " ".join(words[:given]), " ".join(words[given:])


def native_id(rng: random.Random) -> str:
    """15 to 17 invented digits."""
    return str(rng.randint(10**14, 10**17 - 1))


def invented_digits(rng: random.Random, n: int) -> str:
    """Digits that nobody takes for a real subscriber: runs, pairs, 5550…, 000…"""
    start, low = rng.randint(0, 9), rng.randint(0, 9)
    run = "".join(str((start + i) % 10) for i in range(n))
    pairs = "".join(str((start + i // 2) % 10) for i in range(n))
    tail = "".join(str(rng.randint(0, 9)) for _ in range(2))
    zeros = "0" * (n - 3) + f"{start}{low}{start}"
    return rng.choice([run, pairs, ("5550" * 3)[: n - 2] + tail, zeros, ("123" * 4)[: n - 2] + tail])


def phone(rng: random.Random, country: str, arabic_digits: bool) -> tuple[str, str, str]:
    """A number with what stands before and behind it (bidi marks now and then)."""
    code, prefixes, rest, groups = PHONES[country]
    national = rng.choice(prefixes) + invented_digits(rng, rest)
    separator = rng.choice(["", "", "", " ", "-"])
    style = rng.random()
    if style < 0.62:
        number = separator.join(_groups(national, groups))
    else:
        short = national.removeprefix("0")
        sizes = (groups[0] - 1, *groups[1:]) if national.startswith("0") else groups
        number = rng.choice(["+", "+", "00"]) + code + separator + separator.join(_groups(short, sizes))
    if arabic_digits and rng.random() < 0.45:
        number = number.translate(TO_INDIC)
    if rng.random() < 0.08:
        return "\u202a", number, "\u202c"
    return ("\u200e" if rng.random() < 0.05 else ""), number, ""


def _groups(digits: str, sizes: tuple[int, ...]) -> list[str]:
    parts, at = [], 0
    for size in sizes:
        parts.append(digits[at : at + size])
        at += size
    return [p for p in [*parts, digits[at:]] if p]


def email(rng: random.Random, extras: dict[str, Any], owner: str) -> str:
    """An invented address; members have none at a clinic."""
    hosts = [h for h in extras["mail_hosts"] if owner != "member" or "clinic" not in h]
    number = rng.choice(["", str(rng.randint(10, 99)), ""])
    return f"{rng.choice(extras['mail_names'])}{number}@{rng.choice(hosts)}"


def link(rng: random.Random, extras: dict[str, Any], country: str, owner: str) -> str:
    """A member's files, a doctor's film or page, a shop's page or chat."""
    page = rng.choice(extras["page_names"])
    key = "".join(rng.choice("abcdefghkmnpqrstxyzABCDEFGH23456789") for _ in range(7))
    if owner == "member":
        drive = f"https://drive.google.com/file/d/{key}{key[::-1]}/view"
        return rng.choice([drive, drive, f"https://imgur.com/a/{key}", f"https://photos.app.goo.gl/{key}"])
    if owner == "doctor":
        return rng.choice([f"https://youtu.be/{key}", "www.dr-samir.example/p/" + key, f"https://fb.watch/{key}/"])
    code, prefixes, rest, _ = PHONES[country]
    number = code + prefixes[0].removeprefix("0") + invented_digits(rng, rest)
    chats = [f"wa.me/{number}", f"https://wa.me/{number}", f"t.me/{page.replace('-', '_')}", f"fb.com/groups/{page}"]
    pages = [f"https://bit.ly/{key}", f"www.{page}.example", f"https://{page}.example/order?id={key}"]
    return rng.choice(chats + pages)


def handle(rng: random.Random, extras: dict[str, Any], owner: str) -> str:
    """An account of a doctor, a member or a shop."""
    return "@" + rng.choice(extras["handle_names"][owner])


def account_name(rng: random.Random, names: list[str], women: list[str], woman: bool | None) -> tuple[str, bool]:
    """The given name of one written person and the family name of another."""
    givens = [g for g in (split_name(n)[0] for n in names) if woman is None or (g in women) == woman]
    given = rng.choice(givens or [split_name(n)[0] for n in names])
    family = rng.choice([split_name(n)[1] for n in names if split_name(n)[0] != given])
    return f"{given} {family}", given in women
