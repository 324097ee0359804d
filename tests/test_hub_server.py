"""The loopback Hub answers an unmodified huggingface_hub and datasets as the Hub does."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi, HfFileSystem, constants, hf_hub_download, snapshot_download
from huggingface_hub.errors import (
    BadRequestError,
    HfHubHTTPError,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from tests.hub_server import Hub, running_hub

REPO = "org/data"
CARD = b"---\nlicense: mit\nconfigs:\n- config_name: default\n  data_files:\n  - split: train\n    path: data/train.parquet\n---\n# Data\n"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    with running_hub() as server:
        yield server


@pytest.fixture
def api(hub: Hub) -> HfApi:
    return HfApi(endpoint=hub.url, token="hf_loopback")


@pytest.fixture
def parquet(tmp_path: Path) -> Path:
    path = tmp_path / "train.parquet"
    pq.write_table(pa.table({"n": list(range(1000))}), path)
    return path


def fill(api: HfApi, parquet: Path) -> str:
    api.create_repo(REPO, repo_type="dataset", private=True)
    added = [CommitOperationAdd("README.md", CARD), CommitOperationAdd("data/train.parquet", str(parquet))]
    return str(api.create_commit(REPO, added, commit_message="first", repo_type="dataset").oid)


def test_a_new_repository_is_as_private_as_asked(api: HfApi) -> None:
    with pytest.raises(RepositoryNotFoundError):
        api.dataset_info(REPO)
    api.create_repo(REPO, repo_type="dataset", private=True)
    assert api.dataset_info(REPO).private
    with pytest.raises(HfHubHTTPError, match="409"):
        api.create_repo(REPO, repo_type="dataset")
    api.update_repo_settings(REPO, repo_type="dataset", private=False)
    assert not api.dataset_info(REPO).private
    assert [file.path for file in api.list_repo_tree(REPO, repo_type="dataset")] == [".gitattributes"]
    api.delete_repo(REPO, repo_type="dataset")
    assert not api.repo_exists(REPO, repo_type="dataset")


def test_large_files_go_once_and_small_ones_inline(api: HfApi, hub: Hub, parquet: Path) -> None:
    oid = fill(api, parquet)
    assert api.dataset_info(REPO).sha == oid and hub.asked["PUT lfs"] == 1
    files = {file.path: file for file in api.list_repo_tree(REPO, repo_type="dataset", recursive=True) if hasattr(file, "lfs")}
    assert files["README.md"].lfs is None and files["data/train.parquet"].lfs.size == parquet.stat().st_size
    copied = [CommitOperationAdd("data/test.parquet", str(parquet)), CommitOperationDelete("README.md")]
    api.create_commit(REPO, copied, commit_message="second", repo_type="dataset")
    assert hub.asked["PUT lfs"] == 1  # its content was there
    assert sorted(api.list_repo_files(REPO, repo_type="dataset")) == [".gitattributes", "data/test.parquet", "data/train.parquet"]
    assert [info.path for info in api.get_paths_info(REPO, ["data", "none"], repo_type="dataset")] == ["data"]


def test_nothing_new_makes_no_commit(api: HfApi, parquet: Path) -> None:
    oid = fill(api, parquet)
    again = api.create_commit(REPO, [CommitOperationAdd("README.md", CARD)], commit_message="again", repo_type="dataset")
    assert again.oid == oid


def test_a_commit_on_an_old_parent_is_refused(api: HfApi, parquet: Path) -> None:
    first = fill(api, parquet)
    add = [CommitOperationAdd("a.txt", b"a")]
    api.create_commit(REPO, add, commit_message="second", repo_type="dataset", parent_commit=first)
    with pytest.raises(HfHubHTTPError, match="412"):
        api.create_commit(REPO, [CommitOperationAdd("b.txt", b"b")], commit_message="third", repo_type="dataset", parent_commit=first)


def test_a_card_without_a_licence_is_refused_before_anything_goes(api: HfApi, hub: Hub) -> None:
    api.create_repo(REPO, repo_type="dataset")
    with pytest.raises(ValueError, match='"license" is required'):
        api.create_commit(REPO, [CommitOperationAdd("README.md", b"# none")], commit_message="m", repo_type="dataset")
    assert hub.asked["POST commit"] == 0
    with pytest.raises(BadRequestError):
        api.create_commit(REPO, [CommitOperationDelete("none")], commit_message="m", repo_type="dataset")


def test_tags_are_revisions(api: HfApi, parquet: Path) -> None:
    oid = fill(api, parquet)
    api.create_tag(REPO, tag="v1.0.0", repo_type="dataset", revision=oid)
    with pytest.raises(HfHubHTTPError, match="409"):
        api.create_tag(REPO, tag="v1.0.0", repo_type="dataset")
    api.create_commit(REPO, [CommitOperationDelete("README.md")], commit_message="second", repo_type="dataset")
    assert {tag.name: tag.target_commit for tag in api.list_repo_refs(REPO, repo_type="dataset").tags} == {"v1.0.0": oid}
    assert "README.md" in api.list_repo_files(REPO, repo_type="dataset", revision="v1.0.0")
    with pytest.raises(RevisionNotFoundError):
        api.dataset_info(REPO, revision="v9")


def test_a_pull_request_leaves_main_alone(api: HfApi, parquet: Path) -> None:
    oid = fill(api, parquet)
    done = api.create_commit(REPO, [CommitOperationAdd("a.txt", b"a")], commit_message="ask", repo_type="dataset", create_pr=True)
    assert done.pr_num == 1 and api.dataset_info(REPO).sha == oid
    asked = list(api.get_repo_discussions(REPO, repo_type="dataset", discussion_type="pull_request", discussion_status="open"))
    assert [(one.title, one.num, one.is_pull_request) for one in asked] == [("ask", 1, True)]
    assert "a.txt" in api.list_repo_files(REPO, repo_type="dataset", revision="refs/pr/1")


def test_files_come_back_as_they_went(api: HfApi, hub: Hub, parquet: Path, tmp_path: Path) -> None:
    fill(api, parquet)
    where = {"repo_type": "dataset", "endpoint": hub.url, "cache_dir": tmp_path / "cache", "token": "hf_loopback"}
    assert Path(hf_hub_download(REPO, "data/train.parquet", **where)).read_bytes() == parquet.read_bytes()
    assert (Path(snapshot_download(REPO, **where)) / "README.md").read_bytes() == CARD
    with pytest.raises(RemoteEntryNotFoundError):
        hf_hub_download(REPO, "none.txt", **where)
    files = HfFileSystem(endpoint=hub.url, token="hf_loopback", skip_instance_cache=True)
    assert pq.read_table(files.open(f"datasets/{REPO}/data/train.parquet")).num_rows == 1000
    assert files.glob(f"datasets/{REPO}/**/*.parquet") == [f"datasets/{REPO}/data/train.parquet"]


def test_datasets_loads_by_revision(api: HfApi, hub: Hub, parquet: Path, tmp_path: Path) -> None:
    oid = fill(api, parquet)
    api.create_tag(REPO, tag="v1.0.0", repo_type="dataset", revision=oid)
    api.create_commit(REPO, [CommitOperationDelete("data/train.parquet")], commit_message="second", repo_type="dataset")
    code = f"from datasets import load_dataset; print(load_dataset({REPO!r}, revision='v1.0.0')['train'].num_rows)"
    environment = {**os.environ, "HF_ENDPOINT": hub.url, "HF_HOME": str(tmp_path), "HF_TOKEN": "hf_loopback", "HF_HUB_OFFLINE": "0"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.strip() == "1000", done.stderr


def test_what_a_test_breaks_is_broken_once(api: HfApi, hub: Hub) -> None:
    hub.fail["/repos/create"] = 403
    with pytest.raises(HfHubHTTPError, match="403"):
        api.create_repo(REPO, repo_type="dataset")
    api.create_repo(REPO, repo_type="dataset")
