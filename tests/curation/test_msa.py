"""Into MSA: what changes, what stays, that every change can be taken back, and that numbers, Latin words and negations stay as they are."""

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.api import DIALECT, normalise_dialect
from curation.dialect.lexicon import PARTS_OF_SPEECH, condition, entries, folded
from curation.dialect.msa import LATIN, NUMBER, WORD, checked, reverted, to_msa
from curation.dialect.normalisation import check_refused
from curation.dialect.polarity import denies_alike
from curation.errors import TibyanError
from curation.lexicons import load
from curation.schema import SPOKEN
from curation.text.characters import PLAIN_LETTERS

SENTENCES = Path("benchmarks/dialect_sentences.csv")
PLAIN = Path("benchmarks/msa_sentences.csv")
MOST_CHANGED = 0.01  # of the words of MSA, taken for a dialect's on purpose
INTO_MSA = [
    ("EGY", "عندي كحه وترجيع دلوقتي", "عندي سعال وقيء الآن", "nouns and an adverb"),
    ("EGY", "ضهري بيوجعني اوي", "ظهري يؤلمني جدا", "a pronoun, a tense and a person carried over"),
    ("EGY", "بياكل وبيشرب وهينام", "يأكل ويشرب وسينام", "و, the present and the future"),
    ("EGY", "ماقدرش انام", "لا أستطيع أن أنام", "a negation about a verb"),
    ("EGY", "بنام كل يوم بعد ما ناكل", "أنام كل يوم بعد أن نأكل", "ما that denies nothing"),
    ("EGY", "ارتفع السكر", "ارتفع السكر", "it rose, not I rise"),
    ("EGY", "بمرض السكر", "بمرض السكر", "with an illness, not I fall ill"),
    ("LEV", "معدتي عم توجعني وما بشوف منيح", "معدتي تؤلمني ولا أرى جيدا", "ما before a verb in two words"),
    ("LEV", "شو العلاج", "ما العلاج", "a question word"),
    ("GLF", "ما ياكل وما ينام", "لا يأكل ولا ينام", "ما with the imperfect, without ش"),
    ("IRQ", "دياكل وما دينام", "يأكل ولا ينام", "د of the present"),
    ("MGR", "كرشي كتوجعني بزاف", "بطني تؤلمني كثيرا", "ك of the present"),
    ("MGR", "كيبكي وما كياكلش", "يبكي ولا يأكل", "ما and ش around a verb"),
    ("MSA", "أريد أن أعرف السبب", "أريد أن أعرف السبب", "MSA passes"),
    (None, "عايز اعرف", "عايز اعرف", "no dialect, no change"),
]


@pytest.mark.parametrize(("dialect", "text", "expected", "why"), INTO_MSA, ids=[why for *_, why in INTO_MSA])
def test_into_msa(dialect: str | None, text: str, expected: str, why: str) -> None:
    (row,) = normalise_dialect([text], [dialect]).to_pylist()
    assert row["text"] == expected, why
    assert bool(row["changes"]) == (text != expected)
    for change in row["changes"]:
        assert text[change["start"] : change["end"]] == change["form"] and change["msa"] in expected


def test_a_refused_rule_is_not_applied() -> None:
    (found,) = normalise_dialect(["ضهري بيوجعني"], ["EGY"]).to_pylist()
    refused = DIALECT.model_copy(update={"refused": [found["changes"][0]["rule"]]})
    assert normalise_dialect(["ضهري بيوجعني"], ["EGY"], refused)["text"].to_pylist() == ["ضهري يؤلمني"]


def test_a_refused_rule_that_is_none_is_one_sentence() -> None:
    check_refused(["noun ضهر"])
    with pytest.raises(TibyanError, match="refused: noun ضهرر: no rule"):
        check_refused(["noun ضهرر"])


def sentences() -> list[tuple[str, str]]:
    with SENTENCES.open(encoding="utf-8") as file:
        return [(row["dialect"], row["text"]) for row in csv.DictReader(file) if row["dialect"] in SPOKEN]


def test_in_written_sentences_the_check_never_fails_and_every_change_can_be_taken_back() -> None:
    for dialect, text in sentences():
        normalised, changes, failed = checked(text, dialect)
        assert not failed
        assert reverted(normalised, changes) == text
        assert NUMBER.findall(normalised) == NUMBER.findall(text) and LATIN.findall(normalised) == LATIN.findall(text)


@pytest.mark.parametrize("dialect", SPOKEN)
def test_msa_taken_for_a_dialect_stays_nearly_as_it_is(dialect: str) -> None:
    with PLAIN.open(encoding="utf-8") as file:
        texts = [row["text"] for row in csv.DictReader(file)]
    changed = sum(len(WORD.findall(change.form)) for text in texts for change in to_msa(text, dialect)[1])
    assert changed <= MOST_CHANGED * sum(len(WORD.findall(text)) for text in texts)


def test_entries_are_as_the_engine_reads_them() -> None:
    for row in load("msa_words"):
        assert row["part_of_speech"] in PARTS_OF_SPEECH, row
        assert row["dialect"] in (*SPOKEN, "*"), row
        assert WORD.findall(row["form"]) == row["form"].split() and WORD.findall(row["msa"]) == row["msa"].split(), row
        condition(row["condition"])


@pytest.mark.parametrize("dialect", SPOKEN)
def test_an_entry_denies_where_its_form_does(dialect: str) -> None:
    assert [entry for entry in entries(dialect) if not denies_alike(" ".join(entry.words), entry.msa)] == []


@pytest.mark.parametrize("wrong", ["before", "first:كل", "beside:كل"])
def test_a_condition_that_cannot_be_read_is_an_error(wrong: str) -> None:
    with pytest.raises(ValueError, match="condition"):
        condition(wrong)


CONDITIONS = [
    ("before:يوم|شهر*", "كل يوم", True),
    ("before:يوم|شهر*", "كل شهرين", True),
    ("before:يوم|شهر*", "كل", False),
    ("not_before:يوم", "كل", True),
    ("after:كل", "كل", False),
    ("first;not_before:يوم", "كل يوم", False),
    ("last", "كل", True),
]


@pytest.mark.parametrize(("written", "words", "holds"), CONDITIONS)
def test_conditions_look_at_the_neighbours_of_the_first_word(written: str, words: str, holds: bool) -> None:
    assert condition(written)(words.split(), 0, 1) is holds


FORMS = st.sampled_from(sorted({row["form"] for row in load("msa_words")}))
ANY = st.one_of(FORMS, st.sampled_from(["٣", "500 ملغ", "3.5", "1/2", "mg", "Augmentin", "،", "وجع"]), st.text(PLAIN_LETTERS, max_size=6))


@settings(max_examples=200, deadline=None)
@given(st.lists(ANY, max_size=10).map(" ".join), st.sampled_from(SPOKEN))
def test_whatever_the_words_numbers_stay_and_changes_can_be_taken_back(text: str, dialect: str) -> None:
    normalised, changes, _ = checked(text, dialect)
    assert [c for c in normalised if c.isdigit()] == [c for c in text if c.isdigit()]
    assert LATIN.findall(normalised) == LATIN.findall(text)
    assert reverted(normalised, changes) == text


@settings(max_examples=200, deadline=None)
@given(st.lists(FORMS, min_size=1, max_size=6).map(" ".join), st.sampled_from(SPOKEN))
def test_spellings_of_hamza_are_one(text: str, dialect: str) -> None:
    """What is written with another hamza, ه for ة or ي for ى becomes the same MSA."""
    assert folded(to_msa(text, dialect)[0]) == folded(to_msa(folded(text), dialect)[0])
