"""Counts what monitoring watches: tickets that are late, and tickets that nobody has answered."""

from datetime import timedelta, tzinfo

from ticketcli.storage.models import Ticket
from ticketcli.supervision import filtering
from ticketcli.tickets.clocks import waits
from ticketcli.values.filters import Filters
from ticketcli.values.zones import EPOCH


def count(what: str, filters: Filters, *, now: int, zone: tzinfo, age: int = 0) -> int:
    """How many tickets are `overdue` or `waiting`, and have been so for `age` seconds.

    `now` is Unix seconds, `zone` where days are counted. Of the filters it follows those that ask
    something of a ticket, and not the tab. NotFoundError for a name that nobody has.
    """
    since = now - age
    day = (EPOCH + timedelta(seconds=since)).astimezone(zone).date()
    conditions = filtering.conditions(filters, today=day, zone=zone)
    if what == "overdue":
        conditions += [Ticket.status == "open", Ticket.due < day.isoformat()]
    else:
        conditions.append(waits())
        # Without an age, none that another machine's clock has dated a second ahead is left out.
        if age:
            conditions.append(Ticket.occurred_at <= since)
    found: int = Ticket.select().where(*conditions).count()
    return found
