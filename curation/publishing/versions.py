"""A version of a dataset, wherever it is: a folder, a git revision whose data is in the local DVC cache, or a revision on the Hub."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import yaml

from curation.engine import INTERIM, SPILL
from curation.errors import TibyanError
from curation.publishing.configs import ANNOTATIONS, DEFAULT
from curation.publishing.folder import DATASETS, folder_digest, read_made

SELECTION = "selection.parquet"
HUB = "hub:"
COMPARED = [*(f"{config.folder}/*.parquet" for config in (ANNOTATIONS, DEFAULT)), "README.md"]


class Version(NamedTuple):
    """`folder` as on the Hub; `selection`, where it is there, says of every record why it was dropped."""

    named: str
    folder: Path
    selection: Path | None


@contextmanager
def open_version(spec: str) -> Iterator[Version]:
    """The version that `spec` names. Raises TibyanError where there is none, or its data is not here."""
    if Path(spec).is_dir():
        yield Version(spec, Path(spec), _own_selection(Path(spec)))
        return
    SPILL.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="version-", dir=SPILL) as folder:
        yield _from_hub(spec, Path(folder)) if spec.startswith(HUB) else _from_git(spec, Path(folder))


def git(*arguments: str) -> str:
    """What git answers. Raises TibyanError with its first line where it fails."""
    try:
        done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise TibyanError("git is not installed. Install it, or name folders.") from None
    if done.returncode:
        why = (done.stderr.strip() or done.stdout.strip() or "it failed").splitlines()[0].rstrip(".")
        raise TibyanError(f"git {arguments[0]}: {why}. Mend that and run it again.")
    return done.stdout


def _own_selection(folder: Path) -> Path | None:
    """That of the working folder, where it is what the dataset was made of."""
    try:
        fits = read_made()["folder"] == folder_digest(folder)
    except (TibyanError, KeyError):
        return None
    selection = INTERIM / SELECTION
    return selection if fits and selection.exists() else None


def _from_git(spec: str, into: Path) -> Version:
    if not _is_revision(spec):
        raise TibyanError(f"{spec}: no folder and no git revision. Name one, or a dataset of the Hub as {HUB}ORG/NAME@REVISION.")
    from dvc.api import DVCFileSystem  # a second, and only here
    from dvc.exceptions import DvcException
    from dvc_data.index import DataIndexDirError

    content = yaml.safe_load(git("show", f"{spec}:params.yaml"))
    name = DATASETS / str(content["build"]["name"])
    folder, selection = into / name.name, into / SELECTION
    try:
        files = DVCFileSystem(".", rev=spec)
        files.get(name.as_posix(), str(folder), recursive=True)
        if files.exists((INTERIM / SELECTION).as_posix()):
            files.get_file((INTERIM / SELECTION).as_posix(), str(selection))
    except (DvcException, DataIndexDirError, OSError):
        raise TibyanError(
            f"{spec}: its data is not in the local DVC cache. Get it with `dvc fetch`, or check it out and `dvc repro`."
        ) from None
    return Version(spec, folder, selection if selection.exists() else None)


def _is_revision(spec: str) -> bool:
    try:
        git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{spec}^{{commit}}")
    except TibyanError:
        return False
    return True


def _from_hub(spec: str, into: Path) -> Version:
    from huggingface_hub import HfApi

    from curation.publishing.hub_errors import hub_errors

    repo, _, revision = spec.removeprefix(HUB).partition("@")
    with hub_errors(repo):
        HfApi().snapshot_download(repo, repo_type="dataset", revision=revision or None, local_dir=into, allow_patterns=COMPARED)
    shutil.rmtree(into / ".cache", ignore_errors=True)
    return Version(spec, into, None)


def made_of(version: Version) -> str:
    """The version number that a card says, or the name."""
    card = version.folder / "README.md"
    lines = card.read_text(encoding="utf-8").splitlines() if card.exists() else []
    said = next((line.split()[1].rstrip(".") for line in lines if line.startswith("Version ")), "")
    return said or version.named
