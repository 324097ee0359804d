"""The text rules as tables of (text, expected, why). What holds for every text stands in test_text_properties."""

import re
from functools import cache

import duckdb
import emoji
import pyarrow as pa
import pytest

from curation import clean
from curation.api import CLEAN
from curation.lexicons import load
from curation.text.elongation import doubled_words, skeleton
from curation.text.folding import key_rules
from curation.text.phrases import fold
from curation.text.rules import text_rules
from curation.text.steps import steps

LIGHT = [
    ("عندي صداااااع شديييد", "عندي صداع شديد", "elongation, letters only"),
    ("اخدت ١٠٠٠ ملغ وبعدها ١١١٫٥", "اخدت 1000 ملغ وبعدها 111٫5", "digits change script, never number"),
    ("باخد 1000 ملغ و 0.0005", "باخد 1000 ملغ و 0.0005", "a run of zeros is no elongation"),
    ("نصف حبة 2½ يوميا", "نصف حبة 2½ يوميا", "NFKC would make 21/2 of it"),
    ("الحرارة 38.5° والاكسجين 95%", "الحرارة 38.5° والاكسجين 95%", "units stay"),
    ("ضغطي ١٤٠/٩٠", "ضغطي 140/90", "pressure stays"),
    ("رجـــلي", "رجلي", "tatweel"),
    ("الْحَمْدُ لِلَّهِ على العافية", "الحمد لله على العافية", "tashkeel"),
    ("ﻻ ينام ﷲ", "لا ينام الله", "presentation forms"),
    ("بنتي\u200f سنتين\u200b", "بنتي سنتين", "bidi and zero-width marks"),
    ("عندي\u00a0كحة", "عندي كحة", "no-break space"),
    ("وجع😭😭 في بطني👨‍👩‍👧 🇪🇬", "وجع في بطني", "emoji, sequences and flags"),
    ("الضغط عالي؟؟؟؟!!!", "الضغط عالي؟!", "punctuation runs"),
    ("#صداع_نصفي من يومين", "صداع نصفي من يومين", "a tag is its words"),
    ("عندي كحه&nbsp;<br>وبلغم &amp; حرارة", "عندي كحه وبلغم & حرارة", "leftovers of web pages"),
    ("کیف اتعامل", "كيف اتعامل", "Persian keyboard"),
    ("الله يشفيه اللللله", "الله يشفيه الله", "the lams of الله"),
    ("augmentin 1g مرتين", "augmentin 1g مرتين", "Latin drug names"),
    ("پروستات و چلدي و گلبي", "پروستات و چلدي و گلبي", "Iraqi and loan letters stay"),
    ("© 2023", "© 2023", "a sign, not a picture"),
    ("1ـ2 حبة", "1-2 حبة", "a stroke between numbers is a range"),
    ("من 5...6 ايام", "من 5..6 ايام", "a run of points makes no decimal point"),
    ("-2.50 نظر العين اليمين", "-2.50 نظر العين اليمين", "the minus of a lens stays at the start"),
    ("السلام عليكم -1.75 نظري", "-1.75 نظري", "and behind a greeting"),
    (".5 ملغ مرتين", ".5 ملغ مرتين", "so does a decimal point"),
    ("- عندي كحة", "عندي كحة", "a bullet goes"),
    # units and signs, in each dialect
    ("وزنه ١٢٫٥ كيلو وحرارته 39° من امبارح", "وزنه 12٫5 كيلو وحرارته 39° من امبارح", "EGY: decimal mark, degree"),
    ("عطيته نص حبة ½ panadol كل ٨ ساعات", "عطيته نص حبة ½ panadol كل 8 ساعات", "LEV: a half, a Latin name"),
    ("السكر ٧٫٢% والضغط 130/85 وش اسوي له", "السكر 7٫2% والضغط 130/85 وش اسوي له", "GLF: percent, slash"),
    ("الهيموگلوبين 9.8 g/dl هواي نازل", "الهيموگلوبين 9.8 g/dl هواي نازل", "IRQ: point, unit with a slash"),
    ("خديت doliprane 1000mg و 2½ كاس ما", "خديت doliprane 1000mg و 2½ كاس ما", "MGR: dose on its unit"),
    ("Glucophage® XR 750 ملجم × 2 ± 5%", "Glucophage® XR 750 ملجم × 2 ± 5%", "MSA: ®, ×, ±"),
    ("3andi s5ana 38.5 w rasi ywja3ni", "3andi s5ana 38.5 w rasi ywja3ni", "Arabizi: digits are letters and stay"),
    # hashtags
    ("#حساسية_القمح عند الاطفال", "حساسية القمح عند الاطفال", "words joined by _"),
    ("#BreastCancer و #Diabetes_Type2", "Breast Cancer و Diabetes Type2", "words joined by capitals"),
    ("#COVID19", "COVID19", "capitals alone are no joint"),
    ("PreEclampsia معي", "PreEclampsia معي", "and outside of a tag neither"),
    # leftovers of web pages
    ("&#1593;&#1606;&#1583;&#x64A; كحة", "عندي كحة", "decimal and hexadecimal entities"),
    ("&laquo;صداع&raquo; &frac12; حبة &deg; &times; &eacute;", "«صداع» ½ حبة ° × é", "named entities"),
    ("&amp;amp;quot;حاد&amp;quot;", '"حاد"', "escaped again and again"),
    ("&#128557;تعبت &#55357;&#56877;", "تعبت", "entities of pictures, halves of them too"),
    ("&#150; كحة &#146;", "– كحة ’", "numbers that are signs of Windows-1252"),
    ("&lt;br&gt;حكة&lt;/p&gt;", "حكة", "escaped tags"),
    ('<a href="x" target=_blank>تورم</a><!-- 7 --><style>p{x:1}</style> شديد', "تورم شديد", "tags with attributes, comments, styles"),
    ("السكر <200 و p<0.05 و 3<5>1", "السكر <200 و p<0.05 و 3<5>1", "comparisons stay"),
    ("R&D & B12", "R&D & B12", "an ampersand stays"),
    # code pages
    ("بنتي عندها حرارة 39".encode().decode("latin-1"), "بنتي عندها حرارة 39", "UTF-8 read as Latin-1"),
    ("ابني يتقيأ من أمس".encode().decode("cp1252", "replace"), "ابني يتقيأ من أمس", "UTF-8 read as Windows-1252"),
    ("ألم في الكتف".encode().decode("cp1252", "replace"), "ألم في الكتف", "with ف lost as U+FFFD"),
    ("حرارته 38.5° والضغط ½".encode().decode("cp1252"), "حرارته 38.5° والضغط ½", "signs with it"),
    ("هل هذا طبيعي؟".encode().decode("cp1256", "replace"), "هل هذا طبيعي؟", "UTF-8 read as Windows-1256"),
    ("عندي خمول".encode().decode("cp1252").encode().decode("cp1252"), "عندي خمول", "read wrongly twice"),
    ("الم في المعدة".encode("cp1256").decode("cp1252"), "الم في المعدة", "Windows-1256 read as Windows-1252"),
    ("تعبانة\ufffd\ufffd اوي", "تعبانة اوي", "what a reader lost"),
    ("café crème, où, OÙ… Ø 10 mm", "café crème, où, OÙ… Ø 10 mm", "Western text that has accents"),
    ("حفظ، ضغط؟ فقط… حظ» غلظ", "حفظ، ضغط؟ فقط… حظ» غلظ", "real ط and ظ before a sign"),
    # elongation
    ("هو ممممكن حساسيييية", "هو ممكن حساسية", "a word that doubles keeps two"),
    ("الحالة بتتتكررر", "الحالة بتتكرر", "both its doubles"),
    ("بسبببب الحراررررة", "بسبب الحرارة", "the last letter doubled"),
    ("بعددددد الاكل", "بعد الاكل", "بعد is no عدد behind a ب"),
    ("اللللي بيحصلي", "اللي بيحصلي", "the lam of the article"),
    ("هههههههه", "هه", "laughter keeps two"),
    ("كتيييير وجميييلللل", "كتير وجميل", "no other does"),
    ("لاااا ولللا", "لا ولا", "لا has one lam"),
    ("ياللللله", "يالله", "the lams of الله behind يا"),
    ("ممككن ياااا دكتور", "ممككن يا دكتور", "letters typed twice stay, whatever else is stretched"),
]

