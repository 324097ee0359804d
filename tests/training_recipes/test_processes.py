import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import yaml
from accelerate.commands.config.config_args import ClusterConfig, load_config_from_file
from safetensors.torch import load_file

from curation.errors import TibyanError
from curation.params import Params
from tests.conftest import ROOT
from tests.training_recipes.tiny_project import prepare, with_train
from training_recipes import processes, train

CONFIGS = ROOT / "training_recipes" / "accelerate"
RUN = "lora_severity_balanced"


@pytest.mark.parametrize(
    ("batch", "accumulation", "count", "each"),
    [
        (8, 1, 1, (8, 1)),
        (8, 1, 2, (4, 1)),
        (1, 8, 8, (1, 1)),
        (4, 2, 2, (4, 1)),
        (8, 3, 2, (4, 3)),
        (6, 2, 4, (3, 1)),
    ],
)
def test_processes_share_what_a_step_sees(batch: int, accumulation: int, count: int, each: tuple[int, int]) -> None:
    assert processes.share(batch, accumulation, count) == each
    assert each[0] * each[1] * count == batch * accumulation
    assert each[0] <= batch  # or it might not fit


def test_what_cannot_be_shared_is_a_sentence() -> None:
    with pytest.raises(TibyanError, match="3 processes cannot share 8 x 1 examples evenly"):
        processes.share(8, 1, 3)


def test_a_model_in_one_piece_needs_no_putting_together() -> None:
    assert processes.whole_weights(torch.nn.Linear(2, 2)) is None


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.yaml")), ids=lambda path: path.stem)
def test_accelerate_reads_each_config(path: Path) -> None:
    config = load_config_from_file(str(path))  # an unknown key is an error of its own
    assert isinstance(config, ClusterConfig)
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith(f"# accelerate launch --config_file training_recipes/accelerate/{path.name} ")
    assert config.num_processes == (1 if path.stem == "one_gpu" else 2)
    assert config.use_cpu == (path.stem == "two_cpus")
    assert bool(config.fsdp_config) == (path.stem == "fsdp")
    assert bool(config.deepspeed_config) == (path.stem == "zero3")


def test_each_way_has_its_config() -> None:
    assert {path.stem for path in CONFIGS.glob("*.yaml")} == {"one_gpu", "several_gpus", "fsdp", "zero3", "two_cpus"}


@pytest.mark.slow
def test_two_processes_give_what_one_does(project: Path, params: Params) -> None:
    """By `accelerate launch`, with weights that differ within a batch: 2 x 4 examples a step against 1 x 8."""
    small = with_train(prepare(params), learning_rate=1e-3)
    train.run(small, RUN)
    alone = load_file(f"models/{RUN}/adapter_model.safetensors")
    steps = Path(f"reports/training/{RUN}.csv").read_text()

    content = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8")) | {"train": small.train.model_dump()}
    Path("params.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    launch = [sys.executable, "-m", "accelerate.commands.launch", "--config_file", str(CONFIGS / "two_cpus.yaml")]
    done = subprocess.run(
        [*launch, "-m", "training_recipes.train", RUN],
        env=os.environ | {"PYTHONPATH": str(ROOT), "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.count("weights 0.") == done.stdout.count("step 4 of 4") == done.stdout.count("32 records, 4 steps") == 1
    together = load_file(f"models/{RUN}/adapter_model.safetensors")
    assert max((together[name] - alone[name]).abs().max().item() for name in alone) < 1e-6
    assert not all(torch.equal(together[name], alone[name]) for name in alone)  # or the second process did nothing
    assert Path(f"reports/training/{RUN}.csv").read_text() == steps


@pytest.mark.slow
def test_a_model_in_pieces_learns_in_chunks_and_is_saved_whole() -> None:
    """FSDP's own pieces, on two processes without a GPU; accelerate puts them together on GPUs alone."""
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
    done = subprocess.run(
        [*launch, "-m", "tests.training_recipes.in_pieces"],
        cwd=ROOT,
        env=os.environ | {"CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
