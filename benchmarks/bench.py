"""Speed and memory against the aims and against others, side by side in one run; writes docs/benchmarks.md out of benchmarks/figures.json.

    python -m benchmarks.bench [--only PART …] [--large] [--quick]

Each part is a module with `run(setting) -> dict` and `section(figures) -> str`. The figures of parts that are not run stay as they are.
"""

import argparse
import importlib
import json
import os
import shutil
import sys
from collections.abc import Iterator
from typing import Any

from benchmarks.measured import Figures, machine
from benchmarks.setting import ROOT, Setting

# In the order of the document; `large` takes a quarter of an hour and 12 GB of disk, and is asked for.
PARTS = ("pipeline", "cleaning", "near_duplicates", "against_rows", "against_datatrove", "bertscore_speed", "large")
ASKED_FOR = ("large",)
PACKAGES = (
    "duckdb",
    "pyarrow",
    "numpy",
    "camel_tools",
    "PyArabic",
    "emoji",
    "langdetect",
    "datasketch",
    "rensa",
    "great_expectations",
    "dvc",
    "torch",
    "transformers",
    "bert-score",
)
PLACE = ROOT / ".cache" / "bench"
FIGURES = ROOT / "benchmarks" / "figures.json"
DOCUMENT = ROOT / "docs" / "benchmarks.md"
CORES = 2


def measure(names: list[str], setting: Setting) -> Iterator[tuple[str, Figures]]:
    """The figures of each part with the machine they were measured on, on two cores, in a scratch folder that is removed."""
    parts = {name: part(name) for name in names}  # all of them, before the first takes its minutes
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    setting.place.mkdir(parents=True, exist_ok=True)
    try:
        for name, module in parts.items():
            yield name, {"machine": machine(PACKAGES), "figures": module.run(setting)}
            print(f"{name}: done", file=sys.stderr, flush=True)
    finally:
        shutil.rmtree(setting.place, ignore_errors=True)


def part(name: str) -> Any:
    """The module of a part."""
    return importlib.import_module(f"benchmarks.{name}")


def render(measured: dict[str, Figures]) -> str:
    """The document: the machines, then the sections."""
    names = [name for name in PARTS if name in measured]
    sections = [part(name).section(measured[name]["figures"]).strip() for name in names]
    return "\n\n".join((INTRODUCTION, _machines({name: measured[name]["machine"] for name in names}), *sections)) + "\n"


INTRODUCTION = """# Benchmarks

Written by `make bench` (`benchmarks/bench.py`) out of `benchmarks/figures.json`; do not edit. The pairs are made by
`benchmarks/maqa_shape.py` with a fixed seed: invented sentences at natural lengths with real noise rates. Every process is
measured whole, from start to exit, on two cores: wall seconds, user and system seconds, and the peak memory of all its
processes, which is the larger of `ru_maxrss` and their resident memory added up five times a second. MB are 10⁶ bytes."""


def _machines(by_part: dict[str, Figures]) -> str:
    """One paragraph for each machine and set of versions, with the parts measured on it where there are several."""
    groups: dict[str, list[str]] = {}
    for name, about in by_part.items():
        packages = ", ".join(f"{package} {version}" for package, version in about["packages"].items())
        on = f"{about['processor']}, {about['cores']} cores, {about['memory_gib']} GiB, Linux {about['kernel']}"
        text = f"{on}; Python {about['python']}, {packages}."
        groups.setdefault(text, []).append(name)
    if len(groups) == 1:
        return next(iter(groups))
    return "\n\n".join(f"{', '.join(f'`{name}`' for name in names)}: {text}" for text, names in groups.items())


def main() -> None:
    """Measure what is asked for, keep the other parts' figures, and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=PARTS, metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--large", action="store_true", help="4.3 million pairs too")
    parser.add_argument("--quick", action="store_true", help="few rows, once; to the screen, nothing is written")
    asked = parser.parse_args()
    names = asked.only or [name for name in PARTS if asked.large or name not in ASKED_FOR]
    if asked.quick:
        print(render(dict(measure(names, Setting(PLACE, repeats=1, quick=True)))))
        return
    figures = json.loads(FIGURES.read_text(encoding="utf-8")) if FIGURES.exists() else {}
    for name, measured in measure(names, Setting(PLACE)):
        figures[name] = measured
        FIGURES.write_text(json.dumps({name: figures[name] for name in PARTS if name in figures}, indent=1) + "\n", encoding="utf-8")
    DOCUMENT.write_text(render(figures), encoding="utf-8")
    print(DOCUMENT.relative_to(ROOT))


if __name__ == "__main__":
    main()
