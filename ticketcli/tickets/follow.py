"""Adds follow-ups to tickets, together with the changes that they bring, and retracts them."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ticketcli.actor import Actor
from ticketcli.errors import InvalidError, NotFoundError, RefusedError
from ticketcli.i18n import _
from ticketcli.people import collaborators
from ticketcli.storage import search_index
from ticketcli.storage.models import Collaborator, FollowUp, Outbox, Standing, Ticket, database
from ticketcli.tickets import attachments, callbacks, history
from ticketcli.tickets.attachments import Enclosure
from ticketcli.tickets.edit import change
from ticketcli.tickets.events import is_told, read
from ticketcli.tickets.outcome import Send, Tell, Warn, Written, written
from ticketcli.tickets.status import set_status
from ticketcli.tickets.turn import turns
from ticketcli.values import texts
from ticketcli.values.zones import iso


class Waiting(NamedTuple):
    """That a wait for the partner begins (`begun`), until an instant (Unix seconds) or without a
    limit, or that it has `ended`.
    """

    state: str
    until: int | None = None


def follow(
    number: int,
    note: str,
    given: Mapping[str, Any],
    *,
    by: Actor,
    status: str | None = None,
    callback: int | None = None,
    wait: Waiting | None = None,
    key: str | None = None,
    if_version: int | None = None,
    enclosures: Sequence[Enclosure] = (),
    tell: Tell | None = None,
    send: Send | None = None,
) -> Written:
    """Add a follow-up and, in the same transaction, hand over, re-date, close, reopen, promise a
    call or wait for the partner.

    `given` may hold `origin` and `direction` of the exchange, and the ticket's new `recipient` and
    `due`; `status` is the one to leave it in; `callback` when a call back is promised (Unix
    seconds); `wait` begins or ends a wait; `enclosures` are kept with the follow-up; `send` lets it
    leave as a mail, with them. A key that was seen changes nothing, `existing`.
    """
    note = texts.note(note)
    key = texts.line("--key", key) if key is not None else None
    if "direction" in given and "origin" not in given:
        raise InvalidError(_("--direction goes with --origin"), hint="--origin")
    with database.atomic():
        if key is not None and not history.claim(key):
            return _existing(key, number, note)
        author = collaborators.acting(by)
        [ticket] = history.lock([number], if_version=if_version)
        number = ticket.id
        was_closed, since = ticket.status == "closed", ticket.version
        if callback is not None and (status or ticket.status) == "closed":
            raise callbacks.closed(number)
        if wait is not None:
            _check_wait(ticket, wait, given, status=status or ticket.status)
        follow_up = add(
            ticket,
            note,
            given,
            author=author,
            by=by,
            key=key,
            callback=callback,
            wait=wait,
            enclosures=enclosures,
        )
        queued = () if send is None else (send(ticket, follow_up, author),)
        fields = {field: given[field] for field in ("recipient", "due") if field in given}
        change(ticket, fields, author=author, by=by)
        if status is not None:
            set_status(ticket, status, author=author, by=by)
        warnings = _stays_closed(number) if was_closed and status is None else ()
        done = written(ticket, "changed", author=author, since=since, tell=tell, warnings=warnings)
        return done._replace(queued=(*queued, *done.queued))


def follow_each(
    notes: Mapping[int, str], given: Mapping[str, Any], *, by: Actor, tell: Tell | None = None
) -> list[Written]:
    """Add a follow-up to each of these tickets, with its own note, all or none; `given` is that of
    `follow`. Return the result for each.
    """
    with database.atomic():
        # In the order of their numbers, as everybody locks them.
        return [follow(number, notes[number], given, by=by, tell=tell) for number in sorted(notes)]


def _check_wait(ticket: Ticket, wait: Waiting, given: Mapping[str, Any], *, status: str) -> None:
    """Raise RefusedError for a wait on a closed ticket, and for one that begins while the partner
    waits for our answer, unless the follow-up is that answer.
    """
    if status == "closed":
        raise RefusedError(
            _("ticket {number} is closed, so nobody waits").format(number=ticket.id),
            hint=f"ticketcli reopen {ticket.id}",
            names=[ticket.id],
        )
    answers = "origin" in given and given.get("direction", "out") == "out"
    if wait.state == "begun" and ticket.partner_id is not None and not answers:
        owed = turns(*read(ticket)).owed
        if owed and owed[-1].end is None:
            raise RefusedError(
                _("ticket {number}: the partner waits for our answer").format(number=ticket.id),
                hint=_("--origin call says that this follow-up is the answer"),
                names=[ticket.id],
            )


def _stays_closed(number: int) -> tuple[Warn, ...]:
    message = _("ticket {number} is closed, and stays so; to reopen it: ticketcli reopen {number}")
    return (Warn("closed", message.format(number=number), (number,)),)


def _existing(key: str, number: int, note: str) -> Written:
    found = FollowUp.get_or_none(FollowUp.key == key)
    reached: int = found.ticket.under_id or found.ticket_id if found is not None else 0
    if found is None or number not in (found.ticket_id, reached, *_merged_into(reached)):
        raise RefusedError(
            _("the key {key} belongs to something else").format(key=key), names=[key]
        )
    if found.note == note:
        return Written(reached, "existing")
    message = _("the follow-up of this key has another text")
    return Written(reached, "existing", (Warn("key_differs", message, (found.id,)),))


def _merged_into(number: int) -> list[int]:
    rows: Any = Ticket.select(Ticket.id).where(Ticket.under == number).tuples()
    return [member for (member,) in rows]


def add(
    ticket: Ticket,
    note: str,
    given: Mapping[str, Any],
    *,
    author: Collaborator,
    by: Actor,
    key: str | None = None,
    callback: int | None = None,
    wait: Waiting | None = None,
    enclosures: Sequence[Enclosure] = (),
) -> FollowUp:
    """Write a follow-up of a locked ticket and its row of history, in the caller's transaction.
    Return the follow-up.

    `given` may have `origin` and `direction`; `callback` is in Unix seconds; `enclosures` are kept
    with the follow-up. Raises RefusedError for a direction if the ticket has no partner, or if
    `--at` is before the opening of the ticket; InvalidError if the callback is before the
    follow-up.
    """
    external = ticket.partner_id is not None
    if "direction" in given and not external:
        raise RefusedError(
            _("ticket {number} has no partner, so an exchange has no direction").format(
                number=ticket.id
            )
        )
    at = history.when(ticket, by, turn=False)
    origin = given.get("origin")
    follow_up = FollowUp.create(
        ticket=ticket.id,
        author=author,
        note=note,
        origin=origin,
        direction=given.get("direction", "out") if origin and external else None,
        occurred_at=at,
        recorded_at=by.at,
        key=key,
        wait=wait and wait.state,
        wait_until=wait and wait.until,
    )
    extra: dict[str, Any] = {"follow_up": (None, follow_up.id)}
    if callback is not None:
        extra["callback_at"] = (None, callbacks.make(follow_up, callback, by=by))
    if wait is not None:
        extra["wait"] = (None, wait.state)
    if wait is not None and wait.until is not None:
        extra["wait_until"] = (None, iso(wait.until))
    extra |= attachments.add(
        ticket, enclosures, author=author, by=by, at=at, follow_up=follow_up.id
    )
    history.put(
        ticket,
        "followed",
        author=author,
        actor=by,
        at=at,
        follow_up=follow_up.id,
        extra=extra,
    )
    search_index.add_follow_up(ticket.id, note)
    return follow_up


class Retracted(NamedTuple):
    """What became of the ticket, and the follow-up that was retracted: its id, its author's login,
    when it happened (Unix seconds) and its note.
    """

    written: Written
    follow_up: int
    author: str
    occurred_at: int
    note: str


def retract(
    number: int, follow_up: int | None = None, *, by: Actor, why: str | None = None
) -> Retracted:
    """Mark a follow-up of a ticket as made in error: it stays, and stops no clock. Without its id
    it is my latest one there that was not retracted. A reply that waits to be sent is cancelled.

    NotFoundError where there is no such ticket or follow-up, RefusedError for a follow-up of
    another ticket.
    """
    why = texts.note(why) if why is not None else None
    from ticketcli.tickets.ledger import Ledger

    with database.atomic():
        author = collaborators.acting(by)
        [ticket] = history.lock([number])
        if follow_up is not None:
            found = _of(ticket, follow_up)
            if found.ticket_id != ticket.id:
                [ticket] = history.lock([found.ticket_id], merged=True)
        else:
            found = _mine(ticket, author)
        number = ticket.id
        ledger = Ledger(number)
        if ledger.of_follow_up(found.id).id in ledger.gone:
            warnings = () if why is None else (_no_reason(number),)
            written = Written(number, "unchanged", warnings)
        else:
            ledger.take_back([ledger.of_follow_up(found.id).id])
            extra: dict[str, Any] = {"follow_up": (found.id, None)}
            if why is not None:
                extra["reason"] = (None, why)
            history.put(
                ticket,
                "retracted",
                author=author,
                actor=by,
                at=history.when(ticket, by, turn=False),
                follow_up=found.id,
                extra=extra,
                ledger=ledger,
            )
            written = Written(number, "changed", recall(Outbox.follow_up == found.id))
    return Retracted(written, found.id, found.author.login, found.occurred_at, found.note)


def recall(mails: Any) -> tuple[Warn, ...]:
    """Cancel those mails that wait, of the ones that a condition chooses. Return a warning of each
    that has left.
    """
    waiting = Outbox.state.in_(("waiting", "failed"))
    cancelled = {"state": "cancelled", "next_attempt_at": None, "failed_at": None}
    Outbox.update(**cancelled).where(mails & waiting).execute()
    left: Any = Outbox.select(Outbox.address).where(mails & (Outbox.state != "cancelled"))
    message = _("it has left as a mail to {address}")
    return tuple(
        Warn("mail_left", message.format(address=address), (address,))
        for (address,) in left.order_by(Outbox.id).tuples()
    )


def _of(ticket: Ticket, follow_up: int) -> FollowUp:
    found: FollowUp | None = FollowUp.get_or_none(FollowUp.id == follow_up)
    if found is None:
        raise NotFoundError(
            _("no follow-up {id}").format(id=follow_up),
            hint=f"ticketcli show {ticket.id}",
            names=[follow_up],
        )
    if ticket.id not in (found.ticket_id, found.ticket.under_id):
        message = _("follow-up {id} is one of ticket {other}, not of ticket {number}")
        raise RefusedError(
            message.format(id=follow_up, other=found.ticket_id, number=ticket.id),
            hint=f"ticketcli show {ticket.id}",
            names=[follow_up],
        )
    return found


def _mine(ticket: Ticket, author: Collaborator) -> FollowUp:
    mine = (FollowUp.ticket == ticket.id) & (FollowUp.author == author.id)
    found: FollowUp | None = (
        FollowUp.select()
        .join(Standing, on=is_told(Standing, FollowUp.id))
        .where(mine)
        .order_by(FollowUp.id.desc())
        .first()
    )
    if found is None:
        message = _("ticket {number} has no follow-up of {login} to retract")
        raise NotFoundError(
            message.format(number=ticket.id, login=author.login),
            hint=f"ticketcli show {ticket.id}",
            names=[ticket.id],
        )
    return found


def _no_reason(number: int) -> Warn:
    message = _("it was retracted already: the reason is not kept; follow {number} keeps a note")
    return Warn("retracted", message.format(number=number), (number,))
