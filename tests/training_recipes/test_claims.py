import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training_recipes.claims import drugs_of, numbers_of, unsupported
from training_recipes.lexicons import load
from training_recipes.measures import read
from training_recipes.words import words_of

NUMBERS = [
    ("خذ 500 ملغ", {("mass", "500")}, "a dose"),
    ("خذ ٥٠٠ ملجم", {("mass", "500")}, "in Arabic digits, another spelling"),
    ("خد 500mg", {("mass", "500")}, "the unit written on"),
    ("نصف غرام", {("mass", "500")}, "half a gram is as much"),
    ("0.5 جم", {("mass", "500")}, "and so is this"),
    ("مرتين يوميا", {("times", "2")}, "a dual is a number"),
    ("تلات مرات في اليوم", {("times", "3")}, "in words, as in Cairo"),
    ("3 مرات", {("times", "3")}, "the same in digits"),
    ("كل 8 ساعات لمدة اسبوع", {("time", "8")}, "a week without a number is none"),
    ("لمدة 7 ايام", {("time", "168")}, "days are counted in hours"),
    ("لمدة اسبوعين", {("time", "336")}, "so are weeks"),
    ("من 5 الى 7 ايام", {("time", "120"), ("time", "168")}, "both ends of a range"),
    ("5-7 ايام", {("time", "120"), ("time", "168")}, "and so written"),
    ("حبة كل 8-12 ساعة", {("time", "8"), ("time", "12")}, "a tablet without a number is none"),
    ("ضغطك 150/95", {("pressure", "150/95")}, "a pressure needs no unit"),
    ("نسبة السكر 6.5%", {("percent", "6.5")}, "a sign is a unit"),
    ("حرارته 39 درجة", {("degree", "39")}, "a temperature"),
    ("10 قطرات", {("drop", "10")}, "drops"),
    ("2 حباية بعد الاكل", {("tablet", "2")}, "tablets by any name"),
    ("فانيدتين ولا 2 فانيدات", {("tablet", "2")}, "as in Morocco"),
    ("بعد 3 شهور", {("month", "3")}, "months are no number of days"),
    ("1,000 ملغ", {("mass", "1000")}, "thousands are grouped"),
    ("١٬٠٠٠ ملغ", {("mass", "1000")}, "as in Arabic"),
    ("1,200,000 وحدة", {("unit", "1.2e+06")}, "more than once"),
    ("0,125 ملغ", {("mass", "0.125")}, "a decimal comma"),
    ("2,5 ملغ", {("mass", "2.5")}, "and here"),
    ("خمسة وعشرين ملغ", set(), "the end of a number is none"),
    ("واحد وعشرين يوم", set(), "nor behind one"),
    ("مئة وخمسة ملغ", set(), "nor behind a hundred"),
    ("ثلاثمئة وخمسين ملغ", set(), "nor behind three hundred in one word"),
    ("خمسمائة وخمسين ملغ", set(), "spelt with an alif"),
    ("جرعة يومية عشرين ملغ", {("mass", "20")}, "daily ends as hundreds do"),
    ("ثلاث مئة ملغ", set(), "hundreds"),
    ("خمسة عشر يوما", set(), "teens"),
    ("2 ونصف ملغ", set(), "a half more"),
    ("ثلث حبة", set(), "a third is not three"),
    ("تلات أربع أيام", {("time", "96")}, "three or four, as in Cairo"),
    ("بنادول 500 نصف حبة", {("tablet", "0.5")}, "a dose, and how many"),
    ("ساعة وعشرين دقيقة", {("time", "0.333333")}, "و between two units"),
    ("و150/95", {("pressure", "150/95")}, "و written on a pressure"),
    ("ضغطه 12/8", {("pressure", "120/80")}, "in cmHg, as in Algiers"),
    ("ضغط الدم 12/8", {("pressure", "120/80")}, "of the blood"),
    ("تاريخ 10/12", set(), "a date"),
    ("12/20", set(), "a mark"),
    ("15/10", set(), "a day in October"),
    ("اتصل بالرقم 123", set(), "a number alone"),
    ("عمره 5 سنين", {("year", "5")}, "an age"),
    ("راجع الطبيب غدا", set(), "no number"),
    ("", set(), "nothing"),
]
DRUGS = [
    ("خذ بنادول", {"paracetamol"}, "a brand is what is in it"),
    ("الباراسيتامول كافي", {"paracetamol"}, "with the article"),
    ("بالبروفين او panadol", {"ibuprofen", "paracetamol"}, "a preposition, and Latin letters"),
    ("اوجمنتين وفلاجيل", {"amoxicillin with clavulanic acid", "metronidazole"}, "و is written on"),
    ("أوغمنتين", {"amoxicillin with clavulanic acid"}, "spelt as in the Levant"),
    ("doliprane ولا efferalgan", {"paracetamol"}, "as in the Maghreb, twice the same"),
    ("خذ مسكنا", set(), "a painkiller is no name"),
    ("ليريكا", {"pregabalin"}, "its ل is no preposition"),
]
SUPPORT = [
    ("خذ 1000 ملغ", "خذ 500 ملغ", "عندي صداع", 1, "another dose"),
    ("خذ 1 غرام", "خذ 1000 ملغ", "عندي صداع", 0, "the same dose"),
    ("حرارة 39 درجة مرتفعة", "راجع الطبيب", "حرارته 39 درجة", 0, "said in the question"),
    ("500 ملغ 3 مرات", "500 ملغ مرتين", "عندي صداع", 1, "another number of times"),
    ("راجع الطبيب", "500 ملغ", "عندي صداع", 0, "to say less is no contradiction"),
]


