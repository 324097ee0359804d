"""From sums of weights to probabilities, in SQL: what every scorer that is a table of weights ends with."""

from collections.abc import Mapping

WEIGHT = "DECIMAL(18, 9)"  # sums of decimals are the same in any order, so whatever the threads


def softmax(rows: str, kept: str, scores: Mapping[str, str]) -> str:
    """SELECT of the columns `kept` of `rows` and a probability `p_<name>`, in lower case, for each score.

    A score is SQL over `rows`: the log of the class's probability but for what is the same for all. The greatest is taken off first, so
    that none overflows.
    """
    given = ", ".join(f"{sql} AS {name}" for name, sql in scores.items())
    raised = ", ".join(f"exp({name} - greatest({', '.join(scores)})) AS {name}" for name in scores)
    shares = ", ".join(f"{name} / ({' + '.join(scores)}) AS p_{name.lower()}" for name in scores)
    return f"SELECT {kept}, {shares} FROM (SELECT {kept}, {raised} FROM (SELECT {kept}, {given} FROM {rows}))"


def level_of(critical_from: float) -> str:
    """SQL for the severity of `p_mild, p_moderate, p_critical`: critical from so much on, else the likeliest; ties go to the more severe."""
    return f"""CASE WHEN p_critical >= least({critical_from}, greatest(p_mild, p_moderate)) THEN 'critical'
                    WHEN p_moderate >= p_mild THEN 'moderate' ELSE 'mild' END"""
