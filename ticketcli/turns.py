"""The turns of tickets, in SQL: that one was handed over or reopened, which most never are."""

from typing import Any

from peewee import SQL, Expression


def is_turn(change: Any) -> Expression:
    """Whether a row of history (an alias of it) is a turn: there is an index of those alone."""
    # Not as parameters: the index is for these very words.
    opened, reopened = SQL("'opened'"), SQL("'reopened'")
    handed_over = change.recipient.is_null(False) & (change.action != opened)
    found: Expression = (change.action == reopened) | handed_over
    return found
