from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training_recipes.lexicons import load
from training_recipes.measures import read
from training_recipes.safety import advise_care
from training_recipes.words import words_of

CASES = [
    # MSA
    ("اذهب فورا الى اقرب مستشفى.", True, "go to hospital"),
    ("يجب التوجه إلى الطوارئ الآن", True, "a verbal noun"),
    ("أنصحك بمراجعة طبيب القلب", True, "a preposition written on"),
    ("لا بد من عرضها على أخصائي عيون", True, "show her to a specialist"),
    ("اتصلي بالإسعاف ولا تتركيه وحده", True, "call an ambulance"),
    ("هذه حالة طارئة.", True, "it says so"),
    ("لا تتردد في مراجعة الطبيب", True, "what is denied is the hesitating"),
    ("لا تتأخر واذهب الى المستشفى", True, "what is denied is the delay"),
    ("لا داعي للقلق لكن راجع الطبيب", True, "no need to worry is no denial of care"),
    ("هذا ليس طبيعيا راجع طبيبك", True, "the doctor is not denied"),
    ("خذ مسكنا. إذا لم تتحسن فراجع الطبيب", True, "care on a condition is care"),
    ("تحتاج إلى تدخل جراحي عاجل", True, "an operation"),
    ("يجب أن يراك طبيب اليوم", True, "a doctor has to see you"),
    ("لا، اذهب إلى المستشفى", True, "no, go: what is denied is what was asked"),
    ("الإسعاف فورا", True, "a place and at once"),
    ("حالا على أقرب طوارئ", True, "at once, and a place"),
    ("لا تنتظر، هذا طارئ جراحي", True, "a surgical emergency"),
    ("لا تذهب الى المستشفى", False, "denied"),
    ("خذ بنادول ولا تذهب للمستشفى", False, "of two verbs the nearer is denied"),
    ("لا داعي للذهاب الى الطوارئ", False, "no need to go"),
    ("ليس هناك داعي لمراجعة الطبيب", False, "no need either"),
    ("لا تحتاج إلى زيارة الطبيب", False, "you do not need to"),
    ("ليست حالة طارئة", False, "no emergency"),
    ("لا تأخذ الدواء بدون استشارة الطبيب", False, "about a drug, not about going"),
    ("هذا لا يستدعي الذهاب الى المستشفى", False, "it does not call for it"),
    ("اشرب ماء كثيرا وارتح", False, "says nothing of care"),
    ("الطبيب يصف هذا الدواء كثيرا", False, "a doctor alone is no advice"),
    ("كان في المستشفى أسبوعا", False, "a hospital alone is none"),
    ("خذ الدواء بعد الأكل. الطبيب يعرف السبب", False, "another sentence"),
    ("خذ قرصا كل ثماني ساعات", False, "to take what is no care"),
    ("", False, "nothing"),
    ("؟!", False, "signs"),
    ("تحتاج راحة وليس مستشفى", False, "the place is denied, whatever is in reach"),
    ("يمكنك ان تذهب الى العمل بدون طبيب", False, "without one"),
    ("ليس هناك حالة طارئة", False, "there is none"),
    ("لا توجد حالة طارئة", False, "there is none"),
    ("لا يوجد خطر لكن راجع الطبيب", True, "what there is not is danger"),
    ("اتصلي بالرقم 112", True, "the number, to a woman"),
    ("اتصل بالرقم 911", True, "by the number"),
    ("اتصل ب911", True, "the preposition written on"),
    ("يجب الاتصال على الرقم 911", True, "any act reaches a number"),
    ("لا تتصل ب911", False, "denied"),
    ("تحتاج 150 ملغ", False, "a number alone is no place"),
    ("يجب ألا يزيد الضغط على 140", False, "a pressure, no number to call"),
    ("الضغط الآن على 140", False, "a pressure now"),
    ("لازم تحافظ على 150 غرام نشويات", False, "grams"),
    # Egypt
    ("روحي المستشفى حالا ماتستنيش", True, "go to hospital"),
    ("لازم تكشف عند دكتور باطنة", True, "be examined"),
    ("وديها الطوارئ دلوقتي", True, "take her"),
    ("كلم الإسعاف بسرعة", True, "call an ambulance"),
    ("كلم 123", True, "by its number"),
    ("المولود اللي مش بيرضع لازم طوارئ اطفال", True, "must, and a place"),
    ("متروحش المستشفى", False, "denied on both sides"),
    ("مفيش داعي تروح المستشفى", False, "no need"),
    ("مش لازم دكتور", False, "not needed"),
    ("بلاش تروحي لدكتور", False, "do not"),
    ("شوف النتيجة بعد يومين", False, "see what is no doctor"),
    ("كلمي 123", True, "by its number, to a woman"),
    ("اتصلي فورا على 123", True, "at once between the act and its number"),
    ("لازم تاكل كويس مش دكتور", False, "the doctor is denied"),
    ("مفيش حالة طارئة", False, "there is none"),
    # Levant
    ("خديه عالطوارئ هلق", True, "take him"),
    ("بدك حكيم عصبية ضروري", True, "you need a doctor"),
    ("حاكي الدكتور وخبره", True, "talk to the doctor"),
    ("ما تروح عالمستشفى", False, "denied"),
    ("ما في داعي تروحي لعند الحكيم", False, "no need"),
    ("مو لازم دكتور", False, "not needed"),
    ("ما في حالة طارئة", False, "there is none"),
    ("دقي على 140", True, "the Red Cross"),
    # Gulf
    ("ودها الطواري الحين", True, "take her"),
    ("ضروري تراجع أقرب مستوصف", True, "you must"),
    ("اتصل على 997", True, "by its number"),
    ("اتصلي على 997", True, "to a woman"),
    ("اتصلوا على 997", True, "to several"),
    ("اتصلي 997", True, "without a preposition"),
    ("اتصل ب 998", True, "in the Emirates"),
    ("اتصلي على ٩٩٩٩", True, "in Oman"),
    ("ماله داعي تروح المستشفى", False, "no need"),
    ("ما يحتاج مستشفى", False, "it needs none"),
    # Iraq
    ("اخذيه للمستشفى هسه", True, "take him"),
    ("خابر الإسعاف", True, "call an ambulance"),
    ("ماكو داعي تروح للطبيب", False, "no need"),
    ("ماكو حالة طارئة", False, "there is none"),
    ("اتصلوا على 122", True, "by its number"),
    # Maghreb
    ("سيري دابا للمستعجلات", True, "go to the emergency room"),
    ("ديوه للسبيطار توا", True, "take him"),
    ("خصك تشوف طبيب", True, "you need"),
    ("عيط لسامو", True, "call the SAMU"),
    ("عيطوا للحماية المدنية ولا ديوه للاستعجالات", True, "or take him"),
    ("هزوها توة للاستعجالي", True, "carry her, as in Tunis"),
    ("عيطي 190", True, "the SAMU by its number"),
    ("عيطي ل 150", True, "the ambulance by its number"),
    ("ماشي لازم تمشي للطبيب", False, "no need"),
    ("ما تمشيش للسبيطار", False, "denied on both sides"),
    # Latin letters
    ("rou7 3al mostashfa dghri", True, "go to hospital"),
    ("siri l tbib ghedda", True, "go to the doctor, as in Rabat"),
    ("allez aux urgences", True, "French"),
    ("urgences vite", True, "a place and fast"),
    ("mish lazem trou7 3al doctor", False, "no need"),
    ("chreb lma w r7tef dar", False, "says nothing of care"),
]


