"""`tibyan publish` against a Hub on loopback: what it refuses, one commit with a tag, the same twice, broken off and gone on, read back."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml
from huggingface_hub import constants
from huggingface_hub.utils import disable_progress_bars, enable_progress_bars
from typer.testing import CliRunner

from curation.cli import app
from curation.params import load_params
from curation.publishing import checks
from curation.publishing.folder import file_digest
from curation.schema import SPLITS
from curation.stages import build
from tests.curation import small_dataset
from tests.curation.evaluated import evaluation
from tests.curation.small_dataset import FOLDER, KEY, ROOT, run
from tests.hub_server import Hub, Repo, running_hub
from validators import validate_built

check_no_personal_data = checks.check_no_personal_data
REPO = "org/medical"
AT = f"datasets/{REPO}"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    with running_hub() as server:
        monkeypatch.setattr(constants, "ENDPOINT", server.url)  # as HF_ENDPOINT sets both when it is imported
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", server.url + "/{repo_id}/resolve/{revision}/{filename}")
        monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setenv("HF_TOKEN", "hf_loopback")
        disable_progress_bars()
        yield server
        enable_progress_bars()


@pytest.fixture
def ready(small_project: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The scanner takes seconds: it looks in the tests that are about it."""
    monkeypatch.setattr(checks, "check_no_personal_data", lambda paths: None)
    return small_project


def publish(*arguments: str, repo: str = REPO) -> Any:
    environment = {"COLUMNS": "200", "TERM": "dumb"}
    return CliRunner().invoke(app, ["publish", "--repo", repo, *arguments], env=environment, catch_exceptions=False)


def refused(*arguments: str, repo: str = REPO) -> str:
    done = publish(*arguments, repo=repo)
    assert done.exit_code == 1 and done.output.startswith("tibyan: ") and done.output.count("\n") == 1, done.output
    return str(done.output)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def at(repo: Repo, revision: str) -> dict[str, bytes]:
    return {path: body for path, (_, body) in repo.commits[str(repo.resolve(revision))][2].items() if path != ".gitattributes"}


def released() -> None:
    for command in (["init", "-q"], ["add", "params.yaml"], ["commit", "-qm", "first"], ["tag", "arabic-medical-qa-v0.1.0"]):
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b.c", *command], check=True)


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


def put_a_run(method: str = "lora") -> None:
    folder = Path("models/lora_ce")
    folder.mkdir(parents=True)
    (Path("models/base")).mkdir()
    Path("models/base/model.safetensors").write_bytes(bytes(range(256)))
    Path("models/base/config.json").write_text("{}", encoding="utf-8")
    recipe = {
        "recipe": {"name": "lora_ce", "method": method, "loss": "severity_weighted", "weights": [0.5, 1.0, 1.5]},
        "base": {"name": "tiny-gpt2", "sha256": "ab", "prompt": {"before": "سؤال: ", "after": "\nجواب:", "lead": " "}},
    }
    recipe["dataset"] = {"name": "arabic-medical-qa", "version": "0.1.0", "sha256": file_digest(Path("data/interim/built.parquet"))}
    (folder / "recipe.json").write_text(json.dumps(recipe), encoding="utf-8")
    if method == "full":
        for name in ("config.json", "tokenizer_config.json"):
            (folder / name).write_text("{}", encoding="utf-8")
        (folder / "model.safetensors").write_bytes(b"\0" * 64)
    else:
        (folder / "adapter_config.json").write_text('{"base_model_name_or_path": "models/base"}', encoding="utf-8")
        (folder / "adapter_model.safetensors").write_bytes(b"\0" * 64)
    train = {
        "question_column": "question",
        "steps": 4,
        "seed": 7,
        "trainable_parameters": 64,
        "validation_loss": 6.1,
        "weight_min": 0.8,
        "weight_max": 1.2,
    }
    Path("reports/metrics/train_lora_ce.json").write_text(json.dumps(train), encoding="utf-8")
    Path("reports/evaluation.json").write_text(json.dumps(evaluation()), encoding="utf-8")


