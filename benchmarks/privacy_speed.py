"""How many texts a second redaction takes on one core, beside Presidio's recognisers on the same texts.

`python -m benchmarks.privacy_speed`, JSON in and out, is one measurement in a process of its own: what redaction has learnt about words
stays in memory, and no measurement may find what another one left.
"""

import csv
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.dumps import Writer
from benchmarks.setting import ROOT, SHARED
from curation.sources.dump import Dump, Reject
from curation.sources.rows import xlsx_rows

COMMENTS = SHARED / "mpold" / "Arabic_offensive_comment_detection_annotation_4000_selected.xlsx"
PRESIDIO = ROOT / ".cache" / "presidio"
PRESIDIO_VERSION = "2.2.366"
REPEATED = 10  # times that the comments make one pass
PASSES = 5
TARGET = 40_000
SHORT = 300  # characters: as long as comments are
Rates = dict[str, Any]


def comments() -> list[str]:
    """4,000 real comments from three platforms; none leaves this process but to be timed."""
    if not COMMENTS.exists():
        writer = Writer()
        return [writer.comment() for _ in range(4_000)]
    return [str(row[1]["Comment"]) for row in xlsx_rows(Dump(COMMENTS)) if not isinstance(row, Reject)]


def real_texts(folder: Path) -> Iterator[str]:
    """The cells of a source's tables and the lines of its text files."""
    for path in sorted(path for path in folder.rglob("*") if path.suffix in {".csv", ".tsv", ".txt", ".xlsx"}):
        if path.suffix == ".xlsx":
            yield from (str(cell) for row in xlsx_rows(Dump(path)) if not isinstance(row, Reject) for cell in row[1].values())
            continue
        text = path.read_text(encoding="utf-8-sig", errors="ignore")
        first = text.partition("\n")[0]
        delimiter = max("\t;,", key=first.count) if path.suffix != ".txt" or first.count(";") > 3 else "\n"
        lines = text.splitlines(keepends=True)
        yield from lines if delimiter == "\n" else (cell for row in csv.reader(lines, delimiter=delimiter) for cell in row)


def measure(cases: list[str], scale: float = 1.0) -> dict[str, Rates]:
    """Texts a second: names on, off, and with a dump's authors known; texts never seen before; Presidio, with its spans in `cases`."""
    texts = comments()
    texts = texts[: max(100, int(len(texts) * scale))]
    different = sorted({text for folder in sorted(SHARED.glob("*/")) for text in real_texts(folder) if 20 < len(text) <= SHORT})
    different = different[:: max(1, int(1 / scale))]
    authors = [account.name for account in Writer().accounts]
    results = {
        "names": _ours(texts, repeated=REPEATED),
        "plain": _ours(texts, names=False, repeated=REPEATED),
        "known": _ours(texts, authors=authors, repeated=REPEATED),
        "presidio": _presidio(texts, cases),
    }
    if different:
        results["different"] = _ours(different, passes=1) | _size(different)
    results["about"] = _size(texts) | {"authors": len(set(authors)), "real": COMMENTS.exists()}
    return results


def _size(texts: list[str]) -> Rates:
    return {"texts": len(texts), "characters": sum(map(len, texts)) / len(texts)}


def _ours(texts: list[str], names: bool = True, authors: list[str] | None = None, repeated: int = 1, passes: int = PASSES) -> Rates:
    asked = {"texts": texts, "names": names, "authors": authors, "repeated": repeated, "passes": passes}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.privacy_speed"], input=json.dumps(asked), capture_output=True, text=True, check=True, cwd=ROOT
    )
    seconds = json.loads(done.stdout)
    rate = len(texts) * repeated / median(seconds["passes"])
    return {"rate": rate, "cold": len(texts) / seconds["first"], "passes": passes}


def _presidio(texts: list[str], cases: list[str]) -> Rates:
    """Presidio is no dependency: it brings spaCy along. It gets an environment under .cache; without a package index there is none."""
    python = PRESIDIO / "bin" / "python"
    if not _has_presidio(python):
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(PRESIDIO)], check=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-c", str(ROOT / "constraints.txt")]
        if subprocess.run([*pip, f"presidio-analyzer=={PRESIDIO_VERSION}"], stderr=subprocess.DEVNULL).returncode:
            return {"missing": "it could not be installed"}
    asked = {"texts": texts, "passes": 3, "cases": cases}
    side = [str(python), str(ROOT / "benchmarks" / "presidio_side.py")]
    done = subprocess.run(side, input=json.dumps(asked), capture_output=True, text=True, check=True)
    answer = json.loads(done.stdout)
    return {"rate": len(texts) / median(answer["seconds"]), "passes": 3, "spans": answer["spans"]}


def _has_presidio(python: Path) -> bool:
    ask = f"from importlib.metadata import version; assert version('presidio-analyzer') == '{PRESIDIO_VERSION}'"
    return python.exists() and subprocess.run([str(python), "-c", ask], stderr=subprocess.DEVNULL).returncode == 0


def one() -> None:
    """One measurement: the first pass over the texts, when every word is new, then passes over all of them `repeated` times."""
    asked = json.load(sys.stdin)
    from curation.privacy.names import known_names
    from curation.privacy.redaction import redact_text

    known = known_names(asked["authors"]) if asked["authors"] else None
    redact_text("الدكتور قال 5 ملغ", asked["names"], known)  # word lists and patterns are read at the first text

    def seconds(texts: list[str]) -> float:
        start = time.perf_counter()
        for text in texts:
            redact_text(text, asked["names"], known)
        return time.perf_counter() - start

    texts: list[str] = asked["texts"]
    first = seconds(texts)
    again = [seconds(texts * asked["repeated"]) for _ in range(asked["passes"])] if asked["repeated"] > 1 else [first]
    json.dump({"first": first, "passes": again}, sys.stdout)


if __name__ == "__main__":
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    one()
