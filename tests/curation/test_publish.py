"""`tibyan publish` against a Hub on loopback: what it refuses, one commit with a tag, the same twice, broken off and gone on, read back."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml
from typer.testing import CliRunner

from curation.cli import app
from curation.params import load_params
from curation.publishing import checks
from curation.schema import SPLITS
from curation.stages import build
from tests.curation import small_dataset
from tests.curation.on_loopback import REPO, at, contents, publish, refused, released
from tests.curation.small_dataset import FOLDER, KEY, ROOT, run
from tests.hub_server import Hub
from validators import validate_built

check_no_personal_data = checks.check_no_personal_data
AT = f"datasets/{REPO}"


def test_one_commit_with_a_tag_and_private(ready: Path, hub: Hub) -> None:
    before = contents(Path())
    done = publish()
    assert done.exit_code == 0 and "v0.1.0 published, private: 15 added, 0 changed, 0 deleted" in done.output, done.output
    repo = hub.repos[AT]
    assert repo.private and len(repo.commits) == 2 and repo.tags == {"v0.1.0": repo.branches["main"]}
    assert at(repo, "v0.1.0") == contents(FOLDER)
    assert contents(Path()) == before


def test_the_same_version_twice_does_nothing(ready: Path, hub: Hub) -> None:
    publish()
    said = hub.asked.copy()
    done = publish()
    assert done.exit_code == 0 and "v0.1.0 is published already, nothing to do" in done.output
    assert {name for name, count in (hub.asked - said).items()} == {"GET revision", "GET refs", "GET tree"}
    assert "nothing would be done" in publish("--dry-run").output


def test_other_content_needs_another_version(ready: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    publish()
    first = at(hub.repos[AT], "main")
    monkeypatch.setenv("TIBYAN_ANNOTATIONS_KEY", "cd" * 32)
    run(build)
    run(validate_built)
    assert "has v0.1.0 with other content. Make a new version" in refused()
    content = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
    content["build"]["version"] = "0.2.0"
    Path("params.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    assert "of arabic-medical-qa 0.1.0, not of what params.yaml says" in refused()
    run(build)
    run(validate_built)
    assert "0 added, 7 changed, 0 deleted" in publish().output  # card, Croissant, citation, how to join, annotations of each split
    assert at(hub.repos[AT], "v0.1.0") == first and at(hub.repos[AT], "v0.2.0") == contents(FOLDER)


def test_what_is_no_longer_in_the_folder_goes(ready: Path, hub: Hub) -> None:
    publish()
    repo = hub.repos[AT]
    repo.tags.clear()
    repo.add({**repo.commits[repo.branches["main"]][2], "old/train.parquet": ("lfs", b"old")}, "by hand", parent=repo.branches["main"])
    assert "0 added, 0 changed, 1 deleted" in publish().output
    assert at(repo, "main") == contents(FOLDER)


def test_a_dry_run_changes_nothing(ready: Path, hub: Hub) -> None:
    done = publish("--dry-run")
    assert done.exit_code == 0 and f"dry run: {REPO} (new, private) would have v0.1.0: 15 files added" in done.output
    assert hub.repos == {} and set(hub.asked) == {"GET revision"}


def test_public_only_when_said_and_only_at_the_end(ready: Path, hub: Hub) -> None:
    assert "git" in refused("--public")
    released()
    hub.fail["/commit/"] = 403
    assert "the Hub answers 403 (as the test wants it). Ask for the right" in refused("--public")
    assert hub.repos == {}
    assert "published, public" in publish("--public").output and not hub.repos[AT].private
    assert "is public already. Say --public" in refused()
    assert "nothing to do" in publish("--public").output
    hub.repos[AT].private = True
    assert "is public now" in publish("--public").output and not hub.repos[AT].private


def test_a_public_version_is_a_released_one(ready: Path, hub: Hub) -> None:
    subprocess.run(["git", "init", "-q"], check=True)
    assert "arabic-medical-qa-v0.1.0: no such git tag, and the card names it. Make it with `tibyan release`" in refused("--public")
    assert hub.repos == {}


def test_a_pull_request_waits_for_somebody(ready: Path, hub: Hub) -> None:
    publish()
    repo = hub.repos[AT]
    repo.tags.clear()
    head = repo.add(
        {**repo.commits[repo.branches["main"]][2], "README.md": ("regular", b"by hand")}, "by hand", parent=repo.branches["main"]
    )
    done = publish("--create-pr")
    assert "pull request opened; merge it, then publish again" in done.output and done.output.strip().endswith("discussions/1")
    assert repo.branches["main"] == head and repo.tags == {} and at(repo, "refs/pr/1") == contents(FOLDER)
    assert "is open already" in publish("--create-pr").output and list(repo.requests) == [1]
    repo.branches["main"] = repo.branches["refs/pr/1"]  # merged
    assert "0 added, 0 changed, 0 deleted" in publish().output and repo.tags == {"v0.1.0": repo.branches["main"]}


def test_what_was_broken_off_goes_on(ready: Path, hub: Hub) -> None:
    hub.fail["/commit/"] = 0
    before = contents(Path())
    assert "the connection broke. Run it again: what was uploaded is not uploaded twice" in refused()
    uploaded = hub.asked["PUT lfs"]
    assert uploaded == 9 and hub.repos[AT].tags == {} and at(hub.repos[AT], "main") == {} and contents(Path()) == before
    assert "15 added" in publish().output and hub.asked["PUT lfs"] == uploaded
    assert at(hub.repos[AT], "v0.1.0") == contents(FOLDER)


def test_a_commit_without_its_tag_gets_it(ready: Path, hub: Hub) -> None:
    hub.fail["/tag/"] = 503
    assert "the Hub answers 503" in refused()
    assert len(hub.repos[AT].commits) == 2 and hub.repos[AT].tags == {}
    assert "0 added, 0 changed, 0 deleted" in publish().output
    assert len(hub.repos[AT].commits) == 2 and at(hub.repos[AT], "v0.1.0") == contents(FOLDER)


def test_a_refused_upload_leaves_no_repository(ready: Path, hub: Hub) -> None:
    hub.fail["/lfs/objects/batch"] = 403
    assert "the Hub answers 403" in refused() and hub.repos == {}
    assert "write ORG/NAME" in refused(repo="no name")
    assert hub.repos == {}


def test_a_version_on_the_hub_is_compared(ready: Path, hub: Hub) -> None:
    publish()
    done = CliRunner().invoke(app, ["diff", f"hub:{REPO}@v0.1.0", str(FOLDER)], catch_exceptions=False)
    assert done.exit_code == 0 and "the same rows with the same values" in done.output, done.output
    for named, why in (
        (f"hub:{REPO}@v9", "has no such revision"),
        ("hub:org/none", "not there, or not yours to see"),
        ("hub:x y", "ORG/NAME"),
    ):
        done = CliRunner().invoke(app, ["diff", named, str(FOLDER)], catch_exceptions=False)
        assert done.exit_code == 1 and why in done.output and done.output.count("\n") == 1, done.output


def close_the_gate() -> None:
    Path("reports/gate.json").unlink()


def other_data() -> None:
    Path("reports/validation.json").write_text('{"checks": []}', encoding="utf-8")


def change_the_card() -> None:
    (FOLDER / "README.md").write_text("# Mine\n", encoding="utf-8")


def add_a_file() -> None:
    (FOLDER / "notes.txt").write_text("notes", encoding="utf-8")


def built_from_other_data() -> None:
    content = json.loads(Path("reports/build.json").read_text(encoding="utf-8"))
    Path("reports/build.json").write_text(json.dumps(content | {"gate": "ab" * 32}), encoding="utf-8")


def take_the_licence_of_the_forum() -> None:
    with small_dataset.open_session(load_params().engine) as session:
        rows = session.read("sources").project("* REPLACE (CASE WHEN source = 'forum' THEN NULL ELSE licence END AS licence)")
        session.write(rows, "sources", order_by="source")
    os.environ["TIBYAN_ANNOTATIONS_KEY"] = KEY
    run(build)
    run(validate_built)


def take_the_datasets_licence() -> None:
    path = Path("params.yaml")
    path.write_text(path.read_text(encoding="utf-8").replace("license: cc0-1.0", "license: unknown"), encoding="utf-8")


def say_other() -> None:
    path = Path("params.yaml")
    path.write_text(path.read_text(encoding="utf-8").replace("license: cc0-1.0", "license: other"), encoding="utf-8")


def build_without_a_key() -> None:
    os.environ.pop("TIBYAN_ANNOTATIONS_KEY", None)
    run(build)
    run(validate_built)


def write_a_number_into_the_template() -> None:
    template = FOLDER / "card.md.jinja"
    template.write_text(template.read_text(encoding="utf-8") + "\nCall 0101 234 5678.\n", encoding="utf-8")
    os.environ["TIBYAN_ANNOTATIONS_KEY"] = KEY
    run(build)
    run(validate_built)


REFUSALS = {
    close_the_gate: "reports/gate.json: the gate is closed. Run `dvc repro`",
    other_data: "the gate opened for other data than is in data/interim now. Run `dvc repro`",
    built_from_other_data: "was built from other data than passed the gate. Run `dvc repro build`",
    change_the_card: "differs from what was built past the gate. Run `dvc repro -f -s build`",
    add_a_file: "differs from what was built past the gate",
    take_the_licence_of_the_forum: "no licence is given for forum. Set `licence` of their inputs",
    take_the_datasets_licence: "build.license is 'unknown'. Name the licence",
    say_other: "build.license is 'other', which does not say which. Write license_name",
    build_without_a_key: "20 annotations have no hash of their text, for want of a key. Make one with `tibyan datasets key`",
    write_a_number_into_the_template: "personal data in datasets/arabic-medical-qa/README.md and 1 more: PHONE 2. `tibyan audit-privacy",
}


@pytest.mark.parametrize("spoil", REFUSALS, ids=lambda spoil: spoil.__name__)
def test_it_refuses_and_leaves_everything(spoil: Any, ready: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIBYAN_ANNOTATIONS_KEY", KEY)  # so that it is put back
    if spoil is write_a_number_into_the_template:
        monkeypatch.setattr(checks, "check_no_personal_data", check_no_personal_data)
    spoil()
    before = contents(Path())
    assert REFUSALS[spoil] in refused()
    assert contents(Path()) == before and hub.repos == {} and not hub.asked


def test_published_by_the_command_and_read_back_by_revision(ready: Path, hub: Hub, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "HF_ENDPOINT": hub.url,
        "HF_HOME": str(tmp_path / "home"),
        "HF_HUB_OFFLINE": "0",
        "HF_HUB_DISABLE_XET": "1",
    }
    environment |= {"PYTHONPATH": str(ROOT), "TIBYAN_ANNOTATIONS_KEY": ""}
    command = [sys.executable, "-c", "from curation.cli import app; app()", "publish", "--repo", REPO]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0 and "v0.1.0 published, private" in done.stdout, done.stderr
    code = f"""
