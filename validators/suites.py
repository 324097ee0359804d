"""The suites: what has to be true of each hand-over, as rows to read and to change.

Thresholds stand in params.yaml, section `validate`; what the names of conditions mean, in conditions.py. A check is an
expectation (`expect`, `not_null`, `one_of`), a condition of every row (`holds`), or SQL for the rows at fault.
"""

from collections.abc import Sequence

from curation.params import CleanParams, Params
from curation.schema import DIALECT_LABELS, DIALECTS, MIXED, SCORES, SEVERITIES, SPLITS, UNKNOWN
from curation.selection import bound
from curation.text.compiler import applied_sql, may_change
from curation.text.letters import at_least, at_most, letters
from curation.text.rule import Rule
from curation.text.rules import text_rules
from validators import conditions as sql
from validators.checks import CRITICAL, INFO, WARNING, Check, Suite, expect, not_null, one_of, table_checks
from validators.conditions import holds, in_one_split, one_row_in
from validators.contamination import no_overlap
from validators.personal_data import no_leaks, no_personal_data

HAND_OVERS = ("records", "cleaned", "quality", "dialect", "severity", "duplicates", "selection", "selected", "split")
TAGGED = ("cleaned", "quality", "dialect", "severity", "duplicates", "selection")  # one row a record in each
P_DIALECT = [f"p_{name.lower()}" for name in DIALECTS]
P_SEVERITY = [f"p_{name}" for name in SEVERITIES]

REJECTS_WITHOUT_REASON = """SELECT record_id FROM {batch} JOIN selection USING (record_id)
    WHERE (kept = (reject_reason IS NULL)) IS NOT TRUE"""
COUNTS_APART = """SELECT 'counts' AS wrong WHERE (SELECT count(*) FROM {batch})
    <> (SELECT count(*) FROM selected) + (SELECT count(*) FROM selection WHERE reject_reason IS NOT NULL)"""
TEXTS_CHANGED = """SELECT s.record_id FROM {batch} AS s
    JOIN records AS r USING (record_id) JOIN cleaned AS c USING (record_id) JOIN dialect AS d USING (record_id)
    WHERE (s.question, s.answer, s.question_msa) IS DISTINCT FROM (c.question, c.answer, d.question_msa)"""
QUESTION_IS_ANSWER = "SELECT record_id FROM {batch} WHERE question = answer"
SPLITS_WITHOUT_A_CLASS = "SELECT split FROM {batch} GROUP BY split HAVING count(DISTINCT severity) < 3"


def suites(params: Params) -> tuple[Suite, ...]:
    """Every suite under these parameters, in the order of the pipeline."""
    return (records(), cleaned(params.clean), quality(), scored(), selected(params), split(params))


def records() -> Suite:
    """The redacted records, and that every later hand-over has each of them."""
    return Suite(
        "records",
        "SELECT * FROM records",
        "Personal data: add the case to curation/privacy/patterns.py. Rows missing: `dvc repro --force`.",
        (
            *table_checks(min_rows=1),
            Check("question_raw_not_null", CRITICAL, not_null("question_raw"), "a record is a question"),
            Check("source_not_null", CRITICAL, not_null("source"), "a record without source has no licence"),
            *no_personal_data("question_raw", "answer_raw"),
            *(Check(f"one_row_in_{n}", CRITICAL, one_row_in(n), "nothing vanishes, nothing doubles") for n in TAGGED),
            Check("rejects_have_reasons", CRITICAL, REJECTS_WITHOUT_REASON, "what is dropped says why"),
            Check("counts_add_up", CRITICAL, COUNTS_APART, "records = kept + rejected"),
        ),
    )


NUMBER = r"\p{Nd}|&"  # a digit, or what may be the entity of one
UNSEEN = ("control", "private", "invisible", "presentation_forms", "nfc")


def cleaned(params: CleanParams) -> Suite:
    """The light text beside the raw one."""
    rules = text_rules(params)
    # Digits inside an HTML tag or entity are no numbers, and invisible marks do not end one.
    unseen = [rule for rule in rules if rule.name in UNSEEN or rule.name.startswith(("mojibake", "html"))]
    dose = "a dose, a lab value or a date changed in cleaning"
    return Suite(
        "cleaned",
        "SELECT * FROM (SELECT * EXCLUDE (arabic_share) FROM cleaned) JOIN facts_cleaned USING (record_id)",
        "Mend the rule in curation/text.",
        (
            *table_checks(min_rows=1),
            Check("question_not_null", CRITICAL, not_null("question"), "cleaning makes no null"),
            Check("language_not_null", CRITICAL, not_null("language"), "selection goes by it"),
            Check("arabic_share_in_range", CRITICAL, holds(sql.in_range(["arabic_share"])), "it is a share"),
            Check("question_numbers_kept", CRITICAL, holds("question_numbers_kept"), dose),
            Check("answer_numbers_kept", CRITICAL, holds("answer_numbers_kept"), dose),
            Check("question_clean_twice", WARNING, holds("same_again"), "cleaning again changes the text"),
            *no_personal_data("question", "answer"),
        ),
        f"""WITH again AS ({_changed(rules)}),
            questions AS ({_numbers("question", unseen)}), answers AS ({_numbers("answer", unseen)})
            SELECT record_id, arabic_share, c.question IS NOT NULL AND {sql.numbers_kept("q")} AS question_numbers_kept,
                   c.answer IS NULL OR {sql.numbers_kept("a")} AS answer_numbers_kept,
                   c.question IS NOT NULL AND (again.record_id IS NULL OR again.question = c.question) AS same_again
            FROM cleaned AS c LEFT JOIN questions AS q USING (record_id) LEFT JOIN answers AS a USING (record_id)
            LEFT JOIN again USING (record_id)""",
    )


