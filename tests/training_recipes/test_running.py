import sys
from pathlib import Path

import pytest
import torch

from training_recipes import running

OURS = "DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."), "out of GPU memory. Lower batch"),
        (RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"), "out of GPU memory. Lower batch"),
        (RuntimeError(OURS), "out of memory. Lower batch"),
        (MemoryError(), "out of memory. Lower batch"),
    ],
)
def test_too_little_memory_is_a_sentence(project: Path, capsys: pytest.CaptureFixture[str], error: Exception, said: str) -> None:
    def run(*_: object) -> str:
        raise error

    with pytest.raises(SystemExit) as stopped:
        running.main("train", run, [])
    assert stopped.value.code == 1
    message = capsys.readouterr().err
    assert message.startswith(f"train: {said}") and message.count("\n") == 1


def test_another_error_is_not_taken_for_it(project: Path) -> None:
    def run(*_: object) -> str:
        raise RuntimeError("CUDA error: an illegal memory access was encountered")

    with pytest.raises(RuntimeError, match="illegal memory access"):
        running.main("train", run, [])


def test_only_the_main_process_prints(project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", sys.stdout)  # put back afterwards
    for rank, printed in (("0", "train: done\n"), ("1", "")):
        monkeypatch.setenv("RANK", rank)
        running.main("train", lambda _: "done", [])
        assert capsys.readouterr().out == printed


def test_what_one_process_does_is_not_done_by_several(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of them would write the same folder at once."""
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(SystemExit):
        running.main("base_model", lambda _: "done", [])
    assert "base_model: one process does this. Start it with `python -m training_recipes.base_model`" in capsys.readouterr().err
    running.main("train", lambda _: "done", [], several=True)
    assert capsys.readouterr().out == "train: done\n"
