"""ingested: the redacted records, and that every later hand-over has each of them."""

from curation.params import Params
from validators.checks import CRITICAL, WARNING, Check, Suite, required, table_checks
from validators.conditions import counted_as, holds, one_row_in
from validators.personal_data import no_personal_data

TAGGED = ("cleaned", "quality", "dialect", "severity", "duplicates", "selection")  # one row a record in each
REJECTS_WITHOUT_REASON = "SELECT source AS place, count(*) AS observed FROM rejects WHERE coalesce(reason, '') = '' GROUP BY source"


def suite(params: Params) -> Suite:
    first, last = params.validate_.asked_years
    return Suite(
        "ingested",
        "FROM records",
        "Look at the dump and its line in ingest.inputs of params.yaml. Rows missing: `dvc repro --force`.",
        (
            *table_checks(min_rows=1),
            *required({"question_raw": "a record is a question", "source": "a record without source has no licence"}),
            Check("question_raw_not_blank", CRITICAL, holds(r"regexp_matches(question_raw, '\S')"), "a record is a question"),
            Check(
                "answer_has_its_rule",
                CRITICAL,
                holds("(answer_raw IS NULL) = (answer_rule IS NULL)"),
                "an answer says why it was chosen, and nothing else does",
            ),
            Check(
                "asked_at_plausible",
                WARNING,
                holds(f"asked_at IS NULL OR year(asked_at) BETWEEN {first} AND {last}"),
                "a date outside validate.asked_years was read wrongly: 1970 is a count of seconds from nothing",
                "Name the right column in `columns` of that input, or null where the dump has no date.",
            ),
            *no_personal_data("question_raw", "answer_raw"),
            *(Check(f"one_row_in_{n}", CRITICAL, one_row_in(n), "nothing vanishes, nothing doubles") for n in TAGGED),
            Check("rejects_have_reasons", CRITICAL, REJECTS_WITHOUT_REASON, "what is left out at reading says why"),
            Check(
                "counts_add_up",
                CRITICAL,
                counted_as("ingest", {"records": "SELECT count(*) FROM records", "rejects": "SELECT count(*) FROM rejects"}),
                "the file holds what `ingest` counted",
            ),
        ),
        files=("records", "rejects"),
    )
