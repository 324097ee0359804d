"""`tibyan publish` as its tests call it, against the Hub on loopback that `hub` starts, and what is there afterwards."""

import subprocess
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from curation.cli import app
from tests.hub_server import Repo

REPO = "org/medical"


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
