r"""What may be personal data left behind: a second opinion on the redactor, in DuckDB's regular expressions.

Not the redactor's own patterns: RE2 has no look-around, and the point is to see what those miss. RE2's \d is ASCII, so
\p{Nd} stands for the digits of every script. What looks alike and is none has to pass: doses, dates, decimals of any
length, and sentences that run together without a blank ("ta3bana.ma 3raft").
"""

from curation.text.compiler import literal
from validators.checks import CRITICAL, Check

BEFORE = r"(?:^|[^\p{Nd}.,٫/])"  # no number goes on here
GAP = r"[ .()-]{0,3}"
YEAR = r"(?:19|20|١٩|٢٠)\p{Nd}{2}"
DATE = rf"{YEAR}[-/.]\p{{Nd}}{{1,2}}[-/.]\p{{Nd}}{{1,2}}|\p{{Nd}}{{1,2}}[-/.]\p{{Nd}}{{1,2}}[-/.]{YEAR}"

PERSONAL_DATA = {
    "email": r"(?i)[a-z0-9._%+-]+\s?@\s?[a-z0-9-]+\.[a-z]{2,}",
    "link": r"(?i)https?://|www\.[a-z0-9]|(?:^|[^\p{L}\p{N}_@.-])(?:[a-z0-9-]+\.)+(?:com|net|org|edu|gov)(?:$|[^a-z0-9])"
    r"|(?:^|[^a-z0-9])(?:wa\.me|t\.me|m\.me|fb\.me|bit\.ly|goo\.gl|youtu\.be)/",
    "handle": r"(?:^|[^\p{L}\p{N}_])@[\p{L}\p{N}_.]{2,}",
    # nine digits in a run; eight to fifteen after + or 00; eight to twelve from a leading zero on, gaps allowed
    "phone": rf"{BEFORE}\p{{Nd}}{{9}}|(?:\+|{BEFORE}[0٠۰]{{2}})(?:{GAP}\p{{Nd}}){{8,15}}(?:$|\P{{Nd}})"
    rf"|{BEFORE}[0٠۰][1-9١-٩۱-۹](?:{GAP}\p{{Nd}}){{6,10}}(?:$|\P{{Nd}})",
}


def no_personal_data(*columns: str) -> tuple[Check, ...]:
    """One critical check for each kind of personal data and column. Null passes: nothing is in it."""
    return tuple(
        Check(f"{column}_has_no_{kind}", CRITICAL, _rows_with(kind, column), f"somebody's {kind} may be left in {column}")
        for column in columns
        for kind in PERSONAL_DATA
    )


def _rows_with(kind: str, column: str) -> str:
    text = f"regexp_replace({column}, {literal(DATE)}, ' ', 'g')" if kind == "phone" else column
    return f"SELECT record_id FROM {{batch}} WHERE regexp_matches({text}, {literal(PERSONAL_DATA[kind])})"
