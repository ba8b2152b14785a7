"""Translates the filters into SQL conditions."""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import tzinfo
from functools import reduce
from operator import or_
from typing import Any

from peewee import SQL, Expression, NodeList, fn

from ticketcli.errors import NotFoundError
from ticketcli.i18n import _
from ticketcli.people import collaborators
from ticketcli.storage.models import Concern, Partner, Ticket, database
from ticketcli.tickets.turn import late, us
from ticketcli.values.filters import NOTHING, Filters
from ticketcli.values.moment import Moment
from ticketcli.values.periods import Period
from ticketcli.values.words import PRIORITY_RANK

# The filters by collaborators whom a ticket concerns, and the column of Concern with their role.
# None: any role.
_CONCERNS: dict[str, Any] = {
    "to": Concern.is_recipient,
    "creator": Concern.is_creator,
    "cc": Concern.is_copy,
    "concerns": None,
}
SHORT = 92
"""How many days a period has at most that has few tickets: a quarter of a year."""

_OF_TICKET = (
    *("kind", "partner", "partner_type", "contact", "closed_by", "origin", "direction"),
    "category",
)


def leader(filters: Filters) -> str | None:
    """The first filter that names exactly one collaborator; None if there is none.

    All tickets that are looked for concern this person, so their rows of Concern can be read
    instead of all tickets.
    """
    for field in _CONCERNS:
        names: Sequence[str] = getattr(filters, field) or ()
        if len(names) == 1 and names[0] != NOTHING:
            return field
    return None


def is_place(filters: Filters) -> bool:
    """Whether partners or contacts are named. These have few tickets even in a large book."""
    return any(names and NOTHING not in names for names in (filters.partner, filters.contact))


def is_of_ticket(filters: Filters) -> bool:
    """Whether a filter needs a column that only Ticket has, not Concern."""
    return any(getattr(filters, field) is not None for field in _OF_TICKET)


def is_short(filters: Filters, first: str) -> bool:
    """Whether a filter is a period of so few days that a server sorts its tickets faster than it
    finds them in the order of the list. `first` is the field by which that is sorted first.
    """
    if hasattr(database.obj, "pragma"):
        # SQLite takes the index of the period by itself.
        return False
    periods = {
        "occurred_at": filters.opened,
        "due": filters.due,
        "closed_at": filters.closed,
        "updated_at": filters.updated,
    }
    return first not in (field for field, period in periods.items() if period) and any(
        period.start and period.end and (period.end - period.start).days < SHORT
        for period in periods.values()
        if period
    )


def unindexed(column: Any) -> Any:
    """The column, written so that SQLite does not use an index of it.

    SQLite does not know how many rows it would read, and may choose an index that gives the right
    order but has too many rows. PostgreSQL knows, so there the column is unchanged.
    """
    return NodeList((SQL("+"), column), glue="") if hasattr(database.obj, "pragma") else column


def unordered(column: Any) -> Any:
    """The column, written so that no index gives its order, on either engine.

    PostgreSQL knows how many rows it looks for, but not where they are in an index: it takes them
    to be spread evenly, and those of a month are not.
    """
    return unindexed(column) if hasattr(database.obj, "pragma") else fn.COALESCE(column, column)


def concerns(number: Any, who: Sequence[int | None], role: Any = None) -> Any:
    """The condition that a ticket concerns one of these collaborators (ids).

    `number` is the column with the ticket's number. `role` is a column of Concern; None for any
    role.
    """
    concern: Any = Concern.alias()
    mine = (concern.ticket == number) & concern.collaborator.in_(who)
    if role is not None:
        mine = mine & getattr(concern, role.name)
    return fn.EXISTS(concern.select(SQL("1")).where(mine))


def conditions(
    filters: Filters, *, moment: Moment, keys: Any = Ticket, lead: str | None = None
) -> list[Any]:
    """The SQL conditions of the filters, except tab and status.

    `keys` is the table that is read: Ticket, or Concern (joined with Ticket if `is_of_ticket`).
    `lead` is the result of `leader`, if the concerns of that person are read. Raises NotFoundError
    or AmbiguousError for a name that does not match one person or partner.
    """
    found = [*_people(filters, keys, lead), *_places(filters), *_fields(filters, keys)]
    found.extend(_times(filters, keys, moment=moment))
    found.extend(_turns(filters, keys, moment=moment))
    return found


def _people(filters: Filters, keys: Any, lead: str | None) -> Iterator[Any]:
    number = Ticket.id if keys is Ticket else Concern.ticket
    directly = {"to": Ticket.recipient, "creator": Ticket.creator} if keys is Ticket else {}
    for field, role in _CONCERNS.items():
        names: Sequence[str] = getattr(filters, field) or ()
        who = [collaborators.find(name).id for name in names if name != NOTHING]
        if field == lead:
            yield Concern.collaborator == who[0]
            if role is not None:
                yield role
        elif field in directly and who:
            yield _checked(directly[field], filters, keys).in_(who)
        elif NOTHING in names:
            copy: Any = Concern.alias()
            copies = copy.select(SQL("1")).where((copy.ticket == number) & copy.is_copy)
            is_alone = ~fn.EXISTS(copies)
            yield concerns(number, who, role) | is_alone if who else is_alone
        elif who:
            yield concerns(number, who, role)
    if filters.closed_by:
        closers = [collaborators.find(name).id for name in filters.closed_by]
        yield _checked(Ticket.closed_by, filters, keys).in_(closers)


