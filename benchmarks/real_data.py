"""The pipeline over four real sources, each alone and all together, by parameters only; writes docs/real_data.md.

Usage: python -m benchmarks.real_data. Reads ../shared/data; only counts and rates leave it, no text.
"""

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb
import yaml

from benchmarks.real_data_cases import CASES, Case
from benchmarks.real_data_document import Counts, render
from benchmarks.setting import ROOT, SHARED

DOCUMENT = ROOT / "docs" / "real_data.md"
LAST_STAGE = "build"
THREADS = 2


def run_case(case: Case, folder: Path) -> Counts:
    """Run the stages of dvc.yaml up to `build` in the new `folder` and return their counts; `failed` says where they ended.

    A link to the shared data goes beside `folder`, so that its params.yaml holds just what the document shows.
    """
    folder.mkdir(parents=True)
    link = folder.parent / SHARED.parent.name
    if not link.exists():
        link.symlink_to(SHARED.parent)
    params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    for section, keys in case.params().items():
        params[section].update(keys)
    (folder / "params.yaml").write_text(yaml.safe_dump(params, allow_unicode=True, sort_keys=False), encoding="utf-8")
    copy_written(folder, params["build"]["name"])
    environment = {**os.environ, "TIBYAN_THREADS": str(THREADS), "PYTHONPATH": str(ROOT)}
    start, failed = time.perf_counter(), ""
    for stage, command in stages():
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
        if done.returncode:
            failed = f"{stage}: {done.stderr.strip()[-2000:]}"
            break
    counts = {"failed": failed, "seconds": round(time.perf_counter() - start), **_metrics(folder), **_from_rows(folder)}
    if not failed:
        loaded = load_built(folder)
        counts["loaded"] = {split: rows.num_rows for split, rows in loaded.items()}
    return counts


def copy_written(folder: Path, name: str) -> None:
    """What a person writes for a dataset: the template of its card and its changelog."""
    (folder / "datasets" / name).mkdir(parents=True)
    for written in ("card.md.jinja", "CHANGELOG.md"):
        shutil.copy(ROOT / "datasets" / name / written, folder / "datasets" / name)


def stages() -> list[tuple[str, list[str]]]:
    """The names and commands of dvc.yaml from the first stage to `build`, all that a dataset needs."""
    written: dict[str, Any] = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    names = list(written)
    names = names[: names.index(LAST_STAGE) + 1]
    return [(name, [sys.executable, *shlex.split(written[name]["cmd"])[1:]]) for name in names]


def load_built(folder: Path) -> Any:
    """The built dataset of a run as `datasets.load_dataset` gives it."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # read when `datasets` is imported
    os.environ.setdefault("HF_DATASETS_DISABLE_PROGRESS_BARS", "1")
    from datasets import load_dataset

    name = yaml.safe_load((folder / "params.yaml").read_text(encoding="utf-8"))["build"]["name"]
    return load_dataset(str(folder / "datasets" / name), cache_dir=str(folder / ".cache" / "datasets"))


def _metrics(folder: Path) -> Counts:
    """What reports/metrics and the gate hold, under the names of the files."""
    paths = [*(folder / "reports" / "metrics").glob("*.json"), *(folder / "reports").glob("gate.json")]
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(paths)}


def _from_rows(folder: Path) -> Counts:
    """What no stage counts: languages, and severity by the source's own label."""
    interim = folder / "data" / "interim"
    names = ("records", "cleaned", "severity")
    if not all((interim / f"{name}.parquet").exists() for name in names):
        return {}
    with duckdb.connect() as con:
        for name in names:
            con.read_parquet(str(interim / f"{name}.parquet")).create_view(name)
        rows = "records JOIN cleaned USING (record_id) JOIN severity USING (record_id)"
        languages = con.execute(f"SELECT language, count(*) FROM {rows} GROUP BY ALL ORDER BY ALL").fetchall()
        labels = con.execute(f"""SELECT label_severity, severity, count(*) FROM {rows}
            WHERE label_severity IS NOT NULL GROUP BY ALL ORDER BY ALL""").fetchall()
    by_label: dict[str, dict[str, int]] = {}
    for label, severity, count in labels:
        by_label.setdefault(label, {})[severity] = count
    return {"languages": dict(languages), "by_label": by_label}


def main() -> int:
    """Run every case and write the document; 1 where a source is missing or a run failed."""
    missing = [entry["path"] for case in CASES for entry in case.inputs if not (ROOT / entry["path"]).exists()]
    if missing:
        print(f"not there: {', '.join(dict.fromkeys(missing))}. See docs/real_data.md.", file=sys.stderr)
        return 1
    results: dict[str, Counts] = {}
    with tempfile.TemporaryDirectory() as place:
        for case in CASES:
            results[case.name] = counts = run_case(case, Path(place) / case.name)
            print(f"{case.name}: {counts['failed'] or 'gate open'}, {counts['seconds']} s", flush=True)
    DOCUMENT.parent.mkdir(exist_ok=True)
    DOCUMENT.write_text(render(CASES, results), encoding="utf-8")
    print(DOCUMENT.relative_to(ROOT))
    return int(any(counts["failed"] for counts in results.values()))


if __name__ == "__main__":
    sys.exit(main())
