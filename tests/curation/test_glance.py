"""A glance at many texts passes over none that the redactor would change."""

import duckdb
import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from curation.privacy.audit import audit_columns
from curation.privacy.glance import worth_redacting
from curation.privacy.pieces import LONG
from curation.privacy.redaction import redact_text
from tests.curation.test_clues import TEXTS
from tests.curation.test_privacy import GOES, STAYS

PHONE = "رقمي 01012345678"


def passed_over(texts: list[str], names: bool = True) -> list[str]:
    worth = worth_redacting(pa.array(texts, pa.large_string()), names)
    return [text for text, look in zip(texts, worth, strict=True) if not look and redact_text(text, names)[1]]


@settings(max_examples=500, deadline=None)
@given(st.lists(st.one_of(TEXTS, st.text(max_size=60)), max_size=12), st.booleans())
@example([], True)
@example(["", " \n", PHONE, ""], True)
@example(["اسمي\x1cسلوى الغامدي", "اسمي\u00a0سلوى الغامدي", "fb\u3000? نور", "http: //نور", "www .نور"], True)
def test_nothing_is_passed_over(texts: list[str], names: bool) -> None:
    assert not passed_over(texts, names)


def test_most_is_passed_over_that_stays_and_nothing_that_goes() -> None:
    goes = [text for text, *_ in GOES]
    assert not passed_over(goes + STAYS)
    assert worth_redacting(pa.array(goes, pa.large_string())).all()
    assert worth_redacting(pa.array(["عندي صداع من يومين وأخدت 500 مجم بنادول", "وجع في الركبة"], pa.large_string())).sum() == 0


def test_a_slice_is_seen_as_its_texts_are() -> None:
    texts = pa.array([PHONE, "صداع من يومين", " ", PHONE, "حرارة 39"], pa.large_string())
    assert worth_redacting(texts.slice(1)).tolist() == worth_redacting(texts).tolist()[1:] == [False, False, True, False]


def test_columns_name_each_record_and_column_even_where_another_holds_the_same_or_null() -> None:
    long = "صداع " * (LONG // 4) + PHONE
    rows = pa.table(
        {
            "record_id": ["1", "2", "3", "4", "5"],
            "question": [PHONE, None, "صداع", None, "صداع"],
            "answer": ["حرارة", None, None, None, long],
            "question_msa": [PHONE, PHONE, None, None, "صداع"],
        }
    )
    found = audit_columns(duckdb.from_arrow(rows), ("question", "answer", "question_msa"))
    assert [(row["record_id"], row["text"], row["kind"]) for row in found.to_pylist()] == [
        ("1", "question", "PHONE"),
        ("1", "question_msa", "PHONE"),
        ("2", "question_msa", "PHONE"),
        ("5", "answer", "PHONE"),
    ]
