"""How quickly the team reacts: computes the figures of many tickets, in groups.

They are defined in docs/explain/reactivity.md. Nothing is stored: the figures of most tickets are
in the ticket as it stands, those of the few that were handed over, reopened, taken up again by the
partner or waited for in their history.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from peewee import SQL, Case, Expression, chunked, fn

from ticketcli.figures.buckets import SPANS
from ticketcli.figures.groups import Tally
from ticketcli.storage import cursor
from ticketcli.storage.models import FollowUp, History, Ticket
from ticketcli.supervision import filtering, tabs
from ticketcli.tickets.events import read_all
from ticketcli.tickets.history import is_reassigned_or_reopened
from ticketcli.tickets.turn import us, us_since
from ticketcli.values.filters import Question
from ticketcli.values.moment import Moment

_BATCH = 500

_COLUMNS: Mapping[str, Any] = {
    "recipient": Ticket.recipient,
    "partner": Ticket.partner,
    "category": Ticket.category,
    "origin": Ticket.origin,
    "priority": Ticket.priority,
    "kind": Ticket.partner.is_null(),
}


Counted = Callable[[Iterable[Any]], Iterable[Any]]
"""Hands things on one by one, and counts them."""


def figures(question: Question, *, moment: Moment) -> list[dict[str, Any]]:
    """The promised record of each group, in order; without `by` that of all tickets.

    `today` is the date that due dates are compared with, `zone` the time zone if the team has set
    none, `now` the current time in Unix seconds. Raises RefusedError if working time is wanted but
    the team has no hours, NotFoundError or AmbiguousError for a name that does not match one
    person or partner, UsageError if two filters contradict each other.
    """
    return several(question, [question.by], moment=moment)[0]


def several(
    question: Question,
    groupings: Sequence[Sequence[str]],
    *,
    moment: Moment,
    counted: Counted = lambda rows: rows,
) -> list[list[dict[str, Any]]]:
    """The figures of several groupings, each as `figures` gives them, for which all tickets are
    read once. `groupings` take the place of what the question is by; `counted` is handed the
    tickets and hands them on, so that it sees how many there were.
    """
    fields = list(dict.fromkeys(name for by in groupings for name in by if name not in SPANS))
    tally = Tally(question, groupings=groupings, fields=fields, moment=moment)
    narrowed = filtering.conditions(question.filters, moment=moment)
    status = tabs.scope(question.filters).status
    narrowed.append(Ticket.status != "void" if status is None else Ticket.status == status)
    for row in counted(_tickets(fields, moment.now, [*narrowed, *tally.wanted()])):
        tally.add(row)
    # Read once more rather than kept: in a large book there are many.
    for batch in chunked(sorted(tally.again), _BATCH):
        rows = {row[0]: row for row in _tickets(fields, moment.now, [Ticket.id.in_(batch)])}
        for number, opening, events in read_all(batch):
            tally.replay(rows[number], opening, events)
    return [tally.records(grouping) for grouping in tally.groupings]


def _tickets(fields: Sequence[str], now: int, conditions: Sequence[Expression]) -> Iterator[Any]:
    columns = (
        *(Ticket.id, Ticket.occurred_at, Ticket.first_response_at, Ticket.closed_at, Ticket.due),
        *(Ticket.priority, Ticket.answered_at_once, _waiting_since(now), _turned(), _moved()),
        *(_COLUMNS[name] for name in fields),
    )
    query = Ticket.select(*columns)
    return cursor.rows(query.where(*conditions) if conditions else query)


def _waiting_since(now: int) -> Case:
    """Since when somebody waits for our answer; NULL where nobody does."""
    return Case(None, [(us(now), us_since(now))], None)


def _turned() -> Any:
    """Whether the partner ever came back or was waited for, by an index of such follow-ups."""
    exchange = FollowUp.alias()
    # Not as parameters: the index is for these very words.
    turned = (exchange.direction == SQL("'in'")) | exchange.wait.is_null(False)
    return fn.EXISTS(exchange.select(SQL("1")).where((exchange.ticket == Ticket.id) & turned))


def _moved() -> Case:
    """Whether a closed ticket was ever handed over or reopened. There is an index for this."""
    turn = History.alias()
    turns = turn.select(SQL("1")).where(
        (turn.ticket == Ticket.id) & is_reassigned_or_reopened(turn)
    )
    return Case(None, [(Ticket.closed_at.is_null(False), fn.EXISTS(turns))], False)
