"""Reminders: find what collaborators have to do, and queue one letter for each of them."""

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
from ticketcli.people import collaborators, team
from ticketcli.storage.models import (
    Callback,
    Collaborator,
    Contact,
    Outbox,
    Partner,
    Reminder,
    Ticket,
    database,
)
from ticketcli.supervision import filtering
from ticketcli.tickets import callbacks, records, targets
from ticketcli.tickets.outcome import Warn
from ticketcli.tickets.turn import is_taken, us, us_since
from ticketcli.values.moment import Moment
from ticketcli.values.periods import Period
from ticketcli.values.words import REASON
from ticketcli.values.zones import as_written, iso, promised

LATE = 86400
"""Seconds after which a reply that waits to be sent counts as undelivered."""


class Criteria(NamedTuple):
    """What to remind of: due dates in a period, overdue tickets, tickets of which somebody has
    waited for our answer for at least so many seconds, promised calls in a period, and tickets that
    have missed a target or will within so many seconds, and replies that were refused for good or
    have waited a day to be sent. None and False leave a kind out. `to` is one collaborator's login
    or name; None means everybody.
    """

    due: Period | None = None
    overdue: bool = False
    waiting: int | None = None
    callback: Period | None = None
    target: int | None = None
    undelivered: bool = False
    to: str | None = None


class Queued(NamedTuple):
    """The result of queueing: the records of the new reminders, the numbers of the queued messages,
    and warnings about collaborators who can get no mail.
    """

    records: list[dict[str, Any]]
    messages: tuple[int, ...]
    warnings: tuple[Warn, ...]


def gather(criteria: Criteria, *, moment: Moment, limit: int | None = None) -> list[dict[str, Any]]:
    """A record of each reminder, with `contact` and `phone` added, sorted by recipient, reason and
    time; at most `limit`.

    A due date in the past has the reason `overdue`, also when the period of due dates has it.
    Raises NotFoundError when no collaborator has the login or name in `to`, AmbiguousError when
    several have.
    """
    who = None if criteria.to is None else collaborators.find(criteria.to).id
    wanted = _Wanted(who, limit)
    found = [
        *_dues(criteria, wanted, moment.today),
        *_waiting(criteria, wanted, moment.now),
        *_calls(criteria, wanted, moment.zone),
        *_targets(criteria, wanted, moment),
        *_undelivered(criteria, wanted, moment.now),
    ]
    found.sort(key=lambda each: (each[0], *_place(each[1])))
    return [record for _folded, record in found[:limit]]


def _place(record: dict[str, Any]) -> tuple[int, str, int]:
    return REASON.values.index(record["reason"]), record["at"], record["ticket"]


Found = Iterator[tuple[str, dict[str, Any]]]
"""For each reminder: the recipient's folded login for sorting, and the record."""


class _Wanted(NamedTuple):
    """Whose reminders are wanted (an id; None: everybody's), and how many of each reason."""

    who: int | None
    limit: int | None


def _dues(criteria: Criteria, which: _Wanted, today: date) -> Found:
    wanted: list[Any] = []
    if criteria.overdue:
        wanted.append(Ticket.due < today.isoformat())
    if criteria.due is not None:
        wanted.append(reduce(and_, filtering.on_days(Ticket.due, criteria.due)))
    if not wanted:
        return
    past = Ticket.due < today.isoformat()
    for reason, when in (("overdue", past), ("due", ~past)):
        is_due = (Ticket.status == "open") & when & reduce(or_, wanted)
        for row in _rows(is_due, Ticket.due, which):
            yield _found(row, reason=reason, at=row[-1])


def _waiting(criteria: Criteria, which: _Wanted, now: int) -> Found:
    if criteria.waiting is not None:
        since = us_since(now)
        waits = is_taken() & us(now) & (since <= now - criteria.waiting)
        for row in _rows(waits, since, which):
            yield _found(row, reason="waiting", at=iso(row[-1]))


def _calls(criteria: Criteria, which: _Wanted, zone: tzinfo) -> Found:
    if criteria.callback is None:
        return
    then = filtering.within(Callback.promised_at, criteria.callback, zone)
    pending = Callback.follow_up.in_(callbacks.pending())
    for row in _rows(reduce(and_, then, pending), Callback.promised_at, which):
        yield _found(row, reason="callback", at=iso(row[-1]))