@pytest.fixture(scope="module", autouse=True)
def folded() -> None:
    """All at once, since each folding takes a third of a second."""
    read([text for text, *_ in NUMBERS + DRUGS] + [text for case in SUPPORT for text in case[:3]])


@pytest.mark.parametrize(("text", "expected", "why"), NUMBERS)
def test_numbers(text: str, expected: set[tuple[str, str]], why: str) -> None:
    assert numbers_of([text]) == [expected], why


@pytest.mark.parametrize(("text", "expected", "why"), DRUGS)
def test_drugs(text: str, expected: set[str], why: str) -> None:
    assert {drug for _, drug in drugs_of([text])[0]} == expected, why


@pytest.mark.parametrize(("answer", "reference", "question", "expected", "why"), SUPPORT)
def test_unsupported_numbers(answer: str, reference: str, question: str, expected: int, why: str) -> None:
    assert unsupported(numbers_of([answer]), numbers_of([reference]), numbers_of([question])) == [expected], why


def test_unsupported_drugs() -> None:
    said = drugs_of(["بنادول", "فولتارين", "بنادول وفولتارين"])
    known, asked = drugs_of(["باراسيتامول"] * 3), drugs_of(["اخذت فولتارين", "", ""])
    assert unsupported(said, known, asked) == [0, 1, 1]


TEXT = st.lists(st.sampled_from(["500", "3", "ملغ", "مرات", "الى", "يومين", "نصف", "%", "ايام", "5-7"]), max_size=8).map(" ".join)


@given(st.lists(TEXT, min_size=20, max_size=40))
@settings(deadline=None, max_examples=5)
def test_an_answer_that_is_its_reference_contradicts_nothing(texts: list[str]) -> None:
    found = numbers_of(texts)
    assert unsupported(found, found, [frozenset()] * len(texts)) == [0] * len(texts)


@pytest.mark.parametrize("name", ["units", "figures", "drug_names"])
def test_a_word_means_one_thing(name: str) -> None:
    forms = [row["form"] for row in load(name)]
    meanings: dict[str, set[tuple[str, ...]]] = {}
    for row, words in zip(load(name), words_of(forms), strict=True):
        assert len(words) == 1, row["form"]
        meaning = tuple(of for key, of in row.items() if key not in ("form", "note"))
        meanings.setdefault(words[0], set()).add(meaning)
    assert {word: of for word, of in meanings.items() if len(of) > 1} == {}
