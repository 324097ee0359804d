"""Dialect, MSA and severity: what the word lists say of sentences that no list holds whole."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation import identify_dialect, score_severity
from curation.lexicons import load
from curation.schema import DIALECTS, SEVERITIES

SENTENCES = [
    ("EGY", "عايز اعرف ايه الدوا ده وباخده ازاي دلوقتي"),
    ("LEV", "شو لازم اعمل هلق لاني كتير تعبانة وما عم نام"),
    ("GLF", "ابغى اعرف وش السبب لان ولدي الحين تعبان مره"),
    ("IRQ", "شنو العلاج هسه اكو علاج لو ماكو"),
    ("MGR", "واش كاين شي دوا بزاف عليا ديال المعدة دابا"),
    ("MSA", "أعاني منذ أسبوعين من ألم في المعدة، فما هو العلاج الذي تنصحون به؟"),
    ("arabizi", "ana 3andi waga3 fe batni mn embare7 w msh 3aref a3mel eh"),
]


@pytest.mark.parametrize(("dialect", "text"), SENTENCES, ids=[d for d, _ in SENTENCES])
def test_marked_sentences(dialect: str, text: str) -> None:
    (row,) = identify_dialect([text]).to_pylist()
    assert row["dialect"] == dialect
    assert row["evidence"] or dialect == "arabizi"


def test_probabilities_sum_to_one_and_unmarked_text_is_no_certainty() -> None:
    rows = identify_dialect([text for _, text in SENTENCES] + ["صداع"]).to_pylist()
    for row in rows:
        assert sum(row[f"p_{d.lower()}"] for d in DIALECTS) == pytest.approx(1, abs=1e-5)
    assert rows[-1]["p_msa"] < 0.6


def test_other_languages_and_nulls_have_no_dialect() -> None:
    rows = identify_dialect(["I have had a headache since yesterday and nothing helps me", None, "😀"]).to_pylist()
    assert [row["dialect"] for row in rows] == [None, None, None]


SEVERITY = [
    ("critical", "جوزي مش قادر يتنفس وشفايفه ازرقت", "breathing"),
    ("critical", "بنتي عمرها شهر ونص وحرارتها 38.6", "fever under three months"),
    ("critical", "ضغط امي 200/120 من الصبح", "pressure"),
    ("critical", "اريد انتحر وما عاد اتحمل", "self-harm"),
    ("critical", "عندي قلق شديد وحزن من اشهر وأفكار انتحارية", "self-harm beside milder cues"),
    ("critical", "لا افرح بشي وافكر بالانتحار", "a negation of another clause"),
    ("mild", "عندي حب شباب خفيف وابي كريم", "routine"),
    ("mild", "تساقط شعر بعد الولادة، هل هذا طبيعي؟", "routine"),
]


@pytest.mark.parametrize(("severity", "text", "why"), SEVERITY, ids=[f"{s} {w}" for s, _, w in SEVERITY])
def test_severity(severity: str, text: str, why: str) -> None:
    assert score_severity([text])["severity"][0].as_py() == severity


READINGS = [
    ("السكر نزل 45 وهو يرجف", True),
    ("سكره طلع 480", True),
    ("لا ضغط ولا سكري ولا يدخن وما تعدى 41", False),
    ("عندي سكر من 30 سنه", False),
    ("حرارته 40.5", True),
    ("حرارة من 40 يوم", False),
]


@pytest.mark.parametrize(("text", "danger"), READINGS)
def test_a_reading_is_no_age_and_no_time(text: str, danger: bool) -> None:
    (row,) = score_severity([text]).to_pylist()
    assert any("sugar" in cue or "temperature from 40" in cue for cue in row["evidence"]) == danger


CONTEXT = [
    ("مش قادر اتنفس", "مفيش نهجان", "negation"),
    ("عندي ضيق تنفس", "هل يسبب القولون ضيق تنفس", "a question about it"),
    ("عندي جلطة", "كان عندي جلطة من عشر سنين", "history"),
]


@pytest.mark.parametrize(("plain", "weakened", "why"), CONTEXT, ids=[why for _, _, why in CONTEXT])
def test_context_weakens_a_cue(plain: str, weakened: str, why: str) -> None:
    strong, weak = score_severity([plain, weakened])["p_critical"].to_pylist()
    assert weak < strong


def test_a_cue_that_also_stands_without_its_context_is_not_shown_in_it() -> None:
    (row,) = score_severity(["كان بدون سخونية طول الاسبوع اللي فات، دلوقتي ابني عنده سخونية"]).to_pylist()
    assert "moderate: سخونيه +1.5" in row["evidence"]


def test_what_is_not_known_is_the_prior() -> None:
    for row in score_severity(["", "😀", "كلام عادي", "hello"]).to_pylist():
        assert [row["p_mild"], row["p_moderate"], row["p_critical"]] == pytest.approx([0.46, 0.36, 0.18])
        assert row["evidence"] == []


@settings(max_examples=10, deadline=None)
@given(st.lists(st.text(max_size=80), min_size=1, max_size=20))
def test_severity_of_anything_is_a_distribution_and_rows_do_not_look_at_each_other(texts: list[str]) -> None:
    together = score_severity(texts).to_pylist()
    for row in together:
        assert row["severity"] in SEVERITIES
        assert row["p_mild"] + row["p_moderate"] + row["p_critical"] == pytest.approx(1, abs=1e-5)
    assert score_severity(texts[:1]).to_pylist()[0] == together[0]


def test_lexicons_are_sound() -> None:
    assert {row["dialect"] for row in load("dialect_words")} == set(DIALECTS) - {"arabizi"}
    assert {row["level"] for row in (*load("severity_cues"), *load("severity_combinations"))} == set(SEVERITIES)
    assert not any(c.isdigit() for row in load("msa_words") for c in row["form"] + row["msa"])
    for name, keys in (
        ("dialect_words", ("form", "dialect")),
        ("msa_words", ("dialect", "form", "part_of_speech", "condition")),
        ("severity_cues", ("phrase",)),
    ):
        seen = [tuple(row[k] for k in keys) for row in load(name)]
        assert len(seen) == len(set(seen)), name
