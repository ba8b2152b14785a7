"""Reads the records of tickets: the one query behind every list, tab, search and JSON output."""

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from typing import Any, cast

from peewee import JOIN, SQL, ModelSelect, Ordering, fn

from ticketcli.storage import cursor
from ticketcli.storage.cursor import Prepared
from ticketcli.storage.models import (
    Attachment,
    Callback,
    Collaborator,
    Concern,
    Contact,
    FollowUp,
    History,
    Link,
    Outbox,
    Partner,
    Ticket,
    Undone,
    database,
)
from ticketcli.tickets.events import is_told, of_group
from ticketcli.values.moment import Moment
from ticketcli.values.words import PRIORITY_RANK
from ticketcli.values.zones import iso

PRIORITY = {rank: word for word, rank in PRIORITY_RANK.items()}
"""The word of each priority, by its stored number."""

AT_ONCE = 500
"""How many tickets one statement reads by their numbers."""

FETCHED = 100
"""How many tickets a server sends at a time. Each may have a note of 1 MiB."""

Closer = Collaborator.alias()
Creator = Collaborator.alias()
Recipient = Collaborator.alias()


def _copies() -> Any:
    """The logins in copy of a ticket, joined with spaces. A login has no spaces."""
    copied = Collaborator.alias()
    engine_join = fn.group_concat if hasattr(database.obj, "pragma") else fn.string_agg
    return (
        Concern.select(engine_join(copied.login, " "))
        .join(copied, on=(Concern.collaborator == copied.id))
        .where((Concern.ticket == Ticket.id) & Concern.is_copy)
    )


def query() -> ModelSelect:
    """A query for the columns of a record, without conditions and order."""
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
        .switch(Ticket)
    )
    return cast(ModelSelect, tickets)


def _columns() -> tuple[Any, ...]:
    """The columns in the order in which `_record` unpacks them."""
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
        Ticket.turn,
        Ticket.turn_since,
        Ticket.wait_until,
        Ticket.caller,
        Ticket.merged_into,
    )


def fetch(
    *found: Any, moment: Moment, orders: Sequence[Sequence[Ordering]] = (), limit: int | None = None
) -> Iterator[dict[str, Any]]:
    """The promised dict of each ticket of the queries, which select their numbers, no ticket in two
    of them; as they come from the database. `orders` has the order of each query, in columns that
    mean the same.
    """
    day, now = moment.today.isoformat(), moment.now
    query = whole(*found, orders=orders or [()] * len(found), limit=limit)
    for row in cursor.rows(query, batch=FETCHED, few=limit is not None):
        yield _record(row, day, now)


def whole(*found: Any, orders: Sequence[Sequence[Ordering]], limit: int | None) -> ModelSelect:
    """What a record shows of the tickets of `fetch`.

    It first filters, sorts and limits the ticket numbers, and only then joins the other tables.
    Tickets beyond the limit are never read in full.
    """
    keys = [f"key{place}" for place in range(len(orders[0]))]
    parts = [
        each.select(
            *(number.alias("id") for number in each.selected_columns),
            *(by.node.alias(key) for key, by in zip(keys, order, strict=True)),
        )
        for each, order in zip(found, orders, strict=True)
    ]
    if limit is not None:
        parts = [
            part.order_by(*order).limit(limit) for part, order in zip(parts, orders, strict=True)
        ]
    if len(parts) > 1:
        parts = [part.select_from(SQL("*")) for part in parts]
    picked = reduce(lambda one, other: one.union_all(other), parts).alias("picked")
    orderings = [
        Ordering(getattr(picked.c, key), each.direction, nulls=each.nulls)
        for key, each in zip(keys, orders[0], strict=True)
    ]
    rows: ModelSelect = query().join(picked, on=(Ticket.id == picked.c.id)).order_by(*orderings)
    return rows.limit(limit) if len(parts) > 1 else rows


def _record(row: Sequence[Any], today: str, now: int) -> dict[str, Any]:
    (number, status, label, note, origin, direction, priority, category, due) = row[:9]
    (code, name, type_, contact_id, contact_name, email, phone, creator, recipient, cc) = row[9:19]
    (key, at_once, occurred, recorded, first, closed, closer, count, updated, version) = row[19:29]
    turn, since, until, caller, merged_into = row[29:]
    void = status == "void"
    if until is not None and until <= now:
        turn, since, until = "us", until, None
    return {
        "id": number,
        "kind": "internal" if code is None else "external",
        "status": "closed" if void else status,
        "label": label,
        "note": note,
        "origin": origin,
        "direction": direction,
        "priority": PRIORITY[priority],
        "category": category,
        "due": due,
        "overdue": status == "open" and due is not None and due < today,
        "partner": partner(code, name, type_),
        "contact": contact(contact_id, contact_name, email, phone),
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
        "turn": turn,
        "turn_since": None if since is None else iso(since),
        "wait_until": None if until is None else iso(until),
        "caller": caller,
        "merged_into": merged_into,
        "void": void,
    }


def partner(code: str | None, name: str | None, type_: str | None) -> dict[str, Any] | None:
    """The short record of a partner inside other records; None if there is no partner."""
    return None if code is None else {"code": code, "name": name, "type": type_}


def contact(
    number: int | None, name: str | None, email: str | None, phone: str | None
) -> dict[str, Any] | None:
    """The short record of a contact inside other records; None if there is no contact."""
    if number is None:
        return None
    return {"id": number, "name": name, "email": email, "phone": phone}


