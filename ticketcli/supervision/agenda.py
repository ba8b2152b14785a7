"""The agenda: callbacks to make, with time and phone number, ends of waits, and due dates."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, NamedTuple

from peewee import JOIN, fn

from ticketcli.people import collaborators
from ticketcli.storage import cursor
from ticketcli.storage.models import Callback, Collaborator, Contact, FollowUp, Partner, Ticket
from ticketcli.tickets import callbacks, records
from ticketcli.values.filters import Myself
from ticketcli.values.zones import iso

Recipient = Collaborator.alias()


class Entry(NamedTuple):
    """One entry of the agenda: `record` is what the JSON output shows.

    `name` identifies the entry in every book, and never changes: calendars use it as the UID.
    `changed_at` (Unix seconds) and `version` are those of the ticket.
    """

    record: dict[str, Any]
    name: str
    changed_at: int
    version: int


def entries(user: str | None, *, limit: int | None = None) -> Iterator[Entry]:
    """At most `limit` entries: first the callbacks that are still to be made and the ends of waits
    for a partner, the oldest first, then the due dates of open tickets, the earliest first.

    Only for tickets whose recipient is `user`; None for all tickets. Raises NotFoundError or
    AmbiguousError if `user` does not match one collaborator.
    """
    who = None
    if user is not None:
        who = collaborators.myself(user) if isinstance(user, Myself) else collaborators.find(user)
        if who is None:
            return iter(())
    pending = _calls().where(Callback.follow_up.in_(callbacks.pending()))
    calls = [_call(row) for row in _limited(pending, who, limit).tuples()]
    waits = [_wait(row) for row in _limited(_waits(), who, limit).tuples()]
    timed = sorted(calls + waits, key=lambda entry: entry.record["at"])[:limit]
    left = None if limit is None else limit - len(timed)
    if left == 0:
        return iter(timed)
    return chain(timed, map(_due, cursor.rows(_limited(_dues(), who, left))))


def callbacks_of(partner: int) -> list[dict[str, Any]]:
    """The records of the callbacks that are still to be made on the tickets of a partner (its id),
    the oldest first.
    """
    pending = _calls().where((Ticket.partner == partner) & callbacks.is_pending())
    return [_call(row).record for row in pending.tuples()]


def _limited(query: Any, who: Collaborator | None, limit: int | None) -> Any:
    if who is not None:
        query = query.where(Ticket.recipient == who.id)
    return query if limit is None else query.limit(limit)


def _calls() -> Any:
    author = Collaborator.alias()
    return (
        _joined(Ticket.select(*_columns(), Callback.promised_at, FollowUp.id, author.login))
        .join_from(Ticket, Callback, on=(Callback.ticket == Ticket.id))
        .join_from(Callback, FollowUp, on=(Callback.follow_up == FollowUp.id))
        .join_from(FollowUp, author, on=(FollowUp.author == author.id))
        .order_by(Callback.promised_at, FollowUp.id)
    )


def _waits() -> Any:
    # The status for the index, which has these in their order: no other ticket is waited for.
    waits = (Ticket.status == "open") & Ticket.wait_until.is_null(False)
    return (
        _joined(Ticket.select(*_columns(), Ticket.wait_until))
        .where(waits & (Ticket.turn == "partner"))
        .order_by(Ticket.wait_until, Ticket.id)
    )


def _dues() -> Any:
    return (
        _joined(Ticket.select(*_columns(), Ticket.due))
        .where((Ticket.status == "open") & Ticket.due.is_null(False))
        .order_by(Ticket.due, Ticket.priority.desc(), Ticket.id)
    )


def _joined(query: Any) -> Any:
    return (
        query.join_from(Ticket, Partner, JOIN.LEFT_OUTER, on=(Ticket.partner == Partner.id))
        .join_from(Ticket, Contact, JOIN.LEFT_OUTER, on=(Ticket.contact == Contact.id))
        .join_from(Ticket, Recipient, on=(Ticket.recipient == Recipient.id))
    )


def _columns() -> tuple[Any, ...]:
    """The columns in the order in which `_entry` unpacks them."""
    return (
        *(Ticket.id, Ticket.label, Partner.code, Partner.name, Partner.type),
        *(Contact.id, Contact.name, Contact.email, Contact.phone),
        *(fn.COALESCE(Contact.phone, Partner.phone), Recipient.login),
        *(Ticket.recorded_at, Ticket.updated_at, Ticket.version),
    )


def _call(row: Sequence[Any]) -> Entry:
    *ticket, at, follow_up, author = row
    return _entry(ticket, at=iso(at), kind="callback", number=follow_up, author=author)


def _wait(row: Sequence[Any]) -> Entry:
    *ticket, at = row
    return _entry(ticket, at=iso(at), kind="wait", number=ticket[0], author=None)


def _due(row: Sequence[Any]) -> Entry:
    *ticket, day = row
    return _entry(ticket, at=day, kind="due", number=ticket[0], author=None)


def _entry(row: Sequence[Any], *, at: str, kind: str, number: int, author: str | None) -> Entry:
    (ticket, label, code, name, type_, contact_id, contact_name, email, phone) = row[:9]
    (number_to_call, recipient, recorded_at, changed_at, version) = row[9:]
    record = {
        "at": at,
        "kind": kind,
        "ticket": ticket,
        "label": label,
        "partner": records.partner(code, name, type_),
        "contact": records.contact(contact_id, contact_name, email, phone),
        "phone": number_to_call,
        "recipient": recipient,
        "promised_by": author,
    }
    # Numbers begin at 1 in every book, so the name also has the time when the ticket was recorded.
    return Entry(record, f"{kind}-{number}-{recorded_at}", changed_at, version)
