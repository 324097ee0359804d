"""What all tests share: the root of the project, its parameters, and a connection."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from curation.params import Params, load_params

ROOT = Path(__file__).parent.parent


@pytest.fixture
def params() -> Params:
    return load_params(ROOT / "params.yaml")


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with the project's params.yaml, as working directory."""
    shutil.copy(ROOT / "params.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path
