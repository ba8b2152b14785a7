"""The clocks of a ticket: time to the first response, to the closing, and per holder.

They are not stored, but computed from the history. The definitions, with examples, are in
docs/explain/reactivity.md.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ticketcli.errors import NotFoundError, RefusedError
from ticketcli.i18n import _
from ticketcli.storage.models import Ticket
from ticketcli.tickets.events import Event, Opening, read, read_member
from ticketcli.tickets.turn import Wait, turns
from ticketcli.values.zones import iso

if TYPE_CHECKING:
    from ticketcli.worktime.calendar import Calendar

_NEVER = 1 << 62


class Segment(NamedTuple):
    """A time during which one collaborator had the ticket and it was open, waited or lay closed.

    `state` is `open`, `waiting` (open, and we waited for the partner) or `closed`. `end` is None
    while it lasts; `why` it ended: `handed_over`, `closed`, `reopened`, `waiting` (a wait began),
    `resumed` (a wait ended) or `still_open`.
    """

    start: int
    end: int | None
    holder: str
    state: str
    by: str | None
    why: str


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
    signs = [
        event for event in events if event.action in ("followed", "closed") and not event.early
    ]
    if not opening.external:
        return next((event for event in signs if event.author != opening.creator), None)
    answers = [event for event in signs if event.direction == "out"]
    return next(iter(answers or (event for event in signs if event.action == "closed")), None)


def segments(events: Sequence[Event], waits: Sequence[Wait] = ()) -> list[Segment]:
    """The life of a ticket from its opening to its last closing, or until now: the times that
    follow each other without a gap, each with one holder and in one state. `waits` are the times
    in which we waited for the partner.
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
    return [part for segment in found for part in _split(segment, waits)]


def _split(segment: Segment, waits: Sequence[Wait]) -> Iterator[Segment]:
    """An open segment, cut where a wait begins or ends; another one as it is."""
    rest = segment
    for wait in waits if segment.state == "open" else ():
        start = max(wait.start, rest.start)
        end = min(_ends(wait.end), _ends(rest.end))
        if start >= end:
            continue
        if start > rest.start:
            yield rest._replace(end=start, by=wait.began_by, why="waiting")
        if end == _ends(rest.end):
            yield rest._replace(start=start, state="waiting")
            return
        yield rest._replace(start=start, end=end, state="waiting", by=wait.ended_by, why="resumed")
        rest = rest._replace(start=end)
    yield rest


def _ends(end: int | None) -> int:
    """An end that can be compared; None is later than all."""
    return _NEVER if end is None else end


def cycles(found: Iterable[Segment]) -> list[Segment]:
    """The times that a ticket was open, one for each opening or reopening, whoever held it.

    Segments of several holders are joined; the last holder is kept.
    """
    joined: list[Segment] = []
    running = False
    for segment in found:
        if segment.state != "closed":
            if running:
                segment = segment._replace(start=joined.pop().start)
            joined.append(segment)
            running = segment.why in ("handed_over", "waiting", "resumed")
    return joined


def measure(start: int, end: int, calendar: "Calendar | None") -> int:
    """The seconds between two instants (Unix seconds): working time with a calendar, else elapsed
    time. 0 if `end` is before `start`.
    """
    return max(end - start, 0) if calendar is None else calendar.seconds(start, end)


def held(found: Iterable[Segment], calendar: "Calendar | None", *, now: int) -> dict[str, int]:
    """The seconds for which each collaborator had the ticket while it was open and did not wait
    for the partner, up to now.
    """
    total: dict[str, int] = {}
    for part in found:
        if part.state != "closed":
            seconds = _length(part, calendar, now=now) if part.state == "open" else 0
            total[part.holder] = total.get(part.holder, 0) + seconds
    return total


def waited(found: Iterable[Segment], calendar: "Calendar | None", *, now: int) -> int:
    """The seconds in which we waited for the partner, up to now."""
    return sum(_length(part, calendar, now=now) for part in found if part.state == "waiting")


def _length(part: Segment, calendar: "Calendar | None", *, now: int) -> int:
    return measure(part.start, max(now, part.start) if part.end is None else part.end, calendar)


def explain(number: int, calendar: "Calendar | None", *, now: int) -> dict[str, Any]:
    """How the figures of a ticket come about: `id clock response resolution held waited segments`.

    `response` is None if nobody must respond. `seconds` is None for a response that is still
    missing, for a cycle that is still open, and for a closed segment. Raises NotFoundError if there
    is no such ticket, RefusedError if it is void.
    """
    ticket = Ticket.get_or_none(Ticket.id == number)
    if ticket is None:
        raise NotFoundError(_("no ticket {numbers}").format(numbers=number), names=[number])
    if ticket.status == "void":
        raise RefusedError(
            _("ticket {number} is void: it is in no figure").format(number=number), names=[number]
        )
    opening, events = read(ticket)
    parts = segments(events, turns(opening, events, now=now).waits)
    return {
        "id": number,
        "clock": "elapsed" if calendar is None else "working",
        "response": _response(
            *(read_member(ticket) if ticket.under_id else read(ticket)), calendar
        ),
        "resolution": [_cycle(cycle, calendar) for cycle in cycles(parts)],
        "held": held(parts, calendar, now=now),
        "waited": waited(parts, calendar, now=now),
        "segments": [_segment(part, calendar, now=now) for part in parts],
    }


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
    return {
        "from": iso(part.start),
        "to": None if part.end is None else iso(part.end),
        "holder": part.holder,
        "state": part.state,
        "seconds": None if part.state == "closed" else _length(part, calendar, now=now),
        "why": part.why,
    }
