"""Pairs of MAQA's shape, any number of them, out of the sample's written sentences: for measuring speed only, nobody's words.

    python -m benchmarks.maqa_shape OUT.csv --pairs 430000

Columns `q_body, a_body, category` as in MAQA. What makes real text slow is kept: lengths (log-normal, medians and tails as read off 400
doctor-site consultations), the number of distinct words (by misspelt and inflected ones: 11,000 in 50,000 words, as in those
consultations, and 65,000 in a million), the sample's noise at the sample's rates, greetings and closings, personal data, answers about what
is asked, the same question asked again, and answers that one doctor pastes under many questions.
The same seed and number of pairs give the same bytes, whatever the number of processes.
"""

import argparse
import csv
import io
import math
import random
import re
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

import yaml

from curation.lexicons import load

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "data" / "sample"))
import noise  # noqa: E402 - the sample's own habits of typing

SEED = 20250910
BLOCK = 10_000  # pairs made by one process from one seed
# Share of pairs by dialect: MAQA is asked mostly in MSA; a guess, since MAQA says nothing of it.
DIALECTS = {"MSA": 0.55, "EGY": 0.13, "GLF": 0.1, "LEV": 0.09, "IRQ": 0.06, "MGR": 0.05, "arabizi": 0.02}
# Median, sigma and most of a log-normal length in characters.
QUESTION, ANSWER = (150, 0.55, 2_500), (165, 0.95, 4_000)
WILD = 0.12  # of the words: misspelt or inflected otherwise
OTHER = 0.12  # of the words: another of the dialect, or half a million texts out of some thousand sentences would all be near-duplicates
ASKED_AGAIN, COPIED, PASTED = 0.04, 0.02, 0.06  # question with slips; question to the letter; a doctor's stock answer
STOCK = 300  # answers that are pasted
GREETED, CLOSED, PHONED, NAMED = 0.35, 0.2, 0.008, 0.01
SENTENCE = re.compile(r"[^.؟?!]+[.؟?!]*")
NUMBER = re.compile(r"(?<![A-Za-z0-9])[0-9]+(?![A-Za-z0-9])")
ALPHABET = "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"
FRONT, BACK = ("و", "ف", "ب", "ال", "ل", "وال"), ("ه", "ها", "ي", "ين", "ات", "نا", "هم", "و")


class Material(NamedTuple):
    """Of one dialect: sentences asked and answered by specialty, the words of them, openings, closings, names."""

    asked: dict[str, list[str]]
    answered: dict[str, list[str]]
    words: list[str]
    openings: list[str]
    closings: list[str]
    names: list[str]


@cache
def material() -> dict[str, Material]:
    """What the sample's authors wrote, in sentences."""
    found = {}
    boilerplate = load("boilerplate")
    for path in sorted((ROOT / "data" / "sample" / "written").glob("*.yaml")):
        written = yaml.safe_load(path.read_text(encoding="utf-8"))
        dialect = written["dialect"]
        asked, answered = (
            _by_specialty(written["questions"], keys) for keys in (("question", "rephrased"), ("answer", "answer_rephrased"))
        )
        ends = {p: [r["phrase"] for r in boilerplate if r["position"] == p and r["dialect"] == dialect] for p in ("start", "end")}
        names = [name for of in written["names"].values() for name in of]
        words = [w for of in (asked, answered) for said in of.values() for s in said for w in s.split() if w.isalpha() and len(w) > 3]
        found[dialect] = Material(asked, answered, words, ends["start"] or ["سلام"], ends["end"] or ["شكرا"], names)
    return found


def pairs(block: int, size: int, seed: int = SEED) -> Iterator[tuple[str, str, str]]:
    """`size` pairs of question, answer and category; block by block the same, whatever else is made."""
    rng = random.Random(f"{seed}/{block}")
    stock_rng = random.Random(f"{seed}/stock")
    stock = [_answer(stock_rng, "MSA", stock_rng.choice(list(material()["MSA"].answered))) for _ in range(STOCK)]
    asked: list[tuple[str, str, str]] = []
    for _ in range(size):
        chance = rng.random()
        if asked and chance < COPIED + ASKED_AGAIN:
            question, category, dialect = rng.choice(asked)
            if chance > COPIED:
                question = noise.asked_again(rng, question, dialect)
        else:
            dialect = rng.choices(list(DIALECTS), list(DIALECTS.values()))[0]
            question, category = _question(rng, dialect)
            asked.append((question, category, dialect))
        pasted = rng.random() < PASTED
        yield question, stock[min(int(rng.paretovariate(0.6)) - 1, STOCK - 1)] if pasted else _answer(rng, dialect, category), category


