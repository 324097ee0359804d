"""transformers' Trainer with the severity-weighted loss and nothing else changed, and the plain loss of a model."""

import math
import random
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import torch
from rich import progress
from transformers import PrinterCallback, Trainer, TrainerCallback, TrainingArguments

from curation.errors import TibyanError
from training_recipes.loss import sample_form, token_form, token_nll
from training_recipes.prompts import Example, collate, inputs_of

SCRATCH = Path(".cache/trainer")  # the Trainer insists on a folder; nothing is written into it


@dataclass(frozen=True)
class Schedule:
    """How long, how fast and how exactly: linear warm-up, then down to 0 as `scheduler` says."""

    steps: int  # of the optimiser
    batch: int
    learning_rate: float
    seed: int
    accumulation: int = 1
    warmup_steps: int = 0
    scheduler: Literal["cosine", "linear", "constant"] = "cosine"
    form: Literal["token", "sample"] = "token"
    precision: Literal["auto", "fp32", "bf16", "fp16"] = "auto"  # auto: bf16 where the GPU has it, else fp16; fp32 on a CPU
    loss_chunk: int | None = None  # tokens whose float32 logits are held at once; None: the stock way
    gradient_checkpointing: bool = False
    checkpoint_every: int | None = None  # steps; a run that was cut off resumes from the last one


class WeightedTrainer(Trainer):
    """Batches hold `weights` (B,) beside the inputs of a causal language model."""

    def __init__(self, form: Literal["token", "sample"], **options: Any) -> None:
        super().__init__(**options)
        self.model_accepts_loss_kwargs = True  # have the answer tokens counted, whatever the signature of `forward`
        self.form = form
        self.loss_is_scaled_for_ga = form == "token"

    def compute_loss(self, model: Any, inputs: dict[str, Any], return_outputs: bool = False, num_items_in_batch: Any = None) -> Any:
        """A scalar; like the stock loss multiplied by the number of processes, over which gradients are averaged."""
        labels, weights = inputs["labels"], inputs["weights"]
        outputs = model(**inputs_of(inputs))
        nll, tokens = token_nll(outputs.logits, labels)
        if self.form == "sample":
            loss = sample_form(nll, tokens, weights)
        else:
            loss = token_form(nll, tokens, weights, num_items_in_batch) * self.accelerator.num_processes
        return (loss, outputs) if return_outputs else loss


class Losses(TrainerCallback):
    """Keeps the loss of every step and shows it: a bar on a terminal, five plain lines elsewhere."""

    def __init__(self, stage: str, steps: int) -> None:
        self.stage, self.steps, self.values = stage, steps, list[float]()
        self.bar = progress.Progress(disable=not sys.stdout.isatty())
        self.task = self.bar.add_task(stage, total=steps)

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, float], **rest: Any) -> None:
        if "loss" not in logs:  # the Trainer's own summary
            return
        self.values.append(logs["loss"])
        step, loss = len(self.values), self.values[-1]
        if not math.isfinite(loss):
            raise TibyanError(f"the loss is {loss} at step {step}. Lower learning_rate in params.yaml.")
        self.bar.update(self.task, completed=step)
        if self.bar.disable and (step % -(-self.steps // 5) == 0 or step == self.steps):
            print(f"{self.stage}: step {step} of {self.steps}, loss {loss:.3f}", flush=True)


def fit(
    stage: str, model: Any, examples: list[Example], pad_id: int, schedule: Schedule, *, checkpoints: Path | None = None
) -> list[float]:
    """Train the parameters of `model` that require gradients, in place; the loss of every step is returned.

    Raises TibyanError when the loss stops being a number.
    """
    losses = Losses(stage, schedule.steps)
    arguments = TrainingArguments(
        output_dir=str(SCRATCH),
        max_steps=schedule.steps,
        per_device_train_batch_size=schedule.batch,
        gradient_accumulation_steps=schedule.accumulation,
        learning_rate=schedule.learning_rate,
        warmup_steps=schedule.warmup_steps,
        lr_scheduler_type="constant_with_warmup" if schedule.scheduler == "constant" else schedule.scheduler,
        gradient_checkpointing=schedule.gradient_checkpointing,
        optim="adamw_torch",
        seed=schedule.seed,
        train_sampling_strategy="sequential",
        dataloader_num_workers=0,
        dataloader_pin_memory=torch.cuda.is_available(),
        remove_unused_columns=False,
        logging_steps=1,
        logging_nan_inf_filter=False,
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
    )
    trainer = WeightedTrainer(
        form=schedule.form,
        model=model,
        args=arguments,
        train_dataset=in_order(examples, schedule.steps * schedule.batch * schedule.accumulation, schedule.seed),
        data_collator=partial(collate, pad_id=pad_id),
        callbacks=[losses],
    )
    trainer.remove_callback(PrinterCallback)
    with losses.bar:
        trainer.train()
    return losses.values


def in_order(examples: list[Example], count: int, seed: int) -> list[Example]:
    """`count` examples, one shuffled pass after another.

    So that the order hangs on the seed alone and every step is full: 2 batches of 4 see what 1 batch of 8 sees.
    """
    chance, order = random.Random(seed), list[Example]()
    while len(order) < count:
        order += chance.sample(examples, len(examples))
    return order[:count]


@torch.inference_mode()
def plain_loss(model: Any, examples: list[Example], pad_id: int, batch: int) -> float:
    """Cross-entropy per label token in nats, unweighted; its exponential is the perplexity."""
    model.eval()
    total, count = 0.0, 0
    for start in range(0, len(examples), batch):
        inputs = {name: value.to(model.device) for name, value in collate(examples[start : start + batch], pad_id).items()}
        logits = model(**inputs_of(inputs)).logits
        nll, tokens = token_nll(logits, inputs["labels"])
        total += float(nll.sum(dtype=torch.float64))
        count += int(tokens.sum())
    return total / count