KEYS = [
    ("أحمد إبراهيم آمنة", "احمد ابراهيم امنه", "hamza and ة"),
    ("مستشفى", "مستشفي", "ى"),
    ("سؤال عن الرئة", "سوال عن الريه", "hamza on its seats"),
    ("2.5 ملغ، مرتين", "2.5 ملغ مرتين", "decimal points stay, commas go"),
    ("٢٫٥ ملغ", "2.5 ملغ", "Arabic decimal mark"),
    ("140/90", "140/90", "pressure"),
    ("اللي", "اللي", "two lams stay"),
    ("Panadol", "panadol", "case"),
    ("مسئول ومسؤول", "مسيول ومسول", "ؤ and ئ on their seats"),
    ("1/2/2023 و 1.5.2", "1/2/2023 و 1.5.2", "every point and slash of a number"),
    (".5 ملغ و 5. ثم", ".5 ملغ و 5 ثم", "a point before a number is its own, one behind is not"),
    ("الجرعة.5/3 حبة", "الجرعه 5/3 حبه", "a fraction behind a full stop"),
    ("الضغط 140/. تعبت", "الضغط 140 تعبت", "several signs behind a number"),
    ("الحمّى\u0670 شديدةٌ", "الحمي شديده", "all marks"),
    ("كتيير وكتير", "كتير وكتير", "letters typed twice"),
    ("95% و 38° و ½", "95% و 38° و ½", "signs of measures stay"),
    ("©️ 😀 (حكة)", "حكه", "signs and pictures go"),
]


