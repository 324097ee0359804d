"""docs/privacy.md out of the figures that privacy.py measures."""

import os
import platform
import re
from collections import Counter
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks import ingest_cost, privacy_speed
from benchmarks import privacy_scores as scores

PACKAGES = ("duckdb", "pyarrow", "phonenumbers", "python-stdnum")
NOT_CAUGHT = (
    "**Names** are the weak side, as the table says: given names that are ordinary words too (أمل, نور, حسن) without a cue; family names "
    "that are common words (خوري, الشريف) or stand on no list, which may stay behind a given name that goes; names after a weak cue "
    "(«عم», «أخي») without more; given names in lower-case Latin letters without a cue; nicknames.",
    "**Names of authors** are redacted wherever they stand in their own dump, as full names. A first name alone is none of them, and a "
    "name of another dump is unknown here.",
    "**Addresses in words**: a town or a quarter alone, directions (“behind the mosque”), a street without a number.",
    "**Numbers**: phones in words (“zero ten, twelve…”), numbers spread over several comments, three values of three digits without a "
    "cue, ids and file numbers without a cue in countries whose ids have no published check rule (all but Saudi Arabia, the Emirates, "
    "Egypt and Kuwait).",
    "**Handles without @** that no application's name introduces.",
    "**Left on purpose**: prophets and prayers, hospitals and syndromes named after persons, drugs that bear names.",
    "**Pictures**: links to them go, what stands in them was never read.",
    "**A person by the story**: age, town, illness and date together can tell who is meant. Nothing here hides that.",
)

INTRODUCTION = """# No personal data past the door: the figures

Written by `make privacy` (`python -m benchmarks.privacy`); do not edit. All texts with known answers are invented for this project. The
real ones lie under `../shared/data`, are other people's, and only counts of them are here."""


def render(results: dict[str, Any]) -> str:
    """The document."""
    found, speed = results["scores"], results["speed"]
    parts = (
        INTRODUCTION,
        _machine(),
        "## Found and not found\n\n" + _rule(found["cases"], found["held_out"]),
        "### Held out, by kind\n\n" + _by(found["held_out_events"], "kind"),
        "### Held out, by dialect\n\n" + _by(found["held_out_events"], "dialect"),
        "### All cases, by kind\n\n" + _by(found["events"], "kind"),
        "### All cases, by dialect\n\n" + _by(found["events"], "dialect"),
        _sample(found["sample"], found["left"]),
        _doses(found["doses"], found["values"]),
        _speed(speed),
        _beside_presidio(speed["presidio"], found["cases"], found["events"]),
        _ingest(results["ingest"]),
        "## What is not caught\n\n" + "\n".join(f"- {sentence}" for sentence in NOT_CAUGHT),
    )
    return "\n\n".join(part for part in parts if part) + "\n"


def _machine() -> str:
    information = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    model = re.search(r"model name\s*:\s*(.+)", information)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"Machine: {os.cpu_count()} cores ({model[1].strip() if model else platform.machine()}), {memory:.0f} GiB of memory, "
        f"Python {platform.python_version()}, {packages}."
    )


def _rule(cases: list[scores.Case], held_out: list[scores.Case]) -> str:
    clean = sum(not case.planted for case in cases)
    return (
        f"{len(cases)} texts written by hand (`tests/curation/privacy_cases/cases.csv`), {clean} of them without any personal data; "
        f"{len(held_out)} are held out: nobody looked at them while the rules were written. A piece counts as found when no character of "
        "it is left outside a placeholder, and as partly found when some are left. Recall is of the pieces planted. A placeholder is "
        "right when it stands on a piece that was planted, of whatever kind; precision is of all placeholders. `too wide`: right, but "
        "took more of the text along. `other kind`: found, and named another kind than expected."
    )


COLUMNS = ("planted", "found", "partly", "missed", "other kind", "recall", "placeholders", "wrong", "too wide", "precision")


def _by(events: Iterable[scores.Event], group: str) -> str:
    counts = scores.tally(events, lambda event: getattr(event, group))
    order = [name for name in scores.KINDS if name in counts] if group == "kind" else sorted(counts)
    rows = [[name, *_cells(counts[name])] for name in order]
    return _table([group, *COLUMNS], [*rows, ["all", *_cells(sum(counts.values(), Counter()))]])


def _cells(n: scores.Counts) -> list[str]:
    recall, precision = _percent(n["found"], n["planted"]), _percent(n["given"] - n["false"], n["given"])
    left = (n["planted"], n["found"], n["partial"], n["missed"], n["renamed"])
    return [*map(str, left), recall, *map(str, (n["given"], n["false"], n["wide"])), precision]


def _sample(events: list[scores.Event], left: dict[str, dict[str, Any]]) -> str:
    text = (
        "## The sample\n\nEvery text of the dumps under `data/sample/raw`, with the names of its authors known as in the ingest stage. "
        "These texts were looked at while the rules were written.\n\n" + _by(events, "kind")
    )
    if left:
        rows = [[kind, *(str(row[key]) for key in ("values", "at_stake", "left"))] for kind, row in left.items()]
        text += (
            "\n\nIn the records after `dvc repro` (`reports/planted.json`), by value; at stake is what stands in a text that was kept:\n\n"
        )
        text += _table(["kind", "values planted", "at stake", "left in a record"], rows)
    return text


