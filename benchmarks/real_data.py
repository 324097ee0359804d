"""The pipeline over four real sources, each alone and all together, by parameters only; writes docs/real_data.md.

Usage: python benchmarks/real_data.py. Reads ../shared/data; only counts and rates leave it, no text.
"""

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import yaml

from curation.schema import DIALECTS, SEVERITIES, SPLITS

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
DOCUMENT = ROOT / "docs" / "real_data.md"
LAST_STAGE = "build"
THREADS = 2
Counts = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """One run: the entries of `ingest.inputs`, the other keys that change, why they do, and what to know about the data."""

    name: str
    what: str
    inputs: tuple[dict[str, Any], ...]
    changes: dict[str, dict[str, Any]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def params(self) -> dict[str, dict[str, Any]]:
        """What a user writes into params.yaml; every other key stays as it is."""
        return {"ingest": {"inputs": list(self.inputs)}, **self.changes}

    def files(self) -> list[Path]:
        return [ROOT / entry["path"] for entry in self.inputs]


ARAMED = {
    "path": "../shared/data/aramed/Sample_AraMed.csv",
    "format": "table",
    "source": "aramed",
    "licence": "MIT",
    "redistributable": "yes",
    "columns": {
        "question": "Question description",
        "answer": "Answer details 1",
        "specialty": "Question category",
        "asked_at": "Question time",
        "native_id": "Question ID",
    },
}
MENTALQA = {
    "path": "../shared/data/mentalqa/Train_Dev.tsv",
    "format": "table",
    "source": "mentalqa",
    "licence": "MIT",
    "redistributable": "yes",
    "columns": {"question": "question", "answer": "answer"},
}
DARIJA = {
    "path": "../shared/data/darija_urgency/dataset.csv",
    "format": "table",
    "source": "darija_urgency",
    "licence": "CC-BY-4.0",
    "redistributable": "yes",
    "columns": {"question": "sentence", "specialty": "service", "severity": "urgency"},
}
FACEPAGER = {
    "path": "../shared/data/facepager_covid/fbds1.txt",
    "source": "facepager_covid",
    "licence": "CC0-1.0",
    "redistributable": "yes",
}

CASES = (
    Case("aramed", "Consultations of a doctor site.", (ARAMED,), {"build": {"license": "mit"}}),
    Case(
        "mentalqa",
        "Questions about mental health, answered by professionals.",
        (MENTALQA,),
        {"build": {"license": "mit"}},
    ),
    Case(
        "darija_urgency",
        "Algerian posts that doctors labelled URGENT or CONSULTATION.",
        (DARIJA,),
        {"select": {"require_answer": False}, "build": {"license": "cc-by-4.0"}},
        ("`select.require_answer` is false: this source has no answers. The two checks of answers then leave the suite.",),
    ),
    Case(
        "facepager_covid",
        "Facebook posts with the comments under them.",
        (FACEPAGER,),
        {"validate": {"min_rows": 10, "min_rows_per_split": 1}, "build": {"license": "cc0-1.0"}},
        (
            "`validate.min_rows` and `min_rows_per_split` are lowered: the file has 25 posts.",
            "The posts are news, not questions: what comes out shows the reader and the rules for threads on a real export, "
            "and is no medical data. No expectation can tell that; the gate only warns.",
        ),
    ),
    Case(
        "together",
        "The four in one run.",
        (ARAMED, MENTALQA, DARIJA, FACEPAGER),
        {"select": {"require_answer": False}, "build": {"license": "other"}},
        (
            "`select.require_answer` is false, or all of darija_urgency would go. It switches off every rule about "
            "answers, so more of the other sources is kept than when each runs alone.",
        ),
    ),
)


def run_case(case: Case, folder: Path) -> Counts:
    """Run the stages of dvc.yaml up to `build` in the new `folder` and return their counts; `failed` says where they ended.

    A link to the shared data goes beside `folder`, so that its params.yaml holds just what the document shows.
    """
    folder.mkdir(parents=True)
    link = folder.parent / SHARED.name
    if not link.exists():
        link.symlink_to(SHARED)
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


def render(results: dict[str, Counts]) -> str:
    """The document: how to repeat each run, what each stage counted, and the rates."""
    return "\n\n".join((_INTRODUCTION, *map(_how, CASES), _counts(results), _rates(results), _labels(results))) + "\n"


_INTRODUCTION = """# The pipeline over real data

Written by `make real-data` (`benchmarks/real_data.py`); do not edit. The sources are other people's, under
`../shared/data`, and none of their text is in this repository: below are counts and rates only. Every run uses the code
and `params.yaml` of the repository, changes the keys that its snippet shows and no others, goes from `ingest` through
`validate` and `gate` to `build`, and ends with `datasets.load_dataset` on the folder that was built.

To repeat a run, put its snippet into `params.yaml` (the keys go into the sections that are there) and run

```bash
dvc repro build      # ingest … gate, build
python -c "from datasets import load_dataset; print(load_dataset('datasets/arabic-medical-qa'))"
```

DVC does not watch files outside the repository: when one of them changes, run `dvc repro -f ingest` first. The script
runs the commands that `dvc.yaml` gives for these stages, in a temporary folder.

## What goes into params.yaml"""


def _how(case: Case) -> str:
    snippet = yaml.safe_dump(case.params(), allow_unicode=True, sort_keys=False).strip()
    notes = "".join(f"\n\n{note}" for note in case.notes)
    return f"### {case.name}\n\n{case.what}\n\n```yaml\n{snippet}\n```{notes}"


def _counts(results: dict[str, Counts]) -> str:
    runs = list(results.values())
    lines: list[list[str]] = []

    def add(stage: str, name: str, value: Callable[[Counts], Any]) -> None:
        lines.append([stage, name, *(_cell(value, run) for run in runs)])

    def add_each(stage: str, prefix: str, group: Callable[[Counts], dict[str, int]]) -> None:
        found: dict[str, int] = {}
        for run in runs:
            for name, count in _or_empty(group, run).items():
                found[name] = found.get(name, 0) + count
        for name in found:
            if found[name]:
                add(stage, f"{prefix}{name}", lambda run, name=name: group(run).get(name, 0))

    add("ingest", "pieces read (posts or rows)", lambda r: r["ingest"]["read"])
    add("ingest", "comments read", lambda r: r["ingest"]["comments"])
    add("ingest", "records", lambda r: r["ingest"]["records"])
    add("ingest", "rejects", lambda r: r["ingest"]["rejects"])
    add_each("ingest", "rejected: ", lambda r: r["ingest"]["rejects_by_reason"])
    add_each("ingest", "answer chosen: ", lambda r: r["ingest"]["answers_by_rule"])
    add_each("ingest", "redacted: ", _redacted)
    add_each("clean", "language: ", lambda r: r["languages"])
    for name in (*DIALECTS, "unknown"):
        add("dialect", name, lambda r, name=name: r["dialect"]["by_dialect"].get(name, 0))
    add("dialect", "questions changed by MSA", lambda r: r["dialect"]["questions_changed_to_msa"])
    for name in reversed(SEVERITIES):
        add("severity", name, lambda r, name=name: r["severity"]["by_severity"].get(name, 0))
    add("severity", "without any cue", lambda r: r["severity"]["without_any_cue"])
    for side in ("question", "answer", "pair"):
        for kind in ("exact", "near"):
            add("duplicates", f"{side}s, {kind}", lambda r, side=side, kind=kind: r["duplicates"][side][kind])
    add("select", "kept", lambda r: r["select"]["kept"])
    add("select", "rejected", lambda r: r["select"]["rejected"])
    add_each("select", "rejected: ", lambda r: r["select"]["rejected_by_reason"])
    for name in SPLITS:
        add("split", name, lambda r, name=name: r["split"][name])
    add("validate", "checks passed", lambda r: f"{r['validation']['passed']} of {r['validation']['checks']}")
    add("validate", "critical failed", lambda r: r["validation"]["failed_critical"])
    add("gate", "", lambda r: "open" if r.get("gate", {}).get("open") else "closed")
    add("gate", "warnings", lambda r: ", ".join(f"`{w}`" for w in r["gate"]["warnings"]) or "none")
    add("build", "rows that `load_dataset` gives", lambda r: sum(r["loaded"].values()))
    add("", "seconds for all stages, two cores", lambda r: r["seconds"])
    once = [[stage if i == 0 or lines[i - 1][0] != stage else "", *rest] for i, (stage, *rest) in enumerate(lines)]
    return "## Counts\n\n" + _table(["stage", "", *results], once)


def _rates(results: dict[str, Counts]) -> str:
    rows: list[tuple[str, Callable[[Counts], Any]]] = [
        ("kept of the records", lambda r: _percent(r["select"]["kept"], r["select"]["read"])),
        ("personal data redacted per 1,000 records", _per_mille),
        ("questions in Arabic or Arabizi", lambda r: _percent(_sum(r["languages"], "ar", "arabizi"), _records(r))),
        ("dialect other than MSA", lambda r: _percent(_dialectal(r), _records(r))),
        ("questions changed by MSA", lambda r: _percent(r["dialect"]["questions_changed_to_msa"], _records(r))),
        ("without any severity cue", lambda r: _percent(r["severity"]["without_any_cue"], _records(r))),
        *(
            (f"severity: {name}", lambda r, name=name: _percent(r["severity"]["by_severity"].get(name, 0), _records(r)))
            for name in reversed(SEVERITIES)
        ),
        ("exact and near duplicates of a question", lambda r: _percent(_sum(r["duplicates"]["question"], "exact", "near"), _records(r))),
    ]
    return (
        "## Rates\n\nOf the records. No source but darija_urgency has labels for what is tagged here: these rates describe "
        "the data, and the section below is the only one that measures.\n\n"
        + _table(["", *results], [[name, *(_cell(value, run) for run in results.values())] for name, value in rows])
    )


def _labels(results: dict[str, Counts]) -> str:
    """The two things that darija_urgency can tell: its dialect is known, and doctors labelled its urgency."""
    run = results["darija_urgency"]
    by_label: dict[str, dict[str, int]] = run.get("by_label", {})
    if not {"URGENT", "CONSULTATION"} <= set(by_label):
        return "## Against the labels of darija_urgency\n\nThe run did not come far enough."
    severities = SEVERITIES[::-1]
    table = _table(
        ["label", *severities, "all"],
        [[label, *(str(n.get(s, 0)) for s in severities), str(sum(n.values()))] for label, n in by_label.items()],
    )
    urgent, consultation = by_label["URGENT"], by_label["CONSULTATION"]

    def share(label: dict[str, int], *names: str) -> str:
        return f"{_percent(_sum(label, *names), sum(label.values()))} ({_sum(label, *names)} of {sum(label.values())})"

    called_mild = _percent(urgent.get("mild", 0), sum(urgent.values()))
    dialects = run["dialect"]["by_dialect"]
    mgr, msa, posts = dialects.get("MGR", 0), dialects.get("MSA", 0), _records(run)
    return f"""## Against the labels of darija_urgency

All of it is Algerian: {_percent(mgr, posts)} of the posts ({mgr} of {posts}) are called MGR and {_percent(msa, posts)} MSA;
of those called a dialect, {_percent(mgr, _dialectal(run))} are MGR.

Doctors labelled how urgent a post is. Severity of the posts under each label:

{table}

- URGENT called critical or moderate (recall): {share(urgent, "critical", "moderate")}
- URGENT called critical: {share(urgent, "critical")}
- CONSULTATION called critical or moderate (false alarms): {share(consultation, "critical", "moderate")}
- CONSULTATION called critical: {share(consultation, "critical")}

The word lists were written after looking at some of these very rows, so **this is no independent test**: on Algerian
text that nobody has looked at, dialect and severity will do worse. Of what doctors call urgent, {called_mild} is called
mild here: the column is a weight for training, never a triage."""


def _records(run: Counts) -> int:
    return int(run["ingest"]["records"])


def _redacted(run: Counts) -> dict[str, int]:
    total: dict[str, int] = {}
    for kinds in run["ingest"]["redacted"].values():
        for kind, count in kinds.items():
            total[kind] = total.get(kind, 0) + count
    return dict(sorted(total.items()))


def _dialectal(run: Counts) -> int:
    return sum(count for name, count in run["dialect"]["by_dialect"].items() if name not in ("MSA", "unknown"))


def _sum(counts: dict[str, int], *names: str) -> int:
    return sum(counts.get(name, 0) for name in names)


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "–"


def _per_mille(run: Counts) -> str:
    return f"{1000 * sum(_redacted(run).values()) / _records(run):.0f}"


def _cell(value: Callable[[Counts], Any], run: Counts) -> str:
    """The value, or a dash where the run did not come so far."""
    try:
        return str(value(run))
    except KeyError:
        return "–"


def _or_empty(group: Callable[[Counts], dict[str, int]], run: Counts) -> dict[str, int]:
    try:
        return group(run)
    except KeyError:
        return {}


def _table(header: list[str], rows: Iterable[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


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
    DOCUMENT.write_text(render(results), encoding="utf-8")
    print(DOCUMENT.relative_to(ROOT))
    return int(any(counts["failed"] for counts in results.values()))


if __name__ == "__main__":
    sys.exit(main())
