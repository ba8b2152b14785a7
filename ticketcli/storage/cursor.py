"""Many rows: read one after the other, without holding all in memory, and inserted at once.

peewee builds the text of a statement each time, which takes several times as long as to run it.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from ticketcli.storage.models import database

BATCH = 1000
"""How many rows a server sends at a time."""


def rows(query: Any, *, batch: int = BATCH, few: bool = False) -> Iterator[tuple[Any, ...]]:
    """The rows of a query as tuples of stored values.

    A server sends `batch` rows at a time. With `few` it sends all at once, without a cursor.
    """
    if few or hasattr(database.obj, "pragma"):
        yield from database.execute(query)
        return
    # A plain cursor of psycopg2 loads all rows before it returns the first one.
    sql, parameters = query.sql()
    with database.atomic():
        database.execute_sql(f"DECLARE stream NO SCROLL CURSOR FOR {sql}", parameters)
        while found := database.execute_sql(f"FETCH {batch} FROM stream").fetchall():
            yield from found
        database.execute_sql("CLOSE stream")


def put(database: Any, what: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert many rows by one statement; `what` is the table with its columns in parentheses.
    Raises errors of the driver.
    """
    if hasattr(database, "pragma"):
        connection = database.connection()
        signs = ", ".join("?" * len(rows[0]))
        statement = f"INSERT INTO {what} VALUES ({signs})"
        connection.waited(lambda: connection.executemany(statement, rows))
        return
    from psycopg2.extras import execute_values

    execute_values(database.cursor(), f"INSERT INTO {what} VALUES %s", rows, page_size=len(rows))


def insert(table: str, stored: Mapping[str, Any]) -> int:
    """Insert one of many rows like it; returns its id. `stored` has the values by their columns."""
    is_server = not hasattr(database.obj, "pragma")
    found = database.execute_sql(
        _statement(table, tuple(stored), is_server=is_server), tuple(stored.values())
    )
    return int(found.fetchone()[0] if is_server else found.lastrowid)


@cache
def _statement(table: str, columns: tuple[str, ...], *, is_server: bool) -> str:
    signs = ", ".join(("%s" if is_server else "?",) * len(columns))
    returned = " RETURNING id" if is_server else ""
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({signs}){returned}"
