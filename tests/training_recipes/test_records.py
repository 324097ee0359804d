from pathlib import Path

import pytest

from curation.errors import TibyanError
from tests.training_recipes.tiny_project import rows, write_split
from training_recipes.records import BUILT, read_split


def read(split: str = "train", column: str = "question"):
    return read_split(split, column)


def test_rows_come_in_the_order_of_their_ids(project: Path) -> None:
    write_split("train", rows("train", 5))
    records = read()
    assert [record.record_id for record in records] == [f"train-{i:03}" for i in range(5)]
    assert records[2].probabilities == (0.05, 0.15, 0.8)
    assert read(column="question_msa")[0].question != records[0].question


def test_a_rebuilt_split_is_read_anew(project: Path) -> None:
    write_split("train", rows("train", 5))
    assert len(read()) == 5
    write_split("train", rows("train", 3))
    assert len(read()) == 3


def test_problems_are_sentences(project: Path) -> None:
    with pytest.raises(TibyanError, match=r"built\.parquet: not there yet. Run `dvc repro`"):
        read()
    write_split("train", [])
    with pytest.raises(TibyanError, match="no rows of train"):
        read()
    write_split("train", [row | {"question_msa": None} for row in rows("train", 2)])
    with pytest.raises(TibyanError, match=r"question_msa is empty in 2 of 2 rows of train. Set dialect.normalise"):
        read(column="question_msa")
    write_split("train", [{"record_id": "a", "question": "س"}])
    with pytest.raises(TibyanError, match="has no column answer"):
        read()
    BUILT.write_bytes(b"no parquet")
    with pytest.raises(TibyanError, match="cannot be read"):
        read()
