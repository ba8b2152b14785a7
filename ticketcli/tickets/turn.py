"""Whose turn a ticket is: who waits for whom, and since when.

The rules, with worked cases, are in docs/explain/reactivity.md.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from peewee import Case, Expression

from ticketcli.storage.models import Ticket
from ticketcli.tickets.events import Event, Opening


class Wait(NamedTuple):
    """A time in which we waited for the partner. `end` is None while it lasts. `began_by` and
    `ended_by` are logins; nobody ended a wait whose limit was reached.
    """

    start: int
    end: int | None
    began_by: str
    ended_by: str | None = None


class Owed(NamedTuple):
    """A time in which somebody waited for our answer. `end` is None while it lasts; `first` tells
    the time until the first response from later ones.
    """

    start: int
    end: int | None
    first: bool


class Turns(NamedTuple):
    """Whose turn it was and is: `turn` is `us`, `partner` or None, since `since`; `until` is when a
    wait for the partner ends. `owed` and `waits` are the times that it was ours and theirs.
    """

    turn: str | None
    since: int | None
    until: int | None
    owed: list[Owed]
    waits: list[Wait]


class _Turn:
    """The turn of a ticket while its history is read."""

    def __init__(self, opening: Opening, first: Event) -> None:
        self._opening = opening
        self.owed: list[Owed] = []
        self.waits: list[Wait] = []
        self._responded = opening.answered_at_once
        # Since when somebody waits for our answer, and since when a wait of ours is over.
        self._asked: int | None = None
        self._ran_out: int | None = None
        self._wait: tuple[int, int | None, str] | None = None
        expected = first.recipient != opening.creator
        if opening.external:
            expected = opening.direction == "in"
        if expected and not opening.answered_at_once:
            self._asked = first.at

    def pass_time(self, now: int) -> None:
        """End a wait whose limit is not after `now`: from then on it is our turn."""
        if self._wait and self._wait[1] is not None and self._wait[1] <= now:
            until = self._wait[1]
            self._end_wait(until, None)
            if self._asked is None:
                self._ran_out = until

    def follow(self, event: Event) -> None:
        """Take a follow-up into account."""
        self.pass_time(event.at)
        if event.direction == "in":
            self._end_wait(event.at, event.author)
            if self._asked is None:
                self._asked = event.at
        elif self._is_answer(event):
            self._answer(event.at)
        if event.wait is not None:
            self._end_wait(event.at, event.author)
            self._ran_out = None
        if event.wait == "begun":
            self._wait = event.at, event.wait_until, event.author

    def close(self, event: Event) -> None:
        """Take a closing into account: it ends a wait and answers a partner."""
        self.pass_time(event.at)
        self._end_wait(event.at, event.author)
        self._ran_out = None
        if self._opening.external or event.author != self._opening.creator:
            self._answer(event.at)

    def _is_answer(self, event: Event) -> bool:
        if self._opening.external:
            return event.direction == "out"
        return self._ran_out is not None or event.author != self._opening.creator

    def _answer(self, at: int) -> None:
        if self._asked is not None:
            self.owed.append(Owed(self._asked, max(at, self._asked), not self._responded))
            self._responded = True
        self._asked = self._ran_out = None

    def _end_wait(self, at: int, by: str | None) -> None:
        if self._wait is not None:
            start, _until, began_by = self._wait
            self.waits.append(Wait(start, max(at, start), began_by, by))
            self._wait = None

    def result(self, *, is_open: bool) -> Turns:
        """How it stands at the end of the history."""
        if self._wait is not None:
            self.waits.append(Wait(self._wait[0], None, self._wait[2]))
        self.waits.sort(key=lambda wait: wait.start)
        if not is_open:
            return Turns(None, None, None, self.owed, self.waits)
        if self._asked is not None:
            self.owed.append(Owed(self._asked, None, not self._responded))
        started = [at for at in (self._asked, self._ran_out) if at is not None]
        if started:
            return Turns("us", min(started), None, self.owed, self.waits)
        if self._wait is not None:
            return Turns("partner", self._wait[0], self._wait[1], self.owed, self.waits)
        return Turns(None, None, None, self.owed, self.waits)


def turns(opening: Opening, events: Sequence[Event], *, now: int | None = None) -> Turns:
    """Whose turn a ticket is and was, from what counts of its history, in its order.

    A wait whose limit is not after `now` (Unix seconds) has ended then. Without `now` it lasts: so
    it is stored, for nothing is written when time goes by.
    """
    state = _Turn(opening, events[0])
    is_open = True
    for event in events[1:]:
        if event.action in ("followed", "asked"):
            state.follow(event)
        elif event.action == "closed":
            state.close(event)
            is_open = False
        elif event.action == "reopened":
            is_open = True
    if now is not None:
        state.pass_time(now)
    return state.result(is_open=is_open)


# In SQL


def is_taken() -> Expression:
    """Whether it is the turn of anybody, in the words of the index that has these tickets: few of
    all, where many of them are looked for without a limit.
    """
    found: Expression = (Ticket.status == "open") & Ticket.turn_since.is_null(False)
    return found


def late(now: int, table: Any = Ticket) -> Expression:
    """Whether the time is over for which we waited for the partner. `now` is Unix seconds; `table`
    has the columns: Ticket or Concern.
    """
    found: Expression = table.wait_until.is_null(False) & (table.wait_until <= now)
    return found


def us(now: int, table: Any = Ticket) -> Expression:
    """Whether it is our turn: somebody waits for our answer, or a wait of ours is over. Parameters
    are those of `late`.
    """
    found: Expression = (table.turn == "us") | late(now, table)
    return found


def us_since(now: int, table: Any = Ticket) -> Any:
    """Since when it has been our turn, in Unix seconds, where it is. Parameters are those of
    `late`.
    """
    return Case(None, [(late(now, table), table.wait_until)], table.turn_since)
