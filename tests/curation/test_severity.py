"""Severity: what the lists say of complaints that no list holds whole, in their context; ages and numbers; what is no Arabic at all."""

import re
import time
from functools import partial
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation import api
from curation.lexicons import load
from curation.schema import SEVERITIES
from curation.severity.facts import READINGS as PATTERNS
from curation.severity.facts import facts_of, find_facts
from curation.severity.latin import reading
from curation.severity.scorer import BEFORE, BEHIND, WHOLE
from curation.severity.wording import folded, spelled
from curation.text.words import words_of

Scored = dict[str, dict[str, Any]]
LEXICON = api.SEVERITY.model_copy(update={"scorer": "lexicon_v1"})
score_severity = partial(api.score_severity, params=LEXICON)

SEVERITY = [
    ("critical", "جوزي مش قادر يتنفس وشفايفه ازرقت", "breathing"),
    ("critical", "بنتي عمرها شهر ونص وحرارتها 38.6", "fever under three months"),
    ("critical", "ضغط امي 200/120 من الصبح وراسها رح ينفجر", "pressure with a sign"),
    ("critical", "اريد انتحر وما عاد اتحمل", "self-harm"),
    ("critical", "عندي قلق شديد وحزن من اشهر وأفكار انتحارية", "self-harm beside milder cues"),
    ("critical", "لا افرح بشي وافكر بالانتحار", "a negation of another clause"),
    ("critical", "امي فجأة بقها اتعوج ومش قادرة ترفع ايدها اليمين", "stroke"),
    ("critical", "بابا عنده سكر وعرقان ونفسه مقطوع وحاسس بتقل في صدره من ساعة", "heart"),
    ("critical", "بنتي عمرها عشرين يوم وما عم ترضع وجسمها مرخي", "newborn"),
    ("critical", "ولدي بلع بطارية الريموت قبل شوي بس يلعب عادي", "battery, well"),
    ("critical", "حامل بالشهر الثامن ومن امس ما حسيت بحركة الجنين", "pregnancy"),
    ("critical", "مرتي حامل وعندها صداع قوي وتشوف زغللة وضغطها 165/110", "pregnancy, pressure"),
    ("critical", "طاح على راسه من الدرج ويستفرغ ويكرر نفس الكلام", "head"),
    ("critical", "khouya kaytnefes b so3ouba w chnayfo zre9", "Arabizi of the Maghreb"),
    ("critical", "baba mesh 2ader yetnafes w sedro beyewga3o men nos sa3a", "Arabizi of Egypt"),
    ("moderate", "حرقان في البول من يومين ولونه عكر", "urine"),
    ("moderate", "قست الضغط طلع 168/98 وما فيني شي", "pressure alone"),
    ("moderate", "سعلة صرلها شهر وما عم تخف", "cough"),
    ("mild", "هل اقدر ارجع التمرين بعد الزكام؟ صرت كويس", "may I"),
    ("mild", "عندي حب شباب خفيف وابي كريم", "routine"),
    ("mild", "تساقط شعر بعد الولادة، هل هذا طبيعي؟", "routine"),
]


@pytest.mark.parametrize(("severity", "text", "why"), SEVERITY, ids=[f"{s} {w}" for s, _, w in SEVERITY])
def test_severity(severity: str, text: str, why: str, scored: Scored) -> None:
    assert scored[text]["severity"] == severity


READINGS = [
    ("السكر نزل 45 وهو يرجف", True),
    ("سكره طلع 480", True),
    ("لا ضغط ولا سكري ولا يدخن وما تعدى 41", False),
    ("عندي سكر من 30 سنه", False),
    ("حرارته 40.5", True),
    ("حرارة من 40 يوم", False),
]


@pytest.mark.parametrize(("text", "danger"), READINGS)
def test_a_reading_is_no_age_and_no_time(text: str, danger: bool, scored: Scored) -> None:
    assert any("sugar" in cue or "temperature from 40" in cue for cue in scored[text]["evidence"]) == danger


