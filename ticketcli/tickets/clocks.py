"""How quickly a ticket was reacted to: its clocks, computed on read from its history.

The definitions, with worked cases, are in docs/reactivity.md.
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
    """One row of a ticket's history, as far as clocks care; `at` is when it happened.

    `recipient` is who has the ticket from then on, if that changed. `direction` is that of the
    follow-up `follow_up`, which the event adds or retracts.
    """

    action: str
    at: int
    author: str
    recipient: str | None = None
    follow_up: int | None = None
    direction: str | None = None


class Segment(NamedTuple):
    """A time during which one collaborator had the ticket and it was open, or lay closed.

    `end` is None while it lasts; `why` it ended: `handed_over`, `closed`, `reopened`, `still_open`.
    """

    start: int
    end: int | None
    holder: str
    state: str
    by: str | None
    why: str


class Opening(NamedTuple):
    """What of a ticket decides whether somebody had to respond, and who."""

    creator: str
    external: bool
    direction: str | None
    answered_at_once: bool


def awaits_response(opening: Opening, events: Sequence[Event]) -> bool:
    """Whether the ticket has a response clock: neither what we began, nor a note to oneself."""
    if opening.answered_at_once:
        return True
    if opening.external:
        return opening.direction != "out"
    return events[0].recipient != opening.creator


def response(opening: Opening, events: Sequence[Event]) -> Event | None:
    """The event that first responded to a ticket; None when none did, or nobody had to.

    First is first in the order of the history, in which `events` are.
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
    """The life of a ticket from its opening to its last closing, or until now: the times that
    follow each other without a gap, each with one holder and in one state.
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
        # Nothing is counted of the time since the last closing.
        while found[-1].state == "closed":
            found.pop()
    return found


def cycles(found: Iterable[Segment]) -> list[Segment]:
    """The times that a ticket was open, whoever had it: one from each opening to its closing."""
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
    """The seconds from one instant to another, elapsed or (by a calendar) working; at least 0."""
    return max(end - start, 0) if calendar is None else calendar.seconds(start, end)


def held(found: Iterable[Segment], calendar: "Calendar | None", *, now: int) -> dict[str, int]:
    """The seconds for which each collaborator had the ticket while it was open, up to now."""
    total: dict[str, int] = {}
    for part in found:
        if part.state == "open":
            seconds = measure(part.start, now if part.end is None else part.end, calendar)
            total[part.holder] = total.get(part.holder, 0) + seconds
    return total


def explain(number: int, calendar: "Calendar | None", *, now: int) -> dict[str, Any]:
    """How the figures of a ticket come about: `id clock response resolution held segments`.

    `response` is None where nobody had to respond; its `seconds` and those of a cycle are None
    while it waits or runs; a segment that lies closed counts None. Raises NotFoundError.
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
    """What the clocks of a ticket need: how it was opened, and its history in its order."""
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


# The same question in SQL


def waits() -> Expression:
    """Whether a ticket is open, somebody has to respond to it, and nobody has.

    Not what we began, and not what its creator wrote down for himself. Definition: "The clocks" in
    docs/reactivity.md.
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
