"""report: one HTML file by which a person signs the dataset off, whether the gate is open or closed."""

from pathlib import Path

from curation.engine import Session, write_text
from curation.params import Params
from curation.report.material import gather
from curation.report.render import render_page
from curation.report.sections import SECTIONS
from curation.stages import main

REPORT = Path("reports/report.html")


def run(session: Session, params: Params) -> str:
    """Writes reports/report.html and, over our own sample, reports/planted.json."""
    material = gather(session, params)
    measured = {section: section.figures(material) for section in SECTIONS}
    shown = [section for section, figures in measured.items() if figures is not None]
    checks, gate = material.checks, material.gate
    values = {"build": params.build, "gate": gate, "checks": checks, "records": material.records, "kept": material.kept, "shown": shown}
    page = render_page(values, {section.name: measured[section] for section in shown})
    write_text(REPORT, page)
    state, passed = "open" if gate["open"] else "closed", f"{checks['passed']} of {checks['count']} checks passed"
    return f"{REPORT}: gate {state}, {passed}, {material.kept} records, {len(page.encode()) // 1000} kB"


if __name__ == "__main__":
    main(run)