def light(text: str) -> str:
    return clean([text])["text"][0].as_py()


@cache
def all_light() -> list[str]:
    """The table in one call: what a call costs is the compiling."""
    return clean([text for text, _, _ in LIGHT])["text"].to_pylist()


@pytest.mark.parametrize("row", range(len(LIGHT)), ids=[why for _, _, why in LIGHT])
def test_light_text(row: int) -> None:
    assert all_light()[row] == LIGHT[row][1]


@cache
def all_keys() -> list[str]:
    return list(fold([text for text, _, _ in KEYS]))


@pytest.mark.parametrize("row", range(len(KEYS)), ids=[why for _, _, why in KEYS])
def test_key(row: int) -> None:
    assert all_keys()[row] == KEYS[row][1]


BOILERPLATE = [
    ("السلام عليكم ورحمة الله وبركاته، عندي الم في الركبة من اسبوع", "عندي الم في الركبة من اسبوع"),
    ("مساء الخير يا دكتور ابني عنده كحه وجزاكم الله خيرا", "ابني عنده كحه"),
    ("السلام عليكم ورحمه الله، بنتي عندها كحة", "بنتي عندها كحة"),
    ("ما سبب الصداع؟ شكرا جزيلا", "ما سبب الصداع؟"),
    ("عندي حكة في اليد، وشكرا", "عندي حكة في اليد"),
    ("السلام عليكم دكتور الاسنان خلع ضرسي", "دكتور الاسنان خلع ضرسي"),
    ("دكتورة لو سمحتي عندي نزيف ياريت الرد ضروري", "عندي نزيف"),
    ("يعطيكم العافية بنتي سخنة بليز طمنوني", "بنتي سخنة"),
    ("ما تشوف شر عليك بالراحة ويومين اجازة", "عليك بالراحة ويومين اجازة"),
    ("هلو شلونكم راسي يوجعني رحمة لوالديك", "راسي يوجعني"),
    ("سلام خوتي كرشي توجعني بزاف جاوبوني عفاكم", "كرشي توجعني بزاف"),
    ("slm khouti 3andi s5ana chokran bzf", "3andi s5ana"),
]


