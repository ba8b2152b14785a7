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
    with database.atomic():
        sql, parameters = query.sql()
        with database.connection().cursor(name="ticketcli_rows") as cursor:
            cursor.itersize = _AT_ONCE
            cursor.execute(sql, parameters)
            yield from cursor
