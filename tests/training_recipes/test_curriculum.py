import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.params import Params
from curation.schema import SEVERITIES
from tests.training_recipes.tiny_project import contents, prepare, rows, with_train, write_split
from training_recipes import train
from training_recipes.curriculum import phases, schedules
from training_recipes.records import read_split
from training_recipes.trainer import Schedule

RATES = (2e-5, 1e-5, 8e-6)
MIXED = ["critical", "mild", "moderate", "mild", "critical"]


@pytest.mark.parametrize(
    ("severities", "kind", "expected"),
    [
        (MIXED, "sequential", [[1, 3], [2], [0, 4]]),
        (MIXED, "cumulative", [[1, 3], [1, 2, 3], [0, 1, 2, 3, 4]]),
        (["critical", "mild"], "sequential", [[1], [], [0]]),
        (["critical", "mild"], "cumulative", [[1], [], [0, 1]]),
        ([], "cumulative", [[], [], []]),
    ],
)
def test_phases(severities: list[str], kind, expected: list[list[int]]) -> None:
    assert phases(severities, kind) == expected


@given(st.lists(st.sampled_from(SEVERITIES), min_size=1))
def test_every_record_is_learned_and_none_before_its_time(severities: list[str]) -> None:
    once = phases(severities, "sequential")
    assert sorted(i for phase in once for i in phase) == list(range(len(severities)))
    for level, phase in enumerate(phases(severities, "cumulative")):
        assert all(SEVERITIES.index(severities[i]) <= level for i in phase)
        assert set(once[level]) <= set(phase)


@given(
    st.lists(st.integers(0, 400), min_size=3, max_size=3).filter(any),
    st.integers(3, 500),
    st.integers(0, 50),
)
def test_steps_are_shared_out_by_size(sizes: list[int], steps: int, warmup: int) -> None:
    whole = Schedule(steps=steps, batch=8, learning_rate=1.0, seed=1, warmup_steps=min(warmup, steps))
    parts = schedules(sizes, whole, RATES)
    assert [part.learning_rate for part in parts] == list(RATES)
    assert steps <= sum(part.steps for part in parts) <= steps + 2  # a phase too small for a step has one
    for size, part in zip(sizes, parts, strict=True):
        assert (part.steps == 0) == (size == 0)
        assert part.steps == 1 or abs(part.steps - steps * size / sum(sizes)) <= 1
        assert part.warmup_steps <= part.steps


def test_a_run_learns_what_is_mild_first(project: Path, params: Params, monkeypatch: pytest.MonkeyPatch) -> None:
    small = with_train(prepare(params), steps=None, epochs=1.0, warmup_steps=2)
    seen = []
    fit = train.fit

    def noted(stage, model, examples, pad_id, schedule, **options):
        seen.append((len(examples), schedule.steps, schedule.learning_rate, schedule.warmup_steps))
        return fit(stage, model, examples, pad_id, schedule, **options)

    monkeypatch.setattr(train, "fit", noted)
    train.run(small, "curriculum_cumulative")
    levels = [record.severity for record in read_split("train")]
    mild, moderate = levels.count("mild"), levels.count("moderate")
    sizes = [mild, mild + moderate, len(levels)]
    assert [size for size, *_ in seen] == sizes == [11, 22, 32]
    assert [rate for _, _, rate, _ in seen] == list(RATES)
    assert sum(steps for _, steps, _, _ in seen) == -(-sum(sizes) // small.train.batch)
    metrics = json.loads(Path("reports/metrics/train_curriculum_cumulative.json").read_text())
    assert metrics["phase_steps"] == dict(zip(SEVERITIES, (steps for _, steps, _, _ in seen), strict=True))
    assert metrics["steps"] == sum(metrics["phase_steps"].values())


def test_weights_of_a_curriculum_have_mean_one_over_all_records(project: Path, params: Params, capsys: pytest.CaptureFixture[str]) -> None:
    small = prepare(params)
    train.run(small, "curriculum_severity")
    metrics = json.loads(Path("reports/metrics/train_curriculum_severity.json").read_text())
    assert metrics["weight_mean"] == pytest.approx(1, abs=1e-4)
    assert metrics["weight_min"] < 1 < metrics["weight_max"]


def test_a_severity_that_no_record_has_is_left_out(project: Path, params: Params, capsys: pytest.CaptureFixture[str]) -> None:
    small = prepare(params)
    write_split("train", [row for row in rows("train", 32) if row["severity"] != "moderate"])
    train.run(small, "curriculum_sequential")
    assert "train: no record is moderate, so that its phase is left out" in capsys.readouterr().out
    metrics = json.loads(Path("reports/metrics/train_curriculum_sequential.json").read_text())
    assert metrics["phase_steps"]["moderate"] == 0 < metrics["phase_steps"]["critical"]


def test_a_curriculum_that_was_cut_off_goes_on_in_its_phase(project: Path, params: Params, monkeypatch: pytest.MonkeyPatch) -> None:
    small = with_train(prepare(params), steps=6, checkpoint_every=1, lora_dropout=0.2)
    train.run(small, "curriculum_severity")
    whole = contents("models/curriculum_severity", "reports")
    assert not list(Path(".cache/checkpoints").rglob("checkpoint-*")), "a run that is done leaves none"
    fit, asked = train.fit, list[str]()

    def cut(*given, checkpoints, **options):
        asked.append(checkpoints.name)
        if checkpoints.name == "phase_3":
            raise KeyboardInterrupt
        return fit(*given, checkpoints=checkpoints, **options)

    with monkeypatch.context() as patch:
        patch.setattr(train, "fit", cut)
        with pytest.raises(KeyboardInterrupt):
            train.run(small, "curriculum_severity")
    assert asked == ["phase_1", "phase_2", "phase_3"]
    assert sorted(path.parent.name for path in Path(".cache/checkpoints").rglob("checkpoint-*")) == ["phase_1", "phase_2"]
    train.run(small, "curriculum_severity")
    assert contents("models/curriculum_severity", "reports") == whole
