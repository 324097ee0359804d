"""Arabizi in Arabic letters and then in MSA: what changes, what is left alone, and that every change can be taken back and refused."""

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.api import DIALECT, normalise_dialect
from curation.dialect.arabizi.latin_words import is_measure, is_unit, kinds, tokens
from curation.dialect.arabizi.letters import by_letters, table
from curation.dialect.arabizi.lexicon import BY_LETTERS, lexicon, rules
from curation.dialect.arabizi.transliteration import transliterate
from curation.dialect.msa import LATIN, NUMBER, WORD, Change, applied, reverted
from curation.dialect.normalisation import check_refused, checked, composed, letters_kept
from curation.dialect.polarity import letters_deny_alike
from curation.engine import open_session
from curation.lexicons import load
from curation.params import load_params
from curation.schema import CLEANED, SPOKEN
from curation.stages import dialect

GOLD = Path("benchmarks/arabizi_words_gold.csv")
SENTENCES = Path("benchmarks/dialect_sentences.csv")
EXACT = 0.9  # of the words of the gold list
IN_LETTERS = [
    ("EGY", "3andy waga3 fe batny men embare7", "عندي وجع في بطني من امبارح", "digits for letters"),
    ("EGY", "el soda3 mesh rady yro7", "الصداع مش راضي يروح", "the article is written onto its word"),
    ("EGY", "w el doktora 2alet momken", "والدكتورة قالت ممكن", "و and the article, two words and one"),
    ("EGY", "bnty mabtakolsh w 3andaha sokhoneya", "بنتي مبتاكلش وعندها سخونية", "ma…sh is one word in Egypt"),
    ("EGY", "dawa el da3't", "دوا الضغط", "3' is غ"),
    ("EGY", "dawa el da'3t", "دوا الضغط", "and so is '3"),
    ("EGY", "esh-sha3r byo2a3 delwa2ty w er ras te2eel", "الشعر بيقع دلوقتي والراس تقيل", "an article that is said as its word begins"),
    ("EGY", "3amalt 3amaleyet el zayda embare7", "عملت عملية الزايدة امبارح", "ة before the article"),
    ("EGY", "keteeeeer awyyyy", "كتير اوي", "drawn out"),
    ("LEV", "shu ekhod lal sa3le bil leil", "شو اخد للسعلة بالليل", "prepositions with the article"),
    ("LEV", "ma 3am be2dar nem men el waja3", "ما عم بقدر نام من الوجع", "Levantine"),
    ("LEV", "raso byouja3o ktir", "راسه بيوجعو كتير", "pronouns behind a word"),
    ("GLF", "abi dwa 7ag el 7asasiya al7een", "ابي دوا حق الحساسية الحين", "Gulf"),
    ("GLF", "rasi y3awerni wayed", "راسي يعورني وايد", "Gulf"),
    ("IRQ", "rasi yoja3ni hwaya w maku dwa", "راسي يوجعني هواية وماكو دوا", "Iraqi"),
    ("IRQ", "shlonak doctor shgad akhith dwa", "شلونك دكتور شكد اخذ دوا", "a question word of Iraq tells the region"),
    ("MGR", "kerchi katdarni bezzaf w ma9dertch nakol", "كرشي كتضرني بزاف وماقدرتش ناكل", "French spelling: ch, ou"),
    ("MGR", "rani 3yana w rasi youja3ni", "راني عيانة وراسي يوجعني", "Algerian"),
    ("MGR", "lbare7 khdit dwa dyal l7sasiya", "البارح خديت دوا ديال الحساسية", "an article of one letter"),
    ("MGR", "ssokar tla3 lia", "السكر طلع ليا", "an article that is a doubled letter"),
]
LEFT_ALONE = [
    ("3andi waja3, khdit doliprane 500mg", "500mg doliprane", "a drug and its dose"),
    ("bakhod augmentin 1g w panadol extra 2x", "augmentin 1g panadol extra 2x", "drugs, doses, times"),
    ("7ararto 38.5 w da3'to 120/80", "38.5 120/80", "values"),
    ("el ta7leel b12 w vitamin d3 w d 11", "b12 vitamin d3", "vitamins"),
    ("3andy covid19 w bakhod omega3", "covid19 omega3", "codes"),
    ("TSH tele3 9.6 w hba1c 7.2", "TSH 9.6 hba1c 7.2", "laboratory values"),
    ("sokar 1.05 g/l 3la ri9", "1.05 g/l", "a unit with a stroke"),
    ("3tani el pediatre 5ml kol 8h", "pediatre 5ml 8h", "French and a dose"),
    ("rani f la cité w 3andi les règles", "la cité les règles", "French with its articles"),
    ("el doctor 2al normal w lazem operation", "normal operation", "English"),
    ("3andi mal de tête", "mal de tête", "a word of both lists between French ones"),
    ("dert écho w radio w prise de sang", "écho radio prise de sang", "French of medicine"),
    ("3andy hernia fe disc L5 w S1", "hernia disc L5 S1", "vertebrae"),
    ("#3andi_soda3 rasi wage3ny @7akim [PHONE]", "#3andi_soda3 @7akim [PHONE]", "hashtags, handles, placeholders"),
    ("wazni 80kg men 3days w b3d 2weeks", "80kg 3days 2weeks", "days and weeks"),
    ("men 3ayam w 5osboo3 w 2sa3at", "3ayam 2sa3at", "a number written onto its days"),
    ("ANA positive w ana ta3bana", "ANA positive", "a test in capitals is no I"),
    ("brufen 400 w cataflam 50 w ventoline", "brufen 400 cataflam 50 ventoline", "brands"),
]
INTO_MSA = [
    ("3andy soda3 men embare7", "عندي صداع منذ أمس", "EGY"),
    ("mesh 2ader anam men el waga3", "لا أستطيع أن أنام من الألم", "EGY"),
    ("mafeesh 7aml delwa2ty", "لا يوجد حمل الآن", "EGY"),
    ("dahri 3am youja3ni", "ظهري يؤلمني", "LEV"),
    ("shu el 3elaj", "ما العلاج", "LEV"),
    ("kerchi katdarni bezzaf", "بطني تؤلمني كثيرا", "MGR"),
    ("maku dwa w batni toja3ni hwaya", "لا يوجد دواء وبطني تؤلمني كثيرا", "IRQ"),
    ("batni y3awerni wayed al7een", "بطني يؤلمني كثيرا الآن", "GLF"),
]


