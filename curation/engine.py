"""The DuckDB session that every stage works in, and the one way to write: ordered, beside, then renamed."""

import csv
import io
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from curation.errors import TibyanError
from curation.params import EngineParams
from curation.schema import check_columns

INTERIM = Path("data/interim")
METRICS = Path("reports/metrics")
SPILL = Path(".cache/duckdb")  # ignored by git and DVC; DuckDB's own default would be the working directory
BLOCK = 245_760  # rows that a stage holds at a time, two of DuckDB's row groups: some 1.5 GB where each word of each text is looked at
ROW_GROUP_SIZE = 30_720  # a quarter of what DuckDB takes itself: a thread takes a row group at a time, and 430,000 rows are then 14 of them


@dataclass(frozen=True)
class Session:
    """A DuckDB connection and the folder of the hand-overs between stages."""

    con: duckdb.DuckDBPyConnection
    folder: Path = INTERIM

    def read(self, name: str) -> duckdb.DuckDBPyRelation:
        """The hand-over `name` as a relation of its declared columns. Raises TibyanError when it is not there or not as declared."""
        path = self.folder / f"{name}.parquet"
        if not path.exists():
            raise TibyanError(f"{path}: not there yet. Run `dvc repro`, which makes it first.")
        relation = self.con.read_parquet(str(path))
        check_columns(name, str(path), relation.columns, [str(t) for t in relation.types])
        return relation

    def numbered(self, name: str, columns: str) -> duckdb.DuckDBPyRelation:
        """`id, record_id` and these columns of the hand-over `name`; `id` is the row's place in the file: joins are fast on numbers."""
        self.read(name)
        rows = self.con.read_parquet(str(self.folder / f"{name}.parquet"), file_row_number=True)
        return rows.project(f"file_row_number AS id, record_id, {columns}")

    def blocks(self, name: str, columns: str, size: int | None = None) -> Iterator[duckdb.DuckDBPyRelation]:
        """The same in blocks of `size` rows, or BLOCK. What looks at a row alone is done so, that memory does not grow with the table."""
        numbered, size = self.numbered(name, columns), size or BLOCK
        for start in range(0, max(self.count(name), 1), size):
            yield numbered.filter(f"id BETWEEN {start} AND {start + size - 1}")

    def add(self, rows: duckdb.DuckDBPyRelation, table: str) -> None:
        """Put rows into `table`, which the first block makes."""
        known = self.con.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = ?", [table]).fetchall()[0][0]
        rows.insert_into(table) if known else rows.create(table)

    def is_ordered(self, name: str) -> bool:
        """Whether the rows of the hand-over lie by record_id: what is made of each by itself then needs no sorting."""
        before = f"SELECT record_id, lag(record_id) OVER () AS before FROM read_parquet('{self.folder / name}.parquet')"
        return self.number(f"SELECT count(*) FROM ({before}) WHERE record_id < before") == 0

    def write(self, relation: duckdb.DuckDBPyRelation, name: str, order_by: str = "") -> int:
        """Write the hand-over `name`; the same rows give the same bytes whatever the threads. Returns the number of rows.

        Rows that come in order from a file need no `order_by`: DuckDB keeps it.
        """
        check_columns(name, name, relation.columns, [str(t) for t in relation.types])
        write_parquet(relation, self.folder / f"{name}.parquet", order_by)
        return self.count(name)

    def count(self, name: str) -> int:
        return self.number(f"SELECT count(*) FROM read_parquet('{self.folder / name}.parquet')")

    def number(self, query: str) -> int:
        """The one number that a query answers."""
        return int(self.con.execute(query).fetchall()[0][0])

    @property
    def threads(self) -> int:
        """How many threads DuckDB has here, and how many processes a stage may start."""
        return threads_of(self.con)

    def counts(self, query: str) -> dict[str, int]:
        """A query of two columns, names and counts, as a dictionary in the order of the names."""
        return dict(sorted(self.con.execute(query).fetchall()))


def threads_of(con: duckdb.DuckDBPyConnection) -> int:
    """As many as DuckDB has in this connection."""
    return int(con.execute("SELECT current_setting('threads')").fetchall()[0][0])


@contextmanager
def open_session(params: EngineParams, folder: Path = INTERIM) -> Iterator[Session]:
    """A session with the memory limit of params.yaml; TIBYAN_THREADS, where set, goes before its number of threads."""
    threads = os.environ.get("TIBYAN_THREADS") or str(params.threads or os.cpu_count() or 1)
    if not threads.isdecimal() or int(threads) < 1:
        raise TibyanError(f"TIBYAN_THREADS: a number of threads from 1 on, it is {threads!r}. Unset it, or set it right.")
    SPILL.mkdir(parents=True, exist_ok=True)
    settings: dict[str, str | bool | int | float | list[str]] = {
        "threads": int(threads),
        "temp_directory": str(SPILL),
        "memory_limit": params.memory_limit,
    }
    try:
        con = duckdb.connect(config=settings | {"autoinstall_known_extensions": False, "preserve_insertion_order": True})
    except duckdb.Error:
        raise TibyanError(f"params.yaml: engine.memory_limit: {params.memory_limit!r} is no size. Write one like 3GB.") from None
    try:
        con.execute("SET enable_progress_bar = false")
        yield Session(con, folder)
    finally:
        con.close()


def write_parquet(relation: duckdb.DuckDBPyRelation, path: Path, order_by: str = "") -> None:
    """Ordered, zstd, written beside and renamed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".parquet.tmp")
    ordered = relation.order(order_by) if order_by else relation
    ordered.write_parquet(str(beside), compression="zstd", row_group_size=ROW_GROUP_SIZE)
    beside.replace(path)


def write_table(table: pa.Table, path: Path) -> None:
    """The same bytes for the same table; written beside and renamed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".tmp")
    pq.write_table(table, beside, compression="zstd")
    beside.replace(path)


def write_json(path: Path, content: dict[str, Any] | list[Any]) -> None:
    """Sorted keys and a final newline, so that the same content is the same bytes."""
    write_text(path, json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True) + "\n")


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Lines end in \\n everywhere; None is an empty cell."""
    content = io.StringIO()
    csv.writer(content, lineterminator="\n").writerows([header, *rows])
    write_text(path, content.getvalue())


def write_text(path: Path, text: str) -> None:
    """UTF-8, written beside and renamed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".tmp")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


@contextmanager
def write_folder(path: Path) -> Iterator[Path]:
    """A new folder that takes the place of `path` only when the block ends well."""
    beside = path.with_name(path.name + ".tmp")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    yield beside
    shutil.rmtree(path, ignore_errors=True)
    beside.replace(path)
