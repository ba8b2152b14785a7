"""Callbacks: a follow-up promises the partner a call back. Which of them are still to be made?"""

from typing import Any

from peewee import SQL, Expression, fn

from ticketcli.actor import Actor
from ticketcli.errors import InvalidError, RefusedError
from ticketcli.i18n import _
from ticketcli.storage.models import Callback, FollowUp, History, Standing, Ticket
from ticketcli.tickets.events import is_told, stands
from ticketcli.values.zones import iso


def make(follow_up: FollowUp, at: int, *, by: Actor) -> str:
    """Store a callback that a follow-up promises at `at` (Unix seconds), in the caller's
    transaction. Returns `at` as an ISO instant.

    Raises InvalidError if `at` is before the follow-up.
    """
    if at < follow_up.occurred_at:
        raise InvalidError(
            _("--callback: {at} is before {earliest}, when it is promised").format(
                at=by.shown(at), earliest=by.shown(follow_up.occurred_at)
            )
        )
    Callback.create(follow_up=follow_up.id, ticket=follow_up.ticket_id, promised_at=at)
    return iso(at)


def closed(number: int) -> RefusedError:
    """The error for a callback of a closed ticket: closing a ticket cancels its callbacks."""
    return RefusedError(
        _("ticket {number} is closed, so nobody is called back").format(number=number),
        hint="--reopen",
        names=[number],
    )


def pending() -> Any:
    """The follow-ups whose callbacks are still to be made: a query of their numbers.

    It reads nothing but indexes of the open tickets, of which few have been promised a call.
    """
    return (
        Callback.select(Callback.follow_up)
        .join(Ticket, on=(Callback.ticket == Ticket.id))
        .where(is_pending())
    )


def is_pending() -> Expression:
    """The condition that a Callback, joined with its Ticket, is still to be made.

    It is cancelled if the ticket is closed or was closed since the promise, if the follow-up that
    promised it does not count any longer, or if somebody contacted the partner at the promised time
    or later.
    Definition: "What cancels a promise" in docs/howto/agenda.md.
    """
    promised = History.alias()
    row = promised.select(promised.id).where(is_told(promised, Callback.follow_up)).limit(1)
    closing: Any = Standing.alias()
    closings = closing.select(SQL("1")).where(
        (closing.ticket == Callback.ticket) & (closing.action == "closed") & (closing.id > row)
    )
    call = FollowUp.alias()
    calls = call.select(SQL("1")).where(
        (call.ticket == Callback.ticket)
        & (call.id > Callback.follow_up)
        & (call.occurred_at >= Callback.promised_at)
        & call.origin.is_null(False)
        # A ticket without a partner has exchanges without a direction: they count as outgoing.
        & (fn.COALESCE(call.direction, "out") == "out")
        & stands(call.id)
    )
    found: Expression = (
        (Ticket.status == "open")
        & stands(Callback.follow_up)
        & ~fn.EXISTS(closings)
        & ~fn.EXISTS(calls)
    )
    return found
