"""Statements whose text is built once a process: building it takes longer than running it."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

from peewee import Value

from ticketcli.storage.models import database
from ticketcli.storage.schema import is_sqlite


class _Place:
    """What stands for a value while the text is built: an argument, and which of a list's."""

    def __init__(self, name: int | str, index: int | None = None) -> None:
        self.name, self.index = name, index


class Prepared:
    """A query that is built by a function of its values; called with them, it is run.

    A value may be a list, for `IN`; the text is built again for another length. None is a value as
    others are: a condition that has to find it says `IS NULL`. Values are passed to the database as
    they are, without what the field of a model would make of them.
    """

    def __init__(self, build: Callable[..., Any]) -> None:
        self._build = build
        self._made: dict[object, tuple[str, tuple[object, ...]]] = {}
        update_wrapper(self, build)

    def __call__(self, *values: Any, **named: Any) -> Any:
        """The cursor of the statement, which yields rows of stored values."""
        given = dict(enumerate(values)) | named
        sizes = tuple(
            (name, len(value) if isinstance(value, list) else None) for name, value in given.items()
        )
        key = (is_sqlite(database.obj), sizes)
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = self._text(values, named)
        sql, places = made
        return database.execute_sql(sql, [_filled(place, given) for place in places])

    def _text(
        self, values: tuple[Any, ...], named: dict[str, Any]
    ) -> tuple[str, tuple[object, ...]]:
        sql, places = self._build(
            *(_stand_in(place, value) for place, value in enumerate(values)),
            **{name: _stand_in(name, value) for name, value in named.items()},
        ).sql()
        return sql, tuple(places)


def _stand_in(name: int | str, value: Any) -> Any:
    if isinstance(value, list):
        return [
            Value(_Place(name, index), converter=False, unpack=False) for index in range(len(value))
        ]
    return Value(_Place(name), converter=False, unpack=False)


def _filled(place: object, given: dict[int | str, Any]) -> Any:
    if not isinstance(place, _Place):
        return place
    value = given[place.name]
    return value if place.index is None else value[place.index]
