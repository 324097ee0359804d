"""What is seen of a run: its losses, a bar or five plain lines, DVCLive's curves, and the points of `dvc plots` and the report."""

import math
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dvclive import Live
from rich import progress
from transformers import TrainerCallback

from curation.errors import TibyanError
from curation.params import where_set
from training_recipes import processes

CURVES = ("loss", "learning_rate", "grad_norm")
POINTS = 25  # of the loss curve
BIN = 0.05  # of the histogram of weights


@contextmanager
def curves(folder: Path) -> Iterator[Live | None]:
    """DVCLive's files for one run: `plots/metrics/*.tsv`, one line a step, and `metrics.json` with the last; None where another writes.

    Only numbers, and alike to the byte in every run: no dvc.yaml, no experiment, no report, no times, nothing of the machine. `Live.end`
    is not called, since inside `dvc exp run` it adds the folder to git, which dvc.yaml has already seen to.
    """
    if not processes.is_main():
        yield None
        return
    live = Live(str(folder), save_dvc_exp=False, dvcyaml=None)
    yield live
    live.make_summary()


class Progress(TrainerCallback):
    """Keeps the loss of every step and shows it, those of before a checkpoint too. DVCLive's steps go on where they are."""

    def __init__(self, stage: str, steps: int, live: Live | None = None) -> None:
        self.stage, self.steps, self.live, self.values = stage, steps, live, list[float]()
        self.bar = progress.Progress(disable=not sys.stdout.isatty())
        self.task = self.bar.add_task(stage, total=steps)

    def on_train_begin(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
        """A run that goes on from a checkpoint has its losses in the state."""
        for logs in state.log_history:
            self._keep(logs)

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, float], **rest: Any) -> None:
        if not self._keep(logs):
            return
        step, loss = len(self.values), self.values[-1]
        if not math.isfinite(loss):
            key, precise = f"{self.stage}.learning_rate", ", or set train.precision: fp32 in params.yaml" if args.fp16 else ""
            raise TibyanError(f"the loss is {loss} at step {step}. Lower {key} {where_set(key)}{precise}.")
        self.bar.update(self.task, completed=step)
        if self.bar.disable and (step % -(-self.steps // 5) == 0 or step == self.steps):
            print(f"{self.stage}: step {step} of {self.steps}, loss {loss:.3f}", flush=True)

    def _keep(self, logs: dict[str, float]) -> bool:
        """False for the Trainer's own summary."""
        if "loss" not in logs:
            return False
        self.values.append(logs["loss"])
        if self.live is not None:
            self.live.step += 1
            for name in CURVES:
                if name in logs:
                    self.live.log_metric(name, float(f"{logs[name]:.6g}"))
        return True


def last_tenth(losses: list[float]) -> float:
    """The mean loss of the last tenth of the steps: one batch alone says little."""
    last = losses[-max(1, len(losses) // 10) :]
    return sum(last) / len(last)


def curve(losses: list[float]) -> list[tuple[int, float]]:
    """At most POINTS pairs of a step and the mean loss of the steps since the one before."""
    every = -(-len(losses) // POINTS)
    chunks = [losses[start : start + every] for start in range(0, len(losses), every)]
    return [(i * every + len(chunk), round(sum(chunk) / len(chunk), 4)) for i, chunk in enumerate(chunks)]


def histogram(weights: list[float]) -> list[tuple[float, int]]:
    """Pairs of a weight, rounded to BIN, and the records with it; one bar alone means that weighting did nothing."""
    counts = Counter(round(round(weight / BIN) * BIN, 2) for weight in weights)
    return sorted(counts.items())
