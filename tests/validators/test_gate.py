"""The gate: closed by a critical check and by nothing else, with a message that says where and what to do."""

import hashlib
import json

import pytest

from curation.engine import open_session
from curation.errors import TibyanError
from curation.params import load_params
from validators.gate import run


def outcome(name, severity="critical", success=True, **more):
    row = {
        "suite": "selected",
        "name": name,
        "severity": severity,
        "reason": "because",
        "mend": "Mend it.",
        "success": success,
    }
    return row | {"unexpected_count": None, "observed": None, "record_ids": [], "places": {}} | more


@pytest.fixture
def gate(hand_overs, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    interim = tmp_path / "data/interim"
    interim.mkdir(parents=True)
    (interim / "selected.parquet").write_bytes(b"selected")
    (interim / "split.parquet").write_bytes(b"split")
    (tmp_path / "reports").mkdir()
    params = load_params(hand_overs.root / "params.yaml")

    def close_or_open(checks):
        (tmp_path / "reports/validation.json").write_text(json.dumps({"checks": checks}))
        with open_session(params.engine, interim) as session:
            return run(session, params)

    return close_or_open


def test_open_with_warnings(gate, tmp_path):
    checks = [outcome("a"), outcome("b", "warning", False), outcome("c", "info", False)]
    assert gate(checks) == "open, 3 checks, warnings: selected/b"
    written = json.loads((tmp_path / "reports/gate.json").read_text())
    files = [b"selected", b"split", json.dumps({"checks": checks}).encode()]
    digest = hashlib.sha256("".join(hashlib.sha256(f).hexdigest() for f in files).encode()).hexdigest()
    assert written == {"open": True, "checks": 3, "warnings": ["selected/b"], "digest": digest}


def test_the_digest_is_of_the_data(gate, tmp_path):
    gate([outcome("a")])
    first = (tmp_path / "reports/gate.json").read_bytes()
    gate([outcome("a")])
    assert (tmp_path / "reports/gate.json").read_bytes() == first
    (tmp_path / "data/interim/split.parquet").write_bytes(b"other")
    gate([outcome("a")])
    assert (tmp_path / "reports/gate.json").read_bytes() != first


def test_closed_by_a_critical_check(gate, tmp_path):
    gate([outcome("a")])
    ids = [f"r{i}" for i in range(10)]
    checks = [
        outcome("a"),
        outcome("lengths", success=False, unexpected_count=12, record_ids=ids),
        outcome("rows", success=False, observed=3),
        outcome("w", "warning", False),
    ]
    with pytest.raises(TibyanError) as error:
        gate(checks)
    lines = str(error.value).splitlines()
    assert lines == [
        "closed, 2 critical of 4 checks failed; `tibyan gate explain` says more.",
        f"selected/lengths: 12 rows ({', '.join(ids)}, …; all in reports/quarantine.parquet): because. Mend it.",
        "selected/rows: observed 3: because. Mend it.",
    ]
    assert [p.name for p in (tmp_path / "reports").iterdir()] == ["validation.json"]


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"checks": []}', None])
def test_without_a_report_it_is_closed(gate, tmp_path, hand_overs, content):
    gate([outcome("a")])
    report = tmp_path / "reports/validation.json"
    report.unlink() if content is None else report.write_text(content)
    params = load_params(hand_overs.root / "params.yaml")
    with (
        open_session(params.engine, tmp_path / "data/interim") as session,
        pytest.raises(TibyanError, match=r"validators\.validate"),
    ):
        run(session, params)
    assert not (tmp_path / "reports/gate.json").exists()


def test_a_missing_hand_over_is_named(gate, tmp_path):
    (tmp_path / "data/interim/split.parquet").unlink()
    with pytest.raises(TibyanError, match=r"split\.parquet: not there"):
        gate([outcome("a")])


def test_the_stage_exits_1_on_stderr(hand_overs, gate, tmp_path):
    import shutil
    import subprocess
    import sys

    shutil.copy(hand_overs.root / "params.yaml", tmp_path)
    report = {"checks": [outcome("rows", success=False, observed=3)]}
    (tmp_path / "reports/validation.json").write_text(json.dumps(report))
    command = [sys.executable, "-m", "validators.gate"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [
        "gate: closed, 1 critical of 1 checks failed; `tibyan gate explain` says more.",
        "selected/rows: observed 3: because. Mend it.",
    ]