AGES = [
    ("عمره شهرين", 2 / 12),
    ("ابني عمره ٤٠ يوم", 40 / 365),
    ("ابن ستين سنة", 60),
    ("عمرها خمسة وستين سنة", 65),
    ("3andou 2 chhour", 2 / 12),
    ("عندها 78 سنة", 78),
    ("عمري 34", 34),
    ("رضيع مولود من ١٣ يوم", 13 / 365),
    ("عندي صداع من 3 سنين", None),
    ("بعد 10 ايام", None),
    ("عندها كحة من حوالي 3 سنين", None),
    ("بنت سبع سنوات وعندها كحة", 7),
    ("عمره خمسين", 50),
    ("وعنده خمس من يومين", None),
    ("صارلي شهرين تعبان", None),
    ("حامل بالشهر السابع", None),
]


@pytest.mark.parametrize(("text", "years"), AGES)
def test_an_age_is_read_and_a_time_is_none(text: str, years: float | None) -> None:
    (key,) = folded([text])
    assert [value for name, value, _, _ in facts_of(key) if name == "age"] == ([pytest.approx(years)] if years else [])


NUMBERS = [
    ("ضغطها 200/120", "systolic", 200),
    ("الضغط 165 على 100", "systolic", 165),
    ("لاتنسيون 17 على 10", "systolic", 170),
    ("تحليل السكر خرج 1.90 غرام", "sugar", 190),
    ("التراكمي 7.1", "sugar", None),
    ("نبضه 38", "pulse", 38),
    ("الحرارة 38 ونص", "temperature", 38.5),
    ("بلع 25 حبة", "pills", 25),
    ("الصفيحات 8000", "platelets", 8),
]


@pytest.mark.parametrize(("text", "name", "value"), NUMBERS)
def test_numbers_that_mean_something(text: str, name: str, value: float | None) -> None:
    (key,) = folded([text])
    assert [found for fact, found, _, _ in facts_of(key) if fact == name] == ([value] if value else [])


LATIN = [("sadri", "صدري"), ("nafas", "نفس"), ("btwga3ny", "بتوجعني"), ("7arara", "حراره"), ("skhana", "سخانه"), ("ras", None)]


@pytest.mark.parametrize(("word", "arabic"), LATIN)
def test_words_in_latin_letters_are_the_lists_own(word: str, arabic: str | None) -> None:
    parts = ["صدر", "نفس", "بتوجع", "حرار", "سخان", "رقبه"]
    (number,) = reading(pa.array([word]), pa.array(parts))
    assert (arabic is None and number == -1) or (arabic is not None and arabic.startswith(parts[number]))


def test_a_cue_of_a_combination_says_its_rule_and_context() -> None:
    (row,) = score_severity(["كان بوست توعية عن الجلطة: بقه اتعوج ومش قادر يحرك ايده"]).to_pylist()
    assert any("(study)" in cue for cue in row["evidence"])


BAD = ["I cut my finger yesterday", "کودک من تب دارد", "٪؟؟!!", "😀😀😀", " "]


@pytest.mark.parametrize("text", BAD)
def test_bad_input_is_no_confident_anything(text: str, scored: Scored) -> None:
    assert scored[text]["p_mild"] < 0.75 and scored[text]["evidence"]


@pytest.fixture(scope="module")
def scored() -> Scored:
    """All texts of the tables at once: the lists are read for each call."""
    pairs = [text for plain, weakened, _ in CONTEXT for text in (plain, weakened)]
    texts = [text for _, text, _ in SEVERITY] + [text for text, _ in READINGS] + pairs + BAD
    return dict(zip(texts, score_severity(texts).to_pylist(), strict=True))


def test_a_very_long_text_is_scored_soon() -> None:
    text = "عندي صداع خفيف من يومين وما في حرارة " * 2_700
    start = time.process_time()
    (row,) = score_severity([text]).to_pylist()
    assert row["severity"] in SEVERITIES and time.process_time() - start < 20