@pytest.mark.parametrize(("region", "text", "expected", "why"), IN_LETTERS, ids=[text for _, text, *_ in IN_LETTERS])
def test_in_arabic_letters(region: str, text: str, expected: str, why: str) -> None:
    found = transliterate(text)
    assert (found.text, found.region) == (expected, region), why
    assert reverted(found.text, found.changes) == text


@pytest.mark.parametrize(("text", "left", "why"), LEFT_ALONE, ids=[why for *_, why in LEFT_ALONE])
def test_left_alone(text: str, left: str, why: str) -> None:
    after, changes, failed = checked(text, "arabizi")
    assert not failed and changes
    for word in left.split():
        assert word in after.replace("؟", " ").split() or word in after, why
    assert reverted(after, changes) == text


@pytest.mark.parametrize(("text", "expected", "region"), INTO_MSA, ids=[text for text, *_ in INTO_MSA])
def test_into_msa(text: str, expected: str, region: str) -> None:
    (row,) = normalise_dialect([text], ["arabizi"]).to_pylist()
    assert row["text"] == expected and transliterate(text).region == region
    changes = [Change(**change) for change in row["changes"]]
    assert applied(text, changes) == expected and reverted(expected, changes) == text
    for change in changes:
        assert text[change.start : change.end] == change.form


def test_both_passes_are_named_and_each_can_be_refused() -> None:
    text = "3andy waga3"
    (row,) = normalise_dialect([text], ["arabizi"]).to_pylist()
    assert row["text"] == "عندي ألم" and row["changes"][1]["rule"] == "arabizi_word waga3 + noun وجع"
    for refused, expected in (("noun وجع", "عندي وجع"), ("arabizi_word waga3", "عندي ألم")):
        params = DIALECT.model_copy(update={"refused": [refused]})
        assert normalise_dialect([text], ["arabizi"], params)["text"].to_pylist() == [expected], refused
    both = DIALECT.model_copy(update={"refused": ["arabizi_word waga3", BY_LETTERS]})
    assert normalise_dialect([text], ["arabizi"], both)["text"].to_pylist() == ["عندي waga3"]
    check_refused(["noun وجع", "arabizi_word waga3", BY_LETTERS])


