"""The outbox: queue messages in the transaction of a change; list, retry and cancel them."""

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from peewee import JOIN

from ticketcli.actor import Actor
from ticketcli.errors import NotFoundError, RefusedError
from ticketcli.i18n import _
from ticketcli.mail.message import Envelope, Letter
from ticketcli.people import collaborators, lookup, profile
from ticketcli.storage.models import Collaborator, FollowUp, Outbox, database
from ticketcli.tickets.outcome import Warn
from ticketcli.values.addresses import ascii_address
from ticketcli.values.zones import iso


def queue(
    who: Collaborator,
    letter: Letter,
    *,
    at: int,
    domain: str,
    ticket: int | None = None,
    unit: int | None = None,
) -> int:
    """Put a letter to a collaborator into the outbox, in the transaction of the caller. Return its
    number.

    The recipient must have an address. `at` is the time in Unix seconds, `domain` the part of the
    Message-ID after the `@`, `unit` the first row of history of the command that it tells of. Every
    further message about a ticket is an answer to the first one, so that mail programs show them
    together.
    """
    first = None
    if ticket is not None:
        about = (Outbox.ticket == ticket) & Outbox.follow_up.is_null()
        rows = Outbox.select(Outbox.message_id).where(about)
        first = rows.order_by(Outbox.id).limit(1).scalar()
    message = Outbox.create(
        message_id=new_message_id(domain),
        in_reply_to=first,
        ticket=ticket,
        recipient=who.id,
        address=who.email,
        subject=letter.subject,
        body=letter.body,
        next_attempt_at=at,
        queued_at=at,
        unit=unit,
    )
    return int(message.id)


def queue_reply(envelope: Envelope, follow_up: FollowUp) -> int:
    """Put a follow-up that is a mail to the partner into the outbox, in the transaction of the
    caller. Return the number of the message.
    """
    message = Outbox.create(
        message_id=envelope.message_id,
        in_reply_to=envelope.in_reply_to,
        refs=" ".join(envelope.references),
        ticket=follow_up.ticket_id,
        follow_up=follow_up.id,
        name=envelope.name,
        sender=envelope.sender,
        address=envelope.address,
        cc=" ".join(envelope.cc),
        subject=envelope.subject,
        body=envelope.body,
        next_attempt_at=envelope.queued_at,
        queued_at=envelope.queued_at,
    )
    return int(message.id)


def new_message_id(domain: str) -> str:
    """A Message-ID that no other message has."""
    return f"<ticketcli.{os.urandom(10).hex()}@{domain}>"


def mail_problem(who: Collaborator) -> Warn | None:
    """The warning why a collaborator can get no mail; None when they can."""
    if not who.active:
        message = _("no mail to {login}, who is no longer active")
    elif not who.email:
        message = _(
            "no mail to {login}, who has no address: ticketcli user edit {quoted} --email ADDRESS"
        )
    elif not is_writable(who.email):
        message = _("no mail to {login}, whose address no server takes: {address}")
    else:
        return None
    login, quoted = who.login, lookup.quoted(who.login)
    return Warn("not_told", message.format(login=login, quoted=quoted, address=who.email), (login,))


def is_writable(address: str) -> bool:
    """Whether an address can be written as mail servers take it."""
    try:
        return bool(ascii_address(address))
    except UnicodeError:
        return False


def listing(
    *,
    states: Sequence[str] | None = None,
    ticket: int | None = None,
    ids: Sequence[int] | None = None,
    limit: int | None = None,
) -> Iterator[dict[str, Any]]:
    """The records of the messages, oldest first. Each filter that is not None narrows them: to some
    states, to one ticket, to some message numbers.
    """
    rows: Any = (
        Outbox.select(
            Outbox.id,
            Outbox.ticket,
            Collaborator.login,
            Outbox.address,
            Outbox.state,
            Outbox.attempts,
            Outbox.next_attempt_at,
            Outbox.last_error,
            Outbox.queued_at,
            Outbox.sent_at,
            Outbox.message_id,
            Outbox.follow_up,
            Outbox.cc,
        )
        .join(Collaborator, JOIN.LEFT_OUTER, on=(Outbox.recipient == Collaborator.id))
        .order_by(Outbox.id)
        .limit(limit)
    )
    if states is not None:
        rows = rows.where(Outbox.state.in_(list(states)))
    if ticket is not None:
        rows = rows.where(Outbox.ticket == ticket)
    if ids is not None:
        rows = rows.where(Outbox.id.in_(list(ids)))
    return map(_record, rows.tuples().iterator())


