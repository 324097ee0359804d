"""A small dataset that is made once and copied for whoever changes it, and a Hub on loopback to publish it to."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from huggingface_hub import constants
from huggingface_hub.utils import disable_progress_bars, enable_progress_bars

from curation.publishing import checks
from tests.curation import small_dataset
from tests.hub_server import Hub, running_hub


@pytest.fixture(scope="session")
def built_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three sources on three terms, built with a key."""
    folder = tmp_path_factory.mktemp("dataset")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("TIBYAN_ANNOTATIONS_KEY", small_dataset.KEY)
        small_dataset.make()
    return folder


@pytest.fixture
def small_project(built_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it to change, as working directory; no key is set."""
    folder = tmp_path / "project"
    shutil.copytree(built_once, folder)
    monkeypatch.chdir(folder)
    monkeypatch.delenv("TIBYAN_ANNOTATIONS_KEY", raising=False)
    return folder


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
