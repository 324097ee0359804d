"""cleaned: the light text beside the raw one, all numbers in it, and nothing left to clean."""

from collections.abc import Sequence

from curation.params import Params
from curation.text.compiler import applied_sql, may_change
from curation.text.rule import Rule
from curation.text.rules import text_rules
from validators import conditions as sql
from validators.checks import CRITICAL, WARNING, Check, Suite, required, table_checks
from validators.conditions import holds
from validators.personal_data import no_personal_data

NUMBER = r"\p{Nd}|&"  # a digit, or what may be the entity of one
UNSEEN = ("control", "private", "invisible", "presentation_forms", "nfc")
METHODS = ("script", "arabizi_rule", "langdetect")
LANGUAGE = "language IN ('ar', 'arabizi', 'none') OR regexp_full_match(language, '[a-z]{2}(-[a-z]{2})?')"  # ISO 639-1, as langdetect has it
ANSWERS_MADE = """SELECT record_id FROM {batch} AS c JOIN records AS r USING (record_id)
    WHERE (c.answer IS NULL) <> (r.answer_raw IS NULL)"""
SIDES = ("question", "answer")


def suite(params: Params) -> Suite:
    rules = text_rules(params.clean)
    # Digits inside an HTML tag or entity are no numbers, and invisible marks do not end one.
    unseen = [rule for rule in rules if rule.name in UNSEEN or rule.name.startswith(("mojibake", "html"))]
    dose = "a dose, a lab value or a date changed in cleaning"
    again = "cleaning again changes the text: a rule works on what another leaves, and the same text typed clean would differ"
    return Suite(
        "cleaned",
        """SELECT c.* EXCLUDE (arabic_share), f.* EXCLUDE (record_id)
            FROM cleaned AS c JOIN facts_cleaned AS f ON c.record_id IS NOT DISTINCT FROM f.record_id""",
        "Mend the rule in curation/text; `tibyan explain` shows what each rule did to such a record.",
        (
            *table_checks(min_rows=1),
            *required({"question": "cleaning makes no null", "question_key": "duplicates go by it", "language": "selection goes by it"}),
            Check("language_vocabulary", CRITICAL, holds(LANGUAGE), "an ISO code, arabizi or none"),
            Check(
                "language_method_vocabulary",
                CRITICAL,
                holds(f"language_method IN {METHODS}"),
                "what told the language is told",
            ),
            Check("answers_kept", CRITICAL, ANSWERS_MADE, "cleaning makes no answer and takes none away"),
            Check("arabic_share_in_range", CRITICAL, holds(sql.in_range(["arabic_share"])), "it is a share"),
            *(Check(f"{side}_numbers_kept", CRITICAL, holds(f"{side}_numbers_kept"), dose) for side in SIDES),
            *(Check(f"{side}_clean_twice", WARNING, holds(f"{side}_same_again"), again) for side in SIDES),
            *no_personal_data(*SIDES),
        ),
        _facts(rules, unseen),
        files=("cleaned",),
    )


def _facts(rules: Sequence[Rule], unseen: Sequence[Rule]) -> str:
    """`record_id, arabic_share`, and of each side whether its numbers were kept and cleaning again leaves it alone."""
    flags = [
        f"{is_there} AND record_id NOT IN (SELECT record_id FROM {fault} WHERE side = '{side}') AS {side}_{flag}"
        for side, is_there in (("question", "question IS NOT NULL"), ("answer", "true"))
        for fault, flag in (("lost", "numbers_kept"), ("changed", "same_again"))
    ]
    return f"""WITH lost AS ({_lost(unseen)}), changed AS ({_changed(rules)})
        SELECT record_id, arabic_share, {", ".join(flags)} FROM cleaned"""


def _changed(rules: Sequence[Rule]) -> str:
    """SQL for `record_id, side` of the clean texts that the rules change once more. Most are left out, which their looks tell."""
    # MATERIALIZED, so that DuckDB plans the looks and the rules apart: together they can outgrow any memory. Both sides in one go: the
    # plan of all the rules costs as much as some thousand texts.
    in_doubt = " UNION ALL ".join(
        f"SELECT record_id, '{side}' AS side, {side} AS again, {side} AS once FROM cleaned WHERE {may_change(rules, side)}"
        for side in SIDES
    )
    return f"""WITH in_doubt AS MATERIALIZED ({in_doubt})
        SELECT record_id, side FROM ({applied_sql("FROM in_doubt", rules, "again")}) WHERE again <> once"""


def _lost(unseen: Sequence[Rule]) -> str:
    """SQL for `record_id, side` of the texts whose numbers, once what nobody sees is gone, are not those of the clean text.

    Most rows are left out, which cheaper looks tell: they have no number, or the same ones in a raw text in which nothing is unseen.
    """
    in_doubt = " UNION ALL ".join(
        f"""SELECT record_id, '{side}' AS side, {raw} AS raw, {raw} AS seen, {side} AS clean FROM records JOIN cleaned USING (record_id)
        WHERE (regexp_matches({raw}, '{NUMBER}') OR ({raw} IS DISTINCT FROM {side} AND regexp_matches({side}, '{NUMBER}')))
        AND ({may_change(unseen, raw)} OR ({raw} IS DISTINCT FROM {side} AND {sql.numbers(raw)} IS DISTINCT FROM {sql.numbers(side)}))"""
        for side, raw in ((side, f"{side}_raw") for side in SIDES)
    )
    return f"""WITH in_doubt AS MATERIALIZED ({in_doubt}),
            numbers AS (SELECT record_id, side, raw, {sql.numbers("seen")} AS before, {sql.numbers("clean")} AS after
                     FROM ({applied_sql("FROM in_doubt", unseen, "seen")}))
        SELECT record_id, side FROM numbers WHERE ({sql.NUMBERS_KEPT}) IS NOT TRUE"""
