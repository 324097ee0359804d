"""Ten times the pairs in the same memory: the pipeline over 4.3 million beside 430,000, spilling where it must."""

import shutil

from benchmarks import project
from benchmarks.document import HEADER, at_most, megabytes, number, table
from benchmarks.measured import Figures, medians, together
from benchmarks.pipeline import PAIRS, by_stage
from benchmarks.setting import Setting

LARGE, TIMES, MEMORY = 4_300_000, 11, "3GB"


def run(setting: Setting) -> Figures:
    """Each once, one after the other, with the same memory limit: the larger one takes twenty minutes."""
    folder = setting.place / "large"
    figures: Figures = {"pairs": setting.size(PAIRS), "large": setting.size(LARGE)}
    for name in ("pairs", "large"):
        csv = setting.csv(figures[name])
        stages = project.run_stages(project.make(folder, csv, engine={"memory_limit": MEMORY}))
        figures[f"{name}_total"], figures[f"{name}_stages"] = medians([together(stages.values())]), by_stage([stages])
        shutil.rmtree(folder)
    return figures


def section(figures: Figures) -> str:
    """Targets, what was measured, and where it goes."""
    small, large = figures["pairs_total"], figures["large_total"]
    stages = figures["large_stages"]
    rows = [
        (
            name,
            number(figures["pairs_stages"][name]["seconds"]),
            number(cost["seconds"]),
            number(cost["seconds"] / figures["pairs_stages"][name]["seconds"]),
            number(cost["cpu"] / figures["pairs_stages"][name]["cpu"]),
            megabytes(cost["peak"]),
        )
        for name, cost in stages.items()
    ]
    times = [large[unit] / small[unit] for unit in ("seconds", "cpu")]
    met = zip(("time", "CPU time"), times, strict=True)
    rows.append(("all", number(small["seconds"]), number(large["seconds"]), *map(number, times), megabytes(large["peak"])))
    return f"""## {figures["large"]:,} pairs

`engine.memory_limit` is {MEMORY}; DuckDB spills beyond it. {figures["pairs"]:,} and {figures["large"]:,} pairs
were run once each, one after the other (`make bench-large`), while other work was running: the time of the processor is the steadier
figure. The limit is DuckDB's: arrays in NumPy come on top of it, most where `duplicates`, `split` and `validate` look at all rows at once.

{table(HEADER, [at_most(f"{name} against a tenth of the pairs", TIMES, of, "times") for name, of in met])}

{table(("stage", f"{figures['pairs']:,}, s", f"{figures['large']:,}, s", "times", "times the CPU s", "peak MB of the larger"), rows)}
"""