def by_numbers(numbers: Iterable[int], *, moment: Moment) -> dict[int, dict[str, Any]]:
    """The records of these tickets, by number; one that does not exist is left out."""
    found: dict[int, dict[str, Any]] = {}
    wanted = list(dict.fromkeys(numbers))
    day, now = moment.today.isoformat(), moment.now
    for start in range(0, len(wanted), AT_ONCE):
        for row in _of_numbers(wanted[start : start + AT_ONCE]):
            found[row[0]] = _record(row, day, now)
    return found


@Prepared
def _of_numbers(numbers: Any) -> Any:
    return query().where(Ticket.id.in_(numbers))


def asked_for(numbers: Sequence[int], tickets: Any) -> Iterator[Any]:
    """The query `tickets` limited to these numbers, as several queries for AT_ONCE numbers each."""
    for start in range(0, len(numbers), AT_ONCE):
        yield tickets.where(Ticket.id.in_(numbers[start : start + AT_ONCE]))


# Details that are only read for one ticket


def with_details(record: dict[str, Any]) -> dict[str, Any]:
    """The record of a ticket, with its follow-ups, history, attachments and links added, and the
    tickets that were merged into it. Follow-ups and attachments are also those of these tickets.
    """
    from ticketcli.tickets import attachments

    number = record["id"]
    merged, links, attached = _related(number)
    follow_ups = _follow_ups(number) if record["follow_up_count"] or merged else ()
    files = attachments.of_ticket(number) if attached or merged else ()
    return {
        **record,
        "follow_ups": list(follow_ups),
        "history": list(_history(number)),
        "attachments": [
            {field: each[field] for field in each if field != "ticket"} for each in files
        ],
        "links": links,
        "merged": merged,
    }


def linked_with(number: int) -> list[int]:
    """The numbers of the tickets that one is linked with."""
    _merged, links, _attached = _related(number)
    return links


def _related(number: int) -> tuple[list[int], list[int], list[int]]:
    """What is related to a ticket, in rising order: the tickets that were merged into it, those
    that it is linked with, and the ids of its own attachments.
    """
    found: tuple[list[int], list[int], list[int]] = [], [], []
    for kind, each in _related_with(number):
        found[kind].append(each)
    for each in found:
        each.sort()
    return found


@Prepared
def _related_with(number: Any) -> Any:
    """One query for all, because most tickets have nothing of it."""
    merged: Any = Ticket.select(SQL("0"), Ticket.id).where(Ticket.under == number)
    return (
        merged.union_all(Link.select(SQL("1"), Link.high).where(Link.low == number))
        .union_all(Link.select(SQL("1"), Link.low).where(Link.high == number))
        .union_all(Attachment.select(SQL("2"), Attachment.id).where(Attachment.ticket == number))
    )


@Prepared
def _follow_ups_of(number: Any) -> Any:
    told, gone = History.alias(), History.alias()
    return (
        FollowUp.select(
            FollowUp.id,
            Collaborator.login,
            FollowUp.note,
            FollowUp.origin,
            FollowUp.direction,
            FollowUp.occurred_at,
            FollowUp.recorded_at,
            gone.occurred_at,
            FollowUp.key,
            Callback.promised_at,
            FollowUp.wait,
            FollowUp.wait_until,
            Outbox.state,
            FollowUp.ticket,
        )
        .join(Collaborator, on=(FollowUp.author == Collaborator.id))
        .join_from(FollowUp, told, on=is_told(told, FollowUp.id))
        .join_from(told, Undone, JOIN.LEFT_OUTER, on=(Undone.history == told.id))
        .join_from(Undone, gone, JOIN.LEFT_OUTER, on=(Undone.by == gone.id))
        .join_from(FollowUp, Callback, JOIN.LEFT_OUTER, on=(Callback.follow_up == FollowUp.id))
        .join_from(FollowUp, Outbox, JOIN.LEFT_OUTER, on=(Outbox.follow_up == FollowUp.id))
        .where(FollowUp.ticket.in_(of_group(number)))
        .order_by(FollowUp.id)
    )


def _follow_ups(number: int) -> Iterator[dict[str, Any]]:
    for row in _follow_ups_of(number):
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
            "callback_at": None if row[9] is None else iso(row[9]),
            "wait": row[10],
            "wait_until": None if row[11] is None else iso(row[11]),
            "mail": row[12],
            "ticket": row[13],
        }


@Prepared
def _history_of(number: Any) -> Any:
    return (
        History.select(
            History.id,
            Collaborator.login,
            History.via,
            History.action,
            History.changes,
            History.occurred_at,
            History.recorded_at,
            Undone.by,
        )
        .join(Collaborator, on=(History.author == Collaborator.id))
        .join_from(History, Undone, JOIN.LEFT_OUTER, on=(Undone.history == History.id))
        .where(History.ticket == number)
        .order_by(History.id)
    )


def _history(number: int) -> Iterator[dict[str, Any]]:
    for row in _history_of(number):
        changes = json.loads(row[4])
        _none, undoes = changes.pop("undoes", (None, None))
        yield {
            "id": row[0],
            "author": row[1],
            "via": row[2],
            "action": row[3],
            "changes": changes,
            "occurred_at": iso(row[5]),
            "recorded_at": iso(row[6]),
            "undoes": undoes,
            "undone_by": row[7],
        }
