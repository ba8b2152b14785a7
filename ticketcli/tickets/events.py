"""The history of a ticket as the events that clocks and turns are computed from."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from peewee import JOIN

from ticketcli.storage import cursor
from ticketcli.storage.models import Collaborator, FollowUp, History, Ticket

_BATCH = 500


class Event(NamedTuple):
    """One row of a ticket's history, as far as clocks care; `at` is when it happened.

    `recipient` is who has the ticket from then on, if that changed. `direction` is that of the
    follow-up `follow_up`, which the event adds or retracts; `wait` is `begun` or `ended` where that
    begins or ends a wait for the partner, `wait_until` the end of a wait that has a limit.
    """

    action: str
    at: int
    author: str
    recipient: str | None = None
    follow_up: int | None = None
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
    """How a ticket was opened, and its history in its order. Partner and direction are those that
    `ticket` has, also when they are not written yet.
    """
    [(_number, opening, events)] = read_all([ticket.id])
    is_external = ticket.partner_id is not None
    return opening._replace(external=is_external, direction=ticket.direction), events


def read_all(numbers: Sequence[int]) -> Iterator[tuple[int, Opening, list[Event]]]:
    """The number, the opening and the history of each of these tickets, by number."""
    creator, author, recipient = (Collaborator.alias() for _ in range(3))
    for start in range(0, len(numbers), _BATCH):
        rows: Any = (
            History.select(
                *(Ticket.id, creator.login, Ticket.partner.is_null(False), Ticket.direction),
                *(Ticket.answered_at_once, History.action, History.occurred_at, author.login),
                *(recipient.login, History.follow_up, FollowUp.direction, FollowUp.wait),
                FollowUp.wait_until,
            )
            .join(Ticket, on=(History.ticket == Ticket.id))
            .join_from(Ticket, creator, on=(Ticket.creator == creator.id))
            .join_from(History, author, on=(History.author == author.id))
            .join_from(History, recipient, JOIN.LEFT_OUTER, on=(History.recipient == recipient.id))
            .join_from(History, FollowUp, JOIN.LEFT_OUTER, on=(History.follow_up == FollowUp.id))
            .where(Ticket.id.in_(numbers[start : start + _BATCH]))
            .order_by(Ticket.id, History.id)
        )
        for (number, *opened), found in groupby(cursor.rows(rows), lambda row: row[:5]):
            login, external, direction, at_once = opened
            opening = Opening(login, bool(external), direction, bool(at_once))
            yield number, opening, [Event(*row[5:]) for row in found]