# What goes from the end of an answer, and medical advice that looks like it and stays.
TAILS = [
    ("خذ حبة بعد الاكل يوميا. للحجز والاستفسار اتصل على [PHONE]", "خذ حبة بعد الاكل يوميا.", "MSA: booking"),
    ("لا داعي للقلق، تابعونا على صفحتنا [LINK]", "لا داعي للقلق", "MSA: follow my page"),
    ("الجرعة 500 ملغ. عنوان العيادة [ADDRESS] الدور الثالث مواعيد العمل يوميا عدا الجمعة [PHONE]", "الجرعة 500 ملغ.", "address, hours"),
    ("مفيش قلق خالص كلمنا دلوقتي عالواتس", "مفيش قلق خالص", "EGY"),
    ("لازم صورة اشعة متنسوش اللايك والشير", "لازم صورة اشعة", "EGY: likes"),
    ("خلي يرتاح يومين احجز هلق ع الرقم [PHONE]", "خلي يرتاح يومين", "LEV"),
    ("الكريم كافي ان شاء الله للحجز واتس [PHONE]", "الكريم كافي ان شاء الله", "GLF"),
    ("هذا التهاب بسيط راسلونا عالخاص", "هذا التهاب بسيط", "IRQ"),
    ("دير التحليل ورجع لعندي تواصلو معانا في البريفي", "دير التحليل ورجع لعندي", "MGR"),
    ("khoud panadol kol 8 sa3at pour rdv [PHONE]", "khoud panadol kol 8 sa3at", "Arabizi"),
    ("البرد بسيط للتواصل معنا [PHONE] شكرا لكم", "البرد بسيط", "thanks behind the tail"),
    ("لازم تروحي للحجز في المستشفى فورا", "لازم تروحي للحجز في المستشفى فورا", "to be admitted is advice"),
    ("تابعي مع دكتور نساء", "تابعي مع دكتور نساء", "so is to see a doctor"),
    ("راجع الطبيب واحجز موعد للفحص", "راجع الطبيب واحجز موعد للفحص", "and to make an appointment"),
    ("عند ضيق النفس اتصل بالإسعاف على [PHONE]", "عند ضيق النفس اتصل بالإسعاف على [PHONE]", "the ambulance's number"),
    ("قيسي الضغط صباحا ومساء", "قيسي الضغط صباحا ومساء", "hours without an opener"),
    ("للحجز [PHONE] من 5 الى 9 مساء", "للحجز [PHONE] من 5 الى 9 مساء", "a tail with a number stays"),
    ("خذه للاستفسار [PHONE] حبة كل 8 ساعات", "خذه للاستفسار [PHONE] حبة كل 8 ساعات", "what stands in the middle is no tail"),
    ("للحجز والاستفسار [PHONE]", "للحجز والاستفسار [PHONE]", "a tail that is all of the text: its kind is advertisement"),
]


@cache
def all_ends() -> list[str]:
    return clean([text for text, *_ in (*BOILERPLATE, *TAILS)])["text"].to_pylist()


@pytest.mark.parametrize("row", range(len(BOILERPLATE)), ids=[expected for _, expected in BOILERPLATE])
def test_greetings_and_closings_go(row: int) -> None:
    assert all_ends()[row] == BOILERPLATE[row][1]


@pytest.mark.parametrize("row", range(len(TAILS)), ids=[why for _, _, why in TAILS])
def test_advertisement_tails_go_and_advice_stays(row: int) -> None:
    assert all_ends()[len(BOILERPLATE) + row] == TAILS[row][1]


