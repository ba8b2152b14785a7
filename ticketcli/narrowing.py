"""What the filters ask of a ticket, in SQL."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, tzinfo
from typing import Any

from peewee import Expression, fn

from . import users
from .errors import NotFoundError
from .filters import NOTHING, Filters
from .i18n import _
from .models import Concern, Ticket
from .periods import Period
from .words import PRIORITY_RANK


def conditions(filters: Filters, *, today: date, zone: tzinfo) -> list[Expression]:
    """What the filters ask of a ticket, but for tab and status.

    Raises NotFoundError for a name that nobody has.
    """
    found = [*_people(filters), *_places(filters), *_fields(filters)]
    found.extend(_times(filters, today=today, zone=zone))
    return found


def _people(filters: Filters) -> Iterator[Expression]:
    if filters.to:
        yield Ticket.recipient.in_([users.find(name).id for name in filters.to])
    if filters.creator:
        yield Ticket.creator.in_([users.find(name).id for name in filters.creator])
    if filters.closed_by:
        yield Ticket.closed_by.in_([users.find(name).id for name in filters.closed_by])
    if filters.concerns:
        ids = [users.find(name).id for name in filters.concerns]
        yield Ticket.id.in_(Concern.select(Concern.ticket).where(Concern.collaborator.in_(ids)))
    if filters.cc:
        copies = Concern.select(Concern.ticket).where(Concern.is_copy)
        named = [users.find(name).id for name in filters.cc if name != NOTHING]
        condition = Ticket.id.in_(copies.where(Concern.collaborator.in_(named)))
        if NOTHING in filters.cc:
            mine = Concern.select().where((Concern.ticket == Ticket.id) & Concern.is_copy)
            condition = condition | ~fn.EXISTS(mine)
        yield condition


def _places(filters: Filters) -> Iterator[Expression]:
    from . import partners

    if filters.partner:
        yield _any_of(Ticket.partner, filters.partner, lambda name: [partners.find(name).id])
    if filters.contact:
        yield _any_of(Ticket.contact, filters.contact, lambda name: _contacts(name, filters))


def _contacts(name: str, filters: Filters) -> list[int]:
    from . import partners

    named = [partners.find(partner).id for partner in filters.partner or () if partner]
    if not (found := partners.contacts_named(name, partner_ids=named)):
        raise NotFoundError(_('no contact "{text}"').format(text=name), names=[name])
    return found


def _fields(filters: Filters) -> Iterator[Expression]:
    if filters.kind and len(set(filters.kind)) == 1:
        yield Ticket.partner.is_null("internal" in filters.kind)
    for column, values in (
        (Ticket.origin, filters.origin),
        (Ticket.direction, filters.direction),
        (Ticket.category, filters.category),
    ):
        if values:
            yield _any_of(column, values, lambda value: [value])
    if filters.priority:
        yield Ticket.priority.in_([PRIORITY_RANK.get(value, 0) for value in filters.priority])


def _any_of(
    column: Any, values: Sequence[str], meaning: Callable[[str], Sequence[Any]]
) -> Expression:
    stored = [each for value in values if value != NOTHING for each in meaning(value)]
    condition: Expression = column.in_(stored)
    return (condition | column.is_null()) if NOTHING in values else condition


def _times(filters: Filters, *, today: date, zone: tzinfo) -> Iterator[Expression]:
    if filters.overdue:
        yield Ticket.due < today.isoformat()
    if filters.due is not None:
        if filters.due.none:
            yield Ticket.due.is_null()
        if filters.due.start:
            yield Ticket.due >= filters.due.start.isoformat()
        if filters.due.end:
            yield Ticket.due <= filters.due.end.isoformat()
    for column, period in (
        (Ticket.occurred_at, filters.opened),
        (Ticket.closed_at, filters.closed),
        (Ticket.updated_at, filters.updated),
    ):
        if period is not None:
            yield from _within(column, period, zone)


def _within(column: Any, period: Period, zone: tzinfo) -> Iterator[Expression]:
    if period.none:
        yield column.is_null()
    start, end = period.instants(zone)
    if start is not None:
        yield column >= start
    if end is not None:
        yield column < end
