"""What the three stages share: fixed seeds and threads, quiet libraries, errors as one sentence."""

import os
import sys
import warnings
from collections.abc import Callable

import torch
import transformers

from curation.errors import TibyanError
from curation.params import Params, load_params

OUT_OF_MEMORY = ("out of memory", "can't allocate memory", "not enough memory")  # on a CPU it has no class of its own


def make_deterministic(seed: int, threads: int) -> None:
    """Same input, same bytes on one kind of processor, whatever OMP_NUM_THREADS says and however few cores are free."""
    # Both are read at the first multiplication. MKL otherwise blocks its sums by the cores and caches that it finds.
    os.environ.setdefault("MKL_CBWR", "AUTO")
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True)
    transformers.set_seed(seed)


def quiet() -> None:
    """No bars, no advice: what a stage has to say it says itself, and never with a record's text."""
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    warnings.filterwarnings("ignore", module=r"(peft|transformers|torch|accelerate)\b")


def main(stage: str, run: Callable[..., str], arguments: list[str], takes: tuple[str, ...] = ()) -> None:
    """Run `run(params, *arguments)` and print the line it returns. Exit code 1 with one line on bad input."""
    try:
        # RUN… is one or more.
        if len(arguments) != len(takes) and not (takes and takes[-1].endswith("…") and len(arguments) > len(takes)):
            raise TibyanError(f"usage: python -m {' '.join((f'training_recipes.{stage}', *takes))}")
        summary = _run(run, load_params(), arguments)
    except TibyanError as error:
        print(f"{stage}: {' '.join(str(error).split())}", file=sys.stderr)
        sys.exit(1)
    print(f"{stage}: {' '.join((*arguments, summary))}")


def _run(run: Callable[..., str], params: Params, arguments: list[str]) -> str:
    quiet()
    try:
        return run(params, *arguments)
    except (MemoryError, RuntimeError) as error:
        if not isinstance(error, MemoryError) and "memory" not in str(error):  # PyTorch's has no class of its own on a CPU
            raise
        raise TibyanError(
            "out of memory. Lower batch (and raise train.accumulation as much) or max_length in params.yaml, or name a smaller base_model."
        ) from None
