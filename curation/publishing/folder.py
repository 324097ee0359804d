"""A dataset's folder under datasets/: what is in it, its digest, and the file that says what it was made of."""

import hashlib
import json
from pathlib import Path
from typing import Any

from curation.engine import METRICS
from curation.errors import TibyanError
from curation.params import BuildParams

DATASETS = Path("datasets")
MADE = METRICS.parent / "build.json"  # by the stage `build`
CHANGELOG = "CHANGELOG.md"
ROWS = ".parquet"
Content = Path | bytes  # of a file that is published: where it lies, or what is in it


def dataset_folder(build: BuildParams) -> Path:
    """Where the dataset lies, exactly as it goes to the Hub."""
    return DATASETS / build.name


def tag_name(build: BuildParams) -> str:
    """The git tag of this version of the dataset."""
    return f"{build.name}-v{build.version}"


def files_of(folder: Path) -> dict[str, Path]:
    """Every file by its path in the folder, sorted."""
    return {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}


def folder_digest(folder: Path, ending: str = "") -> str:
    """sha256 over the names and the sha256 of all files, or of those with an ending: `.parquet` are the rows, whatever the card says."""
    whole = hashlib.sha256()
    for name, path in files_of(folder).items():
        if name.endswith(ending):
            whole.update(f"{name}\0{file_digest(path)}\n".encode())
    return whole.hexdigest()


def file_digest(path: Path) -> str:
    """sha256 of a file. Raises TibyanError where it is not there."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        raise TibyanError(f"{path}: not there, or not to be read. Run `dvc repro`, which makes it.") from None


def read_made() -> dict[str, Any]:
    """What the stage `build` wrote. Raises TibyanError where it is not there."""
    try:
        return dict(json.loads(MADE.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        raise TibyanError(f"{MADE}: not there. Run `dvc repro`, which builds the dataset past an open gate.") from None
