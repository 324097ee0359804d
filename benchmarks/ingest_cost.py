"""What the ingest stage takes for a dump of full size: seconds and peak memory of its processes, in a project folder of its own."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from benchmarks import measured
from benchmarks.dumps import Counts, facebook_json, maqa_xlsx

ROOT = Path(__file__).resolve().parents[1]
PLACE = ROOT / ".cache" / "benchmarks"
FACEBOOK_BYTES, MAQA_ROWS = 1_000_000_000, 341_000
TARGET = 1_000  # MB at the peak
Cost = dict[str, Any]


def measure(scale: float = 1.0) -> dict[str, Cost]:
    """Both dumps, one after the other; each is removed when it has been read."""
    return {
        "facebook-scraper JSON": _cost("group.json", lambda path: facebook_json(path, int(FACEBOOK_BYTES * scale))),
        "MAQA workbook": _cost("maqa.xlsx", lambda path: maqa_xlsx(path, int(MAQA_ROWS * scale))),
    }


def _cost(name: str, write: Callable[[Path], Counts]) -> Cost:
    folder = PLACE / Path(name).stem
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "data").mkdir(parents=True)
    try:
        counts = write(folder / name)
        params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
        params["ingest"]["inputs"] = [{"path": name}]
        (folder / "params.yaml").write_text(yaml.safe_dump(params, allow_unicode=True), encoding="utf-8")
        size = (folder / name).stat().st_size
        return {**counts, "bytes": size, **run(folder)}
    finally:
        shutil.rmtree(folder)


def run(folder: Path) -> Cost:
    """`python -m curation.stages.ingest` in `folder`: seconds from start to exit, and the most memory that its processes held together."""
    cost = measured.run([sys.executable, "-m", "curation.stages.ingest"], folder, PYTHONPATH=str(ROOT))
    metrics = yaml.safe_load((folder / "reports/metrics/ingest.json").read_text(encoding="utf-8"))
    return {
        "seconds": cost.seconds,
        "peak": cost.peak,
        "records": metrics["records"],
        "read_comments": metrics["comments"],
        "rejects": metrics["rejects"],
        "redacted": sum(sum(kinds.values()) for kinds in metrics["redacted"].values()),
    }
