"""What a run that was cut off goes on from: checkpoints under .cache, kept until the run is done."""

import json
import shutil
from hashlib import sha256
from pathlib import Path
from typing import Any

import torch
from transformers import TrainerCallback

from training_recipes import processes

FOLDER = Path(".cache/checkpoints")
WHOLE = "whole"  # the file that says that a checkpoint was written to its end


def checkpoints_of(run: str, description: dict[str, Any]) -> Path:
    """A folder for the checkpoints of a run that is as described: `fit(..., checkpoints=...)` goes on from what it finds there.

    It is named by a digest of the description and of this package's code: a run that differs in anything finds none of another's. Where
    one run is fitted several times, each has a folder in this one.
    """
    code = [path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py"))]
    about = json.dumps(description | {"processes": processes.count()}, sort_keys=True).encode()
    return FOLDER / run / sha256(b"".join([about, *code])).hexdigest()[:16]


def forget(run: str) -> None:
    """All that was ever kept for a run of this name goes: call it when the run has written what it is for."""
    if processes.is_main():
        shutil.rmtree(FOLDER / run, ignore_errors=True)


def latest(folder: Path) -> str | None:
    """The last whole checkpoint in the folder, if there is any. Others go, or the Trainer would take them for newer than its next."""
    every = sorted(folder.glob("checkpoint-*"), key=lambda path: int(path.name.partition("-")[2]))
    whole = [path for path in every if (path / WHOLE).exists()]
    for path in every:
        if path not in whole[-1:] and processes.is_main():
            shutil.rmtree(path, ignore_errors=True)
    return str(whole[-1]) if whole else None


class MarkWhole(TrainerCallback):
    """Marks a checkpoint once every process has written its part: one that was cut off while writing is not resumed."""

    def on_save(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
        if torch.distributed.is_initialized():
            torch.distributed.barrier()
        if state.is_world_process_zero:
            (Path(args.output_dir) / f"checkpoint-{state.global_step}" / WHOLE).touch()
            latest(Path(args.output_dir))  # the one before goes now and no sooner
