"""The first look passes over no text that a rule would find something in."""

import re
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.privacy_speed import real_texts
from benchmarks.setting import SHARED
from curation.privacy import addresses
from curation.privacy.clues import LINK
from curation.privacy.first_look import clues_of, first_look, first_look_at_all
from curation.privacy.identifiers import CUED
from curation.privacy.names import KnownNames, known_names, name_spans
from curation.privacy.patterns import PATTERNS, PLACEHOLDER
from curation.privacy.phones import MANY_DIGITS, number_spans
from curation.privacy.redaction import redact_text, redact_texts
from tests.curation.test_privacy import GOES, STAYS

KNOWN = known_names(["سلوى بركات", "فتكات بركاتو الزيات", "وجع نور الغامدي"])
CHOSEN = """
    زوجي ابني دكتور الدكتورة د د. يا ام ابو اسمي الاسم الطفل نور زينة سامر ليث شوشان بنشوية الغامدي الشمري الزهراني بن بنت الدين عبد
    عمره عمرها
    عنده 3 سنين شهرين خويا khouya dr Dr. Karim karim el Haddad . , ، / : - _ ـ 12 0551234 500. 140/90 [NAME] [PHONE] @ و http: // fb? fb/نور
    com
    شارع طريق طريقة شقة الشقة برج الدور التاني عمارة رقم ملف bloc apt rue mrn dossier CIN
    comنور example. www wwwنور 7 7 7 7 550e8400-e29b-41d4-a716-44665544ab 12-34-567
"""
WORDS = sorted({word for text in [text for text, _, _ in GOES] + STAYS for word in text.split()}) + CHOSEN.split()
TEXTS = st.builds(
    lambda pieces, joints: "".join(a + b for a, b in zip(pieces, joints, strict=False)),
    st.lists(st.sampled_from(WORDS), max_size=9),
    st.lists(st.sampled_from([" ", " ", " ", " ", "", "\n", "\u00a0", "_", "، ", ". ", " / ", "/"]), min_size=9, max_size=9),
)
LINKS = [re.compile(pattern.pattern) for pattern in PATTERNS if pattern.kind == "LINK"]
ACCOUNT_NUMBER = next(re.compile(pattern.pattern) for pattern in PATTERNS if pattern.needs == "number")


def passed_over(text: str, known: KnownNames | None = None) -> set[str]:
    """The rules that would find something in a text although the first look says no."""
    rules, named, has_place = first_look(text, clues_of(known))
    seen = PLACEHOLDER.sub(lambda match: "\x00" * len(match[0]), text)
    wrong = {"NAME"} if named and not has_place and seen == text and name_spans(text, known) else set()
    if not MANY_DIGITS.search(text) and (list(number_spans(text)) or ACCOUNT_NUMBER.search(text)):
        wrong.add("PHONE")
    if not rules & LINK and any(link.search(seen) for link in LINKS):
        wrong.add("LINK")
    if addresses._HOUSE.search(seen) and addresses._QUICK_LOOK.search(seen):
        whole = [m.span() for m in addresses.ADDRESS.finditer(seen)] + [m.span(1) for m in addresses.CUED.finditer(seen)]
        wrong |= {"ADDRESS"} if addresses.address_spans(seen) != whole else set()
    if any(pattern.search(seen) and not needs.search(seen) for needs, pattern, _, _ in CUED):
        wrong.add("ID")
    return wrong


@settings(max_examples=2_000, deadline=None)
@given(TEXTS, st.sampled_from([None, KNOWN]))
def test_nothing_is_passed_over(text: str, known: KnownNames | None) -> None:
    assert not passed_over(text, known)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60))
def test_nothing_is_passed_over_in_any_text(text: str) -> None:
    assert not passed_over(text)


def test_nothing_is_passed_over_in_real_texts() -> None:
    if not SHARED.is_dir():
        pytest.skip("the shared data is not here")
    texts = [
        text for folder in ("mpold", "arsarcasm", "mentalqa", "shami", "facepager_covid") for text in real_texts(Path(SHARED / folder))
    ]
    assert sum(bool(passed_over(text)) for text in texts) == 0


@settings(max_examples=300, deadline=None)
@given(st.lists(TEXTS | st.text(max_size=60) | st.none(), max_size=20))
def test_many_texts_at_once_are_looked_at_like_one(texts: list[str | None]) -> None:
    looks = first_look_at_all(pa.array(texts, pa.large_string()), clues_of(None))
    assert list(zip(*(column.tolist() for column in looks), strict=True)) == [first_look(text or "", clues_of(None)) for text in texts]
    redacted, spans = redact_texts(texts)
    assert list(zip(redacted, spans, strict=True)) == [redact_text(text) if text else (text, []) for text in texts]


def test_half_an_emoji_among_many_texts() -> None:
    texts = ["\ud83d اسمي سامر", None, "كلمني 01001234567"]
    assert redact_texts(texts)[0] == ["\ud83d اسمي [NAME]", None, "كلمني [PHONE]"]


PLACES = [
    ("زوجي عنده صداع", False, "a relative, and nobody named"),
    ("دكتور قلب شاطر", False, "a specialty"),
    ("دكتور ليث الغامدي", True, "a rare word with a family name behind it"),
    ("دكتور مسالك شاطر", False, "a rare word with none"),
    ("بنتي تالينا عمرها 3 سنين", True, "a rare word with an age behind it"),
    ("د. شوشان قال", True, "a sure title"),
    ("د / شوشان قال", True, "the same, apart"),
    ("دكتور ـ ليث الغامدي", True, "a stroke is no word"),
    ("يوم سامر", True, "a name and nothing else"),
    ("زينة الغامدي قالت لابني", True, "a name that is a word too, with a family name"),
    ("زينة اوي لابني", False, "the word"),
]


@pytest.mark.parametrize(("text", "expected", "why"), PLACES, ids=[why for _, _, why in PLACES])
def test_places_of_names(text: str, expected: bool, why: str) -> None:
    assert first_look(text, clues_of(None))[1:] == (True, expected)


def test_what_is_learnt_stays_small() -> None:
    clues = clues_of(None)
    before = len(clues)
    redact_text(" ".join(str(n) for n in range(10_000_000, 10_001_000)) + " " + " ".join(f"a{n}@example.com" for n in range(100)))
    assert len(clues) - before < 10
