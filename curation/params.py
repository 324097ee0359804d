"""params.yaml as typed models, one section per stage; an unknown or wrong key is an error that names the key."""

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from curation.errors import TibyanError
from curation.schema import DIALECTS, DRIFTING, SCORES

Probability = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[int, Field(gt=0)]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class EngineParams(Section):
    memory_limit: str
    threads: Positive | None


def _spoken(given: Any) -> Any:
    """YAML reads a bare yes and no as true and false."""
    return {True: "yes", False: "no"}.get(given, given) if isinstance(given, bool) else given


class InputParams(Section):
    """One line of `ingest.inputs`: where the dumps are and, where the content does not say it, what they are; and on which terms.

    What nobody said may be given on is not: only ids and scores of its rows are published.
    """

    path: str
    format: str | None = None
    source: str | None = None
    columns: dict[str, str | int] | None = None
    paths: dict[str, str] | None = None
    header: bool = True
    licence: str | None = None
    redistributable: Annotated[Literal["yes", "no", "annotations-only"], BeforeValidator(_spoken)] = "annotations-only"
    collected: str | None = None
    consent: str | None = None


class IngestParams(Section):
    inputs: Annotated[list[InputParams], Field(min_length=1)]
    max_answers: Positive
    min_answer_words: Positive
    expert_answers: Positive
    join_follow_ups: Literal["none", "question", "answer", "both"]
    redact_names: bool


class CleanParams(Section):
    elongation: Literal[1, 2]
    digits: Literal["western", "arabic", "keep"]
    emoji: Literal["drop", "keep"]
    keep_tashkeel: str
    boilerplate: Literal["drop", "keep"]
    advertisement_tails: Literal["drop", "keep"]


class DialectParams(Section):
    """`backend` names the words, or whose classifier: then `model` is one of camel-tools' two, or a hub id or folder for transformers."""

    backend: Literal["words_v1", "camel", "transformers"]
    weights: str | None
    model: str | None
    revision: str | None
    labels: dict[str, Literal["MSA", "EGY", "LEV", "GLF", "IRQ", "MGR"]]
    batch_size: Positive
    temperature: Annotated[float, Field(gt=0)]
    min_confidence: Probability
    mixed_share: Probability
    normalise: bool
    normalise_answers: bool
    refused: list[str]

    @model_validator(mode="after")
    def model_fits_the_backend(self) -> "DialectParams":
        if self.backend == "transformers" and not self.model:
            raise ValueError("model must name a hub id or a folder where backend is transformers")
        if self.backend == "camel" and self.model not in (None, "model26", "model6"):
            raise ValueError(f"model must be model26 or model6 where backend is camel, it is {self.model}")
        if self.backend == "words_v1" and self.model:
            raise ValueError(f"model {self.model} is read by backend camel or transformers, not by {self.backend}")
        if self.backend != "words_v1" and self.weights:
            raise ValueError(f"weights is read by backend words_v1, not by {self.backend}")
        if self.backend != "transformers" and (self.revision or self.labels):
            raise ValueError(f"{'revision' if self.revision else 'labels'} is read by backend transformers, not by {self.backend}")
        return self


class SeverityParams(Section):
    """`weights`, `labelled` and `labelled_columns` (`text` and `severity`, by the names of the file's columns) are read by linear_v1 and
    ensemble_v1, `model`, `revision` and `batch_size` by transformer."""

    scorer: Literal["lexicon_v1", "linear_v1", "ensemble_v1", "transformer"]
    weights: str | None
    model: str | None
    revision: str | None
    batch_size: Positive
    labelled: str | None
    labelled_columns: dict[str, str]
    prior: Annotated[list[Probability], Field(min_length=3, max_length=3)]
    temperature: Annotated[float, Field(gt=0)]
    critical_from: Annotated[float, Field(gt=0, le=1)]
    context_window: Positive
    context_factor: Probability

    @model_validator(mode="after")
    def prior_sums_to_one(self) -> "SeverityParams":
        if abs(sum(self.prior) - 1) > 1e-6:
            raise ValueError(f"prior must sum to 1, it sums to {sum(self.prior):g}")
        return self

    @model_validator(mode="after")
    def the_model_is_the_transformers(self) -> "SeverityParams":
        if self.scorer == "transformer" and not self.model:
            raise ValueError("model must name a folder or a hub id where scorer is transformer")
        if self.scorer != "transformer" and (self.model or self.revision):
            raise ValueError(f"{'model' if self.model else 'revision'} is read by scorer transformer, not by {self.scorer}")
        return self

    @model_validator(mode="after")
    def labelled_columns_are_two(self) -> "SeverityParams":
        if set(self.labelled_columns) != {"text", "severity"}:
            raise ValueError(f"labelled_columns must name text and severity, it names {', '.join(self.labelled_columns) or 'none'}")
        return self


