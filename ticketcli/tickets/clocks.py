"""The clocks of a ticket: time to the first response, to the closing, and per holder.

They are not stored, but computed from the history. The definitions, with examples, are in
docs/reactivity.md.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from peewee import JOIN

from ticketcli.errors import NotFoundError
from ticketcli.i18n import _
from ticketcli.storage.models import Collaborator, FollowUp, History, Ticket
from ticketcli.values.zones import iso

if TYPE_CHECKING:
    from ticketcli.worktime.calendar import Calendar
from peewee import Case, Expression


class Event(NamedTuple):
    """The part of a row of history that the clocks need. `at` is when it happened (Unix seconds).

    `author` and `recipient` are logins. `recipient` is set if the event gives the ticket to
    somebody. `follow_up` is the number of the follow-up that the event adds or retracts, and
    `direction` its direction.
    """

    action: str
    at: int
    author: str
    recipient: str | None = None
    follow_up: int | None = None
    direction: str | None = None


class Segment(NamedTuple):
    """A span of time (Unix seconds) with one holder (a login) and one state, `open` or `closed`.

    `end` is None if it has not ended. `why` is the reason of its end: `handed_over`, `closed` or
    `reopened`; `still_open` if it has not ended. `by` is the login of the person who ended it.
    """

    start: int
    end: int | None
    holder: str
    state: str
    by: str | None
    why: str


class Opening(NamedTuple):
    """The fields of a new ticket that decide whether somebody must respond, and who."""

    creator: str
    external: bool
    direction: str | None
    answered_at_once: bool


def awaits_response(opening: Opening, events: Sequence[Event]) -> bool:
    """Whether somebody must respond to the ticket.

    Not to an outgoing exchange, nor to an internal ticket that its creator opened for themselves.
    """
    if opening.answered_at_once:
        return True
    if opening.external:
        return opening.direction != "out"
    return events[0].recipient != opening.creator


def response(opening: Opening, events: Sequence[Event]) -> Event | None:
    """The first event that is a response; None if there is none, or nobody must respond.

    `events` are in the order of the history, which is the order that "first" means.
    """
    if opening.answered_at_once:
        return events[0]
    if not awaits_response(opening, events):
        return None
    gone = {event.follow_up for event in events if event.action == "retracted"}
    signs = [
        event
        for event in events
        if event.action == "closed" or (event.action == "followed" and event.follow_up not in gone)
    ]
    if not opening.external:
        return next((event for event in signs if event.author != opening.creator), None)
    answers = [event for event in signs if event.direction == "out"]
    return next(iter(answers or (event for event in signs if event.action == "closed")), None)


def segments(events: Sequence[Event]) -> list[Segment]:
    """The life of a ticket as segments without gaps, from its opening to its last closing.

    The last segment of an open ticket has no end.
    """
    found: list[Segment] = []
    first, state = events[0], "open"
    start, holder = first.at, first.recipient or first.author
    for event in events[1:]:
        if event.action == "closed":
            found.append(Segment(start, event.at, holder, state, event.author, "closed"))
            start, state = event.at, "closed"
        elif event.action == "reopened":
            found.append(Segment(start, event.at, holder, state, event.author, "reopened"))
            start, state = event.at, "open"
        if event.recipient is not None and event.recipient != holder:
            found.append(Segment(start, event.at, holder, state, event.author, "handed_over"))
            start, holder = event.at, event.recipient
    if state == "open":
        found.append(Segment(start, None, holder, state, None, "still_open"))
    else:
        # The time after the last closing does not count.
        while found[-1].state == "closed":
            found.pop()
    return found


def cycles(found: Iterable[Segment]) -> list[Segment]:
    """The times that a ticket was open, one for each opening or reopening, whoever held it.

    Segments of several holders are joined; the last holder is kept.
    """
    joined: list[Segment] = []
    running = False
    for segment in found:
        if segment.state == "open":
            if running:
                segment = segment._replace(start=joined.pop().start)
            joined.append(segment)
            running = segment.why == "handed_over"
    return joined


def measure(start: int, end: int, calendar: "Calendar | None") -> int:
    """The seconds between two instants (Unix seconds): working time with a calendar, else elapsed
    time. 0 if `end` is before `start`.
    """
    return max(end - start, 0) if calendar is None else calendar.seconds(start, end)


def held(found: Iterable[Segment], calendar: "Calendar | None", *, now: int) -> dict[str, int]:
    """The seconds that each collaborator (a login) held the open ticket until `now`."""
    total: dict[str, int] = {}
    for part in found:
        if part.state == "open":
            seconds = measure(part.start, now if part.end is None else part.end, calendar)
            total[part.holder] = total.get(part.holder, 0) + seconds
    return total


def explain(number: int, calendar: "Calendar | None", *, now: int) -> dict[str, Any]:
    """How the figures of a ticket are computed: `id clock response resolution held segments`.

    `response` is None if nobody must respond. `seconds` is None for a response that is still
    missing, for a cycle that is still open, and for a closed segment. Raises NotFoundError if there
    is no such ticket.
    """
    ticket = Ticket.get_or_none(Ticket.id == number)
    if ticket is None:
        raise NotFoundError(_("no ticket {numbers}").format(numbers=number), names=[number])
    opening, events = read(ticket)
    parts = segments(events)
    return {
        "id": number,
        "clock": "elapsed" if calendar is None else "working",
        "response": _response(opening, events, calendar),
        "resolution": [_cycle(cycle, calendar) for cycle in cycles(parts)],
        "held": held(parts, calendar, now=now),
        "segments": [_segment(part, calendar, now=now) for part in parts],
    }


def read(ticket: Ticket) -> tuple[Opening, list[Event]]:
    """What the clocks of a ticket need: how it was opened, and its events in order."""
    recipient = Collaborator.alias()
    rows: Iterable[Any] = (
        History.select(
            History.action,
            History.occurred_at,
            Collaborator.login,
            recipient.login,
            History.follow_up,
            FollowUp.direction,
        )
        .join(Collaborator, on=(History.author == Collaborator.id))
        .join_from(History, recipient, JOIN.LEFT_OUTER, on=(History.recipient == recipient.id))
        .join_from(History, FollowUp, JOIN.LEFT_OUTER, on=(History.follow_up == FollowUp.id))
        .where(History.ticket == ticket.id)
        .order_by(History.id)
        .tuples()
    )
    opening = Opening(
        ticket.creator.login,
        ticket.partner_id is not None,
        ticket.direction,
        bool(ticket.answered_at_once),
    )
    return opening, [Event(*row) for row in rows]


def _response(
    opening: Opening, events: Sequence[Event], calendar: "Calendar | None"
) -> dict[str, Any] | None:
    if not awaits_response(opening, events):
        return None
    start = events[0].at
    found = response(opening, events)
    if found is None:
        return _span(start, None, None, by=None, why="waiting")
    why = "answered_at_once" if found is events[0] else found.action
    return _span(start, found.at, measure(start, found.at, calendar), by=found.author, why=why)


def _cycle(cycle: Segment, calendar: "Calendar | None") -> dict[str, Any]:
    seconds = None if cycle.end is None else measure(cycle.start, cycle.end, calendar)
    return _span(cycle.start, cycle.end, seconds, by=cycle.by, why=cycle.why)


def _span(
    start: int, end: int | None, seconds: int | None, *, by: str | None, why: str
) -> dict[str, Any]:
    return {
        "from": iso(start),
        "to": None if end is None else iso(end),
        "seconds": seconds,
        "by": by,
        "why": why,
    }


def _segment(part: Segment, calendar: "Calendar | None", *, now: int) -> dict[str, Any]:
    end = now if part.end is None else part.end
    return {
        "from": iso(part.start),
        "to": None if part.end is None else iso(part.end),
        "holder": part.holder,
        "state": part.state,
        "seconds": measure(part.start, end, calendar) if part.state == "open" else None,
        "why": part.why,
    }


# The same rule in SQL


def waits() -> Expression:
    """The condition that a ticket is open, somebody must respond to it, and nobody has yet.

    It is the rule of `awaits_response` in SQL. Definition: "The clocks" in docs/reactivity.md.
    """
    first = History.alias()
    opened_for = (
        first.select(first.recipient)
        .where((first.ticket == Ticket.id) & (first.action == "opened"))
        .limit(1)
    )
    expected = Case(
        None,
        [(Ticket.partner.is_null(False), Ticket.direction != "out")],
        opened_for != Ticket.creator,
    )
    return (Ticket.status == "open") & Ticket.first_response_at.is_null() & expected