def _checked(column: Any, filters: Filters, keys: Any) -> Any:
    """The column, without its index if there is a better way to find the tickets."""
    return unindexed(column) if keys is Concern or is_place(filters) else column


def _places(filters: Filters) -> Iterator[Any]:
    from ticketcli.people import partners

    if filters.partner:
        yield any_of(Ticket.partner, filters.partner, lambda name: [partners.find(name).id])
    if filters.contact:
        yield _of_contacts(filters.contact, filters)


def _of_contacts(names: Sequence[str], filters: Filters) -> Any:
    """The condition that a ticket is about one of these contacts, or was called about from one of
    their numbers while nobody knew whose it is.
    """
    from ticketcli.people import partners, phones

    within = [partners.find(partner).id for partner in filters.partner or () if partner]
    contacts: dict[str, list[int]] = {}
    called: list[int] = []
    for name in names:
        if name != NOTHING:
            contacts[name] = partners.contacts_named(name, partner_ids=within)
            theirs = [*phones.called_by(contacts[name]), *phones.called_from(name)]
            if not (contacts[name] or theirs):
                raise NotFoundError(_('no contact "{text}"').format(text=name), names=[name])
            called += theirs
    condition = any_of(Ticket.contact, names, lambda name: contacts[name])
    return condition | Ticket.id.in_(called) if called else condition


def _fields(filters: Filters, keys: Any) -> Iterator[Expression]:
    if filters.kind and len(set(filters.kind)) == 1:
        # Both kinds have many tickets, but SQLite assumes that an index would find few.
        partner = unindexed(Ticket.partner)
        yield partner.is_null("internal" in filters.kind)
    if filters.partner_type:
        partners = Partner.select(Partner.id).where(Partner.type.in_(filters.partner_type))
        # Most partners are of one type, as SQLite would not think.
        yield unindexed(Ticket.partner).in_(partners)
    for column, values in (
        (Ticket.origin, filters.origin),
        (Ticket.direction, filters.direction),
    ):
        if values:
            yield any_of(column, values)
    if filters.category:
        from ticketcli.people import categories

        yield any_of(Ticket.category, filters.category, lambda word: [categories.wanted(word)])
    if filters.priority:
        yield keys.priority.in_([PRIORITY_RANK[value] for value in filters.priority])


def any_of(
    column: Any,
    values: Sequence[str],
    meaning: Callable[[str], Sequence[Any]] = lambda value: [value],
) -> Expression:
    """The condition that a column has one of the values; NOTHING stands for no value.

    `meaning` gives the stored values of a value.
    """
    stored = [each for value in values if value != NOTHING for each in meaning(value)]
    condition: Expression = column.in_(stored)
    return (condition | column.is_null()) if NOTHING in values else condition


def _times(filters: Filters, keys: Any, *, moment: Moment) -> Iterator[Expression]:
    if filters.overdue:
        yield keys.due < moment.today.isoformat()
    if filters.due is not None:
        yield from on_days(keys.due, filters.due)
    for column, period in (
        (keys.occurred_at, filters.opened),
        (keys.closed_at, filters.closed),
        (keys.updated_at, filters.updated),
    ):
        if period is not None:
            yield from within(column, period, moment.zone)


def _turns(filters: Filters, keys: Any, *, moment: Moment) -> Iterator[Any]:
    if filters.turn:
        meant = {
            "us": us(moment.now, keys),
            "partner": (keys.turn == "partner") & ~late(moment.now, keys),
            NOTHING: keys.turn.is_null(),
        }
        yield reduce(or_, (meant[value] for value in filters.turn))
    if filters.target:
        from ticketcli.tickets import targets

        chosen = targets.numbers(filters.target, moment=moment, within=filters.within)
        yield _one_of(Ticket.id if keys is Ticket else Concern.ticket, chosen)


def _one_of(number: Any, chosen: Sequence[int]) -> Any:
    """Whether a number is one of these, which may be more than a statement has parameters."""
    if hasattr(database.obj, "pragma"):
        return number.in_(SQL("(SELECT value FROM json_each(?))", (json.dumps(chosen),)))
    return number.in_(SQL("(SELECT unnest(%s::bigint[]))", (list(chosen),)))


def on_days(column: Any, period: Period) -> Iterator[Expression]:
    """The conditions that a column of ISO dates is in a period."""
    if period.none:
        yield column.is_null()
    if period.start:
        yield column >= period.start.isoformat()
    if period.end:
        yield column <= period.end.isoformat()


def within(column: Any, period: Period, zone: tzinfo) -> Iterator[Expression]:
    """The conditions that a column of Unix seconds is in a period of days in a zone."""
    if period.none:
        yield column.is_null()
    start, end = period.instants(zone)
    if start is not None:
        yield column >= start
    if end is not None:
        yield column < end
