"""The commands of `tibyan` about versions: what differs, a release, and onto the Hub."""

from pathlib import Path
from typing import Annotated

import duckdb
import typer

from curation.console import sentences
from curation.engine import write_json
from curation.errors import TibyanError
from curation.params import load_params
from curation.publishing import checks
from curation.publishing.changelog import lines_of
from curation.publishing.difference import difference
from curation.publishing.folder import dataset_folder, files_of
from curation.publishing.model import BASE, MODELS, check_may_be_public, model_files
from curation.publishing.release import STEPS
from curation.publishing.release import release as make_release
from curation.publishing.versions import made_of, open_version


def diff(
    old: Annotated[str, typer.Argument(help="a folder, a git revision, or hub:ORG/NAME@REVISION")],
    new: Annotated[str, typer.Argument(help="the same")],
    json: Annotated[Path | None, typer.Option(help="write the whole difference there too")] = None,
) -> None:
    """Two versions of a dataset: rows added, removed by reason, changed by column, label shifts, drift. Counts, never texts."""
    with sentences(), open_version(old) as before, open_version(new) as after, duckdb.connect() as con:
        found = difference(con, before, after)
        for line in lines_of(found, f"{old} ({made_of(before)})" if made_of(before) != old else old):
            print(line)
        if json:
            write_json(json, found.as_json())


def release(
    bump: Annotated[str | None, typer.Option(help=f"raise the version first: {', '.join(STEPS)}")] = None,
    against: Annotated[str | None, typer.Option(help="write the changelog against this version, else against the last tag")] = None,
) -> None:
    """Make a version: check the gate, write changelog and card, commit and tag. Where anything fails, everything is as it was."""
    with sentences():
        if bump is not None and bump not in STEPS:
            raise TibyanError(f"--bump {bump}: write {', '.join(STEPS[:-1])} or {STEPS[-1]}.")
        tag, lines = make_release(bump, against)
        print(f"{tag}: committed and tagged; `tibyan publish --repo ORG/NAME` puts it on the Hub")
        for line in lines:
            print(f"- {line}")


def publish(
    repo: Annotated[str, typer.Option(help="ORG/NAME on the Hub")],
    public: Annotated[bool, typer.Option("--public", help="for everybody to see; else the repository is private")] = False,
    create_pr: Annotated[bool, typer.Option("--create-pr", help="as a pull request, which somebody merges")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="check everything and say what would be done")] = False,
    model: Annotated[str | None, typer.Option(help="publish this run with its card instead of the dataset, e.g. lora_ce")] = None,
) -> None:
    """Put the dataset, or a model, onto the Hub: one commit with a tag, private unless told otherwise. The same twice does nothing."""
    with sentences():
        build = load_params().build
        from curation.publishing import hub  # half a second, and only here

        made = checks.check_built(build)
        checks.check_rows(build)
        checks.check_licences(build, made)
        if public:
            checks.check_released(build)
        if model is None:
            folder = dataset_folder(build)
            checks.check_hashes(made)
            checks.check_no_personal_data([folder])
            upload = hub.Upload(repo, "dataset", dict(files_of(folder)), f"v{build.version}", f"{build.pretty_name} {build.version}")
        else:
            content = model_files(model, load_params(), repo)
            if public:
                check_may_be_public(model)
            checks.check_no_personal_data([MODELS / model, *([BASE] if any(name.startswith("base/") for name in content) else [])])
            upload = hub.Upload(repo, "model", content, f"v{build.version}", f"{model} on {build.name} {build.version}")
        api = hub.HfApi()
        if dry_run:
            print(hub.planned(hub.plan(api, upload, public), upload, public))
            return
        done = hub.publish(api, upload, public, create_pr)
        print(f"{repo}: {done.what}\n{done.url}")
