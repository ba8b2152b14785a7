"""The group of a ticket: itself and those that were merged into it; what follows from that."""

from collections.abc import Iterator
from typing import Any

from ticketcli.errors import RefusedError
from ticketcli.i18n import _
from ticketcli.storage.models import Ticket
from ticketcli.tickets import clocks
from ticketcli.tickets.events import read, read_member
from ticketcli.tickets.turn import turns


def circle(ticket: Ticket) -> RefusedError:
    """The error for a ticket that would be at the end of its own chain."""
    message = _("ticket {number} would be merged into itself")
    return RefusedError(message.format(number=ticket.id), names=[ticket.id])


def root_of(number: int | None) -> int | None:
    """The ticket at the end of the chain that begins with this one. RefusedError for a circle."""
    seen = []
    while number is not None:
        if number in seen:
            raise circle(Ticket(id=number))
        seen.append(number)
        number = Ticket.select(Ticket.merged_into).where(Ticket.id == number).scalar()
    return seen[-1] if seen else None


def members(number: int) -> Iterator[int]:
    """The tickets that were merged into one, and into those."""
    rows: Any = Ticket.select(Ticket.id).where(Ticket.merged_into == number).tuples()
    for (member,) in list(rows):
        yield member
        yield from members(member)


def regroup(ticket: Ticket) -> None:
    """Let what was merged into a ticket count where that is now, in the caller's transaction."""
    root = root_of(ticket.id) or ticket.id
    moved = list(members(ticket.id))
    if moved:
        Ticket.update(under=root).where(Ticket.id.in_(moved)).execute()
    refresh(root)


def refresh(number: int) -> None:
    """Compute anew what follows from the history of a ticket and of those that were merged into
    it: whose turn it is, and the first responses.
    """
    root = Ticket.get_by_id(number)
    if root.status == "void":
        return
    opening, events = read(root)
    found, turn = clocks.response(opening, events), turns(opening, events)
    _store(
        root,
        first_response_at=None if found is None else found.at,
        turn=turn.turn,
        turn_since=turn.since,
        wait_until=turn.until,
    )
    refresh_members(number)


def refresh_members(number: int) -> None:
    """Compute anew when those that were merged into a ticket were first answered."""
    for member in Ticket.select().where((Ticket.under == number) & (Ticket.status != "void")):
        found = clocks.response(*read_member(member))
        _store(member, first_response_at=None if found is None else found.at)


def _store(ticket: Ticket, **derived: Any) -> None:
    if any(getattr(ticket, name) != value for name, value in derived.items()):
        Ticket.update(**derived).where(Ticket.id == ticket.id).execute()