def _changed(rules: Sequence[Rule]) -> str:
    """SQL for `record_id, question` of the clean questions that the rules may change once more, after them."""
    return applied_sql(f"SELECT record_id, question FROM cleaned WHERE {may_change(rules, 'question')}", rules, "question")


def _numbers(side: str, unseen: Sequence[Rule]) -> str:
    """SQL for `record_id, before, after`, the numbers of a raw text once what nobody sees is gone, and of the clean one; and `raw`.

    Most rows are left out, which cheaper looks tell: they have no number, or the same ones in a raw text in which nothing is unseen.
    """
    raw = f"{side}_raw"
    # MATERIALIZED, so that DuckDB plans the looks and the rules apart: together they can outgrow any memory.
    in_doubt = f"""SELECT record_id, {raw} AS raw, {raw} AS seen, {side} AS clean FROM records JOIN cleaned USING (record_id)
        WHERE (regexp_matches({raw}, '{NUMBER}') OR ({raw} IS DISTINCT FROM {side} AND regexp_matches({side}, '{NUMBER}')))
        AND ({may_change(unseen, raw)} OR ({raw} IS DISTINCT FROM {side} AND {sql.numbers(raw)} IS DISTINCT FROM {sql.numbers(side)}))"""
    return f"""WITH in_doubt AS MATERIALIZED ({in_doubt})
        SELECT record_id, raw, {sql.numbers("seen")} AS before, {sql.numbers("clean")} AS after
        FROM ({applied_sql("FROM in_doubt", unseen, "seen")})"""


def quality() -> Suite:
    """The scores that selection goes by."""
    of_question = [name for name in SCORES if name.startswith("question")]
    of_answer = [name for name in SCORES if name.startswith("answer")]
    scores = sql.in_range([f"coalesce({name}, 0)" for name in (*SCORES, "answer_arabic_share")])
    there = " AND ".join(f"{name} IS NOT NULL" for name in (*of_answer, "answer_letters", "answer_arabic_share"))
    return Suite(
        "quality",
        "FROM facts_quality",
        "Look at quality_evidence of these records; the scores stand in curation/quality.",
        (
            *table_checks(min_rows=1),
            *(Check(f"{name}_not_null", CRITICAL, not_null(name), "every question is scored") for name in of_question),
            Check("quality_scorer_not_null", CRITICAL, not_null("quality_scorer"), "a score without its scorer cannot be compared"),
            Check("answer_scores_where_answered", CRITICAL, holds(f"NOT answered OR ({there})"), "every answer is scored"),
            Check("scores_in_range", CRITICAL, holds(scores), "scores and shares lie in [0, 1]"),
        ),
        "SELECT q.*, coalesce(answer, '') <> '' AS answered FROM quality AS q JOIN cleaned USING (record_id)",
    )


def scored() -> Suite:
    """Dialect and severity."""
    dialect_label = f"dialect IS NULL OR dialect IN ('{MIXED}', '{UNKNOWN}') OR {sql.most_probable('dialect', DIALECTS)}"
    severity_label = sql.most_probable("severity", SEVERITIES)
    no_arabic = f"(language NOT IN ('ar', 'arabizi') AND coalesce(dialect, {', '.join(f'{p}::VARCHAR' for p in P_DIALECT)}) IS NULL)"
    return Suite(
        "scored",
        "FROM facts_scored",
        "Look at dialect_evidence and severity_evidence of these records: they say which words made the score.",
        (
            *table_checks(min_rows=1),
            Check(
                "dialect_vocabulary",
                CRITICAL,
                one_of("dialect", DIALECT_LABELS),
                "a dialect that no reader of the card knows",
            ),
            Check(
                "dialect_p_in_range",
                CRITICAL,
                holds(f"{no_arabic} OR {sql.in_range(P_DIALECT)}"),
                "probabilities lie in [0, 1]",
            ),
            Check(
                "dialect_p_sum",
                CRITICAL,
                holds(f"{no_arabic} OR {sql.sums_to_one(P_DIALECT)}"),
                "probabilities sum to 1",
            ),
            Check("dialect_most_probable", CRITICAL, holds(dialect_label), "the label is the most probable dialect"),
            Check("severity_not_null", CRITICAL, not_null("severity"), "every question has a severity"),
            Check("severity_vocabulary", CRITICAL, one_of("severity", SEVERITIES), "three classes, no other"),
            Check("severity_p_in_range", CRITICAL, holds(sql.in_range(P_SEVERITY)), "the loss weights by them"),
            Check("severity_p_sum", CRITICAL, holds(sql.sums_to_one(P_SEVERITY)), "the loss weights by them"),
            Check("severity_most_probable", CRITICAL, holds(severity_label), "the label is the most probable severity"),
            *no_personal_data("question_msa"),
        ),
        """SELECT d.* EXCLUDE (question_msa, msa_changes), s.* EXCLUDE (record_id), language
            FROM dialect AS d JOIN severity AS s USING (record_id) JOIN cleaned USING (record_id)""",
    )


