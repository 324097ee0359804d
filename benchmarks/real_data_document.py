"""docs/real_data.md out of the counts of benchmarks/real_data.py: how to repeat each run, what each stage counted, and the rates."""

from collections.abc import Callable, Sequence
from typing import Any

import yaml

from benchmarks.document import table
from benchmarks.real_data_cases import Case
from curation.schema import DIALECT_LABELS, SEVERITIES, SPLITS, UNKNOWN

Counts = dict[str, Any]


def render(cases: Sequence[Case], results: dict[str, Counts]) -> str:
    """The document: how to repeat each run, what each stage counted, and the rates."""
    return "\n\n".join((_INTRODUCTION, *map(_how, cases), _counts(results), _rates(results), _labels(results))) + "\n"


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
    for name in DIALECT_LABELS:
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
    return "## Counts\n\n" + table(["stage", "", *results], once)


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
        + table(["", *results], [[name, *(_cell(value, run) for run in results.values())] for name, value in rows])
    )


def _labels(results: dict[str, Counts]) -> str:
    """The two things that darija_urgency can tell: its dialect is known, and doctors labelled its urgency."""
    run = results["darija_urgency"]
    by_label: dict[str, dict[str, int]] = run.get("by_label", {})
    if not {"URGENT", "CONSULTATION"} <= set(by_label):
        return "## Against the labels of darija_urgency\n\nThe run did not come far enough."
    severities = SEVERITIES[::-1]
    by_severity = table(
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

{by_severity}

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
    return sum(count for name, count in run["dialect"]["by_dialect"].items() if name not in ("MSA", UNKNOWN))


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
