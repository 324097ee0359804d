"""What the experiment asks, written before it was run: each question is a difference between two systems."""

from collections.abc import Sequence
from typing import NamedTuple

from training_recipes.systems import UNTRAINED

CE, SEVERITY, CURRICULUM, MSA = "lora_ce", "lora_severity_balanced", "curriculum_scaled", "lora_ce_msa"
RECIPES = (CE, SEVERITY, CURRICULUM, MSA)  # curriculum_scaled stands in recipes/ here, the others in training_recipes/recipes
SEEDS = (1, 2, 3)
BY_WORDS, BY_EMBEDDINGS = "nearest_bm25", "nearest_embedding"
METRICS = ("f1", "chrf")  # the answers go by the first; the second stands beside it


class Asked(NamedTuple):
    """Whether `of` is better than `against`, over `all` test questions or over the `critical` ones."""

    question: str
    of: str
    against: str
    questions: str = "all"


QUESTIONS = (
    Asked("Does weighting by severity beat cross-entropy?", SEVERITY, CE),
    Asked("Does it on the critical questions, for whose sake it is done?", SEVERITY, CE, "critical"),
    Asked("Does a curriculum, mild first, beat cross-entropy?", CURRICULUM, CE),
    Asked("Do questions put into MSA help?", MSA, CE),
    Asked("Does training beat the untrained model?", CE, UNTRAINED),
    Asked("Does cross-entropy beat the answer of the training question that is nearest by words (BM25)?", CE, BY_WORDS),
    Asked("Does severity weighting beat it?", SEVERITY, BY_WORDS),
    Asked("Does cross-entropy beat the answer of the training question that is nearest by embeddings?", CE, BY_EMBEDDINGS),
    Asked("Does severity weighting beat that?", SEVERITY, BY_EMBEDDINGS),
)


def runs_of(recipes: Sequence[str], seeds: Sequence[int]) -> list[str]:
    """The names of the runs, as `train` takes them."""
    return [f"{recipe}-{seed}" for recipe in recipes for seed in seeds]


RUNS = runs_of(RECIPES, SEEDS)
