"""The filters of a list of tickets, and the request for figures, as plain values."""

from collections.abc import Sequence
from typing import NamedTuple

from ticketcli.values.periods import Period

NOTHING = ""
"""In a filter: the field has no value (`none`). No stored word, login or code is empty."""

MAY_BE_EMPTY = frozenset({"partner", "contact", "cc", "origin", "direction", "category", "turn"})
"""The filters by words and names that take `none`: those of fields that may hold nothing."""


class Myself(str):
    """The user's own login, given for `me`.

    It matches the login only. A plain string may also match a part of somebody's name.
    """

    __slots__ = ()


class Filters(NamedTuple):
    """The filters of a list. A ticket must meet all of them; of several values in one filter, it
    must meet one.

    Names of people and partners are as typed, `me` is Myself, NOTHING stands for `none`.
    None where the filter was not given; `to=()` is `--to any`: given, and met by all. `target` is
    `near` or `missed`, near: within so many seconds.
    """

    tab: str | None = None
    everything: bool = False
    kind: tuple[str, ...] | None = None
    partner: tuple[str, ...] | None = None
    partner_type: tuple[str, ...] | None = None
    contact: tuple[str, ...] | None = None
    to: tuple[str, ...] | None = None
    creator: tuple[str, ...] | None = None
    cc: tuple[str, ...] | None = None
    concerns: tuple[str, ...] | None = None
    closed_by: tuple[str, ...] | None = None
    origin: tuple[str, ...] | None = None
    direction: tuple[str, ...] | None = None
    priority: tuple[str, ...] | None = None
    category: tuple[str, ...] | None = None
    status: str | None = None
    overdue: bool = False
    opened: Period | None = None
    due: Period | None = None
    closed: Period | None = None
    updated: Period | None = None
    turn: tuple[str, ...] | None = None
    target: str | None = None
    within: int = 3600

    @property
    def names_somebody(self) -> bool:
        """Whether a person or a partner is named, contacts too, which takes the place of `mine`."""
        people = (self.to, self.creator, self.cc, self.concerns, self.closed_by)
        named = (self.partner, self.contact, *people)
        return any(value is not None for value in named)


class Question(NamedTuple):
    """A request for figures.

    `by` has the names of the fields to group by. `target` is a length of time (`4h`) to use
    instead of the team's targets. `clock` is `elapsed` or `working`; None for the team's default.
    """

    by: Sequence[str] = ()
    filters: Filters = Filters(everything=True)
    period: Period | None = None
    target: str | None = None
    clock: str | None = None
