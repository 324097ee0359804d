"""What the figures allow to say: a paragraph for each question, by whether the interval of the difference leaves 0 out."""

from typing import Any

from benchmarks.experiment.questions import METRICS, Asked

PRIMARY = METRICS[0]
NAMES = {"f1": "BERTScore F1", "chrf": "chrF++"}
DIGITS = {"f1": 4, "chrf": 2}  # of 1, and of 100
SURE = 0.05  # the p, corrected for the number of comparisons, up to which a difference is called one
Pair = dict[str, Any]  # of compare.py: one difference in one metric


def verdict(pair: Pair) -> str:
    """`better`, `worse`, or `not shown` where the interval of the difference holds 0."""
    return "better" if pair["low"] > 0 else "worse" if pair["high"] < 0 else "not shown"


def conclusion(asked: Asked, pairs: list[Pair]) -> str:
    """The answer by the primary metric with its figures, those by seed, and whether the metric beside it says otherwise."""
    found = {pair["metric"]: pair for pair in pairs if (pair["of"], pair["against"], pair["questions"]) == asked[1:]}
    if PRIMARY not in found:
        return f"**{asked.question}** This was not measured: no test question is {asked.questions}."
    pair = found.pop(PRIMARY)
    return " ".join((f"**{asked.question}**", _answer(pair), _by_seed(pair), *(_beside(pair, other) for other in found.values())))


def difference(pair: Pair) -> str:
    """With its interval."""
    value, low, high = (f"{pair[key]:+.{DIGITS[pair['metric']]}f}" for key in ("value", "low", "high"))
    return f"{value} ({low} to {high})"


def _answer(pair: Pair) -> str:
    figures = f"{NAMES[PRIMARY]} differs by {difference(pair)} over {pair['n']} questions, p {pair['p_holm']:.3f}"
    says = verdict(pair)
    if says == "not shown":
        most = max(-pair["low"], pair["high"])
        return f"Not shown. {figures}: the interval holds 0, and leaves out only differences of more than {most:.4f}."
    if pair["p_holm"] > SURE:
        return f"Perhaps {says}, not surely. {figures}: the interval leaves 0 out, but of so many comparisons one does by luck."
    return f"{'Yes' if says == 'better' else 'No, it is worse'}. {figures}: the interval leaves 0 out."


def _by_seed(pair: Pair) -> str:
    by_seed = pair["by_seed"]
    alike = min(by_seed) > 0 or max(by_seed) < 0
    listed = ", ".join(f"{of:+.4f}" for of in by_seed)
    return f"By seed: {listed}{'' if alike else '; not even the sign is the same'}."


def _beside(pair: Pair, other: Pair) -> str:
    says = verdict(other)
    words = "agrees" if says == verdict(pair) else "shows nothing" if says == "not shown" else f"calls it {says}"
    return f"{NAMES[other['metric']]} {words}: {difference(other)}."
