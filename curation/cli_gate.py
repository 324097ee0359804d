"""The commands of `tibyan` about the gate: what holds it, and what to do."""

from typing import Annotated

import typer

from curation.console import sentences

gate_app = typer.Typer(no_args_is_help=True, help="What the expectations found: `explain` says which failed, where, how many, what to do.")


@gate_app.callback()
def _root() -> None:
    """What the expectations found, out of what `validate` wrote. The gate itself is `dvc repro gate`."""


@gate_app.command()
def explain(
    name: Annotated[str | None, typer.Argument(help="a suite, a check, or a record id; left out, all that failed")] = None,
    everything: Annotated[bool, typer.Option("--all", help="those that passed too")] = False,
) -> None:
    """Which expectations failed, where, how many rows, why it matters and what to do. Ids and counts, no text."""
    from validators.explain import explain as explained

    with sentences():
        for line in explained(name, everything):
            print(line)
