"""chrF++ of texts towards their references, `[texts, references]` as JSON on standard input.

In the environment of the benchmarks: sacrebleu brings lxml, with which openpyxl writes other bytes.
"""

import json
import sys

from sacrebleu.metrics import CHRF

texts, references = json.load(sys.stdin)
print(CHRF(word_order=2).corpus_score(texts, [references]).score)