def _question(rng: random.Random, dialect: str) -> tuple[str, str]:
    of = material()[dialect]
    category = rng.choices(list(of.asked), [len(sentences) for sentences in of.asked.values()])[0]
    text = _lengthened(rng, of.asked[category], of.words, QUESTION)
    if rng.random() < GREETED:
        text = f"{rng.choice(of.openings)} {text}"
    if rng.random() < PHONED:
        text += f" رقمي 01{rng.choice('0125')}{rng.randrange(10**8):08d}"
    if rng.random() < NAMED and of.names:
        text += f" انا اسمي {rng.choice(of.names)}"
    return noise.noisy(rng, text, dialect), category


def _answer(rng: random.Random, dialect: str, category: str) -> str:
    of = material()[dialect]
    text = _lengthened(rng, of.answered[category], of.words, ANSWER)
    if rng.random() < CLOSED:
        text += f" {rng.choice(of.closings)}"
    return noise.noisy(rng, text, dialect, 0.5)


def _lengthened(rng: random.Random, sentences: list[str], others: list[str], shape: tuple[float, float, int]) -> str:
    """Sentences one after the other until the text has the length that it is to have, some words wild or others, other numbers in it."""
    median, sigma, most = shape
    wanted = min(median * math.exp(rng.gauss(0, sigma)), most)
    pieces, length = [], 0.0
    for sentence in cycle(rng.sample(sentences, len(sentences))):
        pieces.append(sentence)
        length += len(sentence) + 1
        if length > wanted:
            break
    text = NUMBER.sub(lambda m: str(rng.randrange(10 ** (len(m[0]) - 1), 10 ** len(m[0]))), " ".join(pieces))
    words = text[: max(int(wanted), 15)].split(" ")
    for i in range(len(words)):
        if words[i].isalpha() and len(words[i]) > 3:
            chance = rng.random()
            words[i] = _wild(rng, words[i]) if chance < WILD else rng.choice(others) if chance < WILD + OTHER else words[i]
    return " ".join(words)


def _wild(rng: random.Random, word: str) -> str:
    if word.isascii():
        return noise.typo(rng, word)
    if rng.random() < 0.5:
        return rng.choice(FRONT) + word if rng.random() < 0.5 else word + rng.choice(BACK)
    i = rng.randrange(1, len(word) - 1)
    kept = word[i + 1 :] if rng.random() < 0.5 else word[i:]
    return word[:i] + (rng.choice(ALPHABET) if rng.random() < 0.8 else "") + kept


def _by_specialty(questions: list[dict[str, str]], keys: tuple[str, str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for question in questions:
        found.setdefault(question["specialty"], []).extend(s for key in keys for s in _sentences(question[key]))
    return found


def _sentences(text: str) -> list[str]:
    return [s.strip() for s in SENTENCE.findall(text) if len(s.strip()) > 12]


def _block(of: tuple[int, int, int]) -> str:
    block, size, seed = of
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(pairs(block, size, seed))
    return text.getvalue()


def write(path: Path, count: int, seed: int = SEED, processes: int = 2) -> None:
    """`count` pairs as CSV with a header, written beside and renamed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".tmp")
    blocks = [(i, min(BLOCK, count - i * BLOCK), seed) for i in range(math.ceil(count / BLOCK))]
    with beside.open("w", encoding="utf-8", newline="") as file, ProcessPoolExecutor(processes) as pool:
        file.write("q_body,a_body,category\n")
        for text in pool.map(_block, blocks):
            file.write(text)
    beside.replace(path)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--pairs", type=int, default=430_000)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    write(given.out, given.pairs, given.seed, given.processes)
