"""A small dataset that is made once and copied for whoever changes it."""

import shutil
from pathlib import Path

import pytest

from tests.curation import small_dataset


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