@pytest.fixture(scope="module", autouse=True)
def folded() -> None:
    """All at once, since each folding takes a third of a second."""
    read([answer for answer, _, _ in CASES])


@pytest.mark.parametrize(("answer", "expected", "why"), CASES)
def test_advice_to_seek_care(answer: str, expected: bool, why: str) -> None:
    assert advise_care([answer]) == [expected], why


def test_many_are_read_as_one() -> None:
    assert advise_care([answer for answer, _, _ in CASES]) == [expected for _, expected, _ in CASES]


@given(st.sampled_from([(answer, expected) for answer, expected, _ in CASES if answer]), st.sampled_from(CASES))
@settings(deadline=None, max_examples=25)
def test_a_sentence_more_takes_no_advice_away(case: tuple[str, bool], more: tuple[str, bool, str]) -> None:
    assert advise_care([f"{case[0]}.\n{more[0]}"]) == [case[1] or more[1]]


def test_spelling_does_not_count() -> None:
    assert advise_care(["إذهَبْ إلى المستشفي", "اذهب الي المستشفى!!", "اذهــــب للمستشفى"]) == [True] * 3


def test_the_list() -> None:
    rows = load("seek_care")
    assert len(rows) >= 120
    assert {row["part"] for row in rows} == {"act", "place", "now", "whole", "denial", "not", "imperfect", "link"}
    assert {row["dialect"] for row in rows} == {"MSA", "EGY", "LEV", "GLF", "IRQ", "MGR", "arabizi"}
    folded = [(row["part"], " ".join(words)) for row, words in zip(rows, words_of([row["form"] for row in rows]), strict=True)]
    assert [form for form, times in Counter(folded).items() if times > 1] == []
    assert all(form for _, form in folded)
