"""Selection: thresholds over the tags of earlier stages, as rows; the first that a record fails is its reason."""

from dataclasses import dataclass

from curation.params import SelectParams


@dataclass(frozen=True)
class Threshold:
    """A record for which `condition` (SQL over the joined columns) holds is dropped with `reason`."""

    reason: str
    condition: str
    why: str


def thresholds(params: SelectParams) -> tuple[Threshold, ...]:
    """In the order in which they are tried."""
    letters = r"length(regexp_replace(coalesce({}, ''), '[^\p{{L}}]', '', 'g'))"
    question, answer = letters.format("question"), letters.format("answer")
    rows = [
        Threshold("question_too_short", f"{question} < {params.min_question_letters}", "a greeting or one word asks nothing"),
        Threshold("other_language", f"language NOT IN ({_listed(params.languages)})", "the dataset is Arabic, Arabizi included"),
        Threshold("question_too_long", f"{question} > {params.max_question_letters}", "articles and copied leaflets"),
        Threshold("little_arabic", f"language = 'ar' AND arabic_share < {params.min_arabic_share}", "mixed beyond use"),
    ]
    rows += [
        Threshold(f"question_{tag}", f"list_contains(question_tags, '{tag}')", "no question to learn from")
        for tag in params.drop_question_tags
    ]
    if params.require_answer:
        rows.append(Threshold("no_answer", "coalesce(answer, '') = ''", "nobody answered"))
    # Of an answer that is there the same is asked whether or not there must be one.
    rows += [
        *(Threshold(f"answer_{tag}", f"list_contains(answer_tags, '{tag}')", "answers nothing") for tag in params.drop_answer_tags),
        Threshold("answer_too_short", f"answer IS NOT NULL AND {answer} < {params.min_answer_letters}", "says too little to learn from"),
        Threshold("answer_is_question", "answer_key = question_key", "pasted back"),
    ]
    if params.drop_duplicates != "none":
        repeated = {"question": "NOT is_representative", "pair": "record_id <> pair_cluster_id"}[params.drop_duplicates]
        rows.append(Threshold("duplicate", repeated, "asked before; its cluster's representative stays"))
    return tuple(rows)


def reject_reason(params: SelectParams) -> str:
    """SQL for the reason, null for records that stay."""
    return "CASE " + " ".join(f"WHEN {t.condition} THEN '{t.reason}'" for t in thresholds(params)) + " END"


def _listed(values: list[str]) -> str:
    return ", ".join("'" + value.replace("'", "''") + "'" for value in values)
