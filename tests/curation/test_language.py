"""Which language a text is in, and that the look at the letters that saves the counting changes nothing."""

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.text import language
from curation.text.language import identify_language

CASES = [
    ("ar", "script", "عندي صداع من يومين", "Arabic letters, no others"),
    ("ar", "script", "باخد Augmentin 1g مرتين في اليوم", "a drug's Latin name"),
    ("ar", "script", "ايه فايدة دوا Hydroxychloroquine sulfate tablets", "a Latin name longer than the question"),
    ("ar", "script", "گلبي يوجعني وچلدي يحكني", "Iraqi letters are Arabic"),
    ("ar", "script", "رقمي [PHONE] عندي كحة", "placeholders are no Latin"),
    ("arabizi", "arabizi_rule", "3andi waja3 fi rassi w 7arara mn lbare7", "digits for letters"),
    ("arabizi", "arabizi_rule", "chno ndir l had lwja3 dyal rassi 3afak", "frequent words of Darija"),
    ("none", "script", "120/80 ؟؟", "no letters"),
    ("none", "script", "[PHONE]", "nothing but a placeholder"),
    ("none", "script", "١٢٣ ،؛", "Arabic digits and signs are no letters"),
]


def identified(texts: list[str]) -> list[tuple[str, str, float]]:
    with duckdb.connect() as con:
        table = con.from_arrow(pa.table({"id": pa.array(range(len(texts)), pa.int64()), "text": pa.array(texts, pa.string())}))
        return [row[1:] for row in identify_language(con, table).order("id").fetchall()]


@pytest.mark.parametrize(("expected", "method", "text", "why"), CASES, ids=[why for *_, why in CASES])
def test_language(expected: str, method: str, text: str, why: str) -> None:
    assert identified([text])[0][:2] == (expected, method)


@pytest.mark.parametrize(
    ("text", "expected"), [("سرفه و تب دارم چه کار کنم ژل میخواهم", "fa"), ("I have had a bad headache since yesterday", "en")]
)
def test_other_languages_are_asked_of_langdetect(text: str, expected: str) -> None:
    assert identified([text])[0][:2] == (expected, "langdetect")


@pytest.mark.parametrize(
    "text",
    [
        "Thank you doctor",
        "Merci docteur pour votre réponse",
        "my dad fell down the stairs and his back hurts",
        "Mon fils a de la fièvre et il tousse la nuit",
        "est ce que le stress peut retarder les regles",
        "can i take panadol and nurofen with this medicine",
    ],
)
def test_english_and_french_are_no_arabizi(text: str) -> None:
    assert identified([text])[0][0] != "arabizi"


LETTERS = st.text("ابتةىئءؤأپچگژےەabcxyz0123٤٥ًّ.،؟ []PHONE-😀é", max_size=25)


@settings(max_examples=30, deadline=None)
@given(st.lists(LETTERS, min_size=1, max_size=30))
def test_the_first_look_is_a_short_cut_and_nothing_else(texts: list[str]) -> None:
    quick = identified(texts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(language, "PLAINLY_ARABIC", "false")
        assert identified(texts) == quick
