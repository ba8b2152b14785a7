"""What is asked for: filters that narrow a list of tickets, and figures, as values."""

from collections.abc import Sequence
from typing import NamedTuple

from ticketcli.values.periods import Period

NOTHING = ""
"""In a filter: the field is empty. No stored word, login or code is."""

MAY_BE_EMPTY = frozenset({"partner", "contact", "cc", "origin", "direction", "category"})
"""The filters by words and names that take `none`: those of fields that may hold nothing."""


class Myself(str):
    """My login, where `me` was asked for: nobody is it but the collaborator of exactly this login,
    though it be a part of somebody's name.
    """

    __slots__ = ()


class Filters(NamedTuple):
    """Filters, all of which a ticket has to meet; of several values in one, any.

    Names of people and partners are as typed, `me` is Myself, NOTHING stands for `none`.
    None where the filter was not given; `to=()` is `--to any`: given, and met by all.
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

    @property
    def names_somebody(self) -> bool:
        """Whether a person or a partner is named, contacts too, which takes the place of `mine`."""
        people = (self.to, self.creator, self.cc, self.concerns, self.closed_by)
        named = (self.partner, self.contact, *people)
        return any(value is not None for value in named)


class Question(NamedTuple):
    """Which figures are asked for.

    `by` names what they are grouped by; `target` is a canonical length of time that takes the place
    of the team's own; `clock` is `elapsed`, `working`, or None for what the team goes by.
    """

    by: Sequence[str] = ()
    filters: Filters = Filters(everything=True)
    period: Period | None = None
    target: str | None = None
    clock: str | None = None
