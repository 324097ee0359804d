"""What single sections of the report count, held against counts made by hand, and the colours of charts."""

import re
from itertools import pairwise
from typing import Any

import pytest

from curation.params import load_params
from curation.report.diff import merged, shortened
from curation.report.queries import EXCERPT, excerpt
from curation.report.sections import SECTIONS
from curation.report.sections.calibration import calibration_error, macro_f1, measures
from curation.report.sections.weights import PRESETS, figures
from tests.conftest import ROOT

REPORT = ROOT / "curation/report"


def test_each_section_has_a_module_a_template_and_one_row() -> None:
    modules = {path.stem for path in (REPORT / "sections").glob("*.py")} - {"__init__"}
    templates = {path.stem for path in (REPORT / "sections").glob("*.jinja")}
    names = [section.name for section in SECTIONS]
    assert modules == templates == set(names) and len(names) == len(set(names))


COUNTS = {"mild": {"mild": 8, "critical": 2}, "moderate": {"mild": 3, "moderate": 1}, "critical": {"moderate": 1, "critical": 5}}


def test_measures_of_severity() -> None:
    found = measures(COUNTS)
    assert found == {"number": 20, "accuracy": 0.7, "critical_recall": 0.8333, "too_mild": 0.2}
    # mild 2*8/(10+11), moderate 2*1/(4+2), critical 2*5/(6+7)
    assert macro_f1(COUNTS) == pytest.approx((16 / 21 + 2 / 6 + 10 / 13) / 3, abs=1e-4)
    assert macro_f1({"mild": {"mild": 1}}) == 1.0 and measures({"mild": {"mild": 1}})["critical_recall"] is None


def test_calibration_error() -> None:
    curve = [{"texts": 3, "said": 0.5, "right": 0.7}, {"texts": 1, "said": 0.9, "right": 0.5}]
    assert calibration_error(curve) == pytest.approx((3 * 0.2 + 0.4) / 4)


class FakeSession:
    def __init__(self, con: Any) -> None:
        self.con = con


class FakeMaterial:
    def __init__(self, con: Any) -> None:
        self.session = FakeSession(con)


def test_training_weights(con: Any) -> None:
    con.execute("""CREATE TABLE tagged AS SELECT * FROM (VALUES
        ('mild', 1.0, 0.0, 0.0, true, 'train'), ('critical', 0.0, 0.0, 1.0, true, 'train'),
        ('critical', 0.0, 0.0, 1.0, true, 'test'), ('critical', 0.0, 0.0, 1.0, false, NULL))
        t(severity, p_mild, p_moderate, p_critical, kept, split)""")
    found = figures(FakeMaterial(con))  # type: ignore[arg-type]
    assert found is not None and found["train"] == 2 and [row["name"] for row in found["rows"]] == list(PRESETS)
    strong = found["rows"][-1]
    assert (strong["least"], strong["most"], strong["effective"]) == (0.25, 1.75, 1.0)
    assert strong["worth"] == pytest.approx(2**2 / (2 * (0.25**2 + 1.75**2)), abs=1e-4)
    assert strong["levels"] == [0.25, None, 1.75]
    con.execute("UPDATE tagged SET p_mild = 0.4, p_moderate = 0.3, p_critical = 0.3")
    flat = figures(FakeMaterial(con))  # type: ignore[arg-type]
    assert flat is not None and [(row["effective"], row["worth"]) for row in flat["rows"]] == [(0.0, 1.0)] * 3
    con.execute("DELETE FROM tagged")
    assert figures(FakeMaterial(con)) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("الم ٣ ايام", "الم 3 ايام", [("الم ", "same"), ("٣", "gone"), ("3", "come"), (" ايام", "same")]),
        ("تعب  شديد", "تعب شديد", [("تعب", "same"), ("␣␣", "gone"), ("␣", "come"), ("شديد", "same")]),
        ("دم", "دم", [("دم", "same")]),
    ],
)
def test_both_texts_in_one(before: str, after: str, shown: list[tuple[str, str]]) -> None:
    assert [tuple(mark) for mark in merged(before, after)] == shown


def test_a_long_text_is_shown_around_its_first_change() -> None:
    before = "وجع " * 30 + "٣" + " مغص" * 30 + " ٤"
    marks = shortened(merged(before, before.replace("٣", "3").replace("٤", "4")))
    assert [mark.kind for mark in marks] == ["same", "gone", "come", "same"]
    assert marks[0].text.startswith("… ") and marks[-1].text.endswith(" …") and sum(len(mark.text) for mark in marks) < 100


def test_an_excerpt_is_cut_between_words() -> None:
    assert excerpt("ضيق  تنفس\nشديد") == "ضيق تنفس شديد"
    cut = excerpt("سخونة وكحة من امبارح " * 20)
    assert len(cut) <= EXCERPT + 2 and cut.removesuffix(" …") in "سخونة وكحة من امبارح " * 20 and not cut.endswith("  …")
    assert len(excerpt("ه" * 500)) <= EXCERPT + 2


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(a: str, b: str) -> float:
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [0, 1])
def test_charts_are_told_apart_without_hue(theme: int) -> None:
    css = (REPORT / "page.css.jinja").read_text(encoding="utf-8")
    block = re.findall(r":root \{(.*?)\}", css, re.DOTALL)[theme]
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))
    shades = [colours[f"shade{i}"] for i in (1, 2, 3)]
    assert min(contrast(a, b) for a, b in pairwise(shades)) >= 2.5  # a step that grey shows as well
    assert contrast(colours["bar"], colours["paper"]) >= 3 and contrast(colours["edge"], colours["paper"]) >= 3  # WCAG 1.4.11
    assert all(contrast(colours[name], colours["paper"]) >= 4.5 for name in ("ink", "quiet", "accent", "good", "bad", "warn"))
    assert contrast(colours["gone"], colours["gone-soft"]) >= 4.5 and contrast(colours["come"], colours["come-soft"]) >= 4.5


def test_params_know_the_presets_recipe() -> None:
    recipe = (ROOT / "training_recipes/recipes/lora_severity_balanced.yaml").read_text(encoding="utf-8")
    assert f"weights: {list(PRESETS['balanced'])}" in recipe
    assert load_params(ROOT / "params.yaml").report.examples > 0
