"""What holds for every text, whatever the parameters: tried by Hypothesis on pieces that the rules are about."""

import unicodedata
from itertools import product

import duckdb
import pyarrow as pa
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from curation import clean
from curation.params import CleanParams
from curation.text.characters import ARABIC_INDIC, LETTERS, PLAIN_LETTERS, PRESENTATION_FORMS, WESTERN, odd
from curation.text.compiler import applied, compile_rules
from curation.text.elongation import skeleton
from curation.text.folding import key_rules
from curation.text.phrases import fold
from curation.text.rule import Rule
from curation.text.rules import text_rules

SHADDA_AND_TANWEEN = "ًٌٍّ"
EVERY = [
    CleanParams(
        elongation=elongation, digits=digits, emoji=pictures, keep_tashkeel=marks, boilerplate=boilerplate, advertisement_tails=tails
    )
    for elongation, digits, pictures, marks, boilerplate, tails in product(
        (1, 2), ("western", "arabic", "keep"), ("drop", "keep"), ("", SHADDA_AND_TANWEEN), ("drop", "keep"), ("drop", "keep")
    )
]
CHARACTERS = st.text(
    st.sampled_from("".join(LETTERS) + "ًٌٍَُِّْـ " + "٠١٢٣٤٥٦٧٨٩۵0123456789" + ".,،؟!/%°½&;<>#_-\u200f\u200d\u00a0\ufffdﻻﷲیک😀👍🏽🇪🇬©" + "amlgtB"),
    max_size=12,
)
WORDS = """السلام عليكم|مساء الخير دكتور|شكرا جزيلا|جزاكم الله خيرا|للحجز|تابعونا|على الواتس|[PHONE]|[LINK]|عندي كحة|مممكن|تتتابع|اللللي|
هههههه|كتيييير|بعددد|!!!!|...|5...6|-2.5|.5|1/2/2023|٢٫٥|1000 ملغ|لاااا|#صداع_نصفي|#BreastCancer|_|&amp;|&lt;|&#1593;|&#x64a;|&nbsp;|&|#|;|
<br>|<b>|</p>|<|>|👨\u200d👩\u200d👧|❤\ufe0f|1\ufe0f\u20e3|🏴\U000e0067\U000e0062\U000e007f|\u200d|\ufe0f|\t| |  |ـ|1ـ2|و|، |. |Ù|ط،"""
MISREAD = ["عندي".encode().decode("cp1252"), "صداع".encode().decode("cp1256"), "كحة".encode().decode("latin-1")]
PIECES = st.sampled_from([*WORDS.split("|"), *MISREAD])  # some with the end of a line before them
PHASES = [Phase.generate]  # a whole list of texts shrinks for minutes
TEXTS = st.lists(st.lists(PIECES | CHARACTERS, max_size=8).map("".join), min_size=40, max_size=60)


def digits(text: str) -> list[int]:
    return [unicodedata.decimal(c) for c in text if c.isdecimal()]


def numbers_as_read(texts: list[str], params: CleanParams) -> list[list[int]]:
    """The digits of what the reader sees: not those of entities."""
    unseen = [rule for rule in text_rules(params) if rule.name.startswith(("html", "mojibake"))]
    return [digits(text) for text in one_by_one(texts, unseen)]


def one_by_one(texts: list[str], rules: list[Rule] | tuple[Rule, ...]) -> list[str]:
    """The rules as `tibyan explain` runs them."""
    with duckdb.connect() as con:
        con.from_arrow(pa.table({"i": range(len(texts)), "t": pa.array(texts, pa.string())})).create("step_0")
        for n, rule in enumerate(rules):
            con.execute(f"CREATE TABLE step_{n + 1} AS SELECT i, {compile_rules([rule], 't')} AS t FROM step_{n}")
        return [row[0] for row in con.execute(f"SELECT t FROM step_{len(rules)} ORDER BY i").fetchall()]


@settings(max_examples=16, deadline=None, phases=PHASES)
@given(st.sampled_from(EVERY), TEXTS)
def test_clean_twice_digits_kept_and_the_key_is_that_of_the_clean_text(params: CleanParams, texts: list[str]) -> None:
    table = clean(texts, params)
    once, keys = table["text"].to_pylist(), table["key"].to_pylist()
    again = clean(once, params)
    assert again["text"].to_pylist() == once
    assert again["key"].to_pylist() == keys
    assert list(fold(once)) == keys
    read = numbers_as_read(texts, params)
    assert [digits(text) for text in once] == read
    assert [digits(key) for key in keys] == read
    if params.boilerplate == params.advertisement_tails == "keep" and params.elongation == 1:  # of 2, stretched lams stay two
        assert list(fold(texts)) == keys


