"""What an answer shares with the reference, and with itself: chrF++, ROUGE-L over Arabic words, repeated runs of words."""

from sacrebleu.metrics import CHRF

RUN = 3  # words: seq-rep-n of Welleck et al. 2019, "Neural text generation with unlikelihood training", with n of 3
_CHRF = CHRF(word_order=2)  # chrF++ as sacrebleu has it: six character orders, two of words, beta 2


def chrf(answer: str, reference: str) -> float:
    """chrF++ of one pair as written, 0 to 100."""
    return float(_CHRF.sentence_score(answer, [reference]).score)


def chrf_signature() -> str:
    """How sacrebleu made it, with its version."""
    return str(_CHRF.get_signature())


def rouge_l(answer: list[str], reference: list[str]) -> float:
    """ROUGE-L's F1 over words (Lin 2004), 0 to 1; 0 where either has none.

    Not by the rouge-score package: its tokenizer knows the letters a to z alone, so that Arabic has no words. Equal to it where it is given
    the same words.
    """
    if not answer or not reference:
        return 0.0
    return 2 * _common(answer, reference) / (len(answer) + len(reference))


def repeated(answer: list[str], run: int = RUN) -> float:
    """The share of runs of so many words that were said before in the answer, 0 to 1; 0 where it is shorter."""
    runs = [tuple(answer[i : i + run]) for i in range(len(answer) - run + 1)]
    return 1 - len(set(runs)) / len(runs) if runs else 0.0


def _common(one: list[str], other: list[str]) -> int:
    """The length of the longest common subsequence, a word of `other` at a time over all of `one` as bits (Crochemore et al. 2001)."""
    places: dict[str, int] = {}
    for i, word in enumerate(one):
        places[word] = places.get(word, 0) | 1 << i
    everywhere = (1 << len(one)) - 1
    row = everywhere
    for word in other:
        match = row & places.get(word, 0)
        row = ((row + match) | (row - match)) & everywhere
    return len(one) - row.bit_count()
