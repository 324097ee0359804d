"""The leak scanner over columns of a table: as `redact_text` for each text, only faster."""

import duckdb
import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from curation.privacy.audit import audit_columns
from curation.privacy.opinions import suspected
from curation.privacy.pieces import LONG
from curation.privacy.redaction import redact_text
from tests.curation.test_clues import TEXTS

PHONE = "رقمي 01012345678"


@settings(max_examples=500, deadline=None)
@given(st.lists(st.one_of(TEXTS, st.text(max_size=60)), max_size=12), st.booleans())
@example([], True)
@example(["", " \n", PHONE, ""], True)
@example(["اسمي\x1cسلوى الغامدي", "اسمي\u00a0سلوى الغامدي", "fb\u3000? نور", "http: //نور", "www .نور"], True)
def test_nothing_is_passed_over(texts: list[str], names: bool) -> None:
    suspects = suspected(pa.array(texts, pa.large_string()), names)
    assert not [text for text, suspect in zip(texts, suspects, strict=True) if not suspect and redact_text(text, names)[1]]


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
