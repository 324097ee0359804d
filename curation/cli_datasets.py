"""The commands of `tibyan datasets`: the key of published hashes, and annotations joined with raw dumps."""

from pathlib import Path
from typing import Annotated

import typer

from curation.console import role, sentences
from curation.engine import open_session
from curation.errors import TibyanError
from curation.params import EngineParams, InputParams, load_params
from curation.publishing import joining
from curation.publishing.hashes import KEY_FILE, KEY_VARIABLE, annotations_key, make_annotations_key

datasets_app = typer.Typer(no_args_is_help=True, help="Datasets whose texts may not all be published: `key` and `join`.")


@datasets_app.command()
def key() -> None:
    """Make the key of the hashes that stand in `annotations` in the place of texts that may not be given on."""
    with sentences():
        make_annotations_key()
        print(f"{KEY_FILE}: made. It is in no commit: keep it safe, and give it (or as {KEY_VARIABLE}) only to who may hold the texts.")
        print("`dvc repro -f -s build` writes the hashes.")


@datasets_app.command()
def join(
    dataset: Annotated[Path, typer.Argument(help="a dataset's folder, as built or as downloaded from the Hub")],
    raw: Annotated[list[str], typer.Argument(help="your own copy of the raw dumps: files, folders or globs")],
    out: Annotated[Path, typer.Option(help="a new folder for the joined Parquet files")],
    format: Annotated[str | None, typer.Option(help="name the format instead of asking the content")] = None,
    source: Annotated[str | None, typer.Option(help="what the dataset's column `source` calls them, where it is not the format")] = None,
    column: Annotated[list[str] | None, typer.Option(help="role=column for a table, e.g. --column question=q_body")] = None,
) -> None:
    """Annotations and your own copy of the raw dumps put back together, read with the settings of who published them."""
    with sentences():
        if out.exists():
            raise TibyanError(f"{out}: is there already. Name a new folder.")
        engine = load_params().engine if Path("params.yaml").exists() else EngineParams(memory_limit="3GB", threads=None)
        columns: dict[str, str | int] | None = dict(role(pair) for pair in column) if column else None
        inputs = [InputParams(path=path, format=format, source=source, columns=columns) for path in raw]
        with open_session(engine) as session:
            done = joining.join(session, dataset, inputs, annotations_key(), out)
        print(f"{out}: {done.public + done.restored} rows: {done.public} with published text, {done.restored} restored from your dumps")
        print(f"not in your dumps: {done.absent}; there with another text, left out: {done.differing}")
        if not done.verified:
            print(
                f"texts are joined by their ids alone: their hashes tell nothing without the publisher's key ({KEY_VARIABLE} or {KEY_FILE})"
            )
