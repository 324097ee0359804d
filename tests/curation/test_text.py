"""The text rules: tables of (text, expected, why), properties, and conformance with the libraries that they come from."""

import unicodedata

import duckdb
import emoji
import pyarrow as pa
import pytest
from camel_tools.utils.dediac import dediac_ar
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarabic.araby import strip_tashkeel, strip_tatweel

from curation import clean
from curation.api import CLEAN
from curation.text.characters import LETTERS
from curation.text.compiler import compile_rules
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
]


def light(text: str) -> str:
    return clean([text])["text"][0].as_py()


@pytest.mark.parametrize(("text", "expected", "why"), LIGHT, ids=[why for _, _, why in LIGHT])
def test_light_text(text: str, expected: str, why: str) -> None:
    assert light(text) == expected


@pytest.mark.parametrize(("text", "expected", "why"), KEYS, ids=[why for _, _, why in KEYS])
def test_key(text: str, expected: str, why: str) -> None:
    assert fold([text]) == [expected]


BOILERPLATE = [
    ("السلام عليكم ورحمة الله وبركاته، عندي الم في الركبة من اسبوع", "عندي الم في الركبة من اسبوع"),
    ("مساء الخير يا دكتور ابني عنده كحه وجزاكم الله خيرا", "ابني عنده كحه"),
    ("السلام عليكم ورحمه الله، بنتي عندها كحة", "بنتي عندها كحة"),
    ("ما سبب الصداع؟ شكرا جزيلا", "ما سبب الصداع؟"),
    ("عندي حكة في اليد، وشكرا", "عندي حكة في اليد"),
]


@pytest.mark.parametrize(("text", "expected"), BOILERPLATE)
def test_greetings_and_closings_go(text: str, expected: str) -> None:
    assert light(text) == expected


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


ARABIC = st.text(
    st.sampled_from("".join(LETTERS) + "ًٌٍَُِّْـ " + "٠١٢٣٤٥٦٧٨٩0123456789" + ".,،؟!/%°½&;<>#_-\u200f\u00a0ﻻﷲ😀👍🏽🇪🇬" + "amlgt"),
    max_size=60,
)


@settings(max_examples=25, deadline=None)
@given(st.lists(ARABIC, min_size=1, max_size=40))
def test_cleaning_twice_changes_nothing_more(texts: list[str]) -> None:
    once = clean(texts)["text"].to_pylist()
    assert clean(once)["text"].to_pylist() == once


@settings(max_examples=25, deadline=None)
@given(st.lists(ARABIC, min_size=1, max_size=40))
def test_digits_survive_in_their_order(texts: list[str]) -> None:
    def digits(text: str) -> list[int]:
        return [unicodedata.decimal(c) for c in text if c.isdecimal()]

    table = clean(texts)
    for text, cleaned, key in zip(texts, table["text"].to_pylist(), table["key"].to_pylist(), strict=True):
        assert digits(cleaned) == digits(text)
        assert digits(key) == digits(text)


def apply(name: str, texts: list[str]) -> list[str]:
    """One light rule over many texts."""
    rule = next(r for r in (*text_rules(CLEAN), *key_rules()) if r.name == name)
    with duckdb.connect() as con:
        table = pa.table({"i": range(len(texts)), "t": pa.array(texts, pa.string())})
        return [row[0] for row in con.from_arrow(table).order("i").project(compile_rules([rule], "t")).fetchall()]


@settings(max_examples=20, deadline=None)
@given(st.lists(ARABIC, min_size=1, max_size=30))
def test_conforms_to_the_libraries(texts: list[str]) -> None:
    assert apply("tatweel", texts) == [strip_tatweel(t) for t in texts]
    assert apply("tashkeel", texts) == [dediac_ar(t) for t in texts]
    # PyArabic leaves the superscript alef and the madda alone; the letters between them are the same.
    assert [strip_tashkeel(t) for t in apply("tashkeel", texts)] == apply("tashkeel", texts)
    assert apply("nfc", texts) == [unicodedata.normalize("NFC", t) for t in texts]


def test_every_emoji_of_the_table_goes() -> None:
    sequences = [s for s in sorted(emoji.EMOJI_DATA) if not set(s) & set("0123456789#*©®™")]
    left = [s for s, cleaned in zip(sequences, clean([f"ا {s} ب" for s in sequences])["text"].to_pylist(), strict=True) if cleaned != "ا ب"]
    assert len(sequences) > 4_000
    assert left == []


def test_explaining_runs_the_same_rules(con: duckdb.DuckDBPyConnection) -> None:
    text = "السلام عليكم، عندي صداااااع ١٠٠٠ 😀"
    explained = steps(con, text, text_rules(CLEAN))
    assert explained[-1].after == light(text)
    assert {s.rule.name for s in explained} >= {"digits", "emoji", "elongation", "greeting"}


def test_every_rule_says_why_and_from_where() -> None:
    rules = (*text_rules(CLEAN), *key_rules())
    assert all(rule.why and rule.source for rule in rules)
    assert len({rule.name for rule in rules}) == len(rules)