def anything_waits() -> bool:
    """Whether the outbox has a message that is to be sent, now or later."""
    found: bool = Outbox.select().where(Outbox.next_attempt_at.is_null(False)).exists()
    return found


def retry(numbers: Sequence[int], *, by: Actor, to: str | None = None) -> list[dict[str, Any]]:
    """Make messages due at once, with no attempts counted: to the current address of a
    collaborator, a reply to the address `to` if that is given. Return their records, each with its
    `outcome`.

    Changes all messages or none. Raises NotFoundError when a number is no message, RefusedError
    when a message was sent or is being sent, or `to` is given for one that is no reply.
    """
    return _each(numbers, by, lambda message: _again(message, by.at, to))


def cancel(numbers: Sequence[int], *, by: Actor) -> list[dict[str, Any]]:
    """Cancel messages, so that they are not sent. Return their records, each with its `outcome`.

    Changes all messages or none. Raises NotFoundError when a number is no message, RefusedError
    when a message was sent or is being sent.
    """
    return _each(numbers, by, _cancelled)


def _again(message: Outbox, at: int, to: str | None) -> dict[str, Any]:
    who = message.recipient
    if to is not None and who is not None:
        raise RefusedError(
            _("mail {number} goes to {login}, at the address of a collaborator").format(
                number=message.id, login=who.login
            ),
            hint=f"ticketcli user edit {lookup.quoted(who.login)} --email ADDRESS",
            names=[message.id],
        )
    address = to or (who and who.email) or message.address
    fresh = {"state": "waiting", "attempts": 0, "last_error": None, "failed_at": None}
    return {**fresh, "address": address, "next_attempt_at": at, "claim": None}


def _cancelled(message: Outbox) -> dict[str, Any]:
    return {"state": "cancelled", "next_attempt_at": None, "claim": None, "failed_at": None}


def _each(
    numbers: Sequence[int],
    by: Actor,
    change: Callable[[Outbox], dict[str, Any]],
) -> list[dict[str, Any]]:
    wanted = list(dict.fromkeys(numbers))
    outcomes = {}
    with database.atomic():
        collaborators.acting(by)
        for message in _locked(wanted, at=by.at):
            outcomes[message.id] = profile.update(message, change(message))
    found = {record["id"]: record for record in listing(ids=wanted)}
    return [{**found[number], "outcome": outcomes[number]} for number in wanted]


def _locked(numbers: Sequence[int], *, at: int) -> list[Outbox]:
    rows = Outbox.select().where(Outbox.id.in_(list(numbers))).order_by(Outbox.id)
    if not hasattr(database.obj, "pragma"):
        rows = rows.for_update()
    found = list(rows)
    if missing := sorted(set(numbers) - {message.id for message in found}):
        listed = ", ".join(map(str, missing))
        raise NotFoundError(_("no mail {numbers}").format(numbers=listed), names=missing)
    sent = [message.id for message in found if message.state == "sent"]
    # When a sending process has died, its claim expires at `next_attempt_at`.
    claimed = (message for message in found if message.state == "sending")
    sending = [message.id for message in claimed if (message.next_attempt_at or 0) > at]
    for late, sentence in (
        (sent, _("mail {numbers} was sent already")),
        (sending, _("mail {numbers} is being sent just now")),
    ):
        if late:
            listed = ", ".join(map(str, late))
            raise RefusedError(sentence.format(numbers=listed), names=late)
    return found


def _record(row: Sequence[Any]) -> dict[str, Any]:
    (number, ticket, login, address, state, attempts, due, error, queued, sent) = row[:10]
    message, follow_up, cc = row[10:]
    return {
        "id": number,
        "ticket": ticket,
        "recipient": login,
        "address": address,
        "state": state,
        "attempts": attempts,
        "next_attempt_at": None if due is None else iso(due),
        "last_error": error,
        "queued_at": iso(queued),
        "sent_at": None if sent is None else iso(sent),
        "message_id": message,
        "follow_up": follow_up,
        "cc": cc.split(),
    }
