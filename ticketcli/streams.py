"""The rows of a query one after the other, however many there are."""

from collections.abc import Iterator
from typing import Any

from .models import database

BATCH = 1000
"""Rows that a server sends at a time."""


def rows(query: Any) -> Iterator[tuple[Any, ...]]:
    """The rows of a query as tuples, without ever holding all of them in memory; not converted,
    for columns whose stored form is what is wanted.
    """
    if hasattr(database.obj, "pragma"):
        yield from database.execute(query)
        return
    # A plain cursor of this driver takes in all that the server has before it gives the first row.
    sql, parameters = query.sql()
    with database.atomic():
        database.execute_sql(f"DECLARE stream NO SCROLL CURSOR FOR {sql}", parameters)
        while batch := database.execute_sql(f"FETCH {BATCH} FROM stream").fetchall():
            yield from batch
        database.execute_sql("CLOSE stream")
