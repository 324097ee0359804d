"""Questions through datatrove's local executor, as its examples put a job together (FineWeb's): filters, then the four MinHash stages.

    .venv-bench/bin/python benchmarks/rivals/datatrove_job.py QUESTIONS_FOLDER OUT_FOLDER

The folder holds CSVs of `id, text`, one a worker. What is not our comparison's business is left at datatrove's defaults: 14 buckets of 8
hashes over 5 words. Numbers are kept apart, as ours are.
"""

import re
import sys
from pathlib import Path

from datatrove.data import Document
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.base import PipelineStep
from datatrove.pipeline.dedup import MinhashDedupBuckets, MinhashDedupCluster, MinhashDedupFilter, MinhashDedupSignature
from datatrove.pipeline.dedup.minhash import MinhashConfig
from datatrove.pipeline.filters import LambdaFilter
from datatrove.pipeline.formatters import PIIFormatter
from datatrove.pipeline.readers import CSVReader, ParquetReader
from datatrove.pipeline.writers import ParquetWriter
from datatrove.utils.text import TextNormConfig
from datatrove.utils.typeshelper import Languages
from loguru import logger

WORKERS = 2
SHORTEST, LONGEST = 15, 4_000  # letters of a question, as select.min_question_letters and max_question_letters
ARABIC_SHARE = 0.5  # as select.min_arabic_share
LETTER = re.compile(r"[^\W\d_]")
ARABIC = re.compile(r"[\u0621-\u064a\u066e-\u06d3]")
CONFIG = MinhashConfig(norm_config=TextNormConfig(norm_numbers=False))


def of_length(document: Document) -> bool:
    return SHORTEST <= len(LETTER.findall(document.text)) <= LONGEST


def in_arabic(document: Document) -> bool:
    return len(ARABIC.findall(document.text)) >= ARABIC_SHARE * len(LETTER.findall(document.text))


def run(name: str, out: Path, tasks: int, *pipeline: PipelineStep) -> None:
    LocalPipelineExecutor(list(pipeline), tasks=tasks, workers=min(tasks, WORKERS), logging_dir=str(out / "logs" / name)).run()


def main(questions: str, out: Path) -> None:
    filtered, signatures, buckets, removed = (str(out / name) for name in ("filtered", "signatures", "buckets", "removed"))
    read = CSVReader(questions), PIIFormatter(), LambdaFilter(of_length), LambdaFilter(in_arabic)
    run("filter", out, WORKERS, *read, ParquetWriter(filtered))
    run("signature", out, WORKERS, ParquetReader(filtered), MinhashDedupSignature(signatures, CONFIG, Languages.standard_arabic__arab))
    run("buckets", out, CONFIG.num_buckets, MinhashDedupBuckets(signatures, buckets, config=CONFIG))
    run("cluster", out, 1, MinhashDedupCluster(buckets, removed, CONFIG))
    run("dedup", out, WORKERS, ParquetReader(filtered), MinhashDedupFilter(removed), ParquetWriter(str(out / "kept")))


if __name__ == "__main__":
    logger.remove()  # its lines for every task are nothing to measure
    main(sys.argv[1], Path(sys.argv[2]))
