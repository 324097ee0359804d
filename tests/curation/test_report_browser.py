"""The report as a reader has it: in headless Chromium, narrow and wide, light and dark, on paper, and by axe's rules of accessibility."""

import contextlib
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from curation.engine import METRICS, write_json
from curation.report.sections.leaderboard import EVALUATION
from curation.stages.report import REPORT
from tests.conftest import ROOT
from tests.curation.evaluated import evaluation
from tests.curation.test_report import DRIFT, make, make_ready

CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium: apt-get install chromium"),
]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report with every section."""
    project = tmp_path_factory.mktemp("browser")
    shutil.copy(ROOT / "params.yaml", project)
    with contextlib.chdir(project):
        make_ready(project)
        known = project / "data/sample/known"
        known.mkdir()
        header = "file,native_id,row,kind,seed_id,dialect,severity,duplicate_group,answer_expected,answer_native_id\n"
        (known / "posts.csv").write_text(f"{header}posts.json,1,,question,s1,LEV,mild,s1/q,,\nposts.json,3,,question,s2,MSA,critical,,,\n")
        write_json(METRICS / "train_a_recipe_with_a_long_name.json", {"validation_loss": 0.71, "weights": {"least": 0.69}})
        write_json(EVALUATION, evaluation())
        write_json(METRICS / "drift.json", DRIFT)
        make()
        return REPORT.resolve()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        window = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield window
        window.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_layout_and_accessibility(report: Path, browser: Any, width: int, scheme: str) -> None:
    heard: list[str] = []
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page.on("console", lambda message: heard.append(message.text))
    page.on("request", lambda request: heard.append(request.url) if request.url[:5] != "file:" else None)
    page.goto(report.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    assert heard == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(TOO_WIDE) == []
    assert page.evaluate("getComputedStyle(document.querySelector('.arabic')).direction") == "rtl"
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (int(re.findall(r"\d+", background)[0]) < 128) == (scheme == "dark")
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed: make setup")
    found = axe.Axe().run(page).response
    page.close()
    assert len(found["passes"]) > 20
    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found["violations"]] == []


# What stands out of the page and is in no box that scrolls; and text of charts that runs over its own chart.
TOO_WIDE = """() => [...document.querySelectorAll('main *')].filter(e => {
    if (e.closest('.scroll') && !e.matches('.scroll')) return false;
    const box = e.getBoundingClientRect(), all = document.documentElement.clientWidth;
    return box.width && (box.right > all + 1 || box.left < -1);
}).map(e => e.outerHTML.slice(0, 120))"""


def test_charts_do_not_write_one_text_over_another(report: Path, browser: Any) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 800})
    page.goto(report.as_uri())
    over = page.evaluate("""() => [...document.querySelectorAll('svg.chart')].flatMap(chart => {
        const boxes = [...chart.querySelectorAll('text')].map(t => [t.textContent, t.getBoundingClientRect()]);
        return boxes.flatMap(([a, x], i) => boxes.slice(i + 1).filter(([b, y]) =>
            x.left + 1 < y.right && y.left + 1 < x.right && x.top + 3 < y.bottom && y.top + 3 < x.bottom).map(([b]) => a + ' | ' + b));
    })""")
    page.close()
    assert over == []


def test_on_paper_it_is_light_and_nothing_is_cut(report: Path, browser: Any) -> None:
    page = browser.new_page(color_scheme="dark")
    page.goto(report.as_uri())
    pdf = page.pdf(format="A4")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"
    assert page.evaluate("getComputedStyle(document.querySelector('.scroll')).overflowX") == "visible"
    assert page.evaluate("getComputedStyle(document.querySelector('nav')).display") == "none"
    page.close()
    assert pdf[:5] == b"%PDF-" and len(re.findall(rb"/Type\s*/Page\b", pdf)) >= 5
