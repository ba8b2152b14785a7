"""The journal: what happened in a period, in order of time, like a page of a paper call book."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from peewee import JOIN, SQL, Case, Expression, fn

from ticketcli.errors import NotFoundError
from ticketcli.i18n import _
from ticketcli.people import collaborators
from ticketcli.storage import cursor
from ticketcli.storage.models import Contact, FollowUp, History, Partner, Ticket
from ticketcli.supervision import filtering
from ticketcli.tickets import history, records, turn
from ticketcli.tickets.history import is_reassigned_or_reopened
from ticketcli.values.filters import Filters
from ticketcli.values.moment import Moment
from ticketcli.values.periods import Period
from ticketcli.values.zones import iso

LATE = 600
"""An entry that was recorded more than this many seconds after it happened is marked as late."""

SHORTENED = 60
"""The most characters of a changed value. A longer value is cut and ends with `…`."""

WIDTH = 23
"""How many values a row of `select` has."""

Changes = Mapping[str, Sequence[Any]]
"""The changes of an edit: the old and the new value of each field."""

Retraction = History.alias()


def entries(
    period: Period,
    filters: Filters,
    *,
    author: tuple[str, ...] | None,
    tickets: Sequence[int] | None = None,
    moment: Moment,
    wording: Callable[[Changes], str],
    limit: int | None = None,
) -> Iterator[dict[str, Any]]:
    """The records of the history in a period, in order of time, at most `limit`. Besides the fields
    of the JSON output they have `follow_up` and `retracted_at`. `turn` is whose turn the ticket is
    at the `moment`, not at the entry.

    The filters `partner`, `contact`, `kind` and `category` apply to the ticket, `origin` and
    `direction` to the exchange that the entry is about, and `to` to the recipient after the entry.
    `author` has the names of those who made the entries, `tickets` the numbers of the tickets, None
    for all. `wording` turns the changes of an edit into text. Raises NotFoundError or
    AmbiguousError for a name that does not match one person or partner, NotFoundError for a number
    that no ticket has.
    """
    query = select(period, filters, author=author, tickets=tickets, moment=moment)
    if limit is not None:
        query = query.limit(limit)
    logins = collaborators.logins()
    return (entry(row, logins, wording) for row in cursor.rows(query))


def select(
    period: Period,
    filters: Filters,
    *,
    author: tuple[str, ...] | None = None,
    tickets: Sequence[int] | None = None,
    moment: Moment,
) -> Any:
    """The query of `entries`, in its order. `entry` reads the first WIDTH values of its rows.

    Raises NotFoundError or AmbiguousError for a name that does not match one person or partner.
    """
    query = _query(moment).order_by(History.occurred_at, History.id)
    for condition in _conditions(period, filters, author, moment=moment):
        query = query.where(condition)
    return query if tickets is None else query.where(Ticket.id.in_(_known(tickets)))


def _known(numbers: Sequence[int]) -> Sequence[int]:
    if missing := history.missing(numbers):
        listed = ", ".join(map(str, missing))
        raise NotFoundError(_("no ticket {numbers}").format(numbers=listed), names=missing)
    return numbers


def plainly(changes: Changes) -> str:
    """The changes of an edit as untranslated text for scripts: `due: 2030-01-31 → –`."""
    return "; ".join(_plain(field, *map(_brief, change)) for field, change in changes.items())


def _plain(field: str, old: str, new: str) -> str:
    return f"{field}: {old} → {new or '–'}" if old else f"{field}: {new}"


def _brief(value: Any) -> str:
    text = " ".join(map(str, value)) if isinstance(value, list) else str(value or "")
    text = " ".join(text.split())
    return text if len(text) <= SHORTENED else text[: SHORTENED - 1] + "…"


def _query(moment: Moment) -> Any:
    retracted = (Retraction.follow_up == FollowUp.id) & (Retraction.action == "retracted")
    return (
        History.select(
            *(History.occurred_at, History.recorded_at, History.action, History.changes),
            *(Ticket.id, Ticket.label, _exchange("origin"), _exchange("direction")),
            *(Partner.code, Partner.name, Partner.type),
            *(Contact.id, Contact.name, Contact.email, Contact.phone),
            *(History.author, _holder()),
            *(FollowUp.id, FollowUp.note, Retraction.occurred_at),
            *(FollowUp.wait, FollowUp.wait_until),
            Case(None, [(turn.late(moment.now), "us")], Ticket.turn),
        )
        .join(Ticket, on=(History.ticket == Ticket.id))
        .join_from(Ticket, Partner, JOIN.LEFT_OUTER, on=(Ticket.partner == Partner.id))
        .join_from(Ticket, Contact, JOIN.LEFT_OUTER, on=(Ticket.contact == Contact.id))
        .join_from(History, FollowUp, JOIN.LEFT_OUTER, on=(History.follow_up == FollowUp.id))
        .join_from(FollowUp, Retraction, JOIN.LEFT_OUTER, on=retracted)
    )


def _exchange(field: str) -> Case:
    """The origin or the direction of an entry: of the opened ticket, or of the follow-up."""
    named = (("opened", getattr(Ticket, field)), ("followed", getattr(FollowUp, field)))
    return Case(History.action, named, None)


def _holder() -> Any:
    """The recipient of the ticket after an entry: the last one in the history up to it."""
    earlier, later = History.alias(), History.alias()
    given = (earlier.ticket == History.ticket) & (earlier.id <= History.id)
    last = (
        earlier.select(earlier.recipient)
        .where(given & earlier.recipient.is_null(False))
        .order_by(earlier.id.desc())
        .limit(1)
    )
    # Most tickets were never handed over. The index `history_turn` has the others, so that only
    # their history is read.
    turned = fn.EXISTS(
        later.select(SQL("1")).where((later.ticket == Ticket.id) & is_reassigned_or_reopened(later))
    )
    return fn.COALESCE(History.recipient, Case(None, [(turned, last)], Ticket.recipient))


def _conditions(
    period: Period,
    filters: Filters,
    author: tuple[str, ...] | None,
    *,
    moment: Moment,
) -> Iterator[Expression]:
    yield from filtering.within(History.occurred_at, period, moment.zone)
    of_ticket = Filters(
        partner=filters.partner,
        contact=filters.contact,
        kind=filters.kind,
        category=filters.category,
    )
    yield from filtering.conditions(of_ticket, moment=moment)
    if author:
        yield History.author.in_([collaborators.find(name).id for name in author])
    if filters.to:
        yield _holder().in_([collaborators.find(name).id for name in filters.to])
    for field, values in (("origin", filters.origin), ("direction", filters.direction)):
        if values:
            yield filtering.any_of(_exchange(field), values)


def entry(
    row: Sequence[Any], logins: Mapping[int, str], wording: Callable[[Changes], str]
) -> dict[str, Any]:
    """A row of `select` as one of `entries`. `logins` are those of the collaborators, by id."""
    (at, recorded, action, changes, number, label, origin, direction) = row[:8]
    (code, name, type_, contact_id, contact_name, email, phone) = row[8:15]
    (author, recipient, follow_up, note, retracted, wait, wait_until, whose) = row[15:]
    followed = action == "followed"
    return {
        "at": iso(at),
        "recorded_at": iso(recorded),
        "late": recorded - at > LATE,
        "ticket": number,
        "label": label,
        "event": action,
        "origin": origin,
        "direction": direction,
        "partner": records.partner(code, name, type_),
        "contact": records.contact(contact_id, contact_name, email, phone),
        "author": logins[author],
        "recipient": logins[recipient],
        "text": note if followed else _text(action, changes, wording),
        "wait": wait if followed else None,
        "wait_until": iso(wait_until) if followed and wait_until is not None else None,
        "turn": whose,
        "attachments": _attached(changes),
        "follow_up": follow_up,
        "retracted_at": iso(retracted) if followed and retracted is not None else None,
    }


def _text(action: str, stored: str, wording: Callable[[Changes], str]) -> str | None:
    """The note of an opening, the reason of a retraction, or the changes of an edit."""
    if action not in ("opened", "edited", "retracted"):
        return None
    changes: Changes = json.loads(stored)
    if action == "edited":
        return wording(changes)
    field = "note" if action == "opened" else "reason"
    return changes[field][1] if field in changes else None


def _attached(stored: str) -> list[str]:
    """The names of the files that came with a change."""
    if '"attachments"' not in stored:
        return []
    changes: Changes = json.loads(stored)
    return list(changes["attachments"][1]) if "attachments" in changes else []
