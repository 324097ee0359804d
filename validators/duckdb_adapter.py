"""Great Expectations inside DuckDB: the dialect that makes it work, and a scratch file of batches."""

import atexit
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, NoReturn

import duckdb
import duckdb_engine
from sqlalchemy.dialects import registry

from curation.engine import SPILL, Session
from curation.params import Params
from curation.stages import main
from curation.text.compiler import literal


class GXDialect(duckdb_engine.Dialect):
    """duckdb-engine without transactions.

    Great Expectations fetches after its connection went back to the pool; the rollback there would empty DuckDB's
    result, and every expectation fail with an IndexError. Nothing is written through this dialect or rolled back.
    """

    supports_statement_cache = False

    def do_begin(self, dbapi_connection: Any) -> None:
        pass

    def do_rollback(self, dbapi_connection: Any) -> None:
        pass

    def do_commit(self, dbapi_connection: Any) -> None:
        pass


registry.register("duckdb.gx", __name__, GXDialect.__name__)


class SelectError(Exception):
    """The SELECT of a table is wrong. `why` can quote a value."""

    def __init__(self, name: str, kind: str, why: str) -> None:
        super().__init__(name)
        self.name, self.kind, self.why = name, kind, why


@contextmanager
def open_datasource(session: Session, hand_overs: tuple[str, ...], made: Iterable[tuple[str, str, str]]) -> Iterator[Any]:
    """A Great Expectations datasource over a scratch DuckDB file, gone afterwards.

    In it each hand-over is a view over its Parquet file; what else is `made`, in order, is VIEW or TABLE, a name and a SELECT over
    what is there by then.
    Yields the datasource; `open_batch` takes it from there. Raises SelectError where a SELECT is wrong.
    """
    SPILL.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="validate-", dir=SPILL.parent) as folder, ThreadPoolExecutor(1) as aside:
        aside.submit(import_gx)  # while DuckDB makes the tables
        path, con = f"{folder}/scratch.duckdb", session.con
        con.execute(f"ATTACH {literal(path)} AS scratch")
        con.execute("USE scratch")
        try:
            for name in hand_overs:
                parquet = (session.folder / f"{name}.parquet").absolute()
                con.execute(f'CREATE VIEW "{name}" AS SELECT * FROM read_parquet({literal(str(parquet))})')
            for kind, name, select in made:
                try:
                    con.execute(f'CREATE {kind} "{name}" AS {select}')
                except duckdb.Error as error:
                    raise SelectError(name, type(error).__name__, str(error)) from None
        finally:
            con.execute("USE memory")
            con.execute("DETACH scratch")  # DuckDB opens a file once: Great Expectations is next
        datasource = _context().data_sources.add_sql(
            "tibyan",
            connection_string=f"duckdb+gx:///{os.path.abspath(path)}",  # noqa: PTH100 - a URL, not a path
            create_temp_table=False,
            kwargs={"connect_args": {"read_only": True, "config": _settings(session)}},
        )
        try:
            yield datasource
        finally:
            datasource.get_engine().dispose()


def open_batch(datasource: Any, name: str) -> Any:
    """The Great Expectations batch of all rows of table `name`."""
    return datasource.add_table_asset(name, table_name=name).add_batch_definition_whole_table("all rows").get_batch()


def query(datasource: Any, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """The columns and rows of plain SQL over the same tables."""
    with datasource.get_engine().connect() as connection:
        result = connection.exec_driver_sql(sql)
        return list(result.keys()), [tuple(row) for row in result.fetchall()]


def import_gx() -> Any:
    """Great Expectations, told before its import that it sends nothing. Imported here alone: it takes five seconds."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations

    return great_expectations


def run_and_leave(run: Callable[[Session, Params], str]) -> NoReturn:
    """Run a stage that asks Great Expectations, and end its process."""
    status = 0
    try:
        main(run)
    except SystemExit as exit_:
        status = int(exit_.code or 0)
    _leave(status)


def _leave(status: int) -> NoReturn:
    """End the process, exit functions run and output flushed, without the interpreter's teardown.

    Great Expectations' pydantic keeps duckdb-engine alive past that, and DuckDB's bindings (nanobind) would print fifty
    lines about objects that leaked.
    """
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _context() -> Any:
    context = import_gx().get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    return context


def _settings(session: Session) -> dict[str, Any]:
    names = ("memory_limit", "threads", "temp_directory")
    row = session.con.execute("SELECT " + ", ".join(f"current_setting('{name}')" for name in names)).fetchall()[0]
    return {**dict(zip(names, row, strict=True)), "autoinstall_known_extensions": False}
