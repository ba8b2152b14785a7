"""How quickly the team reacts: computes the figures of many tickets, in groups.

The figures are defined in docs/reactivity.md, and are not stored. For most tickets the row of the
ticket is enough. Only for those that were handed over or reopened the history is read.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, tzinfo
from itertools import groupby
from operator import itemgetter
from typing import Any

from peewee import JOIN, SQL, Case, Expression, fn

from ticketcli.figures.buckets import SPANS
from ticketcli.figures.groups import Tally
from ticketcli.storage import cursor
from ticketcli.storage.models import Collaborator, History, Ticket
from ticketcli.supervision import filtering, tabs
from ticketcli.tickets import clocks
from ticketcli.tickets.clocks import waits
from ticketcli.tickets.history import is_reassigned_or_reopened
from ticketcli.values.filters import Question

_BATCH = 500

_COLUMNS: Mapping[str, Any] = {
    "recipient": Ticket.recipient,
    "partner": Ticket.partner,
    "category": Ticket.category,
    "origin": Ticket.origin,
    "priority": Ticket.priority,
    "kind": Ticket.partner.is_null(),
}


def figures(question: Question, *, today: date, zone: tzinfo, now: int) -> list[dict[str, Any]]:
    """The record of each group, sorted; without `by`, one record for all tickets.

    `today` is the date that due dates are compared with, `zone` the time zone if the team has set
    none, `now` the current time in Unix seconds. Raises RefusedError if working time is wanted but
    the team has no hours, NotFoundError or AmbiguousError for a name that does not match one
    person or partner, UsageError if two filters contradict each other.
    """
    tally = Tally(question, today=today, zone=zone, now=now)
    narrowed = filtering.conditions(question.filters, today=today, zone=zone)
    status = tabs.scope(question.filters).status
    if status is not None:
        narrowed.append(Ticket.status == status)
    for row in _tickets(question.by, [*narrowed, *tally.wanted()]):
        tally.add(row)
    for number, events in _events(list(tally.moved)):
        tally.replay(number, clocks.segments(events))
    return tally.records()


def _tickets(by: Sequence[str], conditions: Sequence[Expression]) -> Iterator[Any]:
    columns = (
        *(Ticket.id, Ticket.occurred_at, Ticket.first_response_at, Ticket.closed_at, Ticket.due),
        *(Ticket.priority, Ticket.answered_at_once, waits(), Ticket.recipient, _moved()),
        *(_COLUMNS[name] for name in by if name not in SPANS),
    )
    query = Ticket.select(*columns)
    return cursor.rows(query.where(*conditions) if conditions else query)


def _moved() -> Case:
    """Whether a closed ticket was ever handed over or reopened. There is an index for this."""
    turn = History.alias()
    turns = turn.select(SQL("1")).where(
        (turn.ticket == Ticket.id) & is_reassigned_or_reopened(turn)
    )
    return Case(None, [(Ticket.closed_at.is_null(False), fn.EXISTS(turns))], False)


def _events(tickets: Sequence[int]) -> Iterator[tuple[int, list[clocks.Event]]]:
    """For each of these tickets, the events that change its status or its holder, in order."""
    author, recipient = Collaborator.alias(), Collaborator.alias()
    for start in range(0, len(tickets), _BATCH):
        rows: Any = (
            History.select(
                History.ticket,
                History.action,
                History.occurred_at,
                author.login,
                recipient.login,
            )
            .join(author, on=(History.author == author.id))
            .join_from(History, recipient, JOIN.LEFT_OUTER, on=(History.recipient == recipient.id))
            .where(
                History.ticket.in_(tickets[start : start + _BATCH])
                & (History.action.in_(("closed", "reopened")) | History.recipient.is_null(False))
            )
            .order_by(History.ticket, History.id)
        )
        for ticket, events in groupby(cursor.rows(rows), itemgetter(0)):
            yield ticket, [clocks.Event(*event[1:]) for event in events]
