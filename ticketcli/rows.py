"""Rows as the database hands them out: one after another, however many there are."""

from collections.abc import Iterator
from typing import Any

from .models import database

_AT_ONCE = 5000


def stream(query: Any) -> Iterator[tuple[Any, ...]]:
    """The rows of a query, not converted: for columns whose stored form is what is wanted.

    On PostgreSQL through a cursor of the server, for its client would fetch everything first.
    """
    if hasattr(database.obj, "pragma"):
        yield from database.execute(query)
        return
    sql, parameters = query.sql()
    with database.atomic():
        database.execute_sql(f"DECLARE streamed NO SCROLL CURSOR FOR {sql}", parameters)
        while rows := database.execute_sql(f"FETCH {_AT_ONCE} FROM streamed").fetchall():
            yield from rows
        database.execute_sql("CLOSE streamed")
