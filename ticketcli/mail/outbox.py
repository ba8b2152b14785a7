"""The outbox: queue messages in the transaction of a change; list, retry and cancel them."""

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ticketcli.actor import Actor
from ticketcli.errors import NotFoundError, RefusedError
from ticketcli.i18n import _
from ticketcli.mail.message import Letter
from ticketcli.people import collaborators, profile
from ticketcli.storage.models import Collaborator, Outbox, database
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
) -> int:
    """Put a letter into the outbox, in the transaction of the caller. Return its number.

    The recipient must have an address. `at` is the time in Unix seconds, `domain` the part of the
    Message-ID after the `@`. Every further message about a ticket is an answer to the first one,
    so that mail programs show them together.
    """
    first = None
    if ticket is not None:
        rows = Outbox.select(Outbox.message_id).where(Outbox.ticket == ticket)
        first = rows.order_by(Outbox.id).limit(1).scalar()
    message = Outbox.create(
        message_id=f"<ticketcli.{os.urandom(10).hex()}@{domain}>",
        in_reply_to=first,
        ticket=ticket,
        recipient=who.id,
        address=who.email,
        subject=letter.subject,
        body=letter.body,
        next_attempt_at=at,
        queued_at=at,
    )
    return int(message.id)


def mail_problem(who: Collaborator) -> Warn | None:
    """The warning why a collaborator can get no mail; None when they can."""
    if not who.active:
        message = _("no mail to {login}, who is no longer active")
    elif not who.email:
        message = _(
            "no mail to {login}, who has no address: ticketcli user edit {login} --email ADDRESS"
        )
    elif not _writable(who.email):
        message = _("no mail to {login}, whose address no server takes: {address}")
    else:
        return None
    return Warn("not_told", message.format(login=who.login, address=who.email), (who.login,))


def _writable(address: str) -> bool:
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
        )
        .join(Collaborator, on=(Outbox.recipient == Collaborator.id))
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


def retry(numbers: Sequence[int], *, by: Actor) -> list[dict[str, Any]]:
    """Make messages due at once, with no attempts counted, and to the current address of their
    recipient. Return their records, each with its `outcome`.

    Changes all messages or none. Raises NotFoundError when a number is no message, RefusedError
    when a message was sent or is being sent.
    """
    return _each(numbers, by, lambda message: _again(message, by.at))


def cancel(numbers: Sequence[int], *, by: Actor) -> list[dict[str, Any]]:
    """Cancel messages, so that they are not sent. Return their records, each with its `outcome`.

    Changes all messages or none. Raises NotFoundError when a number is no message, RefusedError
    when a message was sent or is being sent.
    """
    return _each(numbers, by, _cancelled)


def _again(message: Outbox, at: int) -> dict[str, Any]:
    address = message.recipient.email or message.address
    fresh = {"state": "waiting", "attempts": 0, "last_error": None, "address": address}
    return {**fresh, "next_attempt_at": at, "claim": None}


def _cancelled(message: Outbox) -> dict[str, Any]:
    return {"state": "cancelled", "next_attempt_at": None, "claim": None}


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
    (number, ticket, login, address, state, attempts, due, error, queued, sent, message) = row
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
    }
