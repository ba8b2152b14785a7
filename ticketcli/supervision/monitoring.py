"""Counts what monitoring watches: tickets that are overdue, wait for us, or miss their targets,
and mail that does not get through.
"""

from ticketcli.storage.models import Outbox, Ticket
from ticketcli.supervision import filtering
from ticketcli.tickets.turn import is_taken, us, us_since
from ticketcli.values.filters import Filters
from ticketcli.values.moment import Moment


def count(what: str, filters: Filters, *, moment: Moment, age: int = 0) -> int:
    """How many tickets are `overdue` or `waiting`, and have been so for `age` seconds.

    Of the filters it follows those that ask something of a ticket, and not the tab. Raises
    NotFoundError for a name that nobody has.
    """
    then = moment._replace(now=moment.now - age)
    conditions = filtering.conditions(filters, moment=then)
    if what == "overdue":
        conditions += [Ticket.status == "open", Ticket.due < then.today.isoformat()]
    else:
        conditions += [is_taken(), us(moment.now)]
        # Without an age, none that another machine's clock has dated a second ahead is left out.
        if age:
            conditions.append(us_since(moment.now) <= then.now)
    found: int = Ticket.select().where(*conditions).count()
    return found


def count_mail(filters: Filters, *, moment: Moment, age: int) -> int:
    """How many mails have failed, or have waited to be sent for `age` seconds. The filters are
    those of `count`, and ask for the tickets that the mails are about.
    """
    late = Outbox.next_attempt_at.is_null(False) & (Outbox.queued_at <= moment.now - age)
    mails = Outbox.select().where((Outbox.state == "failed") | late)
    if conditions := filtering.conditions(filters, moment=moment):
        mails = mails.where(Outbox.ticket.in_(Ticket.select(Ticket.id).where(*conditions)))
    found: int = mails.count()
    return found


def count_targets(filters: Filters, *, moment: Moment, within: int) -> tuple[int, int]:
    """How many tickets will miss a target within so many seconds, and how many have missed one.
    The filters are those of `count`.
    """
    near, missed = (
        Ticket.select()
        .where(*filtering.conditions(filters._replace(target=state, within=within), moment=moment))
        .count()
        for state in ("near", "missed")
    )
    return near, missed
