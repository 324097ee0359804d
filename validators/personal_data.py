"""That no personal data is left: patterns of a second opinion in SQL on every hand-over, the whole leak scanner on what is published.

The patterns and what they are for stand in curation/privacy/opinions.py.
"""

import pyarrow as pa

from curation.engine import Session
from curation.privacy.audit import audit_columns
from curation.privacy.opinions import NO_PHONE, PERSONAL_DATA
from curation.text.compiler import literal
from validators.checks import CRITICAL, WARNING, Check

PUBLISHED = ("question", "answer", "question_msa")
LEAKS = "leaks"  # the table of what the scanner found, beside the hand-overs
MEND = "Add the case to curation/privacy/patterns.py or identifiers.py, a name to cues.py; then `dvc repro`: `ingest` redacts."
MAY_BE_A_NAME = "`tibyan explain` of one of them shows the words; where it is a name, add its cue to curation/privacy/cues.py."
SUSPECTS = "suspects"  # the few texts that any pattern, or what is taken out before one, matches: one look instead of one for each kind
CHECKED = {
    "question_raw": "records",
    "answer_raw": "records",
    "question": "cleaned",
    "answer": "cleaned",
    "question_msa": "dialect",
    "answer_msa": "dialect",
}


def no_personal_data(*columns: str) -> tuple[Check, ...]:
    """One critical check for each kind of personal data and column of CHECKED. Null passes: nothing is in it."""
    return tuple(
        Check(f"{column}_has_no_{kind}", CRITICAL, _rows_with(kind, column), f"somebody's {kind} may be left in {column}", MEND)
        for column in columns
        for kind in PERSONAL_DATA
    )


def no_leaks() -> tuple[Check, ...]:
    """What `tibyan audit-privacy` finds in the texts to be published. A name alone warns: cleaning can make a word look like one."""
    return tuple(
        check
        for column in PUBLISHED
        for check in (
            Check(f"{column}_has_no_leak", CRITICAL, _found(column, "<>"), f"the leak scanner finds personal data in {column}", MEND),
            Check(
                f"{column}_has_no_name",
                WARNING,
                _found(column, "="),
                f"the leak scanner finds what may be a name in {column}",
                MAY_BE_A_NAME,
            ),
        )
    )


def leaks(session: Session) -> pa.Table:
    """What `no_leaks` asks: `record_id, text, kind` of what the scanner finds in `selected`."""
    return audit_columns(session.read("selected"), PUBLISHED)


def suspects() -> str:
    """The table that `no_personal_data` asks: `record_id, side, text`."""
    look = literal("|".join(f"(?:{pattern})" for pattern in (*PERSONAL_DATA.values(), NO_PHONE)))
    return " UNION ALL ".join(
        f"SELECT record_id, '{column}' AS side, {column} AS text FROM {hand_over} WHERE regexp_matches({column}, {look})"
        for column, hand_over in CHECKED.items()
    )


def _rows_with(kind: str, column: str) -> str:
    text = f"regexp_replace(text, {literal(NO_PHONE)}, ' ', 'g')" if kind == "phone" else "text"
    rows = f"SELECT record_id FROM {{batch}} JOIN {SUSPECTS} USING (record_id) WHERE side = '{column}' AND "
    return rows + f"regexp_matches({text}, {literal(PERSONAL_DATA[kind])})"


def _found(column: str, is_name: str) -> str:
    return f"SELECT record_id FROM {{batch}} JOIN {LEAKS} USING (record_id) WHERE text = '{column}' AND kind {is_name} 'NAME'"
