"""The compiled SQL against the functions of the libraries that its tables come from, on all real texts and on invented ones.

Where they differ on purpose stands in one table, with the reason: a text without the characters named there must come out the same,
and the example of each row must differ just as it says.
"""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import duckdb
import emoji
import pyarabic.araby as araby
import pyarrow as pa
import pytest
from camel_tools.utils import charsets
from camel_tools.utils.dediac import dediac_ar
from camel_tools.utils.normalize import (
    normalize_alef_ar,
    normalize_alef_maksura_ar,
    normalize_teh_marbuta_ar,
    normalize_unicode,
)
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from benchmarks.real_texts import distinct_texts
from curation.api import CLEAN
from curation.text.characters import EMOJI, INVISIBLE, LETTERS, PRESENTATION_FORMS, SELECTOR, TASHKEEL
from curation.text.charsets import NAMES, charset, libraries
from curation.text.compiler import applied
from curation.text.folding import key_rules
from curation.text.rules import text_rules


@dataclass(frozen=True)
class Difference:
    """Characters that our rules and a function of a library treat differently, and one example of it."""

    function: str
    characters: str
    example: str
    ours: str
    theirs: str
    reason: str


COMPATIBILITY = "".join(
    c
    for c in map(chr, (*range(0xD800), *range(0xE000, 0x110000)))
    if unicodedata.normalize("NFKC", c) != unicodedata.normalize("NFC", c) and c not in PRESENTATION_FORMS
)
REGIONAL = "".join(map(chr, range(0x1F1E6, 0x1F200)))
TAGS = "".join(map(chr, range(0xE0020, 0xE0080)))
SKIN = "🏻🏼🏽🏾🏿"

DIFFERENCES = (
    Difference("normalize_unicode", COMPATIBILITY, "2½", "2½", "21⁄2", "a dose: NFKC is for the shapes of Arabic letters only"),
    Difference("strip_tashkeel", "\u0670", "هٰذا", "هذا", "هٰذا", "the small alef is a vowel sign, as camel-tools has it"),
    Difference("normalize_hamza", "ء", "سماء", "سما", "سماء", "the key folds what people leave out when they type"),
    Difference("normalize_hamza", "\u0654\u0655", "سو\u0654ال", "سوال", "سواال", "a hamza on its own letter goes, and makes no alef"),
    Difference("normalize_hamza", "ٱ", "ٱلم", "الم", "ٱلم", "alef wasla is typed as alef; camel-tools folds it too"),
    Difference("normalize_letters", "ءؤئ\u0654\u0655", "رئة", "ريه", "رئه", "camel-tools folds the hamza of alef only"),
    Difference("replace_emoji", "©®™", "© 2023", "© 2023", "2023", "signs of text, not pictures"),
    Difference("replace_emoji", "\u20e3", "1️⃣ حبة", "1 حبة", "حبة", "the digit of a keycap is a number"),
    Difference("replace_emoji", REGIONAL, "🇪 مصر", "مصر", "🇪 مصر", "half a flag goes too"),
    Difference("replace_emoji", TAGS, "ا\U000e0067", "ا", "ا\U000e0067", "a tag that is left over goes too"),
    Difference("AR_LETTERS_CHARSET", "ـ", "ـ", "out", "in", "tatweel is no letter: it goes, and is no elongation"),
    Difference("AR_LETTERS_CHARSET", "ژ", "ژ", "in", "out", "a letter of loanwords"),
    Difference("araby.LETTERS", "ٱپچژڤگ", "گ", "in", "out", "Iraqi and loan letters are letters"),
    Difference("araby.TASHKEEL", "\u0670", "\u0670", "in", "out", "the small alef, as above"),
)


@pytest.mark.parametrize("name", NAMES)
def test_the_sets_of_characters_are_those_of_the_installed_library(name: str) -> None:
    assert charset(name) == libraries()[name], "write charsets.csv again: python -m curation.text.charsets"


def blanks_apart(text: str) -> str:
    """What ours and theirs leave where a picture was are blanks, of which a later rule makes one."""
    return " ".join(text.split())


@dataclass(frozen=True)
class Comparison:
    """Rules, by name, that do what a function does."""

    rules: tuple[str, ...]
    theirs: Callable[[str], str]
    after: Callable[[str], str] = str


