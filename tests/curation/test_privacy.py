"""Redaction: what must go, what must survive to the digit, and that spans point at what was there."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation import redact
from curation.privacy.names import fold_name
from curation.privacy.redaction import redact_text

GOES = [
    ("كلموني على 01012345678 ضروري", "كلموني على [PHONE] ضروري", "Egypt"),
    ("جوالي ٠٥٥١٢٣٤٥٦٧", "جوالي [PHONE]", "Saudi Arabia, Arabic-Indic digits"),
    ("واتس +966 55 123 4567", "واتس [PHONE]", "international, spaced"),
    ("للحجز 00201012345678", "للحجز [PHONE]", "international, 00"),
    ("خابروني 0770-123-4567", "خابروني [PHONE]", "Iraq, dashed"),
    ("هاتف \u202a+971501234567\u202c", "هاتف \u202a[PHONE]\u202c", "bidi marks around"),
    ("رقمي 55123456", "رقمي [PHONE]", "Kuwait, no leading zero"),
    ("عيطولي 20 123 456", "عيطولي [PHONE]", "Tunisia"),
    ("للتواصل 3312 3192", "للتواصل [PHONE]", "Bahrain"),
    ("راسلني sara.ali@example.com", "راسلني [EMAIL]", "e-mail"),
    ("الشرح هنا https://example.com/a?b=1 اقروه", "الشرح هنا [LINK] اقروه", "link"),
    ("wa.me/201012345678", "[LINK]", "link without scheme"),
    ("تابعوني @dr.noor_clinic", "تابعوني [HANDLE]", "handle"),
    ("الملف 100012345678901234", "الملف [ID]", "account number"),
    ("رحت عند د. سامي منصور", "رحت عند د. [NAME]", "title"),
    ("الدكتورة هدى الصاوي قالتلي", "الدكتورة [NAME] قالتلي", "title with article"),
    ("كشفت عند د/ محمد عبد الرحمن الشامي امبارح", "كشفت عند د/ [NAME] امبارح", "compound name"),
    ("انا اسمي سعاد بوزيد ومحتاجة رد", "انا اسمي [NAME] ومحتاجة رد", "my name is"),
    ("الاسم: ليلى حداد", "الاسم: [NAME]", "form"),
    ("بنتي مريم عندها سنتين", "بنتي [NAME] عندها سنتين", "family"),
    ("انا ام يوسف وقلقانة", "انا ام [NAME] وقلقانة", "kunya"),
    ("الطبيب د سامر نصار قال كده", "الطبيب د [NAME] قال كده", "د without its point"),
    ("رد علي عبد الكريم الحمداني امس", "رد علي [NAME] امس", "عبد without a cue"),
    ("زميلي سامر يوسف عنده نفس الشي", "زميلي [NAME] عنده نفس الشي", "two given names"),
    ("شكرا حيدر الكعبي", "شكرا [NAME]", "given name and family name"),
]
STAYS = [
    "اخدت اوجمنتين 1000 ملغ كل 12 ساعة",
    "augmentin 1g و panadol 500",
    "الهيموجلوبين 9.8 والصفائح 145000",
    "الصفائح ١٤٥٠٠٠ والكريات ١١٢٠٠",
    "ضغطي 140/90 والسكر 7.2%",
    "الحرارة 39.5 من 3 ايام",
    "0.5 ملغ ثم 0.25 ملغ ثم 0.125",
    "التحليل بتاريخ 12-05-2023 و 2023-05-12",
    "من 2019-2020 وانا تعبانة",
    "فيتامين د 50000 وحدة كل اسبوع",
    "فيتامين د3 ناقص عندي 12.4",
    "حامل في الاسبوع 32 وعمري 27 سنة",
    "الحمل الفيروسي 10000000 نسخة",
    "من 1000-2000 وحدة يوميا",
    "2½ حبة",
    "عند دكتور قلب شاطر في طنطا",
    "كل دكتور يقول كلام مختلف",
    "الدكتور قال لازم عملية",
    "دكتورة جلدية كويسة",
    "دوا اسمه كونكور 5",
    "ابني عمرو شهرين ونص",
    "خديها على معدة فاضية",
    "ام حامل في الشهر الرابع",
    "ربي يشفيه ان شاء الله",
    "المريض علي أدوية السكر",
    "المدام لما تزعل",
    "الدكتورة وعملت السونار",
    "فيتامين د ناقص",
    "الم ـ في ـ البطن",
    "زوجي طلعت دهونه مرتفعه",
]


@pytest.mark.parametrize(("text", "expected", "why"), GOES, ids=[why for _, _, why in GOES])
def test_personal_data_goes(text: str, expected: str, why: str) -> None:
    assert redact([text])["text"][0].as_py() == expected


@pytest.mark.parametrize("text", STAYS)
def test_medical_text_stays_to_the_digit(text: str) -> None:
    assert redact([text]).to_pylist() == [{"text": text, "spans": []}]


def test_people_of_the_thread_are_known_by_name() -> None:
    text = "سلوى بركات شوفي المنشور ده"
    known = frozenset({fold_name("سلوى") + " " + fold_name("بركات")})
    assert redact_text(text, known_names=known)[0] == "[NAME] شوفي المنشور ده"


def test_names_can_be_left() -> None:
    assert redact(["د. سامي منصور 01012345678"], names=False)["text"][0].as_py() == "د. سامي منصور [PHONE]"


def test_null_and_order() -> None:
    assert redact([None, "ا", ""])["text"].to_pylist() == [None, "ا", ""]


PIECES = st.sampled_from([text for text, _, _ in GOES] + STAYS + ["وجع", " ", "\n", "؟", "٣", "12"])


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=6).map(" ".join))
def test_spans_rebuild_the_text_and_twice_is_once(text: str) -> None:
    redacted, spans = redact_text(text)
    rebuilt, position = "", 0
    for start, end, kind in spans:
        assert position <= start < end <= len(text)
        rebuilt += text[position:start] + f"[{kind}]"
        position = end
    assert rebuilt + text[position:] == redacted
    assert redact_text(redacted)[0] == redacted


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=120))
def test_any_text_is_taken(text: str) -> None:
    redacted, spans = redact_text(text)
    assert (redacted == text) == (not spans)
