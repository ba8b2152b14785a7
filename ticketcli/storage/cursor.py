"""Reads the rows of a query one after the other, without holding all in memory."""

from collections.abc import Iterator
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
