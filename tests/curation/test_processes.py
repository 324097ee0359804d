"""Several processes give what one gives, in the same order, and a small input starts none."""

import os
from collections import Counter
from functools import partial
from pathlib import Path

import duckdb
import pytest

import curation.ingestion
from curation.errors import TibyanError
from curation.ingestion import SCHEMAS, load_items
from curation.params import InputParams, Params
from curation.privacy.takedown import Takedown
from curation.processes import in_order
from curation.sources.inputs import all_readings

ROOT = Path(__file__).parents[2]


def shouted(times: int, texts: list[str]) -> tuple[list[str], int]:
    return [text.upper() * times for text in texts], os.getpid()


def ended(texts: list[str]) -> None:
    if texts == ["c"]:
        os._exit(9)


def test_batches_come_back_in_order_from_other_processes() -> None:
    batches = [[f"text {i}"] for i in range(40)]
    done = list(in_order(partial(shouted, 2), batches, list, 2))
    assert [batch for batch, _ in done] == batches
    assert [texts for _, (texts, _) in done] == [[f"TEXT {i}" * 2] for i in range(40)]
    assert os.getpid() == done[0][1][1]
    assert os.getpid() not in {process for _, (_, process) in done[1:]}


@pytest.mark.parametrize(("batches", "processes"), [([["a"]], 4), ([["a"], ["b"], ["c"]], 1), ([], 4)])
def test_a_small_input_starts_no_process(batches: list[list[str]], processes: int) -> None:
    done = list(in_order(partial(shouted, 1), batches, list, processes))
    assert [batch for batch, _ in done] == batches
    assert {process for _, (_, process) in done} <= {os.getpid()}


def test_a_process_that_is_killed_is_told() -> None:
    with pytest.raises(TibyanError, match="TIBYAN_THREADS=1"):
        list(in_order(ended, [["a"], ["b"], ["c"], ["d"]], list, 2))


def test_what_is_read_does_not_depend_on_processes(monkeypatch: pytest.MonkeyPatch, params: Params, tmp_path: Path) -> None:
    monkeypatch.setattr(curation.ingestion, "BATCH_ITEMS", 100)
    read = []
    for processes in (1, 2):
        found: Counter[tuple[str, str]] = Counter()
        with duckdb.connect() as con:
            entries = all_readings([InputParams(path=str(ROOT / "data/sample/raw/*"))])
            load_items(con, entries, params.ingest, Takedown(), found, tmp_path, processes)
            hidden = {"posts": "* EXCLUDE (author, name)", "comments": "* EXCLUDE (author, name)", "unread": "*"}
            read.append([found, *(con.execute(f"SELECT {hidden[table]} FROM {table}").fetchall() for table in SCHEMAS)])
    assert read[0] == read[1]
    assert sum(read[0][0].values()) > 100
