"""What every command of `tibyan` does with an error."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from curation.errors import TibyanError


@contextmanager
def sentences() -> Iterator[None]:
    """Errors of input as one sentence and exit code 1."""
    try:
        yield
    except TibyanError as error:
        print(f"tibyan: {error}", file=sys.stderr)
        raise typer.Exit(1) from None
    except BrokenPipeError:  # `tibyan … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None


def role(pair: str) -> tuple[str, str]:
    """An option `--column role=column` as its two parts."""
    name, _, column = pair.partition("=")
    if not column:
        raise TibyanError(f"--column {pair}: write role=column, for example --column question=q_body.")
    return name, column
