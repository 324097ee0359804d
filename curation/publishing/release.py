"""A release: the version raised, the changelog written from what differs, the folder built anew, a commit and a tag; or nothing at all."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import yaml

from curation.engine import write_text
from curation.errors import TibyanError
from curation.params import BuildParams, load_params
from curation.publishing.changelog import first_lines, lines_of, with_section
from curation.publishing.checks import check_built, check_licences
from curation.publishing.difference import difference
from curation.publishing.folder import CHANGELOG, dataset_folder, tag_name
from curation.publishing.versions import git, open_version

PARAMS, LOCK = Path("params.yaml"), Path("dvc.lock")
REPORT = Path("reports/report.html")
STEPS = ("major", "minor", "patch")


def release(bump: str | None, against: str | None) -> tuple[str, list[str]]:
    """The tag that was made and the lines of the changelog. Raises TibyanError, with everything as it was, where one cannot be made.

    Without `bump` the version of params.yaml itself is released. `against` is what it is compared with, else the last tag.
    """
    build = load_params(PARAMS).build
    if git("status", "--porcelain", "--untracked-files=no").strip():
        raise TibyanError("tracked files are changed, and a release can be made again from its tag alone. Commit or restore them first.")
    check_licences(build, check_built(build))
    target = build.model_copy(update={"version": bumped(build.version, bump)}) if bump else build
    tag, known = tag_name(target), _tags(build.name)
    if tag in known:
        raise TibyanError(f"{tag}: is released already. Raise the version with --bump {', '.join(STEPS[:-1])} or {STEPS[-1]}.")
    lines = _lines(build, against or (known[-1] if known else None))
    changelog = dataset_folder(build) / CHANGELOG
    head = git("rev-parse", "HEAD").strip()
    before = {path: path.read_bytes() for path in (PARAMS, LOCK, changelog) if path.exists()}
    try:
        write_text(PARAMS, with_version(PARAMS.read_text(encoding="utf-8"), target.version))
        write_text(changelog, with_section(changelog.read_text(encoding="utf-8"), target.version, lines))
        _dvc("repro", "-s", "build", *(["report"] if REPORT.exists() else []))
        check_built(target)
        git("add", *map(str, before))
        git("commit", "--quiet", "-m", f"{build.name} {target.version}")
        git("tag", "-a", "-m", f"{build.name} {target.version}", tag)
    except BaseException:
        _restore(before, head)
        raise
    return tag, lines


def bumped(version: str, step: str) -> str:
    """The next version: 1.4.2 becomes 2.0.0, 1.5.0 or 1.4.3."""
    numbers = [int(part) for part in version.split(".")]
    place = STEPS.index(step)
    return ".".join(map(str, [*numbers[:place], numbers[place] + 1, *[0] * (2 - place)]))


def with_version(text: str, version: str) -> str:
    """params.yaml with another build.version and its comments as they are. Raises TibyanError where the line is not found."""
    section = re.search(r"(?m)^build:(?:.*\n)(?:[ \t#].*\n|\n)*", text)
    changed = re.sub(r"(?m)^(\s+version:\s*)[\"']?\d+\.\d+\.\d+[\"']?", rf"\g<1>{version}", section.group(), count=1) if section else ""
    new = text.replace(section.group(), changed, 1) if section else text
    if yaml.safe_load(new)["build"]["version"] != version:
        raise TibyanError(f"{PARAMS}: build.version does not stand on a line of its own. Write `  version: {version}` under build there.")
    return new


def _tags(name: str) -> list[str]:
    """The released versions of a dataset, oldest first."""
    pattern = re.compile(rf"{re.escape(name)}-v(\d+)\.(\d+)\.(\d+)")
    found = [match for tag in git("tag", "--list", f"{name}-v*").split() if (match := pattern.fullmatch(tag))]
    return [match.group() for match in sorted(found, key=lambda match: tuple(map(int, match.groups())))]


def _lines(build: BuildParams, against: str | None) -> list[str]:
    folder = str(dataset_folder(build))
    with open_version(folder) as new, duckdb.connect() as con:
        if against is None:
            found: Any = con.execute(
                f"SELECT in_default, count(*) FROM read_parquet('{folder}/annotations/*.parquet') GROUP BY ALL"
            ).fetchall()
            counts = dict(found)
            return first_lines({"with text": counts.get(True, 0), "as annotations alone": counts.get(False, 0)})
        with open_version(against) as old:
            return lines_of(difference(con, old, new), against)


def _dvc(*arguments: str) -> None:
    done = subprocess.run([sys.executable, "-m", "dvc", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        why = next((line for line in (done.stderr + done.stdout).splitlines() if line.startswith(("build:", "ERROR:"))), "it failed")
        raise TibyanError(f"dvc {arguments[0]}: {why.removeprefix('ERROR: ').rstrip('.')}. Run `dvc repro` and look at what it says.")


def _restore(before: dict[Path, bytes], head: str) -> None:
    """Everything as it was: the last commit, what git tracks from memory, what DVC tracks from its cache."""
    subprocess.run(["git", "reset", "--quiet", "--soft", head], capture_output=True, check=False)
    for path, content in before.items():
        path.write_bytes(content)
    subprocess.run(["git", "reset", "--quiet", "--", *map(str, before)], capture_output=True, check=False)
    subprocess.run([sys.executable, "-m", "dvc", "checkout", "--force", "build"], capture_output=True, check=False)