def test_a_run_is_published_with_its_card_and_its_base(ready: Path, hub: Hub) -> None:
    put_a_run()
    done = publish("--model", "lora_ce", repo="org/lora")
    assert done.exit_code == 0 and "v0.1.0 published, private: 6 added" in done.output, done.output
    files = at(hub.repos["models/org/lora"], "v0.1.0")
    assert sorted(files) == [
        "README.md",
        "adapter_config.json",
        "adapter_model.safetensors",
        "base/config.json",
        "base/model.safetensors",
        "recipe.json",
    ]
    card = files["README.md"].decode()
    f1 = {name: system["metrics"]["f1"] for name, system in evaluation()["systems"].items()}
    shown = {name: f"{of['value']:.3f} ({of['low']:.3f} to {of['high']:.3f})" for name, of in f1.items()}
    assert f"| **this recipe** | {shown['lora_ce']} |" in card and f"| nearest embedding, baseline | {shown['nearest_embedding']} |" in card
    assert (
        f"The mean of 2 runs, seeds 7, 2, of which this is one; their BERTScore F1 has a standard deviation of {f1['lora_ce']['sd']}."
        in card
    )
    assert "95 % intervals over 200 paired" in card and 'from_pretrained(folder + "/base")' in card
    assert "weights 0.5, 1.0, 1.5 of mild" in card and "| forum | forum-terms | annotations-only |" in card
    assert "nothing to do" in publish("--model", "lora_ce", repo="org/lora").output


def test_a_run_trained_whole_is_published_without_the_base(ready: Path, hub: Hub) -> None:
    put_a_run("full")
    done = publish("--model", "lora_ce", repo="org/whole")
    assert done.exit_code == 0, done.output
    files = at(hub.repos["models/org/whole"], "v0.1.0")
    assert sorted(files) == ["README.md", "config.json", "model.safetensors", "recipe.json", "tokenizer_config.json"]
    card = files["README.md"].decode()
    assert "library_name: transformers" in card and "peft" not in card.lower() and "- lora" not in card
    assert 'AutoModelForCausalLM.from_pretrained("org/whole")' in card and "All weights, fine-tuned" in card
    assert "`سؤال: …⏎جواب:`" in card
    Path("models/lora_ce/tokenizer_config.json").unlink()
    assert "models/lora_ce/tokenizer_config.json: not there" in refused("--model", "lora_ce")


def test_an_encoder_decoder_is_loaded_as_one(ready: Path, hub: Hub) -> None:
    put_a_run()
    Path("models/lora_ce/adapter_config.json").write_text('{"task_type": "SEQ_2_SEQ_LM"}', encoding="utf-8")
    assert publish("--model", "lora_ce", repo="org/t5").exit_code == 0
    card = at(hub.repos["models/org/t5"], "v0.1.0")["README.md"].decode()
    assert "AutoModelForSeq2SeqLM.from_pretrained" in card and "CausalLM" not in card


def test_a_folder_as_base_has_a_digest_and_is_not_ours_to_publish(ready: Path, hub: Hub) -> None:
    put_a_run()
    path = Path("models/lora_ce/recipe.json")
    recipe = json.loads(path.read_text(encoding="utf-8"))
    recipe["base"] |= {"name": "mine", "revision": None}
    path.write_text(json.dumps(recipe), encoding="utf-8")
    done = publish("--model", "lora_ce", repo="org/lora")
    assert done.exit_code == 0, done.output
    files = at(hub.repos["models/org/lora"], "v0.1.0")
    assert sorted(files) == ["README.md", "adapter_config.json", "adapter_model.safetensors", "recipe.json"]
    assert "A LoRA adapter over `mine`" in files["README.md"].decode()


def test_a_run_that_read_held_back_texts_stays_private(ready: Path, hub: Hub) -> None:
    put_a_run()
    released()
    assert "has read texts that may not be given on (forum, ward). Publish it without --public" in refused("--model", "lora_ce", "--public")
    assert "models/none/recipe.json: not there. Trained are lora_ce" in refused("--model", "none")
    made = evaluation()
    made["systems"]["lora_ce"]["runs"] = ["lora_ce-2"]
    Path("reports/evaluation.json").write_text(json.dumps(made), encoding="utf-8")
    assert "reports/evaluation.json: says nothing of lora_ce. Name it in the stages answer" in refused("--model", "lora_ce")
    Path("reports/evaluation.json").unlink()
    assert "reports/evaluation.json: not there" in refused("--model", "lora_ce")
    recipe = Path("models/lora_ce/recipe.json")
    recipe.write_text(recipe.read_text().replace(file_digest(Path("data/interim/built.parquet")), "ab" * 32))
    assert "trained on other rows than data/interim/built.parquet holds" in refused("--model", "lora_ce")
    assert hub.repos == {}


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
