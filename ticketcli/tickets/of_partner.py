"""The open tickets of a partner, as somebody wants to see them who has the partner on the phone."""

from typing import Any, NamedTuple

from peewee import JOIN, fn

from ticketcli.storage.models import Callback, Collaborator, Partner, Ticket
from ticketcli.tickets import callbacks
from ticketcli.values.zones import iso


class OpenTicket(NamedTuple):
    """An open ticket: `due` is a date, `callback` the earliest call back that is still to be made,
    an instant; both ISO. `recipient` is a login.
    """

    number: int
    label: str
    due: str | None
    callback: str | None
    recipient: str


def open_tickets(partner: Partner, *, limit: int) -> tuple[list[OpenTicket], int]:
    """The first open tickets of a partner, at most `limit`, and how many it has: those with a call
    back come first, the earliest call first, then those with a due date.
    """
    calls = (
        Callback.select(Callback.ticket, fn.MIN(Callback.promised_at).alias("earliest"))
        .join(Ticket)
        .where((Ticket.partner == partner) & callbacks.is_pending())
        .group_by(Callback.ticket)
        .alias("calls")
    )
    found = Ticket.select().where((Ticket.partner == partner) & (Ticket.status == "open"))
    columns = (Ticket.id, Ticket.label, Ticket.due, calls.c.earliest, Collaborator.login)
    rows: Any = (
        found.select(*columns)
        .join(Collaborator, on=(Ticket.recipient == Collaborator.id))
        .join_from(Ticket, calls, JOIN.LEFT_OUTER, on=(calls.c.ticket_id == Ticket.id))
        .order_by(calls.c.earliest.asc(nulls="LAST"), Ticket.due.asc(nulls="LAST"), Ticket.id)
        .limit(limit)
        .tuples()
    )
    tickets = [
        OpenTicket(number, label, due, None if call is None else iso(call), login)
        for number, label, due, call, login in rows
    ]
    return tickets, found.count()
