"""What every part of the benchmarks is given: a scratch folder, how often to repeat, and pairs of MAQA's shape in any number."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measured import Cost, Figures, medians

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared" / "data"  # texts of other people under open licences, beside the repository
QUICK_PAIRS = 2_000
MAQA = {"question": "q_body", "answer": "a_body", "specialty": "category"}  # columns of MAQA by the fields of ingest


@dataclass(frozen=True)
class Setting:
    """`place` is an ignored folder that is removed afterwards; `quick` is for trying the parts: few rows, once, and no figures to keep."""

    place: Path
    repeats: int = 3
    quick: bool = False

    def size(self, pairs: int) -> int:
        return min(pairs, QUICK_PAIRS) if self.quick else pairs

    def csv(self, pairs: int) -> Path:
        """A CSV of so many pairs with MAQA's columns, made when it is first asked for."""
        path = self.place / f"maqa_{pairs}.csv"
        if not path.exists():
            beside = path.with_suffix(".tmp")
            subprocess.run([sys.executable, "-m", "benchmarks.maqa_shape", str(beside), "--pairs", str(pairs)], cwd=ROOT, check=True)
            beside.replace(path)
        return path

    def repeated(self, *measures: Callable[[], Cost]) -> list[Figures]:
        """The medians of each measure; they take turns, so that whatever else the machine does meets all of them."""
        runs = [[measure() for measure in measures] for _ in range(self.repeats)]
        return [medians(costs) for costs in zip(*runs, strict=True)]
