"""selected: what is published, and that what is not says why."""

from curation.params import Params
from curation.schema import DIALECTS, SEVERITIES
from curation.selection import bound, reject_reason, thresholds
from curation.text.letters import at_least, at_most
from validators import conditions as sql
from validators.checks import CRITICAL, INFO, WARNING, Check, Suite, expect, required, table_checks
from validators.conditions import counted_as, holds, median_of, one_row_in
from validators.personal_data import no_leaks

REJECTS_WITHOUT_REASON = "SELECT record_id FROM selection WHERE (kept = (reject_reason IS NULL)) IS NOT TRUE"
# By hashes: joins over texts are slow.
TEXTS_CHANGED = """SELECT record_id
    FROM (SELECT record_id, hash(question, answer) AS light, hash(question_msa, answer_msa) AS msa FROM {batch}) AS ours
    JOIN (SELECT record_id, hash(question, answer) AS light FROM cleaned) AS c USING (record_id)
    JOIN (SELECT record_id, hash(question_msa, answer_msa) AS msa FROM dialect) AS d USING (record_id)
    WHERE ours.light <> c.light OR ours.msa <> d.msa"""
TAGS_CHANGED = """SELECT s.record_id FROM {batch} AS s JOIN dialect AS d USING (record_id) JOIN severity AS v USING (record_id)
    JOIN duplicates AS u USING (record_id) WHERE (s.dialect, s.severity, s.p_critical, s.cluster_id, s.answer_cluster_id)
    IS DISTINCT FROM (d.dialect, v.severity, v.p_critical, u.cluster_id, u.answer_cluster_id)"""
QUESTION_IS_ANSWER = "SELECT record_id FROM {batch} WHERE question = answer"


def suite(params: Params) -> Suite:
    return Suite(
        "selected",
        f"""SELECT *, (dialect IN {DIALECTS})::INTEGER AS has_dialect, {sql.flags("severity", SEVERITIES)},
            {sql.flags("dialect", DIALECTS)} FROM selected""",
        "Compare `select` and `validate` in params.yaml; reports/metrics/select.json says what was dropped and why.",
        (*table_checks(params.validate_.min_rows), *_decisions(params), *_texts(params), *_balance(params), *no_leaks()),
        files=("selected", "selection"),
    )


def _decisions(params: Params) -> tuple[Check, ...]:
    """That rows are those that were to stay, as they were."""
    reasons = tuple(t.reason for t in thresholds(params.select))
    unknown = f"SELECT record_id FROM selection WHERE reject_reason NOT IN {reasons}"
    counts = {
        "read": "SELECT count(*) FROM records",
        "kept": "SELECT count(*) FROM selected",
        "rejected": "SELECT count(*) FROM selection WHERE reject_reason IS NOT NULL",
    }
    stale = "`dvc repro --force select`."
    repeated = f"select.drop_duplicates: {params.select.drop_duplicates} leaves one of each"
    return (
        Check("rejects_have_reasons", CRITICAL, REJECTS_WITHOUT_REASON, "what is dropped says why", stale),
        Check("reject_reason_vocabulary", CRITICAL, unknown, "a reason that `select` does not have", stale),
        Check("counts_add_up", CRITICAL, f"{_apart()} UNION ALL {counted_as('select', counts)}", "records = kept + rejected", stale),
        Check("kept_is_selected", CRITICAL, one_row_in("(FROM selection WHERE kept)"), "selection says otherwise", stale),
        Check("texts_unchanged", CRITICAL, TEXTS_CHANGED, "what was checked before selection has to hold after it", stale),
        Check("tags_unchanged", CRITICAL, TAGS_CHANGED, "what was checked before selection has to hold after it", stale),
        Check("thresholds_hold", CRITICAL, f"SELECT record_id FROM {{batch}} WHERE {reject_reason(params.select)} IS NOT NULL", repeated),
    )


def _apart() -> str:
    return """SELECT 'kept' AS place, (SELECT count(*) FROM selected) AS observed WHERE (SELECT count(*) FROM records)
        <> (SELECT count(*) FROM selected) + (SELECT count(*) FROM selection WHERE reject_reason IS NOT NULL)"""


def _texts(params: Params) -> tuple[Check, ...]:
    """Length by dialect, and the share of Arabic."""
    limits, chosen = params.validate_, params.select
    least, most, least_answer = (bound(chosen, f"{name}_letters") for name in ("min_question", "max_question", "min_answer"))
    length = f"{at_least('question', least)} AND {at_most('question', most)}"
    answer_length = at_least("answer", least_answer) + ("" if chosen.require_answer else " OR answer IS NULL")
    arabic = f"language <> 'ar' OR arabic_share >= {bound(chosen, 'min_arabic_share')}"
    answer_arabic = f"language <> 'ar' OR answer IS NULL OR answer_arabic_share >= {bound(chosen, 'min_answer_arabic_share')}"
    return (
        *(required({"answer": "select.require_answer asks for one"}) if chosen.require_answer else ()),
        *required({"question": "a record is a question"}),
        Check("question_length", CRITICAL, holds(length), "no greetings, no leaflets"),
        Check("answer_length", CRITICAL, holds(answer_length), "it says too little"),
        Check("arabic_share", CRITICAL, holds(arabic), "the dataset is Arabic"),
        Check("answer_arabic_share", CRITICAL, holds(answer_arabic), "the dataset is Arabic"),
        Check("question_is_not_answer", WARNING, QUESTION_IS_ANSWER, "a question pasted back teaches nothing"),
        *(
            Check(
                f"median_{side}_letters",
                WARNING,
                median_of(f"{side}_letters", getattr(limits.median_letters, side), "dialect", limits.min_rows_of_dialect),
                "a dialect's texts are much shorter or longer than people write: another kind of text is among them",
                "Look at the sources of that dialect in the report, and at `select.by_dialect`.",
            )
            for side in ("question", "answer")
        ),
    )


def _balance(params: Params) -> tuple[Check, ...]:
    """Shares of the classes."""
    limits = params.validate_
    shares = {"severity": (SEVERITIES, limits.max_share_of_one_severity), "dialect": (DIALECTS, limits.max_share_of_one_dialect)}
    drowns = "one class drowns the others"
    few = "too few to learn or score the class by"
    more = "Add data where it is missing; `validate` in params.yaml has the limits."
    return (
        *(
            Check(f"share_of_{n}", WARNING, expect("ColumnMeanToBeBetween", column=f"is_{n}", max_value=most), drowns, more)
            for names, most in shares.values()
            for n in names
        ),
        *(
            Check(f"enough_{n}", WARNING, expect("ColumnMeanToBeBetween", column=f"is_{n}", min_value=least), few, more)
            for least in [limits.min_share_of_one_severity]
            for n in SEVERITIES
        ),
        Check(
            "dialects",
            WARNING,
            expect("ColumnUniqueValueCountToBeBetween", column="dialect", min_value=limits.min_dialects),
            "patients write in more than one",
        ),
        Check(
            "share_with_dialect",
            INFO,
            expect("ColumnMeanToBeBetween", column="has_dialect", min_value=0.5),
            "where most are unknown the dialect column says little",
        ),
    )
