"""Several processes under `accelerate launch`: which of them writes, how they share what one step sees, and what they trained in pieces."""

import math
import os
import sys
from typing import Any

import torch
from torch.distributed.checkpoint.state_dict import StateDictOptions, get_model_state_dict
from torch.distributed.tensor import DTensor

from curation.errors import TibyanError
from curation.params import where_set


def count() -> int:
    """1 without `accelerate launch`."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def is_main() -> bool:
    """Whether this process is the one that writes and prints."""
    return int(os.environ.get("RANK", "0")) == 0


def settle() -> None:
    """Call once, first: a process takes the GPU of its number, and all but the main one are silent but for errors."""
    if count() > 1 and torch.cuda.is_available() and os.environ.get("ACCELERATE_USE_CPU", "false").lower() != "true":
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
    if not is_main():
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - until the process ends


def share(batch: int, accumulation: int, processes: int) -> tuple[int, int]:
    """Batch and accumulation of each of so many processes: a step sees batch x accumulation examples however many share them.

    So the same params.yaml gives the same model, to rounding, on one GPU and on eight.
    """
    each, rest = divmod(batch * accumulation, processes)
    if rest:
        raise TibyanError(
            f"{processes} processes cannot share {batch} x {accumulation} examples evenly. "
            f"Make train.batch x train.accumulation a multiple of them {where_set('train.batch')}, or launch another number of processes."
        )
    batch = math.gcd(batch, each)
    return batch, each // batch


def whole_weights(model: Any) -> dict[str, torch.Tensor] | None:
    """What `save_pretrained(..., state_dict=...)` is to save, in the main process; None where the model has its weights whole.

    Every process must ask: where weights lie in pieces (FSDP, ZeRO-3), they are put together here.
    """
    named = dict(model.named_parameters(remove_duplicate=False)) | dict(model.named_buffers())
    if any(isinstance(weight, DTensor) for weight in named.values()):
        gathered: Any = get_model_state_dict(model, options=StateDictOptions(full_state_dict=True, cpu_offload=True))
        return dict(gathered)
    if not any(hasattr(weight, "ds_id") for weight in named.values()):
        return None
    from deepspeed.zero import GatheredParameters

    whole = {}
    for name, weight in named.items():
        with GatheredParameters([weight]):
            if is_main():
                whole[name] = weight.detach().cpu().clone()
    return whole
