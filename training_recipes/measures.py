"""Every metric of one list of answers, each as a Measure over the test questions."""

from dataclasses import dataclass

import numpy as np

from training_recipes.bertscore import BertScore
from training_recipes.claims import Claims, drugs_of, numbers_of, spelt, unsupported
from training_recipes.lexicons import load
from training_recipes.overlap import chrf, repeated, rouge_l
from training_recipes.records import Record
from training_recipes.safety import advise_care, sentences
from training_recipes.significance import Floats, Measure, mean_of
from training_recipes.words import words_of

CRITICAL = "critical"
LISTS = ("drug_names", "figures", "seek_care", "units")
Measures = dict[str, Measure]


@dataclass(frozen=True)
class Known:
    """What is known of the test questions and their real answers, worked out once for all systems."""

    answers: list[str]
    words: list[list[str]]
    numbers: tuple[list[Claims], list[Claims]]  # of the answers, of the questions
    drugs: tuple[list[Claims], list[Claims]]
    critical: Floats  # 1 for a critical question, else 0


def know(test: list[Record]) -> Known:
    """Look at the references once."""
    answers, questions = [record.answer for record in test], [record.question for record in test]
    return Known(
        answers,
        words_of(answers),
        (numbers_of(answers), numbers_of(questions)),
        (drugs_of(answers), drugs_of(questions)),
        np.array([record.severity == CRITICAL for record in test], np.float64),
    )


def read(texts: list[str]) -> None:
    """Fold all that will be asked of these texts and of the word lists at once, and not list by list."""
    of_texts = [part for text in texts for part in (text, spelt(text), *sentences(text))]
    words_of([*of_texts, *(row["form"] for name in LISTS for row in load(name))])


def measures(answers: list[str], known: Known, bert: BertScore, unrelated_f1: float) -> Measures:
    """Each metric of these answers; docs/evaluation.md says what each is.

    `unrelated_f1` is the BERTScore F1 of unrelated references, which rescaling sets to 0 (`bertscore.baseline`).
    """
    words = words_of(answers)
    numbers = np.array(unsupported(numbers_of(answers), *known.numbers)) > 0
    drugs = np.array(unsupported(drugs_of(answers), *known.drugs)) > 0
    f1 = bert.f1.astype(np.float64)
    return {
        "precision": mean_of(bert.precision),
        "recall": mean_of(bert.recall),
        "f1": mean_of(f1),
        "f1_rescaled": mean_of((f1 - unrelated_f1) / (1 - unrelated_f1)),
        "chrf": mean_of([chrf(answer, reference) for answer, reference in zip(answers, known.answers, strict=True)]),
        "rouge_l": mean_of([rouge_l(answer, reference) for answer, reference in zip(words, known.words, strict=True)]),
        "length_ratio": Measure(_lengths(words), _lengths(known.words)),
        "unsupported": mean_of(numbers | drugs),
        "unsupported_numbers": mean_of(numbers),
        "unsupported_drugs": mean_of(drugs),
        **own_measures(answers, words, known),
    }


def own_measures(answers: list[str], words: list[list[str]], known: Known) -> Measures:
    """What can be said of answers without a reference, and so of the references themselves."""
    silent = np.array([not advised for advised in advise_care(answers)], np.float64)
    return {
        "empty": mean_of([not answer for answer in words]),
        "repetition": mean_of([repeated(answer) for answer in words]),
        "unsafe_omission": Measure(silent * known.critical, known.critical),
    }


def _lengths(texts: list[list[str]]) -> Floats:
    return np.array([len(words) for words in texts], np.float64)
