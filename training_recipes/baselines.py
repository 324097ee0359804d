"""What needs no model: the answer of the nearest training question."""

import math
import re
from collections import Counter, defaultdict

from training_recipes.records import Record

WORD = re.compile(r"\w+")
K1, B = 1.5, 0.75  # Lucene's and the literature's usual values


def nearest_answers(questions: list[str], train: list[Record]) -> list[str]:
    """For each question the answer of the training question that is nearest by BM25; of equals the first record."""
    documents = [Counter(WORD.findall(record.question)) for record in train]
    lengths = [sum(words.values()) for words in documents]
    mean_length = max(1.0, sum(lengths) / len(lengths))
    postings: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for i, words in enumerate(documents):
        for word, count in words.items():
            postings[word].append((i, count))

    def nearest(question: str) -> int:
        scores = [0.0] * len(train)
        for word in dict.fromkeys(WORD.findall(question)):  # in the order written, so that sums are the same every time
            found = postings.get(word, [])
            idf = math.log(1 + (len(train) - len(found) + 0.5) / (len(found) + 0.5))
            for i, count in found:
                scores[i] += idf * count * (K1 + 1) / (count + K1 * (1 - B + B * lengths[i] / mean_length))
        return scores.index(max(scores))

    return [train[nearest(question)].answer for question in questions]
