"""What the three stages share: fixed seeds and threads, quiet libraries, errors as one sentence."""

import os
import sys
import warnings
from collections.abc import Callable

import torch
import transformers

from curation.errors import TibyanError
from curation.params import Params, load_params, where_set
from training_recipes import processes

# What PyTorch says: on a CPU it has no class of its own for it, and cuBLAS says it in its own way.
OUT_OF_MEMORY = ("out of memory", "can't allocate memory", "not enough memory", "ALLOC_FAILED")


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


def main(stage: str, run: Callable[..., str], arguments: list[str], takes: tuple[str, ...] = (), several: bool = False) -> None:
    """Run `run(params, *arguments)` and print the line it returns. Exit code 1 with one line on bad input.

    Under `accelerate launch` every process does where `several` can, and the main one alone prints.
    """
    processes.settle()
    try:
        if processes.count() > 1 and not several:
            raise TibyanError(f"one process does this. Start it with `python -m training_recipes.{stage}`, without `accelerate launch`.")
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
        if not isinstance(error, MemoryError) and not any(words in str(error) for words in OUT_OF_MEMORY):
            raise
        device = "GPU " if isinstance(error, torch.OutOfMemoryError) or "CUBLAS" in str(error) else ""
        raise TibyanError(
            f"out of {device}memory. Lower batch (and raise train.accumulation as much) or max_length, or set "
            "train.gradient_checkpointing: true or, for a large vocabulary, train.loss_chunk: 128, "
            f"{where_set('train.batch')}; or name a smaller base_model."
        ) from None
