"""One thin module per DVC stage: read, call, write. `main` is what they share: parameters in, errors out as one sentence."""

import sys
from collections.abc import Callable

from curation.engine import Session, open_session
from curation.errors import TibyanError
from curation.params import Params, load_params


def main(run: Callable[[Session, Params], str]) -> None:
    """Run one stage in a session of its own; it returns a line of counts, which is printed. Exit code 1 with one line on bad input."""
    stage = run.__module__ if run.__module__ != "__main__" else sys.modules["__main__"].__spec__.name  # type: ignore[union-attr]
    name = stage.rpartition(".")[2]
    try:
        params = load_params()
        with open_session(params.engine) as session:
            summary = run(session, params)
    except TibyanError as error:
        print(f"{name}: {error}", file=sys.stderr)
        sys.exit(1)
    print(f"{name}: {summary}")
