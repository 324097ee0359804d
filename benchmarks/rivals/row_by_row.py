"""Cleaning, language, length and near-duplicates row by row in one process, written the way users write it with their libraries.

    python -m benchmarks.rivals.row_by_row IN.csv OUT.parquet [--without-langdetect] [--batched]

Columns q_body, a_body, category in; the rows that are kept out, with their number in the CSV. Nothing is slow on purpose: patterns are
compiled once, and what is cheap goes first. MinHash takes shingle after shingle as in the first example of datasketch's documentation, or
with `--batched` all of a text at once, as its reference offers further down.
"""

import argparse
import csv
import html
import re
from collections.abc import Iterator

import emoji
import pyarrow as pa
import pyarrow.parquet as pq
from camel_tools.utils.dediac import dediac_ar
from camel_tools.utils.normalize import normalize_alef_ar, normalize_alef_maksura_ar, normalize_teh_marbuta_ar, normalize_unicode
from datasketch import MinHash, MinHashLSH
from langdetect import DetectorFactory, LangDetectException, detect
from pyarabic.araby import strip_tatweel

SHORTEST, LONGEST = 15, 4_000  # letters of a question, as select.min_question_letters and max_question_letters
ANSWERED = 20  # letters of an answer, as select.min_answer_letters
ARABIC_SHARE = 0.5  # as select.min_arabic_share
PERMUTATIONS, SHINGLE, THRESHOLD = 128, 5, 0.7  # as the section duplicates, which has three permutations fewer
TAG = re.compile(r"<[^>]+>")
HIDDEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
ELONGATED = re.compile(r"([^\W\d_])\1{2,}")
PUNCTUATED = re.compile(r"([!?.,؟،؛])\1+")
SPACE = re.compile(r"\s+")
NO_WORD = re.compile(r"[^\w\s]|_")
LETTER = re.compile(r"[^\W\d_]")
ARABIC = re.compile(r"[\u0621-\u064a\u066e-\u06d3]")
DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
DetectorFactory.seed = 0


def clean(text: str) -> str:
    text = normalize_unicode(TAG.sub(" ", html.unescape(text)))
    text = strip_tatweel(dediac_ar(HIDDEN.sub("", text))).translate(DIGITS)
    text = emoji.replace_emoji(text, "")
    return SPACE.sub(" ", PUNCTUATED.sub(r"\1", ELONGATED.sub(r"\1", text))).strip()


def folded(text: str) -> str:
    text = normalize_teh_marbuta_ar(normalize_alef_maksura_ar(normalize_alef_ar(text)))
    return SPACE.sub(" ", NO_WORD.sub(" ", text.lower())).strip()


def language(text: str) -> str:
    try:
        return detect(text)
    except LangDetectException:
        return "none"


def signature(text: str, batched: bool) -> MinHash:
    minhash = MinHash(num_perm=PERMUTATIONS)
    shingles = {text[i : i + SHINGLE] for i in range(max(len(text) - SHINGLE + 1, 1))}
    if batched:
        minhash.update_batch([shingle.encode("utf8") for shingle in shingles])
    else:
        for shingle in shingles:
            minhash.update(shingle.encode("utf8"))
    return minhash


def kept(path: str, with_langdetect: bool, batched: bool) -> Iterator[dict[str, object]]:
    index = MinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS)
    with open(path, encoding="utf-8", newline="") as file:  # noqa: PTH123
        for number, row in enumerate(csv.DictReader(file)):
            question, answer = clean(row["q_body"]), clean(row["a_body"])
            letters = len(LETTER.findall(question))
            if not SHORTEST <= letters <= LONGEST or len(LETTER.findall(answer)) < ANSWERED:
                continue
            if len(ARABIC.findall(question)) < ARABIC_SHARE * letters:
                continue
            if with_langdetect and language(question) != "ar":
                continue
            minhash = signature(folded(question), batched)
            if index.query(minhash):
                continue
            index.insert(number, minhash)
            yield {"row": number, "question": question, "answer": answer, "specialty": row["category"]}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("csv")
    parser.add_argument("parquet")
    parser.add_argument("--without-langdetect", action="store_true")
    parser.add_argument("--batched", action="store_true")
    asked = parser.parse_args()
    rows = pa.Table.from_pylist(list(kept(asked.csv, not asked.without_langdetect, asked.batched)))
    pq.write_table(rows, asked.parquet, compression="zstd")


if __name__ == "__main__":
    main()
