"""The house itself: what DVC knows of the code, whose `datasets` is imported, and what must never be in the repository."""

import ast
import csv
import re
import subprocess
import sys
from collections import Counter
from functools import cache, reduce
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("curation", "validators", "training_recipes")
WRITTEN: dict[str, Any] = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
STAGES: dict[str, Any] = {name: stage.get("do", stage) for name, stage in WRITTEN.items()}
LEXICONS = sorted(path for package in PACKAGES for path in (ROOT / package / "lexicons").glob("*.csv"))
# How the work is done, never what comes out of it: a change here need not run a stage again.
HOW = {
    "curation/engine.py",
    "curation/errors.py",
    "curation/params.py",
    "curation/processes.py",
    "curation/schema.py",
    "curation/stages/__init__.py",
}
DOWNLOADS = ("dialectid", "data", "disambig", "sentiment", "ner", "morphology")  # of camel_tools, at import
MACHINE_PATH = re.compile(r"/(work|root|farm)/")


def python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def modules(package: str) -> list[str]:
    paths = sorted((ROOT / package).rglob("*.py"))
    return [".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in paths]


@cache
def reached(module: str) -> frozenset[str]:
    """Files of this project that a module imports, and they import, inside functions too; itself included."""
    base = ROOT / module.replace(".", "/")
    path = base / "__init__.py" if base.is_dir() else base.with_suffix(".py")
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
        elif isinstance(node, ast.Import):
            names |= {name.name for name in node.names}
    found = {str(path.relative_to(ROOT))}
    for name in names - {module}:
        if name.startswith(PACKAGES) and name in OURS:
            found |= reached(name)
    return frozenset(found)


OURS = {module for package in PACKAGES for module in modules(package)}


def variants(stage: str) -> list[dict[str, Any]]:
    """The stages that a matrix or a foreach stands for, their items filled in; a plain stage alone."""
    written = WRITTEN[stage]
    if "matrix" in written:
        keys, values = zip(*written["matrix"].items(), strict=True)
        filled = [{f"item.{key}": value for key, value in zip(keys, chosen, strict=True)} for chosen in product(*values)]
    else:
        filled = [{"key": key, "item": item} for key, item in written["foreach"].items()] if "foreach" in written else [{}]
    text = yaml.safe_dump({key: value for key, value in STAGES[stage].items() if key != "matrix"})
    return [yaml.safe_load(reduce(lambda text, part: text.replace(f"${{{part[0]}}}", str(part[1])), of.items(), text)) for of in filled]


def command(stage: str) -> str:
    return str(STAGES[stage]["cmd"]).split()[2]


def test_datasets_is_hugging_faces() -> None:
    file = Path(python("import datasets; print(datasets.__file__)").strip())
    assert "site-packages" in file.parts
    assert not list((ROOT / "datasets").glob("*.py")) and not (ROOT / "datasets/__init__.py").exists()


def test_every_stage_is_a_module_and_every_module_of_stages_a_stage() -> None:
    assert [name for name in STAGES if command(name).rpartition(".")[2] != name] == []
    assert {command(name) for name in STAGES} <= OURS
    in_curation = {command(name) for name in STAGES if command(name).startswith("curation.stages.")}
    assert in_curation == set(modules("curation/stages")) - {"curation.stages"}
    outside = {name for name in STAGES if not command(name).startswith("curation.stages.")}
    assert outside == {"validate", "gate", "validate_built", "base_model", "train", "answer", "evaluate"}


@pytest.mark.parametrize("stage", STAGES)
def test_the_code_that_a_stage_depends_on_is_there(stage: str) -> None:
    paths = {dep for variant in variants(stage) for dep in variant["deps"]}
    code = {path for path in paths if path.startswith((*PACKAGES, "data/sample", "data/raw"))}
    assert code, "a stage that depends on no code is not run again when it changes"
    assert [path for path in sorted(code) if not (ROOT / path).exists()] == []


FOR_A_NAME = "imports names, paths and the raw files' digests of what else it does not run: not a reason to run it again"
RUN_AGAIN = [
    pytest.param(name, marks=pytest.mark.xfail(strict=True, reason=FOR_A_NAME)) if name in ("gate", "build", "report") else name
    for name in STAGES
]


@pytest.mark.parametrize("stage", RUN_AGAIN)
def test_a_stage_is_run_again_when_the_code_it_runs_changes(stage: str) -> None:
    deps = [Path(dep) for dep in STAGES[stage]["deps"]]
    own = {path for path in reached(command(stage)) - HOW if not path.endswith("__init__.py")}
    assert sorted(path for path in own if not any(Path(path).is_relative_to(dep) for dep in deps)) == []


RUN = 8  # words: a sentence is somebody's from about there on
# What everybody says in the same words is nobody's.
FORMULAS = {"لا حول ولا قوة إلا بالله العلي العظيم"}
ARABIC_WORD = re.compile(r"[\u0621-\u063a\u0641-\u064a\u0671-\u06d3]+")


def runs(text: str) -> set[int]:
    of_lines = (ARABIC_WORD.findall(line) for line in text.splitlines())
    return {hash(tuple(words[i : i + RUN])) for words in of_lines for i in range(len(words) - RUN + 1)}


def test_nobodys_words_of_the_shared_data_stand_here() -> None:
    shared = ROOT.parent / "shared" / "data"
    if not shared.is_dir():
        pytest.skip("the real texts are not beside the repository")
    theirs: set[int] = set()
    for path in shared.rglob("*"):
        if path.is_file():
            theirs |= runs(path.read_text(encoding="utf-8", errors="ignore"))
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    ours = [path for name in listed.split("\0") if name and (path := ROOT / name).suffix not in (".png", ".parquet", ".xlsx")]
    assert len(ours) > 200
    formulas = set().union(*map(runs, FORMULAS))
    copied = [str(path.relative_to(ROOT)) for path in ours if (runs(path.read_text(encoding="utf-8", errors="ignore")) & theirs) - formulas]
    assert copied == []


@pytest.mark.parametrize("stage", STAGES)
def test_what_a_stage_reads_is_made_before_it(stage: str) -> None:
    made = {out for other in STAGES for out in outputs(other)}
    deps = {dep for variant in variants(stage) for dep in variant["deps"]}
    read = {dep for dep in deps if dep.startswith(("data/interim", "reports/", "models/", "datasets/"))}
    written = {"datasets/${build.name}/card.md.jinja", "datasets/${build.name}/CHANGELOG.md"}  # by hand, and by `tibyan release`
    inside = {dep for dep in read if any(Path(dep).is_relative_to(out) for out in made)}
    assert read - {"reports/metrics"} - written <= inside
    assert not set(outputs(stage)) & read


def outputs(stage: str) -> list[str]:
    listed = [out for variant in variants(stage) for kind in ("outs", "metrics", "plots") for out in variant.get(kind, [])]
    return [out if isinstance(out, str) else next(iter(out)) for out in listed]


def test_no_two_stages_write_one_file() -> None:
    made = [out for stage in STAGES for out in outputs(stage)]
    assert len(made) == len(set(made))


def test_importing_the_packages_asks_no_network() -> None:
    names = [*modules("curation"), *modules("validators")]
    forbidden = tuple(f"camel_tools.{name}" for name in DOWNLOADS)
    asked = python(f"""
import importlib, socket, sys
def refuse(*arguments, **options):
    raise RuntimeError("the network is asked for")
socket.socket.connect = socket.getaddrinfo = refuse
for name in {names!r}:
    if "custom" not in name:
        importlib.import_module(name)
print([name for name in sys.modules if name.startswith({forbidden!r})])
print([name for name in ("torch", "transformers", "great_expectations") if name in sys.modules])
""")
    assert asked.splitlines() == ["[]", "[]"]


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.split("\0") if name]