def test_where_nothing_says_the_region_there_is_no_msa() -> None:
    assert transliterate("3andi 7arara").region is None
    assert checked("3andi 7arara", "arabizi")[0] == "عندي حرارة"


COMPOSED = [
    ("ab cd", [(0, 2, "x"), (3, 5, "yz")], [(0, 1, "q")], [(0, 2, "q"), (3, 5, "yz")], "one of the two changed again"),
    ("ab cd", [(0, 2, "x"), (3, 5, "yz")], [(0, 4, "q")], [(0, 5, "q")], "two words and the blank between become one"),
    ("ab cd", [(3, 5, "yz")], [(0, 2, "q")], [(0, 2, "q"), (3, 5, "yz")], "beside each other"),
    ("ab cd", [(0, 2, "x y")], [(2, 6, "q")], [(0, 5, "x q")], "one word that became two, the second changed with the next"),
    ("ab cd", [], [(3, 5, "q")], [(3, 5, "q")], "the second alone"),
]


@pytest.mark.parametrize(("text", "first", "second", "expected", "why"), COMPOSED, ids=[why for *_, why in COMPOSED])
def test_two_passes_are_one_list(
    text: str, first: list[tuple[int, int, str]], second: list[tuple[int, int, str]], expected: list[tuple[int, int, str]], why: str
) -> None:
    def changes(of: str, spans: list[tuple[int, int, str]], rule: str) -> list[Change]:
        return [Change(start, end, of[start:end], became, rule) for start, end, became in spans]

    one = changes(text, first, "1")
    between = applied(text, one)
    found = composed(text, one, changes(between, second, "2"))
    assert [(change.start, change.end, change.msa) for change in found] == expected, why
    assert applied(text, found) == applied(between, changes(between, second, "2"))


MEASURES = [
    ("500mg", "", True),
    ("2x", "", True),
    ("5mg", "0.", True),
    ("b12", "", True),
    ("h2o", "", True),
    ("3ayam", "", True),
    ("augmentin2", "", True),
    ("39al", "", True),
    ("3ala", "", False),
    ("sa77a", "", False),
    ("e23od", "", False),
    ("la2", "", False),
    ("batni", "", False),
]


@pytest.mark.parametrize(("word", "before", "expected"), MEASURES)
def test_digits_are_letters_or_numbers(word: str, before: str, expected: bool) -> None:
    assert is_measure(word, before) is expected


@pytest.mark.parametrize(
    ("word", "before", "behind", "expected"),
    [("l", "g/", "", True), ("g", "5 ", "/", True), ("w", "5 ", " ", False), ("l", "w ", " ", False)],
)
def test_short_words_are_units_behind_a_number(word: str, before: str, behind: str, expected: bool) -> None:
    assert is_unit(word, before, behind) is expected


DENY = [
    ("mabanamsh", "مبنامش", True),
    ("mabanamsh", "بنام", False),
    ("banam", "مبنامش", False),
    ("mesh", "مش", True),
    ("wala", "ولا", True),
    ("dawa", "مش", False),
    ("el-waga3", "الوجع", True),
]


@pytest.mark.parametrize(("form", "arabic", "alike"), DENY)
def test_negation_is_there_before_and_after(form: str, arabic: str, alike: bool) -> None:
    assert letters_deny_alike(form, arabic) is alike


def test_the_check_finds_what_must_not_be_touched() -> None:
    text = "khod 500mg 3ala [PHONE]"
    for start, end in ((5, 10), (16, 23)):
        assert not letters_kept(text, [Change(start, end, text[start:end], "س", BY_LETTERS)])
    assert not letters_kept("panadol", [Change(0, 7, "panadol", "بنادول", BY_LETTERS)])
    assert letters_kept(text, transliterate(text).changes)


def test_rows_are_as_the_engine_reads_them() -> None:
    for row in load("arabizi_words"):
        assert set(row["region"].split()) <= {"all", *SPOKEN} and row["tells"] in ("", "x"), row
        assert tokens(row["word"]) == [(0, len(row["word"]), row["word"])], row
        assert WORD.findall(row["arabic"]) == row["arabic"].split(), row
        assert letters_deny_alike(row["word"], row["arabic"]), row
    for row in load("arabizi_letters"):
        assert row["region"] in ("*", *SPOKEN) and row["where"] in ("", "first", "inner", "last") and int(row["cost"]) >= 0, row
    keys = [(row["word"], row["region"]) for row in load("arabizi_words")]
    assert len(set(keys)) == len(keys)
    assert all(word not in kinds() or kinds()[word] in ("english", "french") for word in lexicon())


