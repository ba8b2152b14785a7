"""Reads tickets whole: the one query that every list, tab, search and answer goes through."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, cast

from peewee import JOIN, ModelSelect, Ordering, fn

from .models import Collaborator, Concern, Contact, FollowUp, History, Partner, Ticket, database
from .words import PRIORITY_RANK
from .zones import iso

PRIORITY = {rank: word for word, rank in PRIORITY_RANK.items()}
"""The word of each rank that is stored."""

Closer = Collaborator.alias()
Creator = Collaborator.alias()
Recipient = Collaborator.alias()


def _copies() -> Any:
    """The logins in copy of a ticket, in one text; a login holds no space."""
    copied = Collaborator.alias()
    engine_join = fn.group_concat if hasattr(database.obj, "pragma") else fn.string_agg
    return (
        Concern.select(engine_join(copied.login, " "))
        .join(copied, on=(Concern.collaborator == copied.id))
        .where((Concern.ticket == Ticket.id) & Concern.is_copy)
    )


def query() -> ModelSelect:
    """All tickets with the names that a record shows, unfiltered and unordered."""
    tickets: Any = (
        Ticket.select(*_columns())
        .join(Partner, JOIN.LEFT_OUTER, on=(Ticket.partner == Partner.id))
        .switch(Ticket)
        .join(Contact, JOIN.LEFT_OUTER, on=(Ticket.contact == Contact.id))
        .switch(Ticket)
        .join(Creator, on=(Ticket.creator == Creator.id))
        .switch(Ticket)
        .join(Recipient, on=(Ticket.recipient == Recipient.id))
        .switch(Ticket)
        .join(Closer, JOIN.LEFT_OUTER, on=(Ticket.closed_by == Closer.id))
    )
    return cast(ModelSelect, tickets)


def _columns() -> tuple[Any, ...]:
    """What `_record` takes apart, in its order."""
    return (
        Ticket.id,
        Ticket.status,
        Ticket.label,
        Ticket.note,
        Ticket.origin,
        Ticket.direction,
        Ticket.priority,
        Ticket.category,
        Ticket.due,
        Partner.code,
        Partner.name,
        Partner.type,
        Contact.id,
        Contact.name,
        Contact.email,
        Contact.phone,
        Creator.login,
        Recipient.login,
        _copies(),
        Ticket.key,
        Ticket.answered_at_once,
        Ticket.occurred_at,
        Ticket.recorded_at,
        Ticket.first_response_at,
        Ticket.closed_at,
        Closer.login,
        Ticket.follow_up_count,
        Ticket.updated_at,
        Ticket.version,
    )


def fetch(
    found: ModelSelect, *, today: date, order: Sequence[Ordering] = (), limit: int | None = None
) -> Iterator[dict[str, Any]]:
    """The promised dict of each ticket of a query, as they come from the database."""
    if order:
        found = found.order_by(*order)
    if limit is not None:
        found = found.limit(limit)
    day = today.isoformat()
    for row in found.tuples().iterator():
        yield _record(row, day)


def _record(row: Sequence[Any], today: str) -> dict[str, Any]:
    (number, status, label, note, origin, direction, priority, category, due) = row[:9]
    (code, name, type_, contact_id, contact_name, email, phone, creator, recipient, cc) = row[9:19]
    (key, at_once, occurred, recorded, first, closed, closer, count, updated, version) = row[19:]
    return {
        "id": number,
        "kind": "internal" if code is None else "external",
        "status": status,
        "label": label,
        "note": note,
        "origin": origin,
        "direction": direction,
        "priority": PRIORITY[priority],
        "category": category,
        "due": due,
        "overdue": status == "open" and due is not None and due < today,
        "partner": None if code is None else {"code": code, "name": name, "type": type_},
        "contact": None
        if contact_id is None
        else {"id": contact_id, "name": contact_name, "email": email, "phone": phone},
        "creator": creator,
        "recipient": recipient,
        "cc": sorted(cc.split(" ")) if cc else [],
        "key": key,
        "answered_at_once": bool(at_once),
        "occurred_at": iso(occurred),
        "recorded_at": iso(recorded),
        "first_response_at": None if first is None else iso(first),
        "closed_at": None if closed is None else iso(closed),
        "closed_by": closer,
        "follow_up_count": count,
        "updated_at": iso(updated),
        "version": version,
    }


def by_numbers(numbers: Iterable[int], *, today: date) -> dict[int, dict[str, Any]]:
    """The records of these tickets, by number; one that does not exist is left out."""
    found: dict[int, dict[str, Any]] = {}
    wanted = list(dict.fromkeys(numbers))
    for start in range(0, len(wanted), 500):
        part = query().where(Ticket.id.in_(wanted[start : start + 500]))
        found.update((record["id"], record) for record in fetch(part, today=today))
    return found


def details(record: dict[str, Any]) -> dict[str, Any]:
    """The record with its follow-ups and its history."""
    return {
        **record,
        "follow_ups": list(_follow_ups(record["id"])),
        "history": list(_history(record["id"])),
    }


def _follow_ups(number: int) -> Iterator[dict[str, Any]]:
    retraction = History.alias()
    rows: Any = (
        FollowUp.select(
            FollowUp.id,
            Collaborator.login,
            FollowUp.note,
            FollowUp.origin,
            FollowUp.direction,
            FollowUp.occurred_at,
            FollowUp.recorded_at,
            retraction.occurred_at,
            FollowUp.key,
        )
        .join(Collaborator, on=(FollowUp.author == Collaborator.id))
        .join(
            retraction,
            JOIN.LEFT_OUTER,
            on=((retraction.follow_up == FollowUp.id) & (retraction.action == "retracted")),
        )
        .where(FollowUp.ticket == number)
        .order_by(FollowUp.id)
        .tuples()
    )
    for row in rows:
        yield {
            "id": row[0],
            "author": row[1],
            "note": row[2],
            "origin": row[3],
            "direction": row[4],
            "occurred_at": iso(row[5]),
            "recorded_at": iso(row[6]),
            "retracted_at": None if row[7] is None else iso(row[7]),
            "key": row[8],
        }


def _history(number: int) -> Iterator[dict[str, Any]]:
    rows: Any = (
        History.select(
            History.id,
            Collaborator.login,
            History.via,
            History.action,
            History.changes,
            History.occurred_at,
            History.recorded_at,
        )
        .join(Collaborator, on=(History.author == Collaborator.id))
        .where(History.ticket == number)
        .order_by(History.id)
        .tuples()
    )
    for row in rows:
        yield {
            "id": row[0],
            "author": row[1],
            "via": row[2],
            "action": row[3],
            "changes": json.loads(row[4]),
            "occurred_at": iso(row[5]),
            "recorded_at": iso(row[6]),
        }
