"""The history of a ticket as the events that clocks and turns are computed from."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from peewee import JOIN, SQL, Expression, fn

from ticketcli.storage.cursor import Prepared
from ticketcli.storage.models import Collaborator, FollowUp, Standing, Ticket

_BATCH = 500


class Event(NamedTuple):
    """One row of a ticket's history that counts, as far as clocks care; `at` is when it happened.

    `recipient` is who has the ticket from then on, if that changed. `direction` is that of the
    follow-up which the event adds; `wait` is `begun` or `ended` where that begins or ends a wait
    for the partner, `wait_until` the end of a wait that has a limit.

    `of` is the ticket that it happened to, where that was merged into this one, and `early` whether
    that was before this one was opened. The opening of such a ticket by its partner is `asked`, a
    closing before the merge an answer.
    """

    action: str
    at: int
    author: str
    recipient: str | None = None
    direction: str | None = None
    wait: str | None = None
    wait_until: int | None = None
    of: int | None = None
    early: bool = False


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
    """The number, the opening and what counts of the history of each of these tickets, and of those
    that were merged into it, by number; none that is void.
    """
    for start in range(0, len(numbers), _BATCH):
        wanted = set(numbers[start : start + _BATCH])
        own: dict[int, list[_Row]] = {}
        merged: dict[int, list[_Row]] = {}
        for row in _rows(sorted(wanted)):
            if row.ticket in wanted:
                own.setdefault(row.ticket, []).append(row)
            if row.under in wanted:
                merged.setdefault(row.under, []).append(row)
        for number, rows in own.items():
            yield number, rows[0].opening, _with_merged(rows, merged.get(number, ()))


def read_member(ticket: Ticket) -> tuple[Opening, list[Event]]:
    """How a ticket was opened that was merged into another, and what of that one's history counts
    for its first response: what came after its own opening.
    """
    assert ticket.under_id is not None
    own: list[_Row] = []
    others: list[_Row] = []
    for row in _rows([ticket.under_id]):
        if row.ticket == ticket.id:
            own.append(row)
        elif row.ticket == ticket.under_id or row.event.action == "followed":
            others.append(row)
    first = own[0]
    rows = [
        row
        for row in (*own[1:], *others)
        if row.id > first.id and row.event.at >= first.event.at and not row.merges
    ]
    return first.opening, [first.event, *(row.event for row in sorted(rows))]


class _Row(NamedTuple):
    """A row of history. `under` is the ticket that its own was merged into, `merges` whether it is
    the one that did so.
    """

    id: int
    ticket: int
    under: int | None
    opening: Opening
    event: Event
    merges: bool = False


@Prepared
def _standing(numbers: Any) -> Any:
    creator, author, recipient = (Collaborator.alias() for _ in range(3))
    return (
        Standing.select(
            *(Standing.id, Ticket.id, Ticket.under),
            *(creator.login, Ticket.partner.is_null(False), Ticket.direction),
            *(Ticket.answered_at_once, Standing.action, Standing.occurred_at, author.login),
            *(recipient.login, FollowUp.direction, FollowUp.wait, FollowUp.wait_until),
        )
        .join(Ticket, on=(Standing.ticket == Ticket.id))
        .join_from(Ticket, creator, on=(Ticket.creator == creator.id))
        .join_from(Standing, author, on=(Standing.author == author.id))
        .join_from(Standing, recipient, JOIN.LEFT_OUTER, on=(Standing.recipient == recipient.id))
        .join_from(Standing, FollowUp, JOIN.LEFT_OUTER, on=(Standing.follow_up == FollowUp.id))
        .where(Ticket.id.in_(numbers) | Ticket.under.in_(numbers))
        .order_by(Ticket.id, Standing.id)
    )


def _rows(numbers: list[int]) -> list[_Row]:
    """The rows that count of some tickets, and of those that were merged into them, in the order of
    the tickets, and then in theirs.
    """
    found = []
    for number, ticket, under, login, external, direction, at_once, *event in _standing(numbers):
        opening = Opening(login, bool(external), direction, bool(at_once))
        found.append(_Row(number, ticket, under, opening, Event(*event)))
    merged = {row.ticket for row in found if row.under is not None}
    if not merged:
        return found
    merges: Any = Standing.select(Standing.id).where(
        Standing.ticket.in_(merged) & Standing.changes.contains('"merged_into"')
    )
    closings = {number for (number,) in merges.tuples()}
    return [row._replace(merges=row.id in closings) for row in found]


def _with_merged(own: Sequence[_Row], merged: Sequence[_Row]) -> list[Event]:
    """The events of a ticket with those of the tickets that were merged into it."""
    if not merged:
        return [row.event for row in own]
    first = own[0]
    found = [(row.id, row.event) for row in own[1:]]
    for row in merged:
        event = _as_exchange(row)
        if event is not None:
            early = row.id < first.id or event.at < first.event.at
            event = event._replace(recipient=None, of=row.ticket, early=early)
            found.append((row.id, event))
    return [first.event, *(event for _id, event in sorted(found, key=lambda each: each[0]))]


def _as_exchange(row: _Row) -> Event | None:
    """What happened to a ticket, as it counts for the one that it was merged into."""
    event, opening = row.event, row.opening
    if event.action == "opened":
        asks = opening.direction == "in" and not opening.answered_at_once
        return event._replace(action="asked", direction="in") if asks else None
    if event.action == "closed" and opening.external and not row.merges:
        return event._replace(action="followed", direction="out")
    return event if event.action == "followed" else None


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


def of_group(number: int) -> Any:
    """The numbers of a ticket and of those that were merged into it: a query."""
    return Ticket.select(Ticket.id).where((Ticket.id == number) | (Ticket.under == number))
