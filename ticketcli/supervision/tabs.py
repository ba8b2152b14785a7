"""Selects tickets: the four tabs, the filters within them, and the order of the list."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from peewee import Case, Ordering, Table, fn

from ticketcli.errors import UsageError
from ticketcli.i18n import _
from ticketcli.people import collaborators
from ticketcli.storage.models import Collaborator, Concern, Ticket, database
from ticketcli.supervision import filtering, sorting
from ticketcli.tickets import records
from ticketcli.tickets.turn import late
from ticketcli.values.filters import Filters
from ticketcli.values.moment import Moment
from ticketcli.values.words import TAB

STATUSES = ("open", "closed", "void")
"""The stored states of tickets. Those that are void are in no tab."""

MANY = 20_000
"""The most tickets of one person that are counted to choose the faster query."""

# A `collaborator_id` of 0 has the counts of all tickets; `due` is '' for no date.
_TabCount: Any = Table("tab_count", ("collaborator_id", "status", "due", "tickets"))


class Scope(NamedTuple):
    """The two parts of a tab: my tickets or all of them, and the status (None for both)."""

    mine: bool
    status: str | None


def scope(filters: Filters) -> Scope:
    """The scope that the filters choose. Raises UsageError if filters contradict each other."""
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


def select(filters: Filters, *, me: str, moment: Moment) -> Any:
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
    elif filters.due or filters.updated or filters.turn:
        # The indexes of dates begin with the status.
        query = query.where(keys.status.in_(STATUSES))
    conditions = filtering.conditions(filters, moment=moment, keys=keys, lead=lead)
    return query.where(*conditions) if conditions else query


def _has_fewer(filters: Filters, lead: str, mine: Collaborator | None, status: str | None) -> bool:
    """Whether the collaborator of the filter `lead` has fewer tickets than me.

    If so, it is faster to read their tickets and check which concern me than the reverse. From MANY
    tickets on the answer is always False.
    """
    theirs = collaborators.find(getattr(filters, lead)[0]).id
    ours = mine.id if mine else 0
    query = _TabCount.select(_TabCount.collaborator_id, fn.SUM(_TabCount.tickets))
    of_both = _TabCount.collaborator_id.in_([theirs, ours]) & (_TabCount.status == status)
    query = query.where(of_both).group_by(_TabCount.collaborator_id)
    counted = dict(database.execute(query))
    return bool(counted.get(theirs, 0) < min(MANY, counted.get(ours, 0)))


def _keys(filters: Filters) -> Any:
    """The table to read: Concern, for the tickets of one collaborator, or else Ticket."""
    concerns = scope(filters).mine or filtering.leader(filters) is not None
    return Concern if concerns and not filtering.is_place(filters) else Ticket


def fetch(
    filters: Filters,
    *,
    me: str,
    moment: Moment,
    sort: str | None = None,
    limit: int | None = None,
) -> Iterator[dict[str, Any]]:
    """The tickets that meet the filters, in order, at most `limit`."""
    keys, status = _keys(filters), scope(filters).status
    by_index = limit is not None and _is_read_in_order(filters, sort)
    ordering = order(filters, sort, now=None if by_index else moment.now)
    parts = [(select(filters, me=me, moment=moment), ordering)]
    if by_index and status is None:
        # The indexes begin with the status: the first of all are among the first of each.
        parts = [
            (found.where(keys.status == each), ordering)
            for found, ordering in parts
            for each in STATUSES
        ]
    if by_index and sort is not None and "turn_since" in sort:
        # Where a wait is over, the turn is stored as it was before. Those few are sorted.
        as_it_is = order(filters, sort, now=moment.now)
        parts = [
            part
            for found, ordering in parts
            for part in (
                (found.where(~late(moment.now, keys)), ordering),
                (found.where(late(moment.now, keys)), as_it_is),
            )
        ]
    queries, orders = zip(*parts, strict=True)
    return records.fetch(*queries, moment=moment, orders=orders, limit=limit)


def order(filters: Filters, sort: str | None = None, *, now: int | None = None) -> list[Ordering]:
    """The order of a list: that of its tab, or what `--sort` says. Raises UsageError for other
    fields. `now` is that of `sorting.orderings`.
    """
    return sorting.orderings(
        _sort(filters, sort),
        keys=_keys(filters),
        status=scope(filters).status,
        by_index=_is_read_in_order(filters, sort),
        now=now,
    )


def _sort(filters: Filters, sort: str | None) -> str:
    return sorting.TABS[scope(filters).status] if sort is None else sort


def _is_read_in_order(filters: Filters, sort: str | None) -> bool:
    """Whether tickets are looked for in the order of the list, or else first found, then sorted."""
    first = _sort(filters, sort).split(",")[0].strip().removeprefix("-")
    return not (filtering.is_place(filters) or filtering.is_short(filters, first))


def counts(*, me: str, moment: Moment) -> list[dict[str, Any]]:
    """The tabs with the number of their tickets, and how many are overdue; without mine in a book
    that has no collaborator. NotFoundError when it has some, and I am none of them.
    """
    mine = collaborators.myself(me)
    whose = {0: "all"} if mine is None else {0: "all", mine.id: "mine"}
    is_late = (_TabCount.due != "") & (_TabCount.due < moment.today.isoformat())
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
