"""Counts for monitoring: overdue tickets, and tickets that wait for a first response."""

from datetime import timedelta, tzinfo

from ticketcli.storage.models import Ticket
from ticketcli.supervision import filtering
from ticketcli.tickets.clocks import waits
from ticketcli.values.filters import Filters
from ticketcli.values.zones import EPOCH


def count(what: str, filters: Filters, *, now: int, zone: tzinfo, age: int = 0) -> int:
    """How many tickets have been `overdue` or `waiting` for at least `age` seconds.

    `what` is one of these two words, `now` is in Unix seconds, and `zone` is the time zone of due
    dates. The tab and the status in the filters are ignored. Raises NotFoundError or AmbiguousError
    for a name that does not match one person or partner.
    """
    since = now - age
    day = (EPOCH + timedelta(seconds=since)).astimezone(zone).date()
    conditions = filtering.conditions(filters, today=day, zone=zone)
    if what == "overdue":
        conditions += [Ticket.status == "open", Ticket.due < day.isoformat()]
    else:
        conditions.append(waits())
        # Only with an age: another machine's clock may be ahead, so that a ticket is in the future.
        if age:
            conditions.append(Ticket.occurred_at <= since)
    found: int = Ticket.select().where(*conditions).count()
    return found
