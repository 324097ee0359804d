import numpy as np
import pytest

from training_recipes.leaderboard import Bootstrap, slices, table
from training_recipes.significance import Measure, mean_of

BOOTSTRAP = Bootstrap(samples=300, seed=3, confidence=0.95)


def test_a_table_by_hand() -> None:
    ours = [mean_of([0.2, 0.4, 0.6]), mean_of([0.4, 0.6, 0.8])]
    found = table({"ours": {"f1": ours}, "theirs": {"f1": [mean_of([0.1, 0.3, 0.5])]}}, "ours", BOOTSTRAP)
    assert found["ours"]["f1"]["value"] == 0.5 and found["ours"]["f1"]["sd"] == pytest.approx(0.2 / 2**0.5, abs=1e-4)
    difference = found["theirs"]["f1"]["difference"]
    assert difference["value"] == -0.2 and (difference["low"], difference["high"]) == (-0.2, -0.2)
    assert difference["p"] == difference["p_holm"] == round(2 / 301, 4), "the same on every question"


def test_the_seed_decides_and_nothing_else() -> None:
    scores = {"a": {"f1": [mean_of(np.linspace(0, 1, 20))]}, "b": {"f1": [mean_of(np.linspace(1, 0, 20))]}}
    turned = dict(reversed(scores.items()))
    assert table(scores, "a", BOOTSTRAP) == {name: table(turned, "a", BOOTSTRAP)[name] for name in scores}
    assert table(scores, "a", BOOTSTRAP) != table(scores, "a", BOOTSTRAP._replace(seed=4))


def test_p_is_corrected_for_how_many_systems_there_are() -> None:
    generator = np.random.default_rng(0)
    base = generator.uniform(size=30)
    systems = {f"s{i}": {"f1": [mean_of(base + generator.normal(0.02, 0.1, 30))]} for i in range(6)}
    found = table({"base": {"f1": [mean_of(base)]}} | systems, "base", BOOTSTRAP)
    ps = [found[name]["f1"]["difference"]["p"] for name in systems]
    corrected = [found[name]["f1"]["difference"]["p_holm"] for name in systems]
    assert min(corrected) == pytest.approx(min(1, 6 * min(ps)), abs=6e-4) and all(p <= c for p, c in zip(ps, corrected, strict=True))


def test_what_cannot_be_measured_is_none() -> None:
    nothing = Measure(np.zeros(5), np.zeros(5))
    found = table({"a": {"share": [nothing]}, "b": {"share": [nothing]}}, "a", BOOTSTRAP)
    assert found["b"]["share"] == {
        "value": None,
        "low": None,
        "high": None,
        "sd": None,
        "difference": {"value": None, "low": None, "high": None, "p": None, "p_holm": None},
    }


def test_a_slice_is_the_table_of_its_questions() -> None:
    scores = np.linspace(0, 1, 24)
    half = (np.arange(24) < 12).astype(float)
    groups = {"half": {"first": half, "second": 1 - half}, "few": {"nine": (np.arange(24) < 9).astype(float)}}
    found = slices({"a": {"f1": [mean_of(scores)]}}, groups, BOOTSTRAP)
    first, second = found["half"]
    alone = table({"a": {"f1": [mean_of(scores[:12])]}}, "a", BOOTSTRAP)["a"]["f1"]
    assert (first["name"], first["n"], second["n"]) == ("first", 12, 12)
    assert first["systems"]["a"]["f1"] == {key: alone[key] for key in ("value", "low", "high")}
    (few,) = found["few"]
    assert few["n"] == 9 and few["systems"]["a"]["f1"]["low"] is None and few["systems"]["a"]["f1"]["value"] is not None
