"""The columns of every hand-over between stages, checked where a stage reads and where it writes."""

from curation.errors import TibyanError

DIALECTS = ("MSA", "EGY", "LEV", "GLF", "IRQ", "MGR", "arabizi")
ARABIC_DIALECTS = DIALECTS[:-1]  # those in Arabic letters, which scorers tell apart
SPOKEN = DIALECTS[1:-1]  # those that are put into MSA
MIXED, UNKNOWN = "mixed", "unknown"  # instead of a dialect, where two share a text and where nothing says which
DIALECT_LABELS = (*DIALECTS, MIXED, UNKNOWN)
SEVERITIES = ("mild", "moderate", "critical")
# SQL: a cue is level: name; the reason that there is none is not.
HAS_CUE = "coalesce(len(list_filter(severity_evidence, lambda e: contains(e, ': '))) > 0, false)"
SPLITS = ("train", "validation", "test")
YES, NO, ANNOTATIONS_ONLY = "yes", "no", "annotations-only"  # whether texts of a source may be given on: all, nothing, ids and scores
# What drift from the last version is measured of; curation/drift.py says how.
DRIFTING = (
    *("source", "split", "dialect", "severity", "dialect_confidence"),
    *("p_critical", "question_letters", "answer_letters", "arabic_share"),
)

TEXT, NUMBER, COUNT, FLAG, TIME, TEXTS = "VARCHAR", "DOUBLE", "BIGINT", "BOOLEAN", "TIMESTAMP", "VARCHAR[]"
CHANGES = 'STRUCT("start" BIGINT, "end" BIGINT, form VARCHAR, msa VARCHAR, "rule" VARCHAR)[]'  # curation.dialect.msa.Change

RECORDS = {
    "record_id": TEXT,
    "source": TEXT,
    "specialty": TEXT,
    "asked_at": TIME,
    "question_raw": TEXT,
    "answer_raw": TEXT,
    "answer_rule": TEXT,
    "label_severity": TEXT,
}
REJECTS = {"source": TEXT, "file": TEXT, "position": TEXT, "reason": TEXT, "detail": TEXT}
# What may be done with the rows of a source, as params.yaml says it. `licence`, `collected` and `consent` are null where it does not.
SOURCES = {"source": TEXT, "licence": TEXT, "redistributable": TEXT, "collected": TEXT, "consent": TEXT}
CLEANED = {
    "record_id": TEXT,
    "question": TEXT,
    "question_key": TEXT,
    "question_cut": TEXT,
    "answer": TEXT,
    "answer_key": TEXT,
    "answer_cut": TEXT,
    "language": TEXT,
    "language_method": TEXT,
    "arabic_share": NUMBER,
}
# The scores of the stage `quality`, from 0 to 1, each with why a record is dropped that has more of it than `select.max_score` allows.
# One that is named as a kind of lexicons/comment_kinds.csv is the share of words that phrases of the kind cover (curation/quality/talk.py).
SCORES = {
    "question_advertisement": "sells something",
    "question_prayer": "a prayer asks no doctor",
    "question_tag_only": "lifts a post or calls somebody in",
    "question_picture": "leans on a picture that is not there",
    "question_repeated": "says the same again and again",
    "question_no_question": "asks nothing and complains of nothing",
    "answer_advertisement": "sells something",
    "answer_prayer": "a prayer is no answer",
    "answer_tag_only": "lifts a post or calls somebody in",
    "answer_same": "has the same trouble",
    "answer_thanks": "thanks for another's answer",
    "answer_non_answer": "sends the asker elsewhere and says nothing else",
    "answer_repeated": "says the same again and again",
    "answer_unrelated": "about something else than the question",
}
QUALITY = {
    "record_id": TEXT,
    "question_letters": COUNT,
    "answer_letters": COUNT,
    "answer_arabic_share": NUMBER,
    **dict.fromkeys(SCORES, NUMBER),
    "quality_scorer": TEXT,
    "quality_evidence": TEXTS,
}
DIALECT = {
    "record_id": TEXT,
    "dialect": TEXT,
    "dialect_variety": TEXT,
    **{f"p_{name.lower()}": NUMBER for name in DIALECTS},
    "dialect_scorer": TEXT,
    "dialect_evidence": TEXTS,
    "question_msa": TEXT,
    "msa_changes": CHANGES,
    # Null unless dialect.normalise_answers: a doctor's words are changed when somebody asks for it, and not otherwise.
    "answer_dialect": TEXT,
    "answer_msa": TEXT,
    "answer_msa_changes": CHANGES,
}
SEVERITY = {
    "record_id": TEXT,
    "severity": TEXT,
    **{f"p_{name}": NUMBER for name in SEVERITIES},
    "severity_scorer": TEXT,
    "severity_evidence": TEXTS,
}
DUPLICATES = {
    "record_id": TEXT,
    "cluster_id": TEXT,
    "is_representative": FLAG,
    "duplicate_kind": TEXT,
    "answer_cluster_id": TEXT,
    "answer_duplicate_kind": TEXT,
    "pair_cluster_id": TEXT,
}
# What the rows that stay are built from; raw texts and what a scorer says of its own scores stay in the hand-overs that they come from.
LEFT_BEHIND = (
    "question_raw",
    "answer_raw",
    "question_cut",
    "answer_cut",
    "quality_evidence",
    "dialect_evidence",
    "msa_changes",
    "answer_msa_changes",
    "severity_evidence",
)
TAGGED = {**RECORDS, **CLEANED, **QUALITY, **DIALECT, **SEVERITY, **DUPLICATES}
SELECTED = {name: kind for name, kind in TAGGED.items() if name not in LEFT_BEHIND}
SELECTION = {"record_id": TEXT, "kept": FLAG, "reject_reason": TEXT}
SPLIT = {"record_id": TEXT, "split": TEXT}
# Every row that stays, where models train on it; what of it may be published goes to datasets/<name>/.
BUILT = {**SELECTED, "split": TEXT, "redistributable": TEXT}

HAND_OVERS: dict[str, dict[str, str]] = {
    "records": RECORDS,
    "rejects": REJECTS,
    "sources": SOURCES,
    "cleaned": CLEANED,
    "quality": QUALITY,
    "dialect": DIALECT,
    "severity": SEVERITY,
    "duplicates": DUPLICATES,
    "selection": SELECTION,
    "selected": SELECTED,
    "split": SPLIT,
    "built": BUILT,
}


def check_columns(name: str, place: str, columns: list[str], types: list[str]) -> None:
    """Raise TibyanError unless the columns of hand-over `name` are exactly the declared ones, with their types, in their order."""
    declared = HAND_OVERS[name]
    found = dict(zip(columns, types, strict=True))
    if list(found.items()) == list(declared.items()):
        return
    missing = [c for c in declared if c not in found]
    unknown = [c for c in found if c not in declared]
    wrong = [f"{c} is {found[c]}, not {declared[c]}" for c in declared if c in found and found[c] != declared[c]]
    problems = [f"missing {', '.join(missing)}"] if missing else []
    problems += [f"undeclared {', '.join(unknown)}"] if unknown else []
    problems += wrong or ([] if missing or unknown else ["columns in another order"])
    raise TibyanError(f"{place}: not the hand-over '{name}' of this version ({'; '.join(problems)}). Run `dvc repro`.")