def test_tails_stay_when_asked_to() -> None:
    kept = clean(["هذا بسيط. تابعونا على [LINK]"], CLEAN.model_copy(update={"advertisement_tails": "keep"}))["text"][0].as_py()
    assert kept == "هذا بسيط. تابعونا على [LINK]"


def test_no_phrase_of_a_tail_holds_a_number() -> None:
    """But for digits that are letters of Arabizi, a tail never takes a number with it."""
    digits = {row["phrase"] for row in load("advertisement_tails") if any(c.isdecimal() for c in row["phrase"])}
    assert {row["dialect"] for row in load("advertisement_tails") if row["phrase"] in digits} <= {"arabizi"}


def test_boilerplate_stays_when_asked_to() -> None:
    kept = clean(["السلام عليكم عندي كحة"], CLEAN.model_copy(update={"boilerplate": "keep"}))["text"][0].as_py()
    assert kept == "السلام عليكم عندي كحة"


def test_digits_parameter() -> None:
    arabic = clean(["38.5 و ٥"], CLEAN.model_copy(update={"digits": "arabic"}))["text"][0].as_py()
    assert arabic == "٣٨.٥ و ٥"


def test_tashkeel_parameter_keeps_shadda() -> None:
    assert clean(["مُسَكِّن"], CLEAN.model_copy(update={"keep_tashkeel": "\u0651"}))["text"][0].as_py() == "مسكّن"


def test_null_stays_null_and_order_stays() -> None:
    table = clean(pa.array(["ب", None, "ا"]))
    assert table["text"].to_pylist() == ["ب", None, "ا"]


def test_elongation_of_two_keeps_two_of_every_run() -> None:
    two = CLEAN.model_copy(update={"elongation": 2})
    assert clean(["كتيييير مممكن 1000"], two)["text"][0].as_py() == "كتيير ممكن 1000"


def test_the_listed_words_double_and_can_be_told_apart() -> None:
    words = doubled_words()
    assert all(skeleton(word) != word for word in words)
    doubles_first = [skeleton(word) for word in words if word[0] == word[1]]
    others = [skeleton(word) for word in words if word[0] != word[1]]
    assert len(set(doubles_first)) == len(doubles_first)
    assert len(set(others)) == len(others)


def test_every_listed_word_keeps_its_doubles_when_stretched() -> None:
    stretched = [re.sub(r"(.)\1", r"\1\1\1\1\1", word) for word in doubled_words()]
    assert clean([f"قال {word} لي" for word in stretched])["text"].to_pylist() == [f"قال {word} لي" for word in doubled_words()]


def test_every_emoji_stays_whole_when_asked_to() -> None:
    keep = CLEAN.model_copy(update={"emoji": "keep"})
    sequences = sorted(emoji.EMOJI_DATA)
    table = clean([f"ا {s} ب" for s in sequences] + sequences, keep)
    assert table["text"].to_pylist() == [f"ا {s} ب" for s in sequences] + sequences
    assert set(table["key"].to_pylist()) <= {"ا ب", "", *(f"ا {n} ب" for n in range(10)), *map(str, range(10))}
    stray = clean(["ا\u200dب\ufe0f ج\u200d😀 😀\u200d"], keep)["text"][0].as_py()
    assert stray == "اب ج😀 😀"


def test_signs_of_text_are_no_emoji() -> None:
    assert light("Voltaren® 50™ © #1 2*3") == "Voltaren® 50™ © 1 2*3"


def test_explaining_runs_the_same_rules(con: duckdb.DuckDBPyConnection) -> None:
    text = "السلام عليكم، عندي صداااااع ١٠٠٠ 😀"
    explained = steps(con, text, text_rules(CLEAN))
    assert explained[-1].after == light(text)
    assert {s.rule.name for s in explained} >= {"digits", "emoji", "elongation", "greeting"}


def test_every_rule_says_why_and_from_where() -> None:
    rules = (*text_rules(CLEAN), *key_rules())
    assert all(rule.why and rule.source for rule in rules)
    assert len({rule.name for rule in rules}) == len(rules)
