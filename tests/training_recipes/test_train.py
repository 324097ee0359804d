import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from safetensors.torch import load_file

from curation.errors import TibyanError
from curation.params import Params
from tests.conftest import ROOT
from tests.training_recipes.tiny_project import contents, prepare, with_threads, with_train, write_split
from training_recipes import base_model, curriculum, progress, running, train
from training_recipes.models import load_base
from training_recipes.prompts import Example, collate, make_example
from training_recipes.recipe import Recipe
from training_recipes.records import read_split
from training_recipes.trainer import Schedule, fit, in_order, plain_loss

CE, SEVERITY = "lora_ce", "lora_severity_balanced"


@pytest.fixture
def small(project: Path, params: Params) -> Params:
    return prepare(params)


def adapter_after(params: Params, examples: list[Example], schedule: Schedule) -> dict[str, torch.Tensor]:
    """The LoRA matrices after real training from the same start."""
    torch.manual_seed(0)
    model, tokenizer = load_base()
    model = train.with_adapter(model, params.train)
    fit("train", model, examples, tokenizer.pad_token_id, schedule)
    return {name: p.detach().clone() for name, p in model.named_parameters() if p.requires_grad}


def examples_of(params: Params, weights: list[float] | None = None) -> list[Example]:
    records = read_split("train")
    return train.make_examples(records, weights or [1.0] * len(records), load_base()[1], params.train.max_length)


