"""Near-duplicates against brute force, and splits that new rows do not move."""

import random

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation import find_duplicates
from curation.api import DUPLICATES
from curation.params import SelectParams, SplitParams
from curation.selection import thresholds
from curation.splits import split_expression
from curation.text.phrases import fold

BASE = "عندي ألم شديد في أسفل الظهر من أسبوعين ويزيد مع الجلوس الطويل واستعملت مسكنات بدون فائدة"


def clusters(texts: list[str]) -> list[int]:
    return [int(c) for c in find_duplicates(texts)["cluster_id"].to_pylist()]


def test_the_same_asking_in_other_spelling_is_one_cluster() -> None:
    assert clusters([BASE, BASE.replace("ألم", "الم").replace("أسفل", "اسفل") + "!!", "سؤال آخر تماما عن تساقط الشعر بعد الولادة"]) == [
        0,
        0,
        2,
    ]


def test_a_changed_dose_is_another_question() -> None:
    assert clusters(["اخد كونكور 5 ملغ الصبح والضغط لسه عالي", "اخد كونكور 10 ملغ الصبح والضغط لسه عالي"]) == [0, 1]


def test_nulls_and_empty_texts_stand_alone() -> None:
    assert find_duplicates([None, None, "", "😀"])["is_representative"].to_pylist() == [True] * 4


def shingles(text: str) -> set[str]:
    width = DUPLICATES.shingle
    return {text[i : i + width] for i in range(max(len(text) - width + 1, 1))}


def test_recall_and_precision_against_every_pair() -> None:
    """On noisy copies of 60 askings every pair at or above the threshold must be in one cluster, and no two askings may share one."""
    rng = random.Random(5)
    words = [
        "ألم",
        "ظهر",
        "بطن",
        "رأس",
        "صداع",
        "حرارة",
        "كحة",
        "دوخة",
        "ركبة",
        "معدة",
        "عين",
        "أذن",
        "أسنان",
        "جلد",
        "حكة",
        "ضغط",
        "سكر",
        "نوم",
        "أكل",
        "مشي",
        "طفل",
        "حامل",
        "دواء",
        "تحليل",
        "أشعة",
    ]
    texts, origin = [], []
    for i in range(60):
        text = " ".join(rng.choices(words, k=25))
        for _ in range(3):
            copy = text.split()
            copy[rng.randrange(25)] = "غيره"
            texts.append(" ".join(copy))
            origin.append(i)
    found = clusters(texts)
    keys = [shingles(k) for k in fold(texts)]
    missed = mixed = near = 0
    for a in range(len(texts)):
        for b in range(a):
            alike = len(keys[a] & keys[b]) / len(keys[a] | keys[b])
            near += alike >= DUPLICATES.threshold
            missed += alike >= DUPLICATES.threshold and found[a] != found[b]
            mixed += origin[a] != origin[b] and found[a] == found[b]
    assert near > 100
    assert missed == 0
    assert mixed == 0


def test_threads_change_nothing() -> None:
    texts = [BASE.replace("أسبوعين", f"{w}") for w in ("يومين", "شهر", "سنة", "أسبوع")] * 5
    assert find_duplicates(texts).equals(find_duplicates(texts))


SPLIT = SplitParams(validation=0.1, test=0.1, seed=42)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text("0123456789abcdef", min_size=8, max_size=16), min_size=1, max_size=50, unique=True))
def test_a_cluster_has_one_split_whatever_else_is_there(ids: list[str]) -> None:
    def splits(of: list[str]) -> dict[str, str]:
        with duckdb.connect() as con:
            return dict(con.from_arrow(pa.table({"c": of})).project(f"c, {split_expression('c', SPLIT)}").fetchall())

    assert splits(ids[:1]).items() <= splits(ids).items()


def test_split_shares_are_about_as_asked() -> None:
    with duckdb.connect() as con:
        rows = con.sql(f"SELECT {split_expression('i::VARCHAR', SPLIT)} AS s, count(*) FROM range(20000) t(i) GROUP BY ALL").fetchall()
    shares = {name: n / 20000 for name, n in rows}
    assert shares["test"] == pytest.approx(0.1, abs=0.01)
    assert shares["validation"] == pytest.approx(0.1, abs=0.01)


def test_every_threshold_says_why(params: object) -> None:
    select: SelectParams = params.select  # type: ignore[attr-defined]
    assert all(t.why for t in thresholds(select))
    assert len({t.reason for t in thresholds(select)}) == len(thresholds(select))