class DuplicatesParams(Section):
    threshold: Annotated[float, Field(gt=0, le=1)]
    measure: Literal["jaccard", "containment"]
    contained_from: Positive
    numbers: Literal["apart", "same"]
    characters: Positive
    words: Annotated[int, Field(ge=0)]
    short: Positive
    short_characters: Positive
    short_threshold: Annotated[float, Field(gt=0, le=1)]
    permutations: Positive
    bands: Positive
    seed: int

    @model_validator(mode="after")
    def bands_divide_permutations(self) -> "DuplicatesParams":
        if self.permutations % self.bands:
            raise ValueError(f"bands ({self.bands}) must divide permutations ({self.permutations})")
        return self


def _of(names: Collection[str], what: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """A check that every key is one of `names`."""

    def check(given: dict[str, Any]) -> dict[str, Any]:
        if unknown := [name for name in given if name not in names]:
            raise ValueError(f"{', '.join(unknown)} is no {what}; there are {', '.join(names)}")
        return given

    return check


class DialectThresholds(Section):
    """What differs from the thresholds of `select` for one dialect; what is not named stays."""

    min_question_letters: Positive | None = None
    max_question_letters: Positive | None = None
    min_answer_letters: Positive | None = None
    min_arabic_share: Probability | None = None
    min_answer_arabic_share: Probability | None = None
    max_score: Annotated[dict[str, Probability], AfterValidator(_of(SCORES, "score"))] = {}


class SelectParams(Section):
    languages: list[str]
    min_question_letters: Positive
    max_question_letters: Positive
    min_answer_letters: Positive
    min_arabic_share: Probability
    min_answer_arabic_share: Probability
    max_score: Annotated[dict[str, Probability], AfterValidator(_of(SCORES, "score"))]
    by_dialect: Annotated[dict[str, DialectThresholds], AfterValidator(_of(DIALECTS, "dialect"))]
    drop_duplicates: Literal["question", "pair", "none"]
    require_answer: bool

    @model_validator(mode="after")
    def every_score_has_a_threshold(self) -> "SelectParams":
        if missing := [name for name in SCORES if name not in self.max_score]:
            raise ValueError(f"max_score says nothing of {', '.join(missing)}")
        return self


class SplitParams(Section):
    validation: Probability
    test: Probability
    seed: int
    stock_askings: Positive
    min_welding_letters: Positive
    overlap_words: Positive
    overlap_share: Annotated[float, Field(gt=0, le=1)]


class MedianLetters(Section):
    """Of a dialect's questions and answers, the least and the most letters of the median."""

    question: tuple[Positive, Positive]
    answer: tuple[Positive, Positive]


class ValidateParams(Section):
    """`severities` maps `suite/check` to another severity than its suite gives it; `released` is the folder of a released version."""

    min_rows: Positive
    min_rows_per_split: Positive
    asked_years: tuple[int, int]
    median_letters: MedianLetters
    min_rows_of_dialect: Positive
    max_share_of_one_severity: Probability
    min_share_of_one_severity: Probability
    max_share_of_one_dialect: Probability
    min_dialects: Positive
    max_share_apart: Probability
    leak_words: Positive
    leak_share: Annotated[float, Field(gt=0, le=1)]
    released: str | None
    max_drift: Annotated[dict[str, Annotated[float, Field(gt=0)]], AfterValidator(_of(DRIFTING, "column that drift is measured of"))]
    min_released_kept: Probability
    severities: dict[str, Literal["critical", "warning", "info"]]
    data_docs: bool

    @model_validator(mode="after")
    def from_is_before_to(self) -> "ValidateParams":
        ranges = {"asked_years": self.asked_years, **{f"median_letters.{n}": r for n, r in self.median_letters}}
        if wrong := [name for name, (low, high) in ranges.items() if low > high]:
            raise ValueError(f"{', '.join(wrong)}: the first number must not be above the second")
        return self


class BuildParams(Section):
    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")]
    pretty_name: str
    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
    license: Annotated[str, Field(min_length=1)]
    authors: Annotated[list[str], Field(min_length=1)]


OWN = "tiny-gpt2"  # the base model that is made here


class BaseModelParams(Section):
    """`name: tiny-gpt2` pretrains our own small model on the train split; else a name of models.yaml, a hub id or a folder."""

    name: Annotated[str, Field(min_length=1)]
    revision: str | None
    prompt: str | None
    vocabulary: Positive
    width: Positive
    layers: Positive
    heads: Positive
    context: Positive
    steps: Positive
    batch: Positive
    learning_rate: Annotated[float, Field(gt=0)]
    seed: int
    threads: Positive


class TrainParams(Section):
    """`precision` goes before what a recipe says, every other key of a recipe before this."""

    question_column: Literal["question", "question_msa"]
    answer_column: Literal["answer", "answer_msa"]
    steps: Positive | None
    epochs: Annotated[float, Field(gt=0)] | None
    batch: Positive
    accumulation: Positive
    learning_rate: Annotated[float, Field(gt=0)]
    scheduler: Literal["cosine", "linear", "constant"]
    warmup_steps: Annotated[int, Field(ge=0)]
    precision: Literal["auto", "fp32", "bf16", "fp16"] | None
    loss_chunk: Positive | None
    gradient_checkpointing: bool
    checkpoint_every: Positive | None
    max_length: Positive
    lora_rank: Positive
    lora_alpha: Positive
    lora_dropout: Probability
    lora_targets: list[str] | None
    seed: int
    threads: Positive

    @model_validator(mode="after")
    def steps_or_epochs(self) -> "TrainParams":
        if (self.steps is None) == (self.epochs is None):
            raise ValueError("steps or epochs must be a number, and the other null")
        return self


class EvaluateParams(Section):
    encoder: str
    encoder_revision: str | None
    layer: Positive
    idf: bool
    max_examples: Positive
    max_new_tokens: Positive
    temperature: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    top_p: Annotated[float, Field(gt=0, le=1)]
    batch: Positive
    seed: int
    threads: Positive
    against: str
    bootstrap: Positive
    confidence: Annotated[float, Field(gt=0, lt=1)]
    embedded_candidates: Positive | None


class ReportParams(Section):
    examples: Positive


class Params(Section):
    engine: EngineParams
    ingest: IngestParams
    clean: CleanParams
    dialect: DialectParams
    severity: SeverityParams
    duplicates: DuplicatesParams
    select: SelectParams
    split: SplitParams
    validate_: Annotated[ValidateParams, Field(alias="validate")]
    build: BuildParams
    base_model: BaseModelParams
    train: TrainParams
    evaluate: EvaluateParams
    report: ReportParams

    @model_validator(mode="after")
    def splits_leave_train(self) -> "Params":
        if self.split.validation + self.split.test >= 1:
            raise ValueError("split.validation and split.test together must leave something for train")
        return self


def where_set(key: str) -> str:
    """For the end of a sentence, where a key is to be changed: what a recipe says of `train` goes before params.yaml."""
    return "in the recipe where it says one, else in params.yaml" if key.startswith("train.") else "in params.yaml"


def load_params(path: Path | str = "params.yaml") -> Params:
    """Read and check params.yaml. Raises TibyanError naming every wrong key."""
    path = Path(path)
    try:
        content: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise TibyanError(f"{path}: cannot be read ({error.strerror}). Run from the root of the project.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}" if mark else ""
        raise TibyanError(f"{path}: not valid YAML{where}. Mend the indentation or quoting there.") from None
    try:
        return Params.model_validate(content)
    except ValidationError as error:
        raise TibyanError(" ".join(_sentence(path, problem) for problem in error.errors())) from None


def _sentence(path: Path, problem: Any) -> str:
    key = ".".join(str(part) for part in problem["loc"]) or "the whole file"
    if problem["type"] == "extra_forbidden":
        return f"{path}: {key} is not a key that exists. Remove it, or compare its spelling with the comments there."
    if problem["type"] == "missing":
        return f"{path}: {key} is missing. Put it back; `git checkout {path}` shows the defaults."
    if problem["type"] == "model_type":
        return f"{path}: {key} has no keys. Put them back; `git checkout {path}` shows the defaults."
    given = problem["input"]
    found = "" if isinstance(given, dict | list) else f", it is {given!r:.60}"  # of a whole section the message says what is wrong
    return f"{path}: {key}: {problem['msg'].removeprefix('Value error, ')}{found}."
