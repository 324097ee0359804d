"""What differs between versions, and a release: version, changelog, folder, commit and tag, or nothing at all."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
import yaml
from typer.testing import CliRunner

from curation.cli import app
from curation.errors import TibyanError
from curation.publishing.changelog import TITLE, with_section
from curation.publishing.difference import GONE, NOT_SAID, Difference, difference
from curation.publishing.release import bumped, with_version
from curation.publishing.versions import open_version
from curation.schema import SPLITS
from tests.curation.small_dataset import FOLDER, KEY, ROOT

NAME = "arabic-medical-qa"


def tibyan(*arguments: str) -> Any:
    return CliRunner().invoke(app, list(arguments), env={"COLUMNS": "200", "TERM": "dumb"}, catch_exceptions=False)


def git(*arguments: str) -> str:
    identity = ("-c", "user.name=a", "-c", "user.email=a@b.c")
    return subprocess.run(["git", *identity, *arguments], check=True, capture_output=True, text=True).stdout


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def change(folder: Path, config: str, split: str, edit: Any) -> None:
    path = folder / config / f"{split}.parquet"
    table = pq.read_table(path)
    pq.write_table(pa.Table.from_pylist(edit(table.to_pylist()), table.schema), path)


@pytest.fixture
def edited(small_project: Path) -> list[str]:
    """A copy of the dataset as `older`: one row that is gone, one less than now, one with another label, one with another text."""
    shutil.copytree(FOLDER, "older")
    ids = pq.read_table(FOLDER / "data/train.parquet")["record_id"].to_pylist()
    for config in ("data", "annotations"):
        change(
            Path("older"),
            config,
            "train",
            lambda rows: [r for r in rows if r["record_id"] != ids[0]] + [rows[-1] | {"record_id": "f" * 16}],
        )
    change(
        Path("older"), "annotations", "train", lambda rows: [r | ({"severity": "none"} if r["record_id"] == ids[1] else {}) for r in rows]
    )
    change(Path("older"), "data", "train", lambda rows: [r | ({"answer": "غير"} if r["record_id"] == ids[2] else {}) for r in rows])
    return ids


def found(old: str, new: str) -> Difference:
    with open_version(old) as before, open_version(new) as after, duckdb.connect() as con:
        return difference(con, before, after)


def test_rows_values_and_labels_that_differ(edited: list[str]) -> None:
    (severity,) = [r["severity"] for r in pq.read_table(FOLDER / "annotations/train.parquet").to_pylist() if r["record_id"] == edited[1]]
    differs = found("older", str(FOLDER))
    assert (differs.old, differs.new, differs.added, differs.removed) == (60, 60, {"clinic": 1}, {GONE: 1})
    assert differs.changed == {"answer": 1, "severity": 1} and differs.shifts == {"severity": {f"none to {severity}": 1}}
    assert differs.drift["split"] == 0 < differs.drift["severity"] < 0.1
    other_way = found(str(FOLDER), "older")
    assert other_way.removed == {NOT_SAID: 1} and other_way.shifts == {"severity": {f"{severity} to none": 1}}
    same = found(str(FOLDER), str(FOLDER))
    assert not (same.added or same.removed or same.changed or same.shifts) and set(same.drift.values()) == {0.0}


def test_the_command_prints_counts_and_never_a_text(edited: list[str]) -> None:
    done = tibyan("diff", "older", str(FOLDER), "--json", "diff.json")
    assert (
        done.exit_code == 0
        and "60 rows; older (0.1.0) had 60" in done.output
        and "changed in rows of both: answer 1, severity 1" in done.output
    )
    assert "غير" not in done.output + Path("diff.json").read_text(encoding="utf-8")
    assert json.loads(Path("diff.json").read_text(encoding="utf-8"))["added"] == {"clinic": 1}
    wrong = tibyan("diff", "none", str(FOLDER))
    assert (
        wrong.exit_code == 1
        and "none: no folder and no git revision. Name one, or a dataset of the Hub as hub:ORG/NAME@REVISION" in wrong.output
    )
    Path("empty").mkdir()
    assert "empty: holds no Parquet files of a dataset" in tibyan("diff", "empty", str(FOLDER)).output


def test_removed_rows_have_their_reason(small_project: Path) -> None:
    shutil.copytree(FOLDER, "older")
    ids = pq.read_table(FOLDER / "data/train.parquet")["record_id"].to_pylist()[:3]
    selection = pq.read_table("data/interim/selection.parquet")
    reasons = [{ids[0]: "duplicate", ids[1]: "duplicate", ids[2]: "no_answer"}.get(row["record_id"]) for row in selection.to_pylist()]
    pq.write_table(selection.set_column(2, "reject_reason", pa.array(reasons, pa.string())), "data/interim/selection.parquet")
    for config in ("data", "sft", "annotations"):
        path = FOLDER / config / "train.parquet"
        table = pq.read_table(path)
        pq.write_table(table.filter(pc.invert(pc.is_in(table["record_id"], pa.array(ids)))), path)
    from curation.publishing.folder import folder_digest

    made = json.loads(Path("reports/build.json").read_text(encoding="utf-8"))
    Path("reports/build.json").write_text(json.dumps(made | {"folder": folder_digest(FOLDER)}), encoding="utf-8")
    assert found("older", str(FOLDER)).removed == {"duplicate": 2, "no_answer": 1}


@pytest.mark.parametrize(
    ("version", "step", "expected"), [("0.1.9", "patch", "0.1.10"), ("0.1.9", "minor", "0.2.0"), ("1.4.2", "major", "2.0.0")]
)
def test_versions_are_semantic(version: str, step: str, expected: str) -> None:
    assert bumped(version, step) == expected


def test_params_keep_their_comments(project: Path) -> None:
    before = Path("params.yaml").read_text(encoding="utf-8")
    after = with_version(before, "0.2.0")
    assert yaml.safe_load(after)["build"]["version"] == "0.2.0" and after.replace("0.2.0", "0.1.0", 1) == before
    with pytest.raises(TibyanError, match="does not stand on a line of its own"):
        with_version("build: {name: x, version: 0.1.0}\n", "0.2.0")


def test_the_newest_version_stands_first() -> None:
    one = with_section(TITLE, "0.1.0", ["first version"])
    two = with_section(one, "0.2.0", ["a", "b"])
    assert two == f"{TITLE}\n## 0.2.0\n\n- a\n- b\n\n## 0.1.0\n\n- first version\n"


@pytest.fixture(scope="module")
def committed(built_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A git and DVC repository whose one stage is `build`, committed with its outputs."""
    folder = tmp_path_factory.mktemp("repository") / "project"
    shutil.copytree(built_once, folder)
    stage = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]["build"]
    stage["deps"] = [dep for dep in stage["deps"] if not dep.startswith("curation")]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("TIBYAN_ANNOTATIONS_KEY", KEY)
        patch.setenv("PYTHONPATH", str(ROOT))
        Path("dvc.yaml").write_text(yaml.safe_dump({"stages": {"build": stage}}), encoding="utf-8")
        shutil.copyfile(ROOT / "datasets/.gitignore", FOLDER.parent / ".gitignore")
        Path(".gitignore").write_text("/data\n/reports\n/.cache\n", encoding="utf-8")
        git("init", "-q")
        run_dvc("init", "-q")
        run_dvc("repro", "-q")
        git("add", "-A")
        git("commit", "-qm", "first")
    return folder