def distance(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> float:
    return max((one[name] - other[name]).abs().max().item() for name in one)


def test_a_run_leaves_what_it_should(small: Params, capsys: pytest.CaptureFixture[str]) -> None:
    train.run(small, SEVERITY)
    folder = Path("models") / SEVERITY
    assert {path.name for path in folder.iterdir()} == {
        "adapter_model.safetensors",
        "adapter_config.json",
        "recipe.json",
    }
    made = json.loads((folder / "recipe.json").read_text())
    assert made["recipe"]["weights"] == [0.5, 1.0, 1.5]
    assert made["train"] == small.train.model_dump() | {"precision": "auto"}
    assert json.loads((folder / "adapter_config.json").read_text())["base_model_name_or_path"] == "models/base"

    metrics = json.loads(Path(f"reports/metrics/train_{SEVERITY}.json").read_text())
    assert metrics["steps"] == 4
    assert metrics["weight_min"] < metrics["weight_mean"] < metrics["weight_max"]
    assert metrics["weight_mean"] == pytest.approx(1, abs=1e-4)
    assert Path(f"reports/training/{SEVERITY}.csv").read_text().splitlines()[0] == "step,loss"
    weights = Path(f"reports/training/{SEVERITY}_weights.csv").read_text().splitlines()
    assert weights[0] == "weight,count"
    assert sum(int(line.split(",")[1]) for line in weights[1:]) == 32
    printed = capsys.readouterr().out
    assert "weights 0." in printed
    assert not any("ء" <= letter <= "ي" for letter in printed)


def test_cross_entropy_is_severity_weighted_with_equal_weights(small: Params) -> None:
    records = read_split("train")
    equal = train.realised_weights(Recipe(loss="severity_weighted", weights=(2, 2, 2)), records)
    assert equal == pytest.approx(train.realised_weights(Recipe(loss="cross_entropy"), records))


def test_weights_of_one_give_transformers_own_loss(small: Params) -> None:
    examples = examples_of(small)[:8]
    torch.manual_seed(0)
    model, tokenizer = load_base()
    model = train.with_adapter(model, small.train)
    batch = collate(examples, tokenizer.pad_token_id)
    stock = model(**{name: value for name, value in batch.items() if name != "weights"}).loss
    assert plain_loss(model, examples, tokenizer.pad_token_id, 3) == pytest.approx(stock.item(), abs=1e-5)
    losses = fit("train", model, examples, tokenizer.pad_token_id, Schedule(steps=1, batch=8, learning_rate=1e-3, seed=0))
    assert losses == pytest.approx([stock.item()], abs=1e-5)


@pytest.mark.parametrize("form", ["token", "sample"])
def test_two_batches_of_four_are_one_of_eight(small: Params, form) -> None:
    count = 32
    examples = examples_of(small, [0.2 + i / count for i in range(count)])
    common = {"steps": 3, "learning_rate": 1e-3, "seed": 5, "form": form}
    whole = adapter_after(small, examples, Schedule(batch=8, **common))
    parts = adapter_after(small, examples, Schedule(batch=4, accumulation=2, **common))
    assert distance(whole, parts) < 1e-6


def test_unequal_weights_matter(small: Params) -> None:
    schedule = Schedule(steps=3, batch=8, learning_rate=1e-3, seed=5)
    even = adapter_after(small, examples_of(small), schedule)
    uneven = adapter_after(small, examples_of(small, [0.5, 1.5] * 16), schedule)
    assert distance(even, uneven) > 1e-4


def test_every_lora_parameter_moves_and_no_other(small: Params) -> None:
    torch.manual_seed(0)
    base, tokenizer = load_base()
    model = train.with_adapter(base, small.train)
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    fit(
        "train",
        model,
        examples_of(small),
        tokenizer.pad_token_id,
        curriculum.schedule(small.train, Recipe(loss="cross_entropy"), 32),
    )
    for name, parameter in model.named_parameters():
        assert torch.equal(parameter, before[name]) == ("lora_" not in name), name


def test_validation_computes_its_loss_in_chunks_as_training_does(small: Params, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def noted(*given: Any, **options: Any) -> float:
        asked.append(options)
        return plain_loss(*given, **options)

    monkeypatch.setattr(train, "plain_loss", noted)
    losses = []
    for chunk in (None, 7):
        train.run(with_train(small, loss_chunk=chunk), CE)
        losses.append(json.loads(Path(f"reports/metrics/train_{CE}.json").read_text())["validation_loss"])
    assert asked == [{"loss_chunk": None}, {"loss_chunk": 7}]
    assert losses[1] == pytest.approx(losses[0], abs=2e-4)


def test_the_saved_adapter_is_the_trained_one(small: Params) -> None:
    train.run(small, CE)
    saved = load_file("models/lora_ce/adapter_model.safetensors")
    assert all("lora_" in name for name in saved)
    assert all(value.any() for value in saved.values())


def test_the_same_run_elsewhere_gives_the_same_bytes(
    small: Params, params: Params, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train.run(small, SEVERITY)
    first = contents("models", "reports")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    torch.manual_seed(99)
    prepare(params)
    train.run(small, SEVERITY)
    assert contents("models", "reports") == first
    assert not [name for name, content in first.items() if str(tmp_path).encode() in content]


@pytest.mark.slow
@pytest.mark.parametrize("threads", ["1", "2"])
def test_the_environment_does_not_change_the_bytes(small: Params, threads: str) -> None:
    """A process of its own with another number of OpenMP threads and, for one thread, on one core."""
    small = with_threads(small, 2)
    base_model.run(small)
    train.run(small, SEVERITY)
    first = contents("models")
    content = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
    content |= {"base_model": small.base_model.model_dump(), "train": small.train.model_dump()}
    Path("params.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    core = ["taskset", "-c", "0"] if threads == "1" and sys.platform == "linux" else []
    environment = os.environ | {"OMP_NUM_THREADS": threads, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": threads}
    for arguments in (["training_recipes.base_model"], ["training_recipes.train", SEVERITY]):
        subprocess.run([*core, sys.executable, "-m", *arguments], check=True, env=environment, capture_output=True)
    assert contents("models") == first


def test_the_order_hangs_on_the_seed_alone(small: Params) -> None:
    examples = examples_of(small)
    order = in_order(examples, 70, 3)
    assert order == in_order(examples, 70, 3) != in_order(examples, 70, 4)
    ids = [tuple(example.ids) for example in order[:32]]
    assert sorted(ids) == sorted(tuple(example.ids) for example in examples)


def test_a_curve_has_few_points_and_ends_at_the_last_step() -> None:
    points = progress.curve([float(i) for i in range(1, 61)])
    assert points[0] == (3, 2.0) and points[-1] == (60, 59.0) and len(points) <= progress.POINTS
    assert progress.curve([1.0, 2.0]) == [(1, 1.0), (2, 2.0)]


def test_a_loss_that_is_no_number_is_a_sentence(small: Params) -> None:
    example = make_example(load_base()[1], "صداع", "ارتح", 90, weight=float("nan"))
    with pytest.raises(TibyanError, match="the loss is nan at step 1"):
        adapter_after(small, [example], Schedule(steps=2, batch=1, learning_rate=1e-3, seed=0))


def test_another_seed_is_another_run(small: Params) -> None:
    train.run(small, CE)
    train.run(small, f"{CE}-{small.train.seed}")
    train.run(small, f"{CE}-8")
    runs = [CE, f"{CE}-{small.train.seed}", f"{CE}-8"]
    weights = [Path(f"models/{run}/adapter_model.safetensors").read_bytes() for run in runs]
    assert weights[0] == weights[1] != weights[2]
    metrics = [json.loads(Path(f"reports/metrics/train_{run}.json").read_text()) for run in runs]
    assert [made["seed"] for made in metrics] == [small.train.seed, small.train.seed, 8]
    assert metrics[0] == metrics[1]
    assert json.loads(Path(f"models/{CE}-8/recipe.json").read_text())["recipe"]["name"] == CE


def test_epochs_become_steps(small: Params) -> None:
    train.run(with_train(small, steps=None, epochs=1.5), CE)  # 32 records by 8
    assert json.loads(Path(f"reports/metrics/train_{CE}.json").read_text())["steps"] == 6
    assert curriculum.schedule(with_train(small, steps=None, epochs=0.1, batch=3).train, Recipe(loss="cross_entropy"), 32).steps == 2


@pytest.mark.parametrize("targets", [["nothing_here"], ["c_attn", "nothing_here"], []])
def test_targets_that_do_not_fit_are_a_sentence(small: Params, targets: list[str]) -> None:
    with pytest.raises(TibyanError, match=r"train.lora_targets: the base model has no layer .*; it has c_attn, c_fc, c_proj"):
        train.run(with_train(small, lora_targets=targets), CE)


def test_the_papers_run_by_name_where_the_machine_may_choose_the_precision(small: Params) -> None:
    small = with_train(small, precision="auto", steps=None, epochs=1.0)
    with pytest.raises(TibyanError, match=r"train.max_length: 512 tokens, but the base model reads 96. .*base_model.context"):
        train.run(small, "paper_2604_06346")
    longer = small.model_copy(update={"base_model": small.base_model.model_copy(update={"context": 512})})
    base_model.run(longer)
    for name, steps in (("paper_2509_10095", 12), ("paper_2604_06346", 12)):
        train.run(longer, name)
        assert json.loads(Path(f"reports/metrics/train_{name}.json").read_text())["steps"] == steps


def run_main(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as stopped:
        running.main("train", train.run, arguments, takes=("RUN",))
    assert stopped.value.code == 1
    message = capsys.readouterr().err
    assert message.count("\n") == 1
    return message


def test_bad_input_is_one_line_and_exit_code_1(project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert "usage: python -m training_recipes.train RUN" in run_main([], capsys)
    assert "there is no recipe 'lora'. Known: curriculum_cumulative" in run_main(["lora"], capsys)
    assert "there is no run 'lora-ce'" in run_main(["lora-ce"], capsys)
    assert "Run `dvc repro`" in run_main([CE], capsys)
    write_split("train", [])
    assert "no rows" in run_main([CE], capsys)

    def too_big(*_: object) -> None:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes")

    monkeypatch.setattr(train, "read_split", too_big)
    assert "train: out of memory. Lower batch" in run_main([CE], capsys)