def test_every_word_of_a_rule_is_known_and_every_condition_is_one() -> None:
    facts = {name for name, *_ in PATTERNS} | {"age", "systolic", "diastolic"}
    for row in load("severity_combinations"):
        assert row["words_1"] or row["given"], row["note"]
        assert row["note"] and 0 < float(row["weight"]) <= 4
        assert {re.split("[<>]", said)[0] for said in row["given"].split()} <= facts
        for words in (row["words_1"], row["words_2"], row["words_3"]):
            assert not words or spelled(words.removeprefix("^"))
    assert {row["kind"] for row in load("severity_context")} <= {*BEFORE, *BEHIND, WHOLE, "turn", "unsaid", "neutral"}


CONTEXT = [
    ("مش قادر اتنفس", "مفيش نهجان", "negation"),
    ("عندي ضيق تنفس", "هل يسبب القولون ضيق تنفس", "a question about it"),
    ("عندي جلطة", "كان عندي جلطة من عشر سنين", "history"),
    ("اعراض الجلطة وشلل الوجه", "بوست توعية عن اعراض الجلطة وشلل الوجه", "an awareness post"),
    ("عندي ضيق تنفس", "كان عندي ضيق تنفس وراح وما رجع", "over"),
    ("عندي ضيق تنفس", "ما عندي ضيق تنفس", "Gulf and Levant"),
    ("عندي ضيق تنفس", "معنديش ضيق تنفس", "Egypt"),
    ("عندي ضيق تنفس", "ماكو ضيق تنفس", "Iraq"),
    ("عندي ضيق تنفس", "بلا ضيق تنفس", "Levant"),
]


@pytest.mark.parametrize(("plain", "weakened", "why"), CONTEXT, ids=[why for _, _, why in CONTEXT])
def test_context_weakens_a_cue(plain: str, weakened: str, why: str, scored: Scored) -> None:
    assert scored[weakened]["p_critical"] < scored[plain]["p_critical"]


def test_a_cue_that_also_stands_without_its_context_is_not_shown_in_it() -> None:
    (row,) = score_severity(["كان بدون سخونية طول الاسبوع اللي فات، دلوقتي ابني عنده سخونية"]).to_pylist()
    assert "moderate: سخونيه +1.5" in row["evidence"]


def test_what_is_not_known_is_the_prior() -> None:
    for row in score_severity(["", "😀", "كلام عادي", "hello"]).to_pylist():
        assert [row["p_mild"], row["p_moderate"], row["p_critical"]] == pytest.approx([0.46, 0.36, 0.18])
        assert row["evidence"] in (["nothing is written"], ["no cue of the lists"])


@settings(max_examples=5, deadline=None)
@given(st.lists(st.text(max_size=80), min_size=1, max_size=20))
def test_severity_of_anything_is_a_distribution_and_rows_do_not_look_at_each_other(texts: list[str]) -> None:
    together = score_severity(texts).to_pylist()
    for row in together:
        assert row["severity"] in SEVERITIES
        assert row["p_mild"] + row["p_moderate"] + row["p_critical"] == pytest.approx(1, abs=1e-5)
    assert score_severity(texts[:1]).to_pylist()[0] == together[0]


PIECES = (
    *("ابن", "خمس", "سنوات", "سبع", "شهور", "عمره", "40", "يوم", "سنتين", "من", "حوالي", "حراره", "39.5", "ضغطي", "180/120"),
    *("وعنده", "كحه", "wldi", "3omro"),
)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.lists(st.sampled_from(PIECES), max_size=9), min_size=1, max_size=8))
def test_facts_of_many_texts_are_those_of_each(texts: list[list[str]]) -> None:
    keys = [" ".join(words) for words in texts]
    with duckdb.connect() as con:
        relation = con.from_arrow(pa.table({"id": range(len(keys)), "key": keys}))
        find_facts(con, relation, words_of(con, relation))
        found = con.sql("SELECT id, fact, value, start, stop FROM _facts").fetchall()
    assert sorted(found) == sorted({(i, *fact) for i, key in enumerate(keys) for fact in facts_of(key)})