UNSEEN = dict.fromkeys(map(ord, INVISIBLE + SELECTOR))  # by a rule of its own; pictures are joined by one of them
COMPARISONS = {
    "normalize_unicode": Comparison(("presentation_forms", "nfc"), normalize_unicode),
    "normalize_unicode, NFC": Comparison(("nfc",), lambda t: normalize_unicode(t, compatibility=False)),
    "dediac_ar": Comparison(("tashkeel",), dediac_ar),
    "strip_tashkeel": Comparison(("tashkeel",), araby.strip_tashkeel),
    "strip_tatweel": Comparison(("tatweel",), araby.strip_tatweel),
    "normalize_hamza": Comparison(("key_hamza",), lambda t: araby.normalize_hamza(t, method="tasheel")),
    "normalize_letters": Comparison(
        ("key_hamza", "key_endings"), lambda t: normalize_alef_ar(normalize_alef_maksura_ar(normalize_teh_marbuta_ar(t)))
    ),
    "replace_emoji": Comparison(("invisible", "emoji"), lambda t: emoji.replace_emoji(t, " ").translate(UNSEEN), blanks_apart),
}
SETS = {
    "AR_LETTERS_CHARSET": (set(LETTERS), set(charsets.AR_LETTERS_CHARSET)),
    "AR_DIAC_CHARSET": (set(TASHKEEL), set(charsets.AR_DIAC_CHARSET)),
    "araby.LETTERS": (set(LETTERS), set(araby.LETTERS)),
    "araby.TASHKEEL": (set(TASHKEEL), set(araby.TASHKEEL)),
}


def ours(comparison: Comparison, texts: list[str]) -> list[str]:
    rules = [rule for rule in (*text_rules(CLEAN), *key_rules()) if rule.name in comparison.rules]
    assert len(rules) == len(comparison.rules)
    with duckdb.connect() as con:
        table = con.from_arrow(pa.table({"i": range(len(texts)), "t": pa.array(texts, pa.string())}))
        changed = [row[0] for row in applied(table, rules, "t").order("i").project("t").fetchall()]
    return list(map(comparison.after, changed))


def apart(function: str) -> dict[int, None]:
    return {ord(c): None for d in DIFFERENCES if d.function == function for c in d.characters}


@cache
def real_texts() -> list[str]:
    return distinct_texts()


def compared(function: str, texts: list[str]) -> int:
    """How many of the texts come out otherwise, without the characters that do so on purpose."""
    comparison, without = COMPARISONS[function], apart(function)
    texts = [text.translate(without) for text in texts]
    theirs = [comparison.after(comparison.theirs(text)) for text in texts]
    return sum(a != b for a, b in zip(ours(comparison, texts), theirs, strict=True))


@pytest.mark.parametrize("function", COMPARISONS)
def test_the_same_on_all_real_texts(function: str) -> None:
    texts = real_texts()
    if not texts:
        pytest.skip("the real texts stand beside the repository, in ../shared/data, and are not there")
    if function == "replace_emoji":  # 4,000 texts a second: only those that hold a character of its table
        pictures = set(EMOJI)
        texts = [text for text in texts if not pictures.isdisjoint(text)]
    different = compared(function, texts)
    assert different == 0, "add the rule that is missing, or a row to DIFFERENCES"


ARABIC_BLOCKS = (*range(0x20, 0x7F), *range(0x600, 0x700), *range(0x750, 0x780), *range(0xFB50, 0xFE00), *range(0xFE70, 0xFF00))
ALPHABET = st.sampled_from(
    [*map(chr, ARABIC_BLOCKS), *"\u200d\ufe0f½²°éÉ™©\n\u00a0", *SKIN, *REGIONAL, "🏴\U000e0067\U000e0062\U000e007f", "👨‍👩‍👧", "❤️‍🔥", "1️⃣"]
)


@settings(max_examples=4, deadline=None, phases=[Phase.generate])
@given(st.lists(st.lists(ALPHABET, max_size=30).map("".join), min_size=60, max_size=120))
@pytest.mark.parametrize("function", COMPARISONS)
def test_the_same_on_invented_texts(function: str, texts: list[str]) -> None:
    different = compared(function, texts)
    assert different == 0


@pytest.mark.parametrize("difference", DIFFERENCES, ids=[f"{d.function} {d.example}" for d in DIFFERENCES])
def test_each_difference_is_still_one(difference: Difference) -> None:
    if difference.function in SETS:
        ours_, theirs_ = ("in" if difference.example in each else "out" for each in SETS[difference.function])
    else:
        comparison = COMPARISONS[difference.function]
        ours_, theirs_ = ours(comparison, [difference.example])[0], comparison.after(comparison.theirs(difference.example))
    assert (ours_, theirs_) == (difference.ours, difference.theirs)
    assert ours_ != theirs_


@pytest.mark.parametrize("name", SETS)
def test_the_tables_differ_where_it_is_said(name: str) -> None:
    ours_, theirs_ = SETS[name]
    assert ours_ ^ theirs_ == {c for d in DIFFERENCES if d.function == name for c in d.characters}


def test_every_emoji_of_the_table_goes() -> None:
    texts = [f"ا {s} ب" for s in sorted(emoji.EMOJI_DATA) if not set(s) & set("0123456789#*©®™")]
    assert len(texts) > 4_000
    assert set(ours(COMPARISONS["replace_emoji"], texts)) == {"ا ب"}
