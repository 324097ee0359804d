"""Training weights: what the severity-weighted loss would make of the probabilities, under the presets of arXiv:2604.06346."""

from typing import Any

from curation.report.material import Material
from curation.schema import SEVERITIES

# Of mild, moderate and critical.
PRESETS = {"mild": (0.75, 1.0, 1.25), "balanced": (0.5, 1.0, 1.5), "strong": (0.25, 1.0, 1.75)}
SHARES = (0.0, 0.05, 0.5, 0.95, 1.0)
MILLION = 1_000_000  # weights are summed as whole numbers, which is the same in any order


def figures(material: Material) -> dict[str, Any] | None:
    """By preset the realised weights of the train split, rescaled to mean 1 as training does; None where nothing is in it.

    `low` and `high` are the twentieth and the nineteenth twentieth part, `effective` is their distance as a share of the distance that the
    preset allows between a sure mild and a sure critical, `worth` is Kish's effective sample size, (Σw)² / Σw², as a share of the rows.
    """
    found = [_of_preset(material, name, weights) for name, weights in PRESETS.items()]
    rows = [row for row in found if row]
    if not rows:
        return None
    return {"rows": rows, "most": max(row["most"] for row in rows), "levels": SEVERITIES, "train": rows[0]["train"]}


def _of_preset(material: Material, name: str, weights: tuple[float, float, float]) -> dict[str, Any] | None:
    terms = " + ".join(f"{weight} * p_{level}" for weight, level in zip(weights, SEVERITIES, strict=True))
    by_level = ", ".join(f"sum(w) FILTER (severity = '{level}'), count(*) FILTER (severity = '{level}')" for level in SEVERITIES)
    count, total, squares, quantiles, *levels = material.session.con.execute(f"""
        WITH weighed AS (SELECT severity, round(({terms}) * {MILLION})::BIGINT AS w FROM tagged WHERE kept AND split = 'train')
        SELECT count(*), sum(w), sum(w::HUGEINT * w), quantile_disc(w, {list(SHARES)}), {by_level} FROM weighed""").fetchall()[0]
    if not count:
        return None
    mean = int(total) / count
    least, low, middle, high, most = (round(w / mean, 4) for w in quantiles)
    possible = (weights[-1] - weights[0]) * MILLION / mean
    return {
        "name": name,
        "weights": weights,
        "train": count,
        "least": least,
        "low": low,
        "middle": middle,
        "high": high,
        "most": most,
        "effective": round((high - low) / possible, 4),
        "worth": round(int(total) ** 2 / (count * int(squares)), 4),
        "levels": [round(int(of) / n / mean, 4) if n else None for of, n in zip(levels[::2], levels[1::2], strict=True)],
    }