def _targets(criteria: Criteria, which: _Wanted, moment: Moment) -> Found:
    if criteria.target is None:
        return
    ends = {
        number: end
        for number, deadlines in targets.Targets(moment).all()
        if (end := deadlines.first) is not None and end <= moment.now + criteria.target
    }
    for row in _rows(Ticket.id.in_(sorted(ends)), Ticket.id, which._replace(limit=None)):
        yield _found(row, reason="target", at=iso(ends[row[-1]]))


def _undelivered(criteria: Criteria, which: _Wanted, now: int) -> Found:
    if criteria.undelivered:
        late = Outbox.next_attempt_at.is_null(False) & (Outbox.queued_at <= now - LATE)
        stuck = Outbox.follow_up.is_null(False) & ((Outbox.state == "failed") | late)
        since = fn.COALESCE(Outbox.failed_at, Outbox.queued_at)
        for row in _rows(stuck, since, which, mails=True):
            yield _found(row, reason="undelivered", at=iso(row[-1]))


def in_hours(moment: Moment) -> bool:
    """Whether the team works at an instant; always where it has set no hours."""
    calendar = team.clock(team.load(), wanted=None, today=moment.today, default=moment.zone)
    return calendar is None or calendar.reason(moment.now) is None


def _rows(condition: Any, at: Any, which: _Wanted, *, mails: bool = False) -> Any:
    """The tickets that the condition holds for, with the column `at`; with `mails` a row for each
    mail that it holds for. Where there is a limit, only the first by recipient and `at` are read
    whole.
    """
    picked: Any = Ticket.select(Ticket.id, at.alias("at")).join(
        Collaborator, on=(Ticket.recipient == Collaborator.id)
    )
    if at is Callback.promised_at:
        picked = picked.join_from(Ticket, Callback, on=(Callback.ticket == Ticket.id))
    if mails:
        picked = picked.join_from(Ticket, Outbox, on=(Outbox.ticket == Ticket.id))
    if which.who is not None:
        condition = (Ticket.recipient == which.who) & condition
    picked = picked.where(condition)
    if which.limit is not None:
        picked = picked.order_by(Collaborator.folded, at, Ticket.id).limit(which.limit)
    picked = picked.alias("picked")
    ticket, collaborator = Ticket.alias(), Collaborator.alias()
    return (
        ticket.select(
            *(collaborator.folded, collaborator.login, ticket.id, ticket.label),
            *(Partner.code, Partner.name, Partner.type),
            *(Contact.name, fn.COALESCE(Contact.phone, Partner.phone), picked.c.at),
        )
        .join_from(ticket, picked, on=(ticket.id == picked.c.id))
        .join_from(ticket, collaborator, on=(ticket.recipient == collaborator.id))
        .join_from(ticket, Partner, JOIN.LEFT_OUTER, on=(ticket.partner == Partner.id))
        .join_from(ticket, Contact, JOIN.LEFT_OUTER, on=(ticket.contact == Contact.id))
        .tuples()
    )


def _found(row: Sequence[Any], *, reason: str, at: str) -> tuple[str, dict[str, Any]]:
    (folded, login, ticket, label, code, name, type_, contact, phone, _at) = row
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
    return folded, record


def queue(found: Sequence[dict[str, Any]], *, at: int, domain: str, zone: tzinfo) -> Queued:
    """Queue one letter for each person, with the reminders that they have not had by mail before.

    One transaction queues the letters and records the reminders. `found` is the result of `gather`,
    `at` the time in Unix seconds, `domain` the part of the Message-IDs after the `@`.
    """
    fresh, messages, warnings = [], [], []
    with database.atomic():
        for login, theirs in groupby(found, key=lambda record: record["recipient"]):
            who = collaborators.find(login)
            if warning := outbox.mail_problem(who):
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
    """Record a reminder. Return False when it was recorded before.

    A unique key in the database decides: another process that inserts the same reminder waits here
    until this transaction ends.
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
    """One letter with all reminders of a person, in the current language, with times in the zone.
    What did not arrive and the calls come first.
    """
    titles = {
        "undelivered": _("Replies that did not arrive:"),
        "callback": _("To call back:"),
        "overdue": _("Overdue:"),
        "due": _("Due:"),
        "target": _("Target missed, or to be met until:"),
        "waiting": _("Waiting for our answer since:"),
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