@pytest.fixture
def repository(committed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it to change, as working directory."""
    folder = tmp_path / "project"
    shutil.copytree(committed, folder, symlinks=True)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("TIBYAN_ANNOTATIONS_KEY", KEY)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "a")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "a@b.c")
    return folder


def run_dvc(*arguments: str) -> None:
    done = subprocess.run([sys.executable, "-m", "dvc", *arguments], capture_output=True, text=True)
    assert not done.returncode, done.stderr


def state() -> tuple[dict[str, bytes], str, str]:
    tracked = {name: Path(name).read_bytes() for name in git("ls-files").split()}
    return contents(FOLDER) | tracked, git("rev-parse", "HEAD"), git("tag")


def test_a_release_is_a_version_a_changelog_a_commit_and_a_tag(repository: Path) -> None:
    first = tibyan("release")
    assert first.exit_code == 0 and f"{NAME}-v0.1.0: committed and tagged" in first.output, first.output
    assert "first version: with text 40, as annotations alone 20 rows" in first.output
    assert f"{NAME}-v0.1.0: is released already. Raise the version" in tibyan("release").output
    second = tibyan("release", "--bump", "minor")
    assert second.exit_code == 0 and f"{NAME}-v0.2.0: committed" in second.output and "the same rows with the same values" in second.output
    changelog = (FOLDER / "CHANGELOG.md").read_text(encoding="utf-8")
    assert changelog.index("## 0.2.0") < changelog.index("## 0.1.0") and f"60 rows; {NAME}-v0.1.0 had 60" in changelog
    assert f"git checkout {NAME}-v0.2.0" in (FOLDER / "README.md").read_text(encoding="utf-8")
    assert json.loads(Path("reports/build.json").read_text())["version"] == "0.2.0"
    assert git("status", "--porcelain") == "" and git("tag").split() == [f"{NAME}-v0.1.0", f"{NAME}-v0.2.0"]
    with open_version(f"{NAME}-v0.1.0") as old:  # out of DVC's cache
        assert "Version 0.1.0." in (old.folder / "README.md").read_text(encoding="utf-8")
        assert {path.stem for path in (old.folder / "annotations").glob("*.parquet")} == set(SPLITS)


def test_a_release_that_fails_leaves_everything(repository: Path) -> None:
    before = state()
    assert "--bump huge: write major, minor or patch" in tibyan("release", "--bump", "huge").output
    template = FOLDER / "card.md.jinja"
    template.write_text(template.read_text(encoding="utf-8") + "{{ nothing }}", encoding="utf-8")
    assert "tracked files are changed" in tibyan("release").output
    git("commit", "-qam", "a template that asks for too much")
    before = state()
    done = tibyan("release", "--bump", "patch")
    assert done.exit_code == 1 and done.output.count("\n") == 1 and "differs from what was built past the gate" in done.output
    Path("reports/gate.json").unlink()
    assert "the gate is closed" in tibyan("release", "--bump", "patch").output and state() == before


def test_a_build_that_fails_midway_is_taken_back(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = state()
    monkeypatch.setenv("TIBYAN_THREADS", "none")  # read by the stage, not by the release
    done = tibyan("release", "--bump", "patch")
    assert done.exit_code == 1 and "dvc repro: build: TIBYAN_THREADS" in done.output, done.output
    assert state() == before and git("status", "--porcelain") == ""
    monkeypatch.delenv("TIBYAN_THREADS")
    monkeypatch.setenv("GIT_COMMITTER_NAME", "")  # as where nobody told git who he is
    done = tibyan("release", "--bump", "patch")
    assert done.exit_code == 1 and "git commit" in done.output, done.output
    assert state() == before and git("status", "--porcelain") == ""


def test_data_that_is_not_in_the_cache_is_said(repository: Path) -> None:
    git("tag", "old")
    shutil.rmtree(".dvc/cache")
    done = tibyan("diff", "old", str(FOLDER))
    assert done.exit_code == 1 and "old: its data is not in the local DVC cache. Get it with `dvc fetch`" in done.output, done.output
