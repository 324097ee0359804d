"""report: one HTML file by which a person signs the dataset off, whether the gate is open or closed."""

from pathlib import Path

from curation.engine import METRICS, Session, write_text
from curation.params import Params
from curation.report import figures, provenance, results
from curation.report.examples import examples
from curation.report.funnel import funnel
from curation.report.planted import planted
from curation.report.render import render_report
from curation.stages import main

REPORT = Path("reports/report.html")


def run(session: Session, params: Params) -> str:
    """Writes reports/report.html and, over our own sample, reports/planted.json."""
    ingest = results.read_json(METRICS / "ingest.json")
    files = provenance.raw_files(params.ingest.inputs)
    figures.open_hand_overs(session)
    lines = funnel(session, ingest, params.select)
    checks = results.checks()
    gate = results.gate(checks["failed"])
    page = render_report(
        {
            "build": params.build,
            "checks": checks,
            "gate": gate,
            "files": files,
            "settings": provenance.settings(params),
            "versions": provenance.versions(),
            "ledger": lines,
            "sources": figures.sources(session),
            "quality": figures.quality(session, params.select),
            "dialects": figures.dialects(session),
            "severities": figures.severities(session),
            "duplicates": figures.duplicates(session),
            "redacted": figures.redacted(ingest),
            "examples": examples(session, params.clean, params.report.examples),
            "planted": planted(session, files),
            "models": results.models(),
        }
    )
    write_text(REPORT, page)
    kept = next(line["count"] for line in lines if line["name"] == "kept")
    state, passed = "open" if gate["open"] else "closed", f"{checks['passed']} of {checks['count']} checks passed"
    return f"{REPORT}: gate {state}, {passed}, {kept} records, {len(page.encode()) // 1000} kB"


if __name__ == "__main__":
    main(run)