def test_words_of_the_gold_list() -> None:
    with GOLD.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["word"] in lexicon()]
    assert sum(row["arabic"] in lexicon()[row["word"]].values() for row in rows) >= EXACT * len(rows)


def test_written_sentences_can_be_taken_back_and_keep_their_numbers() -> None:
    with SENTENCES.open(encoding="utf-8") as file:
        texts = [row["text"] for row in csv.DictReader(file) if row["dialect"] == "arabizi"]
    for text in texts:
        after, changes, failed = checked(text, "arabizi")
        assert not failed and changes and reverted(after, changes) == text


PIECES = st.one_of(
    st.sampled_from(sorted(lexicon())),
    st.sampled_from(
        ["500mg", "2x", "38.5", "120/80", "b12", "5 ml", "g/l", "[NAME]", "#7ob", "panadol", "ordonnance", "عندي", "؟", ",", "el"]
    ),
    st.text("aeiou235679'bdghklmnrstwyzéç-", min_size=1, max_size=8),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=12).map(" ".join))
def test_whatever_is_written_changes_can_be_taken_back(text: str) -> None:
    found = transliterate(text)
    assert reverted(found.text, found.changes) == text
    assert transliterate(text) == found
    after, changes, _ = checked(text, "arabizi")
    assert reverted(after, changes) == text and applied(text, changes) == after
    untouched = [c for c in text if c.isdigit() and not any(s.start <= text.index(c) < s.end for s in changes)]
    assert set(untouched) <= set(after)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.sampled_from(["3andi", "batny", "w", "el", "soda3", "500mg", "38.5", "2x", "b12", "10", "1/2", "3"]), max_size=10).map(
        " ".join
    )
)
def test_numbers_and_doses_survive(text: str) -> None:
    after, _, failed = checked(text, "arabizi")
    assert not failed
    typed = [word for word in text.split() if word == "b12" or (word[0].isdigit() and word != "3andi")]
    assert [word for word in after.split() if NUMBER.search(word)] == typed


@settings(max_examples=50, deadline=None)
@given(st.text("ابتثجحخدرسعقكلمنهويةى ؟،0123456789", max_size=30))
def test_arabic_letters_pass(text: str) -> None:
    assert transliterate(text) == (text, [], None)


@pytest.mark.parametrize("region", ["", *SPOKEN])
def test_every_letter_can_be_read_wherever_it_stands(region: str) -> None:
    for latin in table(region):
        for word in (f"{latin}b", f"b{latin}b", f"b{latin}"):
            assert by_letters(word, region) is not None, (region, word)


def test_rules_have_names_that_are_known() -> None:
    _, changes, _ = checked("ya doctor el soda3 fazee3 w mesh 3aref a3mel eh", "arabizi")
    named = {part for change in changes for part in change.rule.split(" + ") if part.startswith("arabizi")}
    assert named and named <= rules()
    assert LATIN.findall(transliterate("soda3").text) == []


def test_the_stage_writes_both_passes(project: Path) -> None:
    asked = "3andy waga3 f dahry men 3 ayam w bakhod voltaren 50mg"
    row = dict.fromkeys(CLEANED) | {"record_id": "1", "question": asked, "question_key": asked, "language": "arabizi"}
    with open_session(load_params().engine) as session:
        columns = ", ".join(f"{column} {kind}" for column, kind in CLEANED.items())
        session.con.execute(f"CREATE TEMP TABLE written ({columns})")
        session.con.execute(f"INSERT INTO written VALUES ({', '.join('?' * len(row))})", list(row.values()))
        session.write(session.con.table("written"), "cleaned", order_by="record_id")
        dialect.run(session, load_params())
        (found,) = session.read("dialect").to_arrow_table().to_pylist()
    assert found["dialect"] == "arabizi"
    assert found["question_msa"] == "عندي ألم في ظهري من 3 ايام وآخذ voltaren 50mg"
    assert reverted(found["question_msa"], [Change(**change) for change in found["msa_changes"]]) == asked
