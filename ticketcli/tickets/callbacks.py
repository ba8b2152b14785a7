"""Calls back that were promised: made by a follow-up, kept, or still to be kept."""

from typing import Any

from peewee import SQL, Expression, fn

from ticketcli.actor import Actor
from ticketcli.errors import InvalidError, RefusedError
from ticketcli.i18n import _
from ticketcli.storage.models import Callback, FollowUp, History, Ticket
from ticketcli.values.zones import iso


def make(follow_up: FollowUp, at: int, *, by: Actor) -> str:
    """Promise a call back at an instant (Unix seconds) with a follow-up, in the transaction of the
    caller; the instant as it is written. InvalidError when it lies before the follow-up.
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
    """Why there is no promise with a closed ticket: closing is what cancels one."""
    return RefusedError(
        _("ticket {number} is closed, so nobody is called back").format(number=number),
        hint="--reopen",
        names=[number],
    )


def is_pending() -> Expression:
    """Whether a row of Callback, joined with its Ticket, is still to be kept.

    Not when the ticket is closed, or was since; nor when the follow-up that promised was retracted;
    nor when there was an exchange to the partner at that time or later. Definition: "What cancels a
    promise" in docs/agenda.md.
    """
    promised = History.alias()
    row = (
        promised.select(promised.id)
        .where((promised.follow_up == Callback.follow_up) & (promised.action == "followed"))
        .limit(1)
    )
    closing = History.alias()
    closings = closing.select(SQL("1")).where(
        (closing.ticket == Callback.ticket) & (closing.action == "closed") & (closing.id > row)
    )
    call = FollowUp.alias()
    calls = call.select(SQL("1")).where(
        (call.ticket == Callback.ticket)
        & (call.id > Callback.follow_up)
        & (call.occurred_at >= Callback.promised_at)
        & call.origin.is_null(False)
        # With a colleague an exchange has no direction.
        & (fn.COALESCE(call.direction, "out") == "out")
        & ~_retracted(call.id)
    )
    found: Expression = (
        (Ticket.status == "open")
        & ~_retracted(Callback.follow_up)
        & ~fn.EXISTS(closings)
        & ~fn.EXISTS(calls)
    )
    return found


def _retracted(follow_up: object) -> Any:
    gone = History.alias()
    return fn.EXISTS(
        gone.select(SQL("1")).where((gone.follow_up == follow_up) & (gone.action == "retracted"))
    )
