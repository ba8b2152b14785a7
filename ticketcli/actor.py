"""The person who makes a change, and when: a plain value that commands pass to the domain."""

from collections.abc import Callable
from typing import NamedTuple


class Unit:
    """What one command does: one unit of change, which is taken back as one.

    `first` is the first row of history that it wrote; None as long as it wrote none, or where that
    row was rolled back.
    """

    __slots__ = ("first",)

    def __init__(self) -> None:
        self.first: int | None = None


class Actor(NamedTuple):
    """The person who makes a change.

    `login` is their login in this book. `via` is their login on the operating system or the
    database server. `at` is the current time, and `occurred_at` the time given with `--at`, both in
    Unix seconds. `shown` formats Unix seconds for messages. `unit` is what the command does. With
    `may_found` they become the first collaborator of a book that has none; it is False if `--as`
    named them.
    """

    login: str
    via: str
    at: int
    shown: Callable[[int], str]
    unit: Unit
    occurred_at: int | None = None
    may_found: bool = False
