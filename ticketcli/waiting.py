"""Which tickets wait for a first response, in SQL: what `clocks.awaits_response` says of one."""

from peewee import Case, Expression

from .models import History, Ticket


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