def test_no_tracked_text_holds_a_path_of_a_machine() -> None:
    held = []
    for path in tracked():
        content = path.read_bytes() if path.is_file() else b""
        if b"\0" not in content and MACHINE_PATH.search(content.decode("utf-8", errors="replace")):
            held.append(str(path.relative_to(ROOT)))
    assert held == []


def test_nothing_made_is_tracked() -> None:
    learnt = re.compile(r"curation/\w+/weights\.parquet")  # words with weights, part of the code
    names = [name for path in tracked() if not learnt.fullmatch(name := path.relative_to(ROOT).as_posix())]
    assert [name for name in names if name.endswith((".parquet", ".duckdb", ".bin", ".safetensors", ".pyc"))] == []
    assert [name for name in names if name.startswith("data/raw/") and not name.endswith(".gitignore")] == []


@pytest.mark.parametrize("path", LEXICONS, ids=lambda path: path.stem)
def test_a_lexicon_is_a_table(path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file, strict=True)
    assert all(header) and len(header) == len(set(header)) and rows
    lines = {i for i, row in enumerate(rows, start=2) if len(row) != len(header) or not row[0].strip()}
    assert lines == set(), "rows of another width, or without their first column"
    padded = [i for i, row in enumerate(rows, start=2) if any(cell != cell.strip() for cell in row)]
    assert padded == []
    assert [row for row, times in Counter(map(tuple, rows)).items() if times > 1] == []
