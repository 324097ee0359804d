"""A project folder of its own for a CSV of MAQA's columns, and its stages one after another, each as its own process as DVC runs them."""

import os
import shutil
import sys
from pathlib import Path
from typing import Any

import yaml

from benchmarks.measured import Cost, run
from benchmarks.real_data import copy_written, stages
from benchmarks.setting import MAQA, ROOT

THREADS = 2
ENVIRONMENT = {"TIBYAN_THREADS": str(THREADS), "PYTHONPATH": str(ROOT)}
DVC_ENVIRONMENT = {
    **ENVIRONMENT,
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
}  # `python` in dvc.yaml is this one
CODE = ("curation", "validators", "data/sample")  # with data/raw and the takedown list all that these stages depend on
# What each stage does before it does anything: its imports, the parameters, a session.
NOTHING = """import {module}
from curation.engine import open_session
from curation.params import load_params
with open_session(load_params().engine):
    pass"""


def make(folder: Path, csv: Path, columns: dict[str, str] = MAQA, **changes: dict[str, Any]) -> Path:
    """The repository's params.yaml with the CSV as the one input, and `changes` of other keys by section; an earlier folder is removed."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "data" / "raw").mkdir(parents=True)
    os.link(csv, folder / "data" / "raw" / csv.name)
    shutil.copy(ROOT / "data" / "takedown.csv", folder / "data")
    params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    params["ingest"]["inputs"] = [{"path": f"data/raw/{csv.name}", "source": "maqa", "columns": columns, "redistributable": "yes"}]
    for section, keys in changes.items():
        params[section].update(keys)
    (folder / "params.yaml").write_text(yaml.safe_dump(params, allow_unicode=True, sort_keys=False), encoding="utf-8")
    copy_written(folder, params["build"]["name"])
    return folder


def run_stages(folder: Path) -> dict[str, Cost]:
    """Every stage of dvc.yaml from the first to `build`, the gate included: what each takes, by its name; said as each ends."""
    costs: dict[str, Cost] = {}
    for name, command in stages():
        costs[name] = cost = run(command, folder, **ENVIRONMENT)
        print(f"{name}: {cost.seconds:.1f} s, {cost.cpu:.1f} CPU s, {cost.peak / 1e6:,.0f} MB", file=sys.stderr, flush=True)
    return costs


def start_up(folder: Path) -> dict[str, Cost]:
    """The same processes with nothing to do."""
    modules = {name: command[command.index("-m") + 1] for name, command in stages()}
    return {name: run([sys.executable, "-c", NOTHING.format(module=module)], folder, **ENVIRONMENT) for name, module in modules.items()}


def run_dvc(folder: Path) -> Cost:
    """The same stages as a first `dvc repro build` runs them: with its own start, the hashing and the copies in its cache."""
    as_dvc_project(folder, *CODE)
    return run([sys.executable, "-m", "dvc", "repro", "build"], folder, **DVC_ENVIRONMENT)


def as_dvc_project(folder: Path, *code: str) -> None:
    """A DVC project without git in `folder`: the repository's dvc.yaml and those of its folders that the stages depend on."""
    for name in code:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("dvc.yaml", ".dvcignore"):
        shutil.copy(ROOT / name, folder)
    (folder / ".dvc").mkdir(exist_ok=True)
    (folder / ".dvc" / "config").write_text(f"{(ROOT / '.dvc' / 'config').read_text()}    no_scm = true\n", encoding="utf-8")
