"""What the loss takes at a vocabulary of 256,000: memory and time, stock, plain and chunked; written below the marker of docs/training.md.

    python -m benchmarks.loss_memory

Each form does its steps in a process of its own, which says by how much its peak was above what it held before the first.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.document import HEADER, at_most, megabytes, number, table
from benchmarks.measured import PROC, machine
from benchmarks.setting import ROOT

DOCUMENT = ROOT / "docs" / "training.md"
MARKER = "<!-- figures: what follows is written by a script -->"
VOCABULARY, WIDTH, LAYERS, BATCH, LENGTH = 256_000, 256, 2, 4, 256
STEPS, THREADS, HALF = 3, 2, 0.5
CHUNKS = (128, 512)
FORMS = ("stock", "plain", *map(str, CHUNKS))
LEARNED = {"LoRA": "LoRA of rank 8, the output layer frozen", "all": "all weights, the output layer's too"}


def measure(form: str, learned: str) -> dict[str, Any]:
    """Bytes above what was held before, the median CPU seconds of a step, its loss and the norm of its gradients; in this very process."""
    import torch

    torch.set_num_threads(THREADS)
    model, inputs, weights = _model(learned)
    before = _status("VmRSS")
    seconds = list[float]()
    with _loss_of(form, model) as loss_of:
        for _ in range(STEPS):
            model.zero_grad()
            start = time.process_time()
            loss = loss_of(inputs, weights)
            loss.backward()
            seconds.append(time.process_time() - start)
    norm = sum(float(p.grad.double().square().sum()) for p in model.parameters() if p.grad is not None) ** 0.5
    return {"peak": _status("VmHWM") - before, "seconds": median(seconds), "loss": loss.item(), "norm": norm}


def _status(name: str) -> int:
    """Bytes: VmRSS is what the process holds, VmHWM the most it ever held."""
    lines = (PROC / "self" / "status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))


def _model(learned: str) -> tuple[Any, dict[str, Any], Any]:
    """A small Llama under a large output layer, one batch of nothing but answers, and unequal weights."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(1)
    sizes: dict[str, Any] = {"num_hidden_layers": LAYERS, "num_attention_heads": 4, "intermediate_size": 4 * WIDTH}
    model: Any = LlamaForCausalLM(LlamaConfig(vocab_size=VOCABULARY, hidden_size=WIDTH, tie_word_embeddings=True, **sizes))
    if learned == "LoRA":
        model = get_peft_model(model, LoraConfig(task_type="CAUSAL_LM", r=8, target_modules="all-linear", init_lora_weights=False))
    ids = torch.randint(VOCABULARY, (BATCH, LENGTH))
    return model, {"input_ids": ids, "attention_mask": torch.ones_like(ids), "labels": ids}, torch.linspace(0.5, 1.5, BATCH)


@contextmanager
def _loss_of(form: str, model: Any) -> Iterator[Callable[[dict[str, Any], Any], Any]]:
    """`stock` is transformers' own loss, without weights; `plain` is weighted over all logits; a number is the chunk."""
    from training_recipes.chunked import in_chunks
    from training_recipes.loss import token_form, token_nll

    def plain(inputs: dict[str, Any], weights: Any) -> Any:
        logits = model(input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"]).logits
        return token_form(*token_nll(logits, inputs["labels"]), weights)

    if form == "stock":
        yield lambda inputs, _: model(**inputs).loss
    elif form == "plain":
        yield plain
    else:
        with in_chunks(model, int(form)):
            yield lambda inputs, weights: token_form(*model(**inputs), weights)


def section(figures: dict[str, dict[str, dict[str, Any]]], about: dict[str, Any]) -> str:
    """Targets, then a table for each way to learn."""
    packages = ", ".join(f"{name} {version}" for name, version in about["packages"].items())
    targets, tables = list[tuple[str, str, str, str]](), list[str]()
    for learned, by_form in figures.items():
        stock = by_form["stock"]
        share = by_form["128"]["peak"] / stock["peak"]
        targets.append(at_most(f"peak with chunks of 128, {LEARNED[learned]}", HALF, share, "of the stock loss's"))
        rows = [
            (
                form if form in ("stock", "plain") else f"chunks of {form}",
                megabytes(cost["peak"]),
                f"{cost['peak'] / stock['peak']:.0%}",
                number(cost["seconds"]),
                f"{cost['loss']:.5f}",
                f"{cost['norm']:.5f}",
            )
            for form, cost in by_form.items()
        ]
        header = (LEARNED[learned], "peak MB", "of stock", "CPU seconds a step", "loss", "norm of the gradients")
        tables.append(table(header, rows))
    return f"""## What the loss takes

Written by `python -m benchmarks.loss_memory`; do not edit below the marker. A Llama of {LAYERS} layers and width {WIDTH} under a
vocabulary of {VOCABULARY:,}, in float32, {BATCH} x {LENGTH} tokens that are all answer, so that leaving prompts out saves nothing
here. Each form does {STEPS} steps, forward and backward, in a process of its own; the peak is what it held at most above what it
held before the first, the seconds are the processor's, the median. *stock* is transformers' own loss, which has no weights; *plain*
(`loss_chunk: null`) and the chunks weigh four examples unequally, so that their loss and gradients agree with each other and not with
stock. {about["processor"]}, {THREADS} threads, {about["memory_gib"]} GiB; Python {about["python"]}, {packages}.

{table(HEADER, targets)}

{(chr(10) * 2).join(tables)}
"""


def main() -> None:
    """Measure every form in turn and write."""
    if len(sys.argv) == 3:
        print(json.dumps(measure(*sys.argv[1:])))
        return
    figures: dict[str, dict[str, dict[str, Any]]] = {learned: {} for learned in LEARNED}
    for learned in LEARNED:
        for form in FORMS:
            command = [sys.executable, "-m", "benchmarks.loss_memory", form, learned]
            said = subprocess.run(command, cwd=Path.cwd(), stdout=subprocess.PIPE, text=True, check=True).stdout
            figures[learned][form] = json.loads(said.splitlines()[-1])
    written = section(figures, machine(("torch", "transformers", "peft")))
    kept = DOCUMENT.read_text(encoding="utf-8").partition(MARKER)[0]
    DOCUMENT.write_text(f"{kept}{MARKER}\n\n{written}", encoding="utf-8")
    print(f"{DOCUMENT.relative_to(ROOT)}: written")


if __name__ == "__main__":
    main()
