"""The configs of a dataset on the Hub, and the columns of each with what they hold."""

from typing import NamedTuple

from curation.schema import DIALECTS, MIXED, SCORES, SEVERITIES, UNKNOWN

# Of a mild, a moderate and a critical example in a loss; training_recipes/loss.py says what for. The three of arXiv:2604.06346.
WEIGHTS = {"mild": (0.75, 1.0, 1.25), "balanced": (0.5, 1.0, 1.5), "strong": (0.25, 1.0, 1.75)}


class Config(NamedTuple):
    """`folder` holds a Parquet file a split, where the Hub's own `push_to_hub` would put them; `columns` are names and meanings."""

    name: str
    folder: str
    what: str
    columns: tuple[tuple[str, str], ...]


_IDS = (
    ("record_id", "stable id of the record, from its source and native id by a one-way hash"),
    ("source", "name of the dump's format or as given in params.yaml"),
)
_TAGS = (
    ("dialect", f"one of {', '.join(DIALECTS)}; {MIXED} where two share a question, {UNKNOWN} where its words do not say which"),
    ("dialect_variety", "Sudanese, Yemeni, Tunisian, Algerian, Moroccan or Libyan where a word says so"),
    *((f"p_{name.lower()}", f"probability of {name}") for name in DIALECTS),
    ("dialect_scorer", "scorer and version"),
    ("severity", f"one of {', '.join(SEVERITIES)}: urgency of the complaint as written"),
    *((f"p_{name}", f"probability of {name}") for name in SEVERITIES),
    ("severity_scorer", "scorer and version"),
    ("cluster_id", "near-duplicate cluster of the question; clusters are never divided between splits"),
)
# Times of posting stay behind: with them a post could be found again.
DEFAULT = Config(
    "default",
    "data",
    "question, answer and tags",
    (
        *_IDS,
        ("specialty", "as the source gives it, null for posts"),
        ("question", "redacted and lightly cleaned"),
        ("answer", "redacted and lightly cleaned"),
        ("question_msa", "the question with dialect words of the lexicon in MSA, Arabizi in Arabic letters"),
        *_TAGS,
    ),
)
# Prompt and completion are lists of messages too: beside `messages`, plain texts would leave TRL to guess which format it is.
SFT = Config(
    "sft",
    "sft",
    "the same pairs as TRL's SFTTrainer takes them, those with an answer",
    (
        ("record_id", "as in `default`"),
        ("prompt", "the question, as one message of the user"),
        ("completion", "the answer, as one message of the assistant"),
        ("messages", "both"),
        *(
            (f"weight_{name}", f"weight in a loss, {', '.join(map(str, of))} by severity, mean 1 over train")
            for name, of in WEIGHTS.items()
        ),
    ),
)
ANNOTATIONS = Config(
    "annotations",
    "annotations",
    "ids, scores and hashes, no text; of sources whose texts may not be given on as well",
    (
        *_IDS,
        ("in_default", "whether the text stands in `default`"),
        ("text_hash", "keyed hash of question and answer where their text is not published, else null"),
        *_TAGS,
        ("answer_cluster_id", "near-duplicate cluster of the answer"),
        ("question_letters", "letters of the question"),
        ("answer_letters", "letters of the answer, null without one"),
        ("arabic_share", "share of Arabic among the letters of the question"),
        *((name, f"0 to 1: {what}") for name, what in SCORES.items()),
        ("quality_scorer", "scorer and version"),
    ),
)
CONFIGS = (DEFAULT, SFT, ANNOTATIONS)