import json
from datasets import load_dataset
print(json.dumps({{c: {{s: list(part["record_id"]) for s, part in load_dataset({REPO!r}, c, revision="v0.1.0").items()}}
                  for c in ("default", "sft", "annotations")}}))"""
    read = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )
    assert read.returncode == 0, read.stderr
    found = json.loads(read.stdout.splitlines()[-1])
    for config, folder in (("default", "data"), ("sft", "sft"), ("annotations", "annotations")):
        here = {split: pq.read_table(FOLDER / folder / f"{split}.parquet")["record_id"].to_pylist() for split in SPLITS}
        assert found[config] == here


def test_rows_that_were_not_looked_at_as_written_stay_here(ready: Path, hub: Hub) -> None:
    validation = Path("reports/validation_built.json")
    found = json.loads(validation.read_text(encoding="utf-8"))
    failing = [check | ({"success": False} if check["name"] == "rows_unchanged" else {}) for check in found["checks"]]
    for content, said in (
        (found | {"checks": failing}, "rows_unchanged failed on the rows as they were written. `tibyan gate explain built`"),
        (found | {"rows": "0" * 64}, "is of other rows than are in"),
        ({}, "not there. Run `dvc repro`"),
    ):
        validation.write_text(json.dumps(content), encoding="utf-8")
        assert said in refused() and not hub.repos
