"""The rows of a query one after the other, however many there are."""

from collections.abc import Iterator
from typing import Any

from ticketcli.storage.models import database

BATCH = 1000
"""Rows that a server sends at a time."""


def rows(query: Any, *, batch: int = BATCH, few: bool = False) -> Iterator[tuple[Any, ...]]:
    """The rows of a query as tuples, as they are stored, without ever holding all in memory.

    A server sends `batch` rows at a time; of a `few`, all at once, which spares it a cursor.
    """
    if few or hasattr(database.obj, "pragma"):
        yield from database.execute(query)
        return
    # A plain cursor of this driver takes in all that the server has before it gives the first row.
    sql, parameters = query.sql()
    with database.atomic():
        database.execute_sql(f"DECLARE stream NO SCROLL CURSOR FOR {sql}", parameters)
        while found := database.execute_sql(f"FETCH {batch} FROM stream").fetchall():
            yield from found
        database.execute_sql("CLOSE stream")
