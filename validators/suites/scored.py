"""scored: dialect and severity, and the question in MSA."""

from curation.lexicons import load
from curation.params import Params
from curation.schema import DIALECT_LABELS, DIALECTS, MIXED, SEVERITIES, SPOKEN, UNKNOWN
from curation.softmax import level_of
from validators import conditions as sql
from validators.checks import CRITICAL, Check, Expect, Suite, expect, one_of, required, table_checks
from validators.conditions import holds
from validators.personal_data import no_personal_data

P_DIALECT = [f"p_{name.lower()}" for name in DIALECTS]
P_SEVERITY = [f"p_{name}" for name in SEVERITIES]
# Digits of Arabizi are letters, which the question in MSA has in Arabic.
MSA_NUMBERS = rf"""WITH in_msa AS (SELECT record_id, {sql.numbers("question_msa")} AS n FROM dialect WHERE dialect IN {SPOKEN}),
    asked AS (SELECT record_id, {sql.numbers("question")} AS n FROM cleaned
              WHERE language = 'ar' AND NOT regexp_matches(question, '[a-zA-Z]'))
    SELECT record_id FROM in_msa JOIN asked USING (record_id) WHERE in_msa.n <> asked.n"""

REFUSE = "Name the rule that did it in dialect.refused of params.yaml; {} of these records has it."
ANSWER_MSA_NUMBERS = rf"""WITH in_msa AS (SELECT record_id, {sql.numbers("answer_msa")} AS n FROM dialect WHERE answer_dialect IN {SPOKEN}),
    answered AS (SELECT record_id, {sql.numbers("answer")} AS n FROM cleaned WHERE NOT regexp_matches(answer, '[a-zA-Z]'))
    SELECT record_id FROM in_msa JOIN answered USING (record_id) WHERE in_msa.n <> answered.n"""


def suite(params: Params) -> Suite:
    label = f"dialect IS NULL OR dialect IN ('{MIXED}', '{UNKNOWN}') OR {sql.most_probable('dialect', DIALECTS)}"
    no_arabic = f"(language NOT IN ('ar', 'arabizi') AND coalesce(dialect, {', '.join(f'{p}::VARCHAR' for p in P_DIALECT)}) IS NULL)"
    varieties = tuple(sorted({row["variety"] for row in load("dialect_varieties")}))
    p_dialect, weighted = "probabilities lie in [0, 1] and sum to 1", "the loss weights by them"
    apart = "scores of two scorers cannot be compared"
    return Suite(
        "scored",
        "FROM facts_scored",
        "Look at dialect_evidence and severity_evidence of these records: they say which words made the score.",
        (
            *table_checks(min_rows=1),
            *required(
                {
                    "dialect_scorer": "a score without its scorer cannot be compared",
                    "severity_scorer": "a score without its scorer cannot be compared",
                    "severity": "every question has a severity",
                }
            ),
            *(
                Check(f"one_{what}_scorer", CRITICAL, _one(f"{what}_scorer"), apart, f"`dvc repro --force {what}`.")
                for what in ("dialect", "severity")
            ),
            Check("dialect_vocabulary", CRITICAL, one_of("dialect", DIALECT_LABELS), "a dialect that no reader of the card knows"),
            Check("dialect_variety_vocabulary", CRITICAL, one_of("dialect_variety", varieties), "a variety that no lexicon has"),
            Check("dialect_p_in_range", CRITICAL, holds(f"{no_arabic} OR {sql.in_range(P_DIALECT)}"), p_dialect),
            Check("dialect_p_sum", CRITICAL, holds(f"{no_arabic} OR {sql.sums_to_one(P_DIALECT)}"), p_dialect),
            Check("dialect_most_probable", CRITICAL, holds(label), "the label is the most probable dialect"),
            Check("severity_vocabulary", CRITICAL, one_of("severity", SEVERITIES), "three classes, no other"),
            Check("severity_p_in_range", CRITICAL, holds(sql.in_range(P_SEVERITY)), weighted),
            Check("severity_p_sum", CRITICAL, holds(sql.sums_to_one(P_SEVERITY)), weighted),
            Check(
                "severity_follows_p",
                CRITICAL,
                holds(f"severity = {level_of(params.severity.critical_from)}"),
                "the label is critical from severity.critical_from on, else the most probable",
            ),
            Check("question_msa_there", CRITICAL, holds("has_msa"), "where nothing is put into MSA it is the question itself"),
            Check(
                "question_msa_numbers_kept",
                CRITICAL,
                MSA_NUMBERS,
                "a dose, a lab value or a date changed on the way into MSA",
                REFUSE.format("msa_changes"),
            ),
            *no_personal_data("question_msa"),
            *(_answers_in_msa() if params.dialect.normalise_answers else ()),
        ),
        """SELECT d.* EXCLUDE (question_msa, msa_changes, answer_msa, answer_msa_changes), s.* EXCLUDE (record_id), language,
                question_msa IS NOT NULL AS has_msa, (answer_msa IS NULL) = (answer IS NULL) AS has_answer_msa
            FROM dialect AS d JOIN severity AS s ON d.record_id IS NOT DISTINCT FROM s.record_id
            JOIN cleaned AS c ON d.record_id IS NOT DISTINCT FROM c.record_id""",
        files=("dialect", "severity"),
    )


def _answers_in_msa() -> tuple[Check, ...]:
    """Of what dialect.normalise_answers writes."""
    changed = "a dose, a lab value or a date changed on the way into MSA"
    return (
        Check("answer_msa_there", CRITICAL, holds("has_answer_msa"), "where nothing is put into MSA it is the answer itself"),
        Check("answer_msa_numbers_kept", CRITICAL, ANSWER_MSA_NUMBERS, changed, REFUSE.format("answer_msa_changes")),
        *no_personal_data("answer_msa"),
    )


def _one(column: str) -> Expect:
    return expect("ColumnUniqueValueCountToBeBetween", column=column, max_value=1)
