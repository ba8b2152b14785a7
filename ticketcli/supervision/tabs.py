"""Chooses tickets: the four tabs, the filters that narrow them, and the order they come in."""

from collections.abc import Iterator
from datetime import date, tzinfo
from typing import Any, NamedTuple

from peewee import SQL, Case, Ordering, Table, fn

from ticketcli.errors import UsageError
from ticketcli.i18n import _
from ticketcli.people import collaborators
from ticketcli.storage.models import Collaborator, Concern, Ticket, database
from ticketcli.supervision import filtering, sorting
from ticketcli.tickets import records
from ticketcli.values.filters import Filters
from ticketcli.values.words import TAB

STATUSES = ("open", "closed")

MANY = 20_000
"""How many concerns of somebody are counted before it is better to begin reading."""

# Collaborator 0 stands for all tickets, '' for no date.
_TabCount: Any = Table("tab_count", ("collaborator_id", "status", "due", "tickets"))


class Scope(NamedTuple):
    """The two halves of a tab: whether only what concerns me, and the status, None for both."""

    mine: bool
    status: str | None


def scope(filters: Filters) -> Scope:
    """What the filters choose before they narrow. UsageError when they contradict each other."""
    wants_closed = filters.closed_by is not None or (
        filters.closed is not None and not filters.closed.none
    )
    implied = "open" if filters.overdue else "closed" if wants_closed else None
    if filters.overdue and wants_closed:
        raise UsageError(_("overdue tickets are open, and cannot have been closed"))
    status = None if filters.status == "any" else filters.status
    if filters.tab is not None:
        who, _dash, tab_status = filters.tab.partition("-")
        for said in (status, implied):
            if said not in (None, tab_status):
                raise UsageError(
                    _("the tab {tab} has no such tickets").format(tab=TAB.label(filters.tab)),
                    hint="--all",
                )
        return Scope(who == "mine", tab_status)
    if implied and status not in (None, implied):
        raise UsageError(_("--status contradicts another filter"))
    if filters.everything:
        return Scope(False, status or implied)
    if filters.status is None:
        status = implied or "open"
    return Scope(not filters.names_somebody, status)


def select(filters: Filters, *, me: str, today: date, zone: tzinfo) -> Any:
    """The numbers of the tickets that meet the filters, unordered: a query. NotFoundError for a
    name that nobody has, and for tickets of mine when I am no collaborator.
    """
    chosen, keys = scope(filters), _keys(filters)
    lead = filtering.leader(filters) if keys is Concern else None
    mine = collaborators.myself(me) if chosen.mine else None
    if lead and chosen.mine and not _has_fewer(filters, lead, mine, chosen.status):
        lead = None
    query: Any
    if keys is Ticket:
        query = Ticket.select(Ticket.id)
    else:
        query = Concern.select(Concern.ticket)
        if filtering.is_of_ticket(filters):
            query = query.join(Ticket, on=(Ticket.id == Concern.ticket))
    if chosen.mine:
        number = mine.id if mine else None
        if keys is Concern and lead is None:
            query = query.where(Concern.collaborator == number)
        else:
            [ticket] = query.selected_columns
            query = query.where(filtering.concerns(ticket, [number]))
    if chosen.status is not None:
        query = query.where(keys.status == chosen.status)
    elif filters.due or filters.updated:
        # The indexes of dates begin with the status.
        query = query.where(keys.status.in_(STATUSES))
    conditions = filtering.conditions(filters, today=today, zone=zone, keys=keys, lead=lead)
    return query.where(*conditions) if conditions else query


def _has_fewer(filters: Filters, lead: str, mine: Collaborator | None, status: str | None) -> bool:
    """Whether fewer tickets concern the collaborator of a filter than me: those are then looked
    through for mine, rather than mine for theirs. Beyond MANY both are many.
    """
    theirs = _concerns(collaborators.find(getattr(filters, lead)[0]), status, MANY)
    return theirs < MANY and _concerns(mine, status, theirs + 1) > theirs


def _concerns(who: Collaborator | None, status: str | None, limit: int) -> int:
    """How many tickets of a status concern a collaborator; counted up to `limit`."""
    found = Concern.select(SQL("1"))
    found = found.where((Concern.collaborator == who) & (Concern.status == status)).limit(limit)
    return int(found.count())


def _keys(filters: Filters) -> Any:
    """The table that is read: one collaborator's concerns, or all tickets."""
    concerns = scope(filters).mine or filtering.leader(filters) is not None
    return Concern if concerns and not filtering.is_place(filters) else Ticket


def fetch(
    filters: Filters,
    *,
    me: str,
    today: date,
    zone: tzinfo,
    sort: str | None = None,
    limit: int | None = None,
) -> Iterator[dict[str, Any]]:
    """The tickets that meet the filters, in order, at most `limit`."""
    found = [select(filters, me=me, today=today, zone=zone)]
    orderings = order(filters, sort)
    if limit is not None and scope(filters).status is None and not filtering.is_place(filters):
        # The indexes begin with the status: the first of all are among the first of each.
        found = [found[0].where(_keys(filters).status == status) for status in STATUSES]
    return records.fetch(*found, today=today, order=orderings, limit=limit)


def order(filters: Filters, sort: str | None = None) -> list[Ordering]:
    """The order of a list: that of its tab, or what `--sort` says. UsageError for other fields."""
    status = scope(filters).status
    return sorting.orderings(
        sorting.TABS[status] if sort is None else sort,
        keys=_keys(filters),
        status=status,
        by_index=not filtering.is_place(filters),
    )


def counts(*, me: str, today: date) -> list[dict[str, Any]]:
    """The tabs with the number of their tickets, and how many are overdue; without mine in a book
    that has no collaborator. NotFoundError when it has some, and I am none of them.
    """
    mine = collaborators.myself(me)
    whose = {0: "all"} if mine is None else {0: "all", mine.id: "mine"}
    is_late = (_TabCount.due != "") & (_TabCount.due < today.isoformat())
    key = (_TabCount.collaborator_id, _TabCount.status)
    late = fn.SUM(Case(None, [(is_late, _TabCount.tickets)], 0))
    query = _TabCount.select(*key, fn.SUM(_TabCount.tickets), late)
    query = query.where(_TabCount.collaborator_id.in_(list(whose))).group_by(*key)
    found = {
        f"{whose[who]}-{status}": (int(count), int(overdue))
        for who, status, count, overdue in database.execute(query)
    }
    rows = {tab: found.get(tab, (0, 0)) for tab in TAB.values}
    return [
        {"tab": tab, "count": count, "overdue": overdue}
        for tab, (count, overdue) in rows.items()
        if mine is not None or not tab.startswith("mine")
    ]
