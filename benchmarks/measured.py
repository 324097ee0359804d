"""What a command takes: wall seconds, CPU seconds and peak memory of all its processes together; and the machine it ran on.

`python benchmarks/measured.py`, JSON in and out, starts the command: Linux counts the memory of the process that starts another among the
other's own peak, so the one that starts it must stay small, whatever the caller holds. Only the standard library is imported here.
"""

import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import Any

PROC = Path("/proc")
BETWEEN = 0.2  # seconds between two looks at the processes
SAID = 4_000  # characters that a failing command may say
Figures = dict[str, Any]


@dataclass(frozen=True)
class Cost:
    """Seconds from start to exit, user and system seconds, and bytes.

    `peak` is the larger of two: the most that one process held (`ru_maxrss`, exact), and the most that all processes of the session were
    seen to hold together, five times a second (resident, shared pages divided among those that share them).
    """

    seconds: float
    cpu: float
    peak: int


def run(command: Sequence[str], cwd: Path, **environment: str) -> Cost:
    """Run the command to its end. Raises RuntimeError with the end of what it said when it fails."""
    asked = json.dumps({"command": list(command), "cwd": str(cwd), "environment": environment})
    done = subprocess.run([sys.executable, "-I", __file__], input=asked, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the measuring of {command[0]} ended with {done.returncode}")
    answer: Figures = json.loads(done.stdout)
    if answer["code"]:
        raise RuntimeError(f"{' '.join(command)} ended with {answer['code']}:\n{answer['said']}")
    return Cost(**answer["cost"])


def together(costs: Iterable[Cost]) -> Cost:
    """Of commands that ran one after another: seconds add up, the highest peak counts."""
    each = list(costs)
    return Cost(sum(c.seconds for c in each), sum(c.cpu for c in each), max(c.peak for c in each))


def medians(costs: Iterable[Cost]) -> Figures:
    """`seconds`, `cpu` and `peak` as medians of repeated runs, and `runs` with the single values."""
    runs = [asdict(cost) for cost in costs]
    return {**{name: median(run[name] for run in runs) for name in ("seconds", "cpu", "peak")}, "runs": runs}


def machine(packages: Iterable[str] = ()) -> Figures:
    """What the figures depend on: processor, cores that may be used, memory, kernel, Python and the versions of packages."""
    models = [line.partition(":")[2].strip() for line in (PROC / "cpuinfo").read_text().splitlines() if line.startswith("model name")]
    memory = next(int(line.split()[1]) for line in (PROC / "meminfo").read_text().splitlines() if line.startswith("MemTotal"))
    return {
        "processor": models[0] if models else platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(memory / 2**20),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "packages": {name: found for name in packages if (found := _version(name))},
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


class _Session(threading.Thread):
    """Looks at every process of a session: what they hold together, and the CPU seconds of those that nobody waited for."""

    def __init__(self, leader: int) -> None:
        super().__init__(daemon=True)
        self.leader, self.ended = leader, threading.Event()
        self.peak, self.ticks = 0, dict[str, int]()

    def run(self) -> None:
        while not self.ended.wait(BETWEEN):
            self._look()

    def _look(self) -> None:
        found = []
        for folder in PROC.glob("[0-9]*"):
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:  # it has ended
                continue
            if int(fields[3]) == self.leader:
                found.append(folder)
                self.ticks[folder.name] = int(fields[11]) + int(fields[12])
        self.peak = max(self.peak, sum(_held(folder, alone=len(found) == 1) for folder in found))

    @property
    def cpu(self) -> float:
        return sum(self.ticks.values()) / os.sysconf("SC_CLK_TCK")


def _held(folder: Path, alone: bool) -> int:
    """Bytes; of one among several its share of what they share, which takes the kernel longer to count."""
    try:
        if alone:
            return int((folder / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        lines = (folder / "smaps_rollup").read_text().splitlines()
        return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)
    except OSError:
        return 0


def _measure(command: Sequence[str], cwd: str, environment: Mapping[str, str]) -> Figures:
    with tempfile.TemporaryFile() as said:
        start = time.perf_counter()
        child = subprocess.Popen(
            command, cwd=cwd, env={**os.environ, **environment}, stdout=said, stderr=subprocess.STDOUT, start_new_session=True
        )
        session = _Session(child.pid)
        session.start()
        try:
            _, status, used = os.wait4(child.pid, 0)
        except KeyboardInterrupt:
            os.killpg(child.pid, signal.SIGKILL)
            raise
        seconds = time.perf_counter() - start
        session.ended.set()
        session.join()
        child.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        text = said.read().decode(errors="replace")[-SAID:] if child.returncode else ""
    cost = Cost(seconds, max(used.ru_utime + used.ru_stime, session.cpu), max(used.ru_maxrss * 1024, session.peak))
    return {"code": child.returncode, "said": text, "cost": asdict(cost)}


if __name__ == "__main__":
    json.dump(_measure(**json.load(sys.stdin)), sys.stdout)
