"""Runs statements: a query whose rows are read one after the other, without holding all in memory,
and statements whose text is built once, because building it takes longer than running it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, update_wrapper
from itertools import count
from operator import itemgetter
from typing import Any, NamedTuple

from peewee import Value

from ticketcli.storage.models import database

BATCH = 1000
"""How many rows a server sends at a time."""

FEW = (
    "SELECT set_config('max_parallel_workers_per_gather', '0', TRUE),"
    " set_config('enable_mergejoin', 'off', TRUE)"
)
"""How a server reads few rows. Workers take longer to begin than all of it takes; and a merge with
a large table, which may end soon, seldom does.
"""


def rows(query: Any, *, batch: int = BATCH, few: bool = False) -> Iterator[tuple[Any, ...]]:
    """The rows of a query as tuples of stored values.

    A server sends `batch` rows at a time. With `few` it sends all at once, without a cursor.
    """
    if hasattr(database.obj, "pragma"):
        yield from database.execute(query)
        return
    if few:
        sql, parameters = query.sql()
        yield from database.execute_sql(f"{FEW}; {sql}", parameters)
        return
    # A plain cursor of psycopg2 loads all rows before it returns the first one.
    sql, parameters = query.sql()
    with database.atomic():
        database.execute_sql(f"DECLARE stream NO SCROLL CURSOR FOR {sql}", parameters)
        while found := database.execute_sql(f"FETCH {batch} FROM stream").fetchall():
            yield from found
        database.execute_sql("CLOSE stream")


class _Place(NamedTuple):
    """What stands for a value while the text is built: which one of all that are given."""

    which: int


class Prepared:
    """A query that is built by a function of its values; called with them, it is run.

    A value may be a list, for `IN`; the text is built again for another length. None is a value as
    others are: a condition that has to find it says `IS NULL`. Values are passed to the database as
    they are, without what the field of a model would make of them.
    """

    def __init__(self, build: Callable[..., Any]) -> None:
        self._build = build
        self._made: dict[object, tuple[str, Callable[[list[Any]], Sequence[Any]]]] = {}
        update_wrapper(self, build)

    def __call__(self, *values: Any, **named: Any) -> Any:
        """The cursor of the statement, which yields rows of stored values."""
        opened, given = database.obj, [*values, *named.values()]
        sizes: tuple[int | None, ...] = ()
        if list in map(type, given):
            sizes = tuple([len(value) if type(value) is list else None for value in given])
            given = list(_each(given))
        key = (type(opened), *named, *sizes)
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = self._text(values, named)
        sql, filled = made
        return opened.execute_sql(sql, filled(given))

    def _text(
        self, values: Sequence[Any], named: Mapping[str, Any]
    ) -> tuple[str, Callable[[list[Any]], Sequence[Any]]]:
        """The text, and what picks the values of its places from all that are given."""
        index = count()
        stand_ins = [_stand_in(index, value) for value in (*values, *named.values())]
        first = stand_ins[: len(values)]
        others = dict(zip(named, stand_ins[len(values) :], strict=True))
        sql, places = self._build(*first, **others).sql()
        constants = [place for place in places if not isinstance(place, _Place)]
        further = count(next(index))
        picks = [place.which if isinstance(place, _Place) else next(further) for place in places]
        if len(picks) < 2:
            return sql, lambda given: [(given + constants)[pick] for pick in picks]
        pick = itemgetter(*picks)
        return sql, (lambda given: pick(given + constants)) if constants else pick


def _each(given: Sequence[Any]) -> Iterator[Any]:
    """The values, those of a list one by one."""
    for value in given:
        if type(value) is list:
            yield from value
        else:
            yield value


def _stand_in(index: Iterator[int], value: Any) -> Any:
    if type(value) is list:
        return [_stand_in(index, None) for _each in value]
    return Value(_Place(next(index)), converter=False, unpack=False)


def put(database: Any, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert many rows by one statement. Raises errors of the driver."""
    names = ", ".join(f'"{name}"' for name in columns)
    into = f"INSERT INTO {table} ({names})"
    if hasattr(database, "pragma"):
        connection = database.connection()
        statement = f"{into} VALUES ({', '.join('?' * len(columns))})"
        connection.waited(lambda: connection.executemany(statement, rows))
        return
    from msgspec import json

    # A server reads many rows several times faster as one value than as a list of VALUES.
    objects = [dict(zip(columns, map(_in_json, row), strict=True)) for row in rows]
    database.execute_sql(
        f"{into} SELECT {names} FROM json_populate_recordset(NULL::{table}, %s)",
        (json.encode(objects).decode(),),
    )


def _in_json(value: Any) -> Any:
    return f"\\x{value.hex()}" if isinstance(value, bytes) else value


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
