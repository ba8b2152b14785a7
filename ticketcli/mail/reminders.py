"""What collaborators are reminded of: printed, or queued as a letter a person, each thing once."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, tzinfo
from functools import reduce
from itertools import groupby
from operator import and_, or_
from typing import Any, NamedTuple

from peewee import JOIN, fn

from ticketcli.i18n import _, language, ngettext, speaking
from ticketcli.mail import outbox
from ticketcli.mail.message import Letter
from ticketcli.output.escapes import safe
from ticketcli.people import collaborators
from ticketcli.storage.models import (
    Callback,
    Collaborator,
    Contact,
    Partner,
    Reminder,
    Ticket,
    database,
)
from ticketcli.supervision import filtering
from ticketcli.tickets import callbacks, records
from ticketcli.tickets.clocks import waits
from ticketcli.tickets.outcome import Warn
from ticketcli.values.periods import Period
from ticketcli.values.words import REASON
from ticketcli.values.zones import as_written, iso, promised


class Asked(NamedTuple):
    """Of what: due dates and promised calls in periods, what is overdue, what has waited for a
    first response for so many seconds; None and False: not of that. `to`: of one collaborator's.
    """

    due: Period | None = None
    overdue: bool = False
    waiting: int | None = None
    callback: Period | None = None
    to: str | None = None


class Queued(NamedTuple):
    """What has become of reminders: those that are new, the messages with them, and whom none can
    reach.
    """

    records: list[dict[str, Any]]
    messages: tuple[int, ...]
    warnings: tuple[Warn, ...]


def gather(asked: Asked, *, now: int, today: date, zone: tzinfo) -> list[dict[str, Any]]:
    """The promised dict of each reminder, and `contact` and `phone`; by recipient, reason and time.
    `now` is Unix seconds.

    A due date that has gone by is `overdue`, however it was asked for. NotFoundError for a name
    that nobody has.
    """
    who = None if asked.to is None else collaborators.find(asked.to).id
    found = [*_dues(asked, today), *_waiting(asked, now), *_calls(asked, zone)]
    kept = [(folded, record) for number, folded, record in found if who in (None, number)]
    kept.sort(key=lambda each: (each[0], *_place(each[1])))
    return [record for _folded, record in kept]


def _place(record: dict[str, Any]) -> tuple[int, str, int]:
    return REASON.values.index(record["reason"]), record["at"], record["ticket"]


Found = Iterator[tuple[int, str, dict[str, Any]]]
"""Whom it is about, by number and by folded login, and the record."""


def _dues(asked: Asked, today: date) -> Found:
    wanted: list[Any] = []
    if asked.overdue:
        wanted.append(Ticket.due < today.isoformat())
    if asked.due is not None:
        wanted.append(reduce(and_, filtering.on_days(Ticket.due, asked.due)))
    if not wanted:
        return
    for row in _rows(Ticket.due.is_null(False) & reduce(or_, wanted), Ticket.due):
        day = row[-1]
        yield _found(row, reason="overdue" if day < today.isoformat() else "due", at=day)


def _waiting(asked: Asked, now: int) -> Found:
    if asked.waiting is not None:
        since = Ticket.occurred_at
        for row in _rows(waits() & (since <= now - asked.waiting), since):
            yield _found(row, reason="waiting", at=iso(row[-1]))


def _calls(asked: Asked, zone: tzinfo) -> Found:
    if asked.callback is None:
        return
    then = filtering.within(Callback.promised_at, asked.callback, zone)
    for row in _rows(reduce(and_, then, callbacks.stands()), Callback.promised_at):
        yield _found(row, reason="callback", at=iso(row[-1]))


def _rows(condition: Any, at: Any) -> Any:
    query: Any = (
        Ticket.select(
            *(Collaborator.id, Collaborator.folded, Collaborator.login, Ticket.id, Ticket.label),
            *(Partner.code, Partner.name, Partner.type),
            *(Contact.name, fn.COALESCE(Contact.phone, Partner.phone), at),
        )
        .join_from(Ticket, Collaborator, on=(Ticket.recipient == Collaborator.id))
        .join_from(Ticket, Partner, JOIN.LEFT_OUTER, on=(Ticket.partner == Partner.id))
        .join_from(Ticket, Contact, JOIN.LEFT_OUTER, on=(Ticket.contact == Contact.id))
    )
    if at is Callback.promised_at:
        query = query.join_from(Ticket, Callback, on=(Callback.ticket == Ticket.id))
    return query.where((Ticket.status == "open") & condition).tuples()


def _found(row: Sequence[Any], *, reason: str, at: str) -> tuple[int, str, dict[str, Any]]:
    (number, folded, login, ticket, label, code, name, type_, contact, phone, _at) = row
    record = {
        "recipient": login,
        "reason": reason,
        "at": at,
        "ticket": ticket,
        "label": label,
        "partner": records.partner(code, name, type_),
        "contact": contact,
        "phone": phone,
    }
    return number, folded, record


def queue(found: Sequence[dict[str, Any]], *, at: int, domain: str, zone: tzinfo) -> Queued:
    """Put one letter a person into the outbox, with what they were not yet reminded of; in one
    transaction with the note that they were. `at` is Unix seconds, `found` what `gather` returns.
    """
    fresh, messages, warnings = [], [], []
    with database.atomic():
        for login, theirs in groupby(found, key=lambda record: record["recipient"]):
            who = collaborators.find(login)
            if warning := outbox.unreachable(who):
                warnings.append(warning)
                continue
            new = [record for record in theirs if _enter(record, who, at)]
            if not new:
                continue
            with speaking(who.language or language()):
                written = letter(new, zone=zone)
            messages.append(outbox.queue(who, written, at=at, domain=domain))
            fresh.extend(new)
    return Queued(fresh, tuple(messages), tuple(warnings))


def _enter(record: dict[str, Any], who: Collaborator, at: int) -> bool:
    """Note that somebody is reminded; False when they were before. The database decides: another
    process that does the same waits here until this one is done.
    """
    entered = (
        Reminder.insert(
            ticket=record["ticket"],
            recipient=who.id,
            reason=record["reason"],
            at=record["at"],
            recorded_at=at,
        )
        .on_conflict_ignore()
        .returning(Reminder.id)
        .execute()
    )
    return next(iter(entered), None) is not None


# The text of a reminder


def letter(reminders: Sequence[Mapping[str, Any]], *, zone: tzinfo) -> Letter:
    """One letter with all reminders of a person, those with a time first, in the language that is
    spoken now; instants are those of the zone.
    """
    titles = {
        "callback": _("To call back:"),
        "overdue": _("Overdue:"),
        "due": _("Due:"),
        "waiting": _("Waiting for a first response since:"),
    }
    parts = [
        "\n".join((title, *(_line(each, zone) for each in theirs)))
        for reason, title in titles.items()
        if (theirs := [each for each in reminders if each["reason"] == reason])
    ]
    parts.append("\n".join((_("To answer:"), *_commands(reminders))))
    count = len(reminders)
    subject = ngettext("ticketcli: {count} reminder", "ticketcli: {count} reminders", count)
    return Letter(subject.format(count=count), "\n\n".join(parts) + "\n")


def _line(reminder: Mapping[str, Any], zone: tzinfo) -> str:
    at, partner = reminder["at"], reminder["partner"]
    when = promised(at, zone) if at.endswith("Z") else as_written(at)
    whom = (partner and partner["code"], reminder["contact"], reminder["phone"])
    rest = ", ".join(text for text in (reminder["label"], *whom) if text)
    return safe(f"  {when}  #{reminder['ticket']} {rest}")


def _commands(reminders: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield f"  ticketcli show {reminders[0]['ticket']}"
    yield "  ticketcli agenda"
