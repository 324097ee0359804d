"""quality: the scores that selection goes by."""

from curation.params import Params
from curation.schema import SCORES
from validators import conditions as sql
from validators.checks import CRITICAL, Check, Suite, expect, required, table_checks
from validators.conditions import holds


def suite(params: Params) -> Suite:
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
            *required(
                {
                    **dict.fromkeys(of_question, "every question is scored"),
                    "question_letters": "selection goes by it",
                    "quality_scorer": "a score without its scorer cannot be compared",
                }
            ),
            Check(
                "one_scorer",
                CRITICAL,
                expect("ColumnUniqueValueCountToBeBetween", column="quality_scorer", max_value=1),
                "scores of two scorers cannot be compared",
                "`dvc repro --force quality`.",
            ),
            Check("answer_scores_where_answered", CRITICAL, holds(f"NOT answered OR ({there})"), "every answer is scored"),
            Check(
                "letters_in_range",
                CRITICAL,
                holds("question_letters >= 0 AND coalesce(answer_letters, 0) >= 0"),
                "they are counts",
            ),
            Check("scores_in_range", CRITICAL, holds(scores), "scores and shares lie in [0, 1]"),
        ),
        """SELECT q.*, coalesce(answer, '') <> '' AS answered
            FROM quality AS q JOIN cleaned AS c ON q.record_id IS NOT DISTINCT FROM c.record_id""",
        files=("quality",),
    )
