"""Chooses tickets: the four tabs, the filters that narrow them, and the order they come in."""

from collections.abc import Iterator
from datetime import date, tzinfo
from typing import Any, NamedTuple

from peewee import Case, ModelSelect, Ordering, fn

from . import narrowing, records, users
from .errors import InvalidError, NotFoundError, UsageError
from .filters import Filters
from .i18n import _
from .models import Collaborator, Concern, Ticket
from .words import TAB

SORTS = ("id", "due", "priority", "occurred_at", "closed_at", "updated_at")
"""What `--sort` takes: each has an index behind it."""


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
        return Scope(False, status)
    if filters.status is None:
        status = implied or "open"
    return Scope(not filters.names_somebody, status)


def select(filters: Filters, *, me: str, today: date, zone: tzinfo) -> ModelSelect:
    """The tickets that meet the filters, unordered. NotFoundError for a name that nobody has, and
    for tickets of mine when I am no collaborator.
    """
    chosen = scope(filters)
    query = records.query()
    if chosen.mine:
        mine = _myself(me)
        query = query.switch(Ticket).join(Concern, on=(Concern.ticket == Ticket.id))
        query = query.where(Concern.collaborator == (mine.id if mine else None))
    if chosen.status is not None:
        table = Concern if chosen.mine else Ticket
        query = query.where(table.status == chosen.status)
    conditions = narrowing.conditions(filters, today=today, zone=zone)
    return query.where(*conditions) if conditions else query


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
    query = select(filters, me=me, today=today, zone=zone)
    return records.fetch(query, today=today, order=order(filters, sort), limit=limit)


def _myself(me: str) -> Collaborator | None:
    """Me; None in a book without any collaborator."""
    found = users.by_login(me)
    if found is None and Collaborator.select().exists():
        raise NotFoundError(
            _("{login} is no collaborator of this book").format(login=me),
            hint=f"ticketcli user add {me}",
            names=[me],
        )
    return found


def order(filters: Filters, sort: str | None = None) -> list[Ordering]:
    """The order of a list: that of its tab, or what `--sort` says. UsageError for other fields."""
    chosen = scope(filters)
    table = Concern if chosen.mine else Ticket
    number = Concern.ticket if chosen.mine else Ticket.id
    if sort is not None:
        return _sorted(sort, table, number)
    match chosen.status:
        case "open":
            return [table.due.asc(nulls="LAST"), table.priority.desc(), number.asc()]
        case "closed":
            return [table.closed_at.desc(), number.desc()]
        case _:
            return [number.desc()]


def _sorted(sort: str, table: Any, number: Any) -> list[Ordering]:
    orderings = []
    for part in sort.split(","):
        field = part.strip().removeprefix("-")
        if field not in SORTS:
            raise InvalidError(
                _('--sort: no field "{field}"').format(field=field),
                hint=_("the fields are: {fields}").format(fields=", ".join(SORTS)),
                names=SORTS,
            )
        column = number if field == "id" else getattr(table, field)
        down = part.strip().startswith("-")
        orderings.append(
            column.desc(nulls="LAST")
            if down
            else column.asc(nulls="LAST")
            if field in ("due", "closed_at")
            else column.desc()
            if down
            else column.asc()
        )
    last = orderings[-1]
    return [*orderings, number.desc() if last.direction == "DESC" else number.asc()]


def counts(*, me: str, today: date) -> list[dict[str, Any]]:
    """The tabs with the number of their tickets, and how many are overdue; without mine when I am
    no collaborator.
    """
    mine = users.by_login(me)
    rows = []
    for tab in TAB.values:
        who, _dash, status = tab.partition("-")
        table = Concern if who == "mine" else Ticket
        condition = table.status == status
        if who == "mine":
            if mine is None:
                continue
            condition = condition & (Concern.collaborator == mine.id)
        late = fn.SUM(Case(None, [(table.due < today.isoformat(), 1)], 0))
        columns = [fn.COUNT(table.status)] + ([late] if status == "open" else [])
        found: Any = table.select(*columns).where(condition).tuples().get()
        rows.append(
            {"tab": tab, "count": found[0], "overdue": int(found[1] or 0) if found[1:] else 0}
        )
    return rows
