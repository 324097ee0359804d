"""Selection: thresholds over the tags of earlier stages, as rows; the first that a record fails is its reason."""

from dataclasses import dataclass

from curation.params import SelectParams
from curation.schema import SCORES


@dataclass(frozen=True)
class Threshold:
    """A record for which `condition` (SQL over the joined columns) holds is dropped with `reason`."""

    reason: str
    condition: str
    why: str


def thresholds(params: SelectParams) -> tuple[Threshold, ...]:
    """In the order in which they are tried."""
    most = [Threshold(name, f"{name} > {bound(params, name)}", why) for name, why in SCORES.items()]
    rows = [
        Threshold(
            "question_too_short", f"question_letters < {bound(params, 'min_question_letters')}", "a greeting or one word asks nothing"
        ),
        Threshold("other_language", f"language NOT IN ({_listed(params.languages)})", "the dataset is Arabic, Arabizi included"),
        Threshold("question_too_long", f"question_letters > {bound(params, 'max_question_letters')}", "articles and copied leaflets"),
        Threshold("little_arabic", f"language = 'ar' AND arabic_share < {bound(params, 'min_arabic_share')}", "mixed beyond use"),
        *(threshold for threshold in most if threshold.reason.startswith("question")),
    ]
    if params.require_answer:
        rows.append(Threshold("no_answer", "coalesce(answer, '') = ''", "nobody answered"))
    # Of an answer that is there the same is asked whether or not there must be one.
    little = f"language = 'ar' AND answer_arabic_share < {bound(params, 'min_answer_arabic_share')}"
    rows += [
        *(threshold for threshold in most if threshold.reason.startswith("answer") and threshold.reason != "answer_unrelated"),
        Threshold("answer_too_short", f"answer_letters < {bound(params, 'min_answer_letters')}", "says too little to learn from"),
        Threshold("answer_little_arabic", little, "answers in another language"),
        Threshold("answer_is_question", "answer_key = question_key", "pasted back"),
        *(threshold for threshold in most if threshold.reason == "answer_unrelated"),
    ]
    if params.drop_duplicates != "none":
        repeated = {"question": "NOT is_representative", "pair": "record_id <> pair_cluster_id"}[params.drop_duplicates]
        rows.append(Threshold("duplicate", repeated, "asked before; its cluster's representative stays"))
    return tuple(rows)


def bound(params: SelectParams, name: str) -> str:
    """SQL for a threshold, a key of `select` or of its `max_score`, for the record's dialect; an unknown one has the usual threshold."""
    usual = params.max_score[name] if name in SCORES else getattr(params, name)
    own = {dialect: of.max_score.get(name) if name in SCORES else getattr(of, name) for dialect, of in params.by_dialect.items()}
    whens = " ".join(f"WHEN '{dialect}' THEN {value}" for dialect, value in own.items() if value is not None)
    return f"CASE dialect {whens} ELSE {usual} END" if whens else str(usual)


def reject_reason(params: SelectParams) -> str:
    """SQL for the reason, null for records that stay."""
    return "CASE " + " ".join(f"WHEN {t.condition} THEN '{t.reason}'" for t in thresholds(params)) + " END"


def _listed(values: list[str]) -> str:
    return ", ".join("'" + value.replace("'", "''") + "'" for value in values)
