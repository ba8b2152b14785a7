"""The history of a ticket as the events that clocks and turns are computed from."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from peewee import JOIN, SQL, Expression, fn

from ticketcli.storage import cursor
from ticketcli.storage.models import Collaborator, FollowUp, Standing, Ticket

_BATCH = 500


class Event(NamedTuple):
    """One row of a ticket's history that counts, as far as clocks care; `at` is when it happened.

    `recipient` is who has the ticket from then on, if that changed. `direction` is that of the
    follow-up which the event adds; `wait` is `begun` or `ended` where that begins or ends a wait
    for the partner, `wait_until` the end of a wait that has a limit.
    """

    action: str
    at: int
    author: str
    recipient: str | None = None
    direction: str | None = None
    wait: str | None = None
    wait_until: int | None = None


class Opening(NamedTuple):
    """What of a ticket decides whether somebody had to respond, and who."""

    creator: str
    external: bool
    direction: str | None
    answered_at_once: bool


def read(ticket: Ticket) -> tuple[Opening, list[Event]]:
    """How a ticket was opened, and what of its history counts, in its order. Partner and direction
    are those that `ticket` has, also when they are not written yet. It must not be void.
    """
    [(_number, opening, events)] = read_all([ticket.id])
    is_external = ticket.partner_id is not None
    return opening._replace(external=is_external, direction=ticket.direction), events


def read_all(numbers: Sequence[int]) -> Iterator[tuple[int, Opening, list[Event]]]:
    """The number, the opening and what counts of the history of each of these tickets, by number;
    none that is void.
    """
    creator, author, recipient = (Collaborator.alias() for _ in range(3))
    for start in range(0, len(numbers), _BATCH):
        rows: Any = (
            Standing.select(
                *(Ticket.id, creator.login, Ticket.partner.is_null(False), Ticket.direction),
                *(Ticket.answered_at_once, Standing.action, Standing.occurred_at, author.login),
                *(recipient.login, FollowUp.direction, FollowUp.wait, FollowUp.wait_until),
            )
            .join(Ticket, on=(Standing.ticket == Ticket.id))
            .join_from(Ticket, creator, on=(Ticket.creator == creator.id))
            .join_from(Standing, author, on=(Standing.author == author.id))
            .join_from(
                Standing, recipient, JOIN.LEFT_OUTER, on=(Standing.recipient == recipient.id)
            )
            .join_from(Standing, FollowUp, JOIN.LEFT_OUTER, on=(Standing.follow_up == FollowUp.id))
            .where(Ticket.id.in_(numbers[start : start + _BATCH]))
            .order_by(Ticket.id, Standing.id)
        )
        for (number, *opened), found in groupby(cursor.rows(rows), lambda row: row[:5]):
            login, external, direction, at_once = opened
            opening = Opening(login, bool(external), direction, bool(at_once))
            yield number, opening, [Event(*row[5:]) for row in found]


# In SQL


def is_told(row: Any, follow_up: Any) -> Expression:
    """The condition that a row of history (`row`, a table or an alias) tells of a follow-up."""
    # A literal, not a parameter: the condition must be written like the one of the index.
    found: Expression = (row.follow_up == follow_up) & (row.action == SQL("'followed'"))
    return found


def stands(follow_up: Any) -> Any:
    """The condition that a follow-up counts: it was not retracted, nor undone."""
    told: Any = Standing.alias()
    return fn.EXISTS(told.select(SQL("1")).where(is_told(told, follow_up)))