def _doses(n: scores.Counts, values: dict[str, dict[str, scores.Counts]]) -> str:
    text = f"""## Doses

{n["texts"]} strings of doses, laboratory values, ages and dates written by hand (`tests/curation/privacy_cases/doses.csv`), {n["numbers"]}
numbers in them: {n["redacted"]} strings have another number after redaction, {n["cleaned"]} after redaction and light cleaning (digits in
one script), and {n["placeholders"]} placeholders stand in them."""
    rows = []
    for source, kinds in values.items():
        counts = [kinds[kind] for kind in scores.MEASURES]
        if any(count["there"] for count in counts):
            rows.append([source, *(_survived(count) for count in counts)])
    if not rows:
        return text
    total = [sum((kinds[kind] for kinds in values.values()), Counter()) for kind in scores.MEASURES]
    text += "\n\nIn real texts, numbers that a unit follows, by source: how many are there, and how many no placeholder touches.\n\n"
    return text + _table(["source", *scores.MEASURES], [*rows, ["all", *map(_survived, total)]])


def _survived(n: scores.Counts) -> str:
    return f"{n['there'] - n['touched']:,} of {n['there']:,}"


def _speed(speed: dict[str, Any]) -> str:
    about, target = speed["about"], privacy_speed.TARGET
    what = "real comments of three platforms (mpold)" if about["real"] else "comments in the sample's words"
    repeated, passes = privacy_speed.REPEATED, privacy_speed.PASSES
    text = (
        f"## Texts a second\n\nOne process on one core. {about['texts']:,} {what}, {about['characters']:.0f} characters on average, "
        f"{repeated} times over: the median of {passes} passes. The first time a word is seen costs more, so the first pass over the "
        f"comments alone stands beside. Aimed at: {target:,} a second."
    )
    names = {
        "names": "all kinds",
        "known": f"all kinds, the names of {about['authors']:,} authors known",
        "plain": "without names (`redact_names: false`)",
    }
    rows = [[name, _rate(speed[key]["rate"]), _rate(speed[key]["cold"])] for key, name in names.items()]
    if "different" in speed:
        of = speed["different"]
        name = f"all kinds, {of['texts']:,} different real texts of {of['characters']:.0f} characters"
        rows.append([name, "–", _rate(of["cold"])])
    presidio = speed["presidio"]
    if "missing" in presidio:
        note = f"\n\nPresidio was not measured: {presidio['missing']}."
    else:
        rows.append(["Presidio: PhoneRecognizer, EmailRecognizer", _rate(presidio["rate"]), "–"])
        note = (
            f"\n\nPresidio {privacy_speed.PRESIDIO_VERSION}: its two recognisers called directly, without spaCy, the regions of the 22 "
            f"Arab countries, same comments, same run, the median of {presidio['passes']} passes. They look for two kinds, ours without "
            f"names for six: {speed['plain']['rate'] / presidio['rate']:.0f} times as many texts a second."
        )
    return text + "\n\n" + _table(["", "again and again", "first pass"], rows) + note


def _beside_presidio(presidio: dict[str, Any], cases: list[scores.Case], ours: list[scores.Event]) -> str:
    if "missing" in presidio:
        return ""
    theirs = [event for case, spans in zip(cases, presidio["spans"], strict=True) for event in scores.judge(case, spans)]
    counts = {name: scores.tally(events, lambda event: event.kind) for name, events in (("this", ours), ("Presidio", theirs))}
    rows = []
    for kind in ("PHONE", "EMAIL"):
        for name, by_kind in counts.items():
            n = by_kind.get(kind, Counter())
            right = _percent(n["given"] - n["false"], n["given"])
            rows.append([kind, name, str(n["planted"]), str(n["found"]), _percent(n["found"], n["planted"]), str(n["given"]), right])
    text = "Phones and e-mails of all cases, held out and not, by the rule above; a piece that any of its placeholders covers is found.\n\n"
    return text + _table(["kind", "", "planted", "found", "recall", "placeholders", "precision"], rows)


def _ingest(costs: dict[str, dict[str, Any]]) -> str:
    target = ingest_cost.TARGET
    text = (
        "## Ingest at full size\n\n`python -m curation.stages.ingest` with this repository's `params.yaml` on dumps generated for it "
        "(`benchmarks/dumps.py`, in the sample's words): a facebook-scraper JSON, indented and escaped as the tool writes it, and a "
        "workbook of MAQA's columns, deflated, its texts in the table that cells share, as spreadsheets are. From start to exit, with "
        f"the memory that its processes held together at the peak. Aimed at: under {target:,} MB."
    )
    lines: list[tuple[str, Any]] = [
        ("size of the file, MB", lambda c: f"{c['bytes'] / 1e6:,.0f}"),
        ("posts or rows", lambda c: f"{c.get('posts', c.get('rows')):,}"),
        ("comments", lambda c: f"{c['read_comments']:,}"),
        ("records", lambda c: f"{c['records']:,}"),
        ("pieces of personal data redacted", lambda c: f"{c['redacted']:,}"),
        ("seconds", lambda c: f"{c['seconds']:.0f}"),
        ("posts or rows a second", lambda c: _rate(c.get("posts", c.get("rows")) / c["seconds"])),
        ("comments a second", lambda c: _rate(c["read_comments"] / c["seconds"]) if c["read_comments"] else "–"),
        ("MB a second", lambda c: f"{c['bytes'] / 1e6 / c['seconds']:.1f}"),
        ("peak memory, MB", lambda c: f"{c['peak'] / 1e6:,.0f}"),
    ]
    return text + "\n\n" + _table(["", *costs], [[name, *(value(cost) for cost in costs.values())] for name, value in lines])


def _rate(rate: float) -> str:
    return f"{rate:,.0f}"


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "–"


def _table(header: list[str], rows: Iterable[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
