import subprocess
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import LoraConfig, get_peft_model
from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM, T5Config, T5ForConditionalGeneration

from curation.errors import TibyanError
from training_recipes import trainer
from training_recipes.checkpoints import FOLDER, MarkWhole, checkpoints_of, forget, latest
from training_recipes.loss import IGNORED
from training_recipes.precision import mixed_precision
from training_recipes.progress import curves
from training_recipes.prompts import Example, collate, whole_text
from training_recipes.trainer import Schedule, fit, plain_loss

V, PAD = 37, 0
ENDS: dict[str, Any] = {"pad_token_id": PAD, "bos_token_id": 1, "eos_token_id": 2}


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    torch.set_num_threads(1)


def gpt2(dropout: float = 0.0) -> Any:
    torch.manual_seed(2)
    sizes: dict[str, Any] = {"vocab_size": V, "n_positions": 16, "n_embd": 16, "n_layer": 2, "n_head": 2}
    return GPT2LMHeadModel(GPT2Config(**sizes, **ENDS, resid_pdrop=dropout, embd_pdrop=0.0, attn_pdrop=0.0))


def llama() -> Any:
    torch.manual_seed(2)
    sizes: dict[str, Any] = {"vocab_size": V, "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    return LlamaForCausalLM(LlamaConfig(**sizes, **ENDS))


def with_lora(model: Any, dropout: float = 0.0) -> Any:
    torch.manual_seed(3)
    return get_peft_model(model, LoraConfig(task_type="CAUSAL_LM", r=2, lora_dropout=dropout, target_modules="all-linear"))


def examples(count: int = 24) -> list[Example]:
    """Of many lengths, with unequal weights."""
    chance = torch.Generator().manual_seed(6)
    made = []
    for i in range(count):
        ids = torch.randint(3, V, (5 + i % 7,), generator=chance).tolist()
        prompt = 2 + i % 3
        made.append(Example(ids, [IGNORED] * prompt + ids[prompt:], 0.25 + 1.5 * i / (count - 1)))
    return made


PLAN = Schedule(steps=6, batch=4, learning_rate=1e-3, seed=5)


def learned(model: Any) -> dict[str, torch.Tensor]:
    return {name: p.detach().clone() for name, p in model.named_parameters() if p.requires_grad}


def trained(model: Any, schedule: Schedule, **options: Any) -> dict[str, torch.Tensor]:
    fit("train", model, examples(), PAD, schedule, **options)
    return learned(model)


def distance(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> float:
    assert one.keys() == other.keys()
    return max((one[name] - other[name]).abs().max().item() for name in one)


OTHER_WAYS: list[dict[str, Any]] = [
    {"batch": 2, "accumulation": 2},
    {"batch": 1, "accumulation": 4},
    {"loss_chunk": 3},
    {"loss_chunk": 3, "batch": 2, "accumulation": 2},
    {"gradient_checkpointing": True},
]


@pytest.mark.parametrize(("form", "lora"), [("token", True), ("sample", True), ("token", False)])
def test_the_same_weights_by_another_way(form: Any, lora: bool) -> None:
    make: Callable[[], Any] = (lambda: with_lora(llama())) if lora else gpt2
    schedule = replace(PLAN, steps=3, form=form)
    plain = trained(make(), schedule)
    assert distance(learned(make()), plain) > 1e-3
    # In chunks gradients differ in the last digit, and Adam takes whole steps along those that are nothing but last digits.
    far = {"loss_chunk": 1e-5}
    assert [way for way in OTHER_WAYS if distance(plain, trained(make(), replace(schedule, **way))) >= far.get(next(iter(way)), 1e-6)] == []


def to_the_left(batch: list[Example], pad_id: int) -> dict[str, torch.Tensor]:
    right = collate(batch, pad_id)
    widths = right["attention_mask"].sum(1).tolist()
    return right | {
        name: torch.stack([row.roll(len(row) - width) for row, width in zip(right[name], widths, strict=True)])
        for name in ("input_ids", "attention_mask", "labels")
    }


@pytest.mark.parametrize("chunk", [None, 3])
def test_padding_on_the_left_gives_the_same_weights(chunk: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a model with rotary positions, which are relative."""
    schedule = replace(PLAN, steps=2, loss_chunk=chunk)
    right = trained(with_lora(llama()), schedule)
    monkeypatch.setattr(trainer, "collate", to_the_left)
    left = trained(with_lora(llama()), schedule)
    assert distance(right, left) < 1e-5


@pytest.mark.parametrize("chunk", [None, 5])
def test_the_first_token_of_a_whole_text_is_not_counted(chunk: int | None) -> None:
    """As transformers' own loss has it; the Trainer alone would count it for a GPT-2."""
    model, texts = gpt2(), [whole_text(replace(example, weight=1.0)) for example in examples(4)]
    batch = collate(texts, PAD)
    stock = model(**{name: value for name, value in batch.items() if name != "weights"}).loss.item()
    assert plain_loss(model, texts, PAD, 3, loss_chunk=chunk) == pytest.approx(stock, abs=1e-5)
    losses = fit("base_model", model, texts, PAD, replace(PLAN, steps=1, loss_chunk=chunk))
    assert losses == pytest.approx([stock], abs=1e-5)


def parted(example: Example) -> Example:
    """As an encoder-decoder has it: the prompt read, the answer as labels from the first token on."""
    answer = [label for label in example.labels if label != IGNORED]
    return Example([PAD, *answer[:-1]], answer, source=example.ids[: -len(answer)])


@pytest.mark.parametrize("chunk", [None, 5])
def test_an_encoder_decoder_has_its_own_loss(chunk: int | None) -> None:
    torch.manual_seed(2)
    config = T5Config(
        vocab_size=V, d_model=16, d_kv=8, d_ff=32, num_layers=1, num_heads=2, dropout_rate=0.0, decoder_start_token_id=PAD, **ENDS
    )
    model, even = T5ForConditionalGeneration(config), [parted(example) for example in examples(4)]
    batch = collate(even, PAD)
    stock = model(**{name: batch[name] for name in ("input_ids", "attention_mask", "labels")}).loss.item()
    assert plain_loss(model, even, PAD, 3, loss_chunk=chunk) == pytest.approx(stock, abs=1e-5)
    losses = fit("train", model, even, PAD, replace(PLAN, steps=2, batch=2, accumulation=2, loss_chunk=chunk))
    assert losses[0] == pytest.approx(stock, abs=1e-5) and losses[1] < losses[0]


class Cut:
    """In place of DVCLive: keeps what it is told, and cuts the run off behind a step."""

    def __init__(self, after: int | None = None) -> None:
        self.after, self.step, self.told = after, 0, list[tuple[int, str, float]]()

    def log_metric(self, name: str, value: float) -> None:
        if self.after is not None and self.step > self.after:
            raise KeyboardInterrupt
        self.told.append((self.step, name, value))


@pytest.mark.parametrize(("lora", "cut_after"), [(True, 3), (False, 4)])
def test_a_run_that_was_cut_off_ends_with_the_very_same_weights(lora: bool, cut_after: int) -> None:
    """Dropout on, so that the state of the random numbers counts too."""
    make: Callable[[], Any] = (lambda: with_lora(llama(), dropout=0.3)) if lora else partial(gpt2, 0.3)
    schedule = replace(PLAN, batch=2, accumulation=2, checkpoint_every=2, warmup_steps=2)
    model, whole = make(), Cut()
    losses = fit("train", model, examples(), PAD, schedule, live=whole)
    expected = learned(model)

    kept = checkpoints_of("a_run", {"seed": 5})
    with pytest.raises(KeyboardInterrupt):
        fit("train", make(), examples(), PAD, schedule, checkpoints=kept, live=Cut(cut_after))
    (kept / "checkpoint-5").mkdir()  # one that was cut off while it was written
    model, resumed = make(), Cut()
    assert fit("train", model, examples(), PAD, schedule, checkpoints=kept, live=resumed) == losses
    assert distance(learned(model), expected) == 0
    assert resumed.told == whole.told

    again = make()
    assert fit("train", again, examples(), PAD, schedule, checkpoints=kept) == losses  # done already
    assert distance(learned(again), expected) == 0
    forget("a_run")
    assert not list(FOLDER.iterdir())


def test_a_run_that_was_cut_off_before_its_mark_has_the_checkpoint_before(monkeypatch: pytest.MonkeyPatch) -> None:
    schedule, kept = replace(PLAN, checkpoint_every=2), checkpoints_of("a_run", {"seed": 5})
    mark = MarkWhole.on_save

    def cut(self: Any, args: Any, state: Any, control: Any, **rest: Any) -> None:
        if state.global_step == 4:
            raise KeyboardInterrupt
        mark(self, args, state, control, **rest)

    monkeypatch.setattr(MarkWhole, "on_save", cut)
    with pytest.raises(KeyboardInterrupt):
        fit("train", gpt2(), examples(), PAD, schedule, checkpoints=kept)
    assert latest(kept) == str(kept / "checkpoint-2")


def test_checkpoints_belong_to_one_description(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = checkpoints_of("a_run", {"seed": 5, "rank": 8})
    assert mine == checkpoints_of("a_run", {"rank": 8, "seed": 5})
    assert mine.parent == FOLDER / "a_run"
    assert mine != checkpoints_of("a_run", {"seed": 6, "rank": 8})
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert mine != checkpoints_of("a_run", {"seed": 5, "rank": 8})


def test_nothing_is_written_without_checkpoints() -> None:
    trained(gpt2(), replace(PLAN, steps=2))
    assert not [path for path in Path().rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("scheduler", "rates"),
    [
        ("constant", [0.0, 0.5, 1, 1, 1, 1]),
        ("linear", [0.0, 0.5, 1, 0.75, 0.5, 0.25]),
        ("cosine", [0.0, 0.5, 1, 0.854, 0.5, 0.146]),
    ],
)
def test_the_learning_rate_warms_up_and_goes_down(scheduler: Any, rates: list[float]) -> None:
    live = Cut()
    trained(gpt2(), replace(PLAN, scheduler=scheduler, warmup_steps=2), live=live)
    found = [value for _, name, value in live.told if name == "learning_rate"]
    assert found == pytest.approx([rate * PLAN.learning_rate for rate in rates], abs=1e-5)


GIT = ("git", "-c", "user.name=n", "-c", "user.email=e", "-c", "init.defaultBranch=main")


def git(*arguments: str) -> str:
    return subprocess.run([*GIT, *arguments], check=True, capture_output=True, text=True).stdout


def test_dvclive_leaves_curves_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    git("init", "-q")
    Path(".dvc").mkdir()
    Path(".dvc/config").write_text("[core]\n    analytics = false\n")
    Path(".dvc/.gitignore").write_text("/tmp\n/cache\n/config.local\n")
    git("add", "-A")
    git("commit", "-qm", "a project")
    # As inside `dvc exp run`.
    monkeypatch.setenv("DVC_ROOT", str(Path.cwd()))
    monkeypatch.setenv("DVC_EXP_BASELINE_REV", git("rev-parse", "HEAD").strip())

    def made() -> dict[str, bytes]:
        with curves(Path("reports/a_run")) as live:
            trained(gpt2(), PLAN, live=live)
        return {path.name: path.read_bytes() for path in Path("reports").rglob("*") if path.is_file()}

    first = made()
    assert set(first) == {"loss.tsv", "learning_rate.tsv", "grad_norm.tsv", "metrics.json"}
    assert len(first["loss.tsv"].decode().splitlines()) == 1 + PLAN.steps
    assert first["loss.tsv"].startswith(b"step\tloss\n1\t")
    assert made() == first
    assert git("status", "--porcelain") == "?? reports/\n"
    assert git("for-each-ref") == git("for-each-ref", "refs/heads")


def test_what_the_device_lacks_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    device = {"is_available": False, "is_bf16_supported": False}
    for name in device:
        monkeypatch.setattr(f"torch.cuda.{name}", lambda name=name, **_: device[name])
    fp32 = {"bf16": False, "fp16": False}
    assert mixed_precision("auto") == mixed_precision("fp32") == fp32
    assert mixed_precision("bf16") == {"bf16": True, "fp16": False}  # a CPU can, when asked
    with pytest.raises(TibyanError, match="precision: fp16 needs a GPU"):
        mixed_precision("fp16")
    device["is_available"] = True
    assert mixed_precision("auto") == mixed_precision("fp16") == fp32 | {"fp16": True}
    with pytest.raises(TibyanError, match="precision: bf16"):
        mixed_precision("bf16")
    device["is_bf16_supported"] = True
    assert mixed_precision("auto") == fp32 | {"bf16": True}


def test_a_cpu_trains_in_bf16_nearly_as_in_fp32() -> None:
    """The same course, to the two or three digits that bf16 has; and what is learnt stays float32."""
    model = with_lora(llama())
    first = fit("train", model, examples(), PAD, replace(PLAN, precision="bf16"))
    second = fit("train", with_lora(llama()), examples(), PAD, PLAN)
    assert first == pytest.approx(second, rel=2e-2) and first != second
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}


def test_a_loss_that_is_no_number_is_a_sentence() -> None:
    infinite = [replace(example, weight=float("inf")) for example in examples()]
    where = {"train": r"in the recipe where it says one, else in params\.yaml\.$", "base_model": r"in params\.yaml\.$"}
    for stage, place in where.items():
        with pytest.raises(TibyanError, match=rf"the loss is inf at step 1\. Lower {stage}\.learning_rate {place}"):
            fit(stage, gpt2(), infinite, PAD, PLAN)
