"""Great Expectations' own pages of a run, one a suite, for who knows them; reports/report.html has the same without the net.

They load styles from the net and name the time of the run, so they differ at every run: git and DVC leave the folder out.
"""

import shutil
from pathlib import Path
from typing import Any

from curation.engine import write_text
from validators.outcomes import number

COUNTS = ("element_count", "unexpected_count", "unexpected_percent", "missing_count", "missing_percent", "observed_value")
INDEX = '<!doctype html><meta charset="utf-8"><title>Data Docs</title><h1>Suites</h1><ul>{}</ul>\n'


def write_pages(folder: Path, answers: dict[str, Any]) -> None:
    """`folder`/<suite>.html for the answer of each suite, and index.html; an earlier folder is removed.

    Only counts and numbers of a result are shown: values of a column are patients' words.
    """
    from great_expectations.render.renderer import ValidationResultsPageRenderer
    from great_expectations.render.view import DefaultJinjaPageView

    shutil.rmtree(folder, ignore_errors=True)
    view = DefaultJinjaPageView()  # one for all pages: each compiles its templates anew
    for suite, answer in answers.items():
        for result in answer.results:
            result.result = {name: found for name in COUNTS if (found := number(result.result.get(name))) is not None}
        write_text(folder / f"{suite}.html", view.render(ValidationResultsPageRenderer(run_info_at_end=True).render(answer)))
    write_text(folder / "index.html", INDEX.format("".join(f'<li><a href="{name}.html">{name}</a></li>' for name in answers)))