@settings(max_examples=6, deadline=None, phases=PHASES)
@given(st.sampled_from(EVERY), TEXTS)
def test_one_by_one_the_rules_do_what_the_chain_does(params: CleanParams, texts: list[str]) -> None:
    table = clean(texts, params)
    light = one_by_one(texts, text_rules(params))
    assert light == table["text"].to_pylist()
    assert one_by_one(light, key_rules()) == table["key"].to_pylist()


# Alphabets that rules are about, and how long a text of them is tried: what is drawn meets two such letters side by side once in many runs.
SHORT = {
    "key": [("./,٫1B", 4), ("./1ا", 6)],  # «الجرعة.5/3»
    "text": [("اليه", 6), ("مكنا!", 5), ("ﷲﻻیًّا", 5), ("#_aB1ا", 4), ("<>&;b/1", 4), ("1\ufe0f\u20e3#ا\u200d", 4), ("ـ١1.ا", 5)],
}


@pytest.mark.parametrize("scope", SHORT)
def test_of_all_short_texts_the_chain_makes_what_the_rules_do_one_by_one_and_leaves_that_as_it_is(scope: str) -> None:
    rules = key_rules() if scope == "key" else text_rules(EVERY[0])
    given = [product(letters, repeat=n) for letters, most in SHORT[scope] for n in range(1, most + 1)]
    texts = ["".join(characters) for found in given for characters in found]
    with duckdb.connect() as con:

        def chain(texts: list[str]) -> list[str]:
            table = con.from_arrow(pa.table({"i": range(len(texts)), "t": texts}))
            return [row[1] for row in applied(table, rules, "t").order("i").fetchall()]

        once = chain(texts)
        assert once == one_by_one(texts, rules)
        assert chain(once) == once


KEEPING = [params for params in EVERY if params.boilerplate == params.advertisement_tails == "keep"]
SPELLED = str.maketrans({**PRESENTATION_FORMS, "ی": "ي", "ک": "ك", "ھ": "ه", "ہ": "ه"})


def letters(text: str) -> str:
    """The letters of a text, each run of one once: stretching is what `elongation` takes."""
    return skeleton(
        "".join(c for c in unicodedata.normalize("NFC", text.translate(SPELLED)) if unicodedata.category(c) in ("Lo", "Lu", "Ll"))
    )


@settings(max_examples=8, deadline=None, phases=PHASES)
@given(st.sampled_from(KEEPING), st.lists(st.lists(CHARACTERS, max_size=5).map("".join), min_size=40, max_size=60))
def test_no_letter_vanishes(params: CleanParams, texts: list[str]) -> None:
    texts = [text.replace("<", "").replace("&", "") for text in texts]  # tags and entities go with their letters
    assert [letters(text) for text in clean(texts, params)["text"].to_pylist()] == [letters(text) for text in texts]


@settings(max_examples=10, deadline=None, phases=PHASES)
@given(
    st.sampled_from(EVERY),
    st.lists(st.text(PLAIN_LETTERS + "،؛؟ \n\tabcXYZ" + "".join(chr(c) for c in range(0x21, 0x7F) if chr(c) not in "<&#_")), min_size=40),
)
def test_the_look_of_a_block_misses_nothing(params: CleanParams, texts: list[str]) -> None:
    """Of characters that are not unusual, no rule of the block changes any."""
    if params.digits == "arabic":
        texts = [text.translate(str.maketrans(WESTERN, ARABIC_INDIC)) for text in texts]
        texts = ["".join(c for c in text if c not in ARABIC_INDIC) for text in texts]
    block = [rule for rule in text_rules(params) if rule.block == odd(params.digits)]
    assert len(block) > 15
    assert one_by_one(texts, block) == texts


def test_a_chain_keeps_the_other_columns() -> None:
    rules = text_rules(EVERY[0])
    with duckdb.connect() as con:
        table = applied(con.sql("SELECT 7 AS n, 'كتيييير #ا_ب' AS t, 'x' AS last"), rules, "t")
        assert (table.columns, table.fetchall()) == (["n", "t", "last"], [(7, "كتير ا ب", "x")])