def selected(params: Params) -> Suite:
    """What is published."""
    limits = params.validate_
    least, most, least_answer = (bound(params.select, f"{name}_letters") for name in ("min_question", "max_question", "min_answer"))
    length = f"{at_least('question', least)} AND {at_most('question', most)}"
    arabic = f"language <> 'ar' OR arabic_share >= {bound(params.select, 'min_arabic_share')}"
    max_share = limits.max_share_of_one_severity
    shares = {n: expect("ColumnMeanToBeBetween", column=f"is_{n}", max_value=max_share) for n in SEVERITIES}
    dialects = expect("ColumnUniqueValueCountToBeBetween", column="dialect", min_value=limits.min_dialects)
    known = expect("ColumnMeanToBeBetween", column="has_dialect", min_value=0.5)
    answer_length = at_least("answer", least_answer)
    if not params.select.require_answer:
        answer_length += " OR answer IS NULL"
    answered = Check("answer_not_null", CRITICAL, not_null("answer"), "select.require_answer asks for one")
    return Suite(
        "selected",
        f"""SELECT *, {letters("question")} AS question_length, {letters("answer")} AS answer_length,
            (dialect IN {DIALECTS})::INTEGER AS has_dialect, {sql.flags("severity", SEVERITIES)} FROM selected""",
        "Compare `select` and `validate` in params.yaml; reports/metrics/select.json says what was dropped and why.",
        (
            *table_checks(limits.min_rows),
            Check("kept_is_selected", CRITICAL, one_row_in("(FROM selection WHERE kept)"), "selection says otherwise"),
            Check("texts_unchanged", CRITICAL, TEXTS_CHANGED, "what was checked before selection has to hold after it"),
            Check("question_length", CRITICAL, holds(length), "no greetings, no leaflets"),
            *((answered,) if params.select.require_answer else ()),
            Check("answer_length", CRITICAL, holds(answer_length), "it says too little"),
            Check("arabic_share", CRITICAL, holds(arabic), "the dataset is Arabic"),
            Check("question_is_not_answer", WARNING, QUESTION_IS_ANSWER, "a question pasted back teaches nothing"),
            *(Check(f"share_of_{n}", WARNING, share, "one class drowns the others") for n, share in shares.items()),
            *no_leaks(),
            Check("dialects", WARNING, dialects, "patients write in more than one"),
            Check("share_with_dialect", INFO, known, "where most are unknown the dialect column says little"),
        ),
    )


def split(params: Params) -> Suite:
    """Train, validation and test."""
    least = params.validate_.min_rows_per_split
    sizes = {name: expect("ColumnSumToBeBetween", column=f"is_{name}", min_value=least) for name in SPLITS}
    leak = "the same in train and test makes every score too good"
    return Suite(
        "split",
        f"""SELECT record_id, split, cluster_id, question_key, severity, {sql.flags("split", SPLITS)}
            FROM split LEFT JOIN selected USING (record_id)""",
        "Too few rows: add data or change `split` in params.yaml. A leak: compare `split` with `validate` there.",
        (
            *table_checks(min_rows=1),
            Check("one_row_in_selected", CRITICAL, one_row_in("selected"), "each selected record has one split"),
            Check("split_not_null", CRITICAL, not_null("split"), "a record outside every split is lost"),
            Check("split_vocabulary", CRITICAL, one_of("split", SPLITS), "three splits, no other"),
            Check("cluster_id_not_null", CRITICAL, not_null("cluster_id"), "leaks are found by it"),
            Check("cluster_in_one_split", CRITICAL, in_one_split("cluster_id"), leak),
            Check("question_in_one_split", CRITICAL, in_one_split("question_key"), leak),
            *no_overlap(),
            *(Check(f"rows_of_{name}", CRITICAL, size, "too few to train or to score on") for name, size in sizes.items()),
            Check("severities_in_splits", WARNING, SPLITS_WITHOUT_A_CLASS, "a class that is missing cannot be scored"),
        ),
    )
