"""transformers' Trainer with the severity-weighted loss and nothing else changed, and the plain loss of a model."""

import random
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import torch
from transformers import PrinterCallback, Trainer, TrainingArguments

from training_recipes import processes
from training_recipes.checkpoints import MarkWhole, latest
from training_recipes.chunked import in_chunks
from training_recipes.loss import sample_form, token_form, token_nll
from training_recipes.precision import mixed_precision
from training_recipes.progress import Progress
from training_recipes.prompts import Example, collate

SCRATCH = Path(".cache/trainer")  # the Trainer insists on a folder; nothing is written into it without checkpoints
SCHEDULERS = {"cosine": "cosine", "linear": "linear", "constant": "constant_with_warmup"}  # by the Trainer's names


@dataclass(frozen=True)
class Schedule:
    """How long, how fast and in what pieces: linear warm-up, then the scheduler, which takes the rate down to 0 unless it is constant."""

    steps: int  # of the optimiser
    batch: int
    learning_rate: float
    seed: int
    accumulation: int = 1  # a step sees batch x accumulation examples, however many processes share them
    warmup_steps: int = 0
    scheduler: Literal["cosine", "linear", "constant"] = "cosine"
    form: Literal["token", "sample"] = "token"
    precision: Literal["auto", "fp32", "bf16", "fp16"] = "auto"  # auto: bf16 where the GPU has it, else fp16; fp32 on a CPU
    loss_chunk: int | None = None  # tokens whose float32 logits are held at once; None: the stock way
    gradient_checkpointing: bool = False
    checkpoint_every: int | None = None  # steps; a run that was cut off resumes from the last one


class WeightedTrainer(Trainer):
    """Batches hold `weights` (B,) beside what a causal language model or an encoder-decoder takes."""

    def __init__(self, form: Literal["token", "sample"], chunked: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.form, self.chunked = form, chunked
        self.model_accepts_loss_kwargs = True  # have the answer tokens counted, whatever the signature of `forward`
        self._loss_shifts_labels = not self.model.config.is_encoder_decoder  # or the first label counts in a class it does not know
        self.loss_is_scaled_for_ga = form == "token"

    def compute_loss(self, model: Any, inputs: dict[str, Any], return_outputs: bool = False, num_items_in_batch: Any = None) -> Any:
        """A scalar; like the stock loss multiplied by the number of processes, over which gradients are averaged."""
        nll, tokens = answer_nll(model, self.model, inputs, self.chunked)
        if self.form == "sample":
            loss = sample_form(nll, tokens, inputs["weights"])
        else:
            loss = token_form(nll, tokens, inputs["weights"], num_items_in_batch) * self.accelerator.num_processes
        return (loss, {}) if return_outputs else loss


def answer_nll(run: Any, model: Any, batch: dict[str, torch.Tensor], chunked: bool) -> tuple[torch.Tensor, torch.Tensor]:
    """What `token_nll` gives for a batch; `run` is the model or what wraps it. `chunked` holds inside `in_chunks` alone."""
    given = model_inputs(batch)
    if chunked:
        nll, tokens = run(**given, labels=batch["labels"])
        return nll, tokens
    return token_nll(run(**given).logits, batch["labels"], model.config.is_encoder_decoder)


def model_inputs(batch: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Of a batch what `forward` takes: no labels, lest it compute a loss of its own."""
    return {name: value for name, value in batch.items() if name not in ("labels", "weights")}


def fit(
    stage: str,
    model: Any,
    examples: list[Example],
    pad_id: int,
    schedule: Schedule,
    *,
    checkpoints: Path | None = None,
    live: Any = None,
) -> list[float]:
    """Train the parameters of `model` that require gradients, in place; the loss of every step is returned.

    `checkpoints` is a folder of this run's own (`checkpoints_of`): what a run left there that was cut off is gone on from,
    and the weights are then those of a run that was not. `live` is what `progress.curves` gives.

    Raises TibyanError when the loss stops being a number, or when the device or the model cannot do what the schedule asks for.
    """
    progress = Progress(stage, schedule.steps, live)
    batch, accumulation = processes.share(schedule.batch, schedule.accumulation, processes.count())
    checkpoints = checkpoints if schedule.checkpoint_every else None
    arguments = TrainingArguments(
        output_dir=str(checkpoints or SCRATCH),
        max_steps=schedule.steps,
        per_device_train_batch_size=batch,
        gradient_accumulation_steps=accumulation,
        learning_rate=schedule.learning_rate,
        warmup_steps=schedule.warmup_steps,
        lr_scheduler_type=SCHEDULERS[schedule.scheduler],
        optim="adamw_torch",
        seed=schedule.seed,
        train_sampling_strategy="sequential",
        use_cpu=not torch.cuda.is_available(),
        dataloader_num_workers=0,
        dataloader_pin_memory=torch.cuda.is_available(),
        remove_unused_columns=False,
        logging_steps=1,
        logging_nan_inf_filter=False,
        save_strategy="steps" if checkpoints else "no",
        save_steps=schedule.checkpoint_every or 0,
        save_total_limit=2,  # the one before stays until the last is marked whole, and `MarkWhole` takes it away
        report_to="none",
        disable_tqdm=True,
        activation_checkpointing=schedule.gradient_checkpointing,
        activation_checkpointing_kwargs={"use_reentrant": False},
        ddp_find_unused_parameters=False,
        **mixed_precision(schedule.precision),
    )
    arguments._n_gpu = min(arguments.n_gpu, 1)  # several only by `accelerate launch`: DataParallel would multiply the batch
    with in_chunks(model, schedule.loss_chunk), progress.bar:
        trainer = WeightedTrainer(
            form=schedule.form,
            chunked=schedule.loss_chunk is not None,
            model=model,
            args=arguments,
            train_dataset=in_order(examples, schedule.steps * schedule.batch * schedule.accumulation, schedule.seed),
            data_collator=partial(collate, pad_id=pad_id),
            callbacks=[progress, MarkWhole()],
        )
        trainer.remove_callback(PrinterCallback)
        try:
            trainer.train(resume_from_checkpoint=latest(checkpoints) if checkpoints else None)
        finally:
            trainer.accelerator.unwrap_model(trainer.model_wrapped, keep_fp32_wrapper=False)  # takes autocast off `forward`
    return progress.values


def in_order(examples: list[Example], count: int, seed: int) -> list[Example]:
    """`count` examples, one shuffled pass after another.

    So that the order hangs on the seed alone and every step is full: 2 batches of 4 see what 1 batch of 8 sees.
    """
    chance, order = random.Random(seed), list[Example]()
    while len(order) < count:
        order += chance.sample(examples, len(examples))
    return order[:count]


@torch.inference_mode()
def plain_loss(model: Any, examples: list[Example], pad_id: int, batch: int, *, loss_chunk: int | None = None) -> float:
    """Cross-entropy per label token in nats, unweighted; its exponential is the perplexity."""
    model.eval()
    total, count = 0.0, 0
    with in_chunks(model, loss_chunk):
        for start in range(0, len(examples), batch):
            inputs = {name: value.to(model.device) for name, value in collate(examples[start : start + batch], pad_id=pad_id).items()}
            nll, tokens = answer_nll(model, model, inputs, loss_chunk is not None)
            total += float(nll.sum(dtype=torch.float64))
            count += int(tokens.sum())
    return total / count
