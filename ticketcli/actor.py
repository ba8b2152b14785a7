"""Who changes the book, and when: one plain value that commands hand to the domain."""

from collections.abc import Callable
from typing import NamedTuple


class Actor(NamedTuple):
    """Somebody about to change the book.

    `via` is how they were known: the login of the operating system or of the database. `at` is
    the clock, `shown` writes an instant for them, `occurred_at` is what `--at` said instead (Unix
    seconds). `may_found`: whether a book without any collaborator takes them as its first; not
    when `--as` named them.
    """

    login: str
    via: str
    at: int
    shown: Callable[[int], str]
    occurred_at: int | None = None
    may_found: bool = False
