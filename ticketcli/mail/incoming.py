"""Enter an incoming message as a follow-up of the ticket that it answers, or as a new ticket."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from peewee import fn

from ticketcli.actor import Actor
from ticketcli.errors import NotFoundError
from ticketcli.i18n import _
from ticketcli.mail import enclosures, parsing
from ticketcli.mail.body import written_sender
from ticketcli.mail.parsing import IncomingMessage, message_id_of
from ticketcli.people import collaborators, team
from ticketcli.storage.models import Collaborator, Contact, FollowUp, Outbox, Partner, Ticket
from ticketcli.tickets import history
from ticketcli.tickets.follow import follow
from ticketcli.tickets.open import open_ticket
from ticketcli.tickets.outcome import Tell, Warn, Written
from ticketcli.values.addresses import spellings

_WEEK = 7 * 86400
# So much of two messages of one Message-ID is compared: a note may have been cut behind it.
_COMPARED = 100_000


class Dropped(NamedTuple):
    """A message that is not entered, because a program wrote it: by `sender`, about `subject`.
    `why` is what shows it, such as `Auto-Submitted: auto-replied`.
    """

    sender: str
    subject: str
    why: str


def take(content: bytes, *, by: Actor, today: date, tell: Tell | None = None) -> Written | Dropped:
    """Enter a message: as a follow-up of the ticket that it answers, or as a new ticket. One that a
    program wrote, such as a bounce, is not entered.

    A message whose Message-ID is in the book already changes nothing: the outcome is `existing`,
    with a warning if it says something else. So does a copy of a reply of ours.
    The author is the collaborator with the sender's address, or else the actor, or else the team's
    `mail_recipient`. Raises NotFoundError when none of the three is an active collaborator.
    """
    with team.speaking(by):
        message = parsing.read(content)
    if (seen := history.seen(message.key)) is not None:
        return Written(seen, "existing", _differences(seen, message))
    if message.automatic is not None:
        return Dropped(message.address or message.name, message.subject, message.automatic)
    if (own := _our_own(message)) is not None:
        return Written(own, "existing")
    sender = _collaborator(message.address)
    keeper = team.keeper(("mail_recipient",), on=today)
    author = sender or _acting(by) or keeper
    if author is None:
        raise NotFoundError(
            _("{login} is no collaborator of this book").format(login=by.login),
            hint="ticketcli team set mail_recipient LOGIN",
            names=[by.login],
        )
    by = by._replace(login=author.login, may_found=False)
    partner, contact = (None, None) if sender else _partner(message.address)
    answered = _answered(message)
    if answered is not None:
        return _follow(answered, message, partner, sender, by=by, today=today, tell=tell)
    return _open(message, partner, contact, sender, keeper, by=by, today=today, tell=tell)


def _our_own(message: IncomingMessage) -> int | None:
    """The ticket of a mail that we sent, and that came back to us as a copy; else None."""
    sent = Outbox.message_id == message_id_of(message.key)
    ticket: int | None = Outbox.select(Outbox.ticket).where(sent).scalar()
    return ticket


def _follow(
    ticket: Ticket,
    message: IncomingMessage,
    partner: Partner | None,
    sender: Collaborator | None,
    *,
    by: Actor,
    today: date,
    tell: Tell | None,
) -> Written:
    given: dict[str, Any] = {"origin": "email"}
    number, ticket = ticket.id, ticket.end
    if ticket.partner_id is not None:
        # A colleague's mail to us is no exchange with the partner: it has no direction, and is no
        # response to the partner.
        given["direction"] = None if sender else "in"
    known = sender is not None or (partner is not None and partner.id == ticket.partner_id)
    with team.speaking(by):
        files, names = enclosures.kept(message, on=today)
        text = _note(message, names, known=known)
    return follow(
        number,
        text,
        given,
        by=_dated(by, message, earliest=ticket.occurred_at),
        key=message.key,
        enclosures=files,
        tell=tell,
    )


def _open(
    message: IncomingMessage,
    partner: Partner | None,
    contact: Contact | None,
    sender: Collaborator | None,
    keeper: Collaborator | None,
    *,
    by: Actor,
    today: date,
    tell: Tell | None,
) -> Written:
    given: dict[str, Any] = {"origin": "email"}
    if partner is not None:
        given |= {"partner": partner.code, "direction": "in"}
    if contact is not None and _is_alone(contact):
        given["contact"] = contact.name
    if keeper is not None:
        given["recipient"] = keeper.login
    with team.speaking(by):
        files, names = enclosures.kept(message, on=today)
        given["note"] = _note(message, names, known=sender is not None or partner is not None)
        label = message.subject or _("(no subject)")
    return open_ticket(
        label, given, by=_dated(by, message), key=message.key, enclosures=files, tell=tell
    )


def _note(message: IncomingMessage, names: Sequence[str], *, known: bool) -> str:
    who = written_sender(message.name, message.address)
    head = _("From {sender}") if known else _("From {sender}, an unknown sender")
    return parsing.note(message, head=head.format(sender=who), names=names)


def _differences(number: int, message: IncomingMessage) -> tuple[Warn, ...]:
    """A warning if the message of this key that a ticket holds says something else."""
    held = Ticket.select(Ticket.note).where(Ticket.key == message.key).scalar()
    if held is None:
        held = FollowUp.select(FollowUp.note).where(FollowUp.key == message.key).scalar()
    # Without the first line, which says whether the sender was known then.
    _head, _blank, text = (held or "").partition("\n\n")
    if f"{text}\n\n".startswith(f"{message.text}\n\n"[:_COMPARED]):
        return ()
    said = _("ticket {number} holds another text with this Message-ID: {key}")
    key = message.key.removeprefix("mail:")
    return (Warn("key_differs", said.format(number=number, key=key), (number,)),)


def _dated(by: Actor, message: IncomingMessage, *, earliest: int = 0) -> Actor:
    """The actor with the date of the message, if that is in the last week and not in the future:
    the sender's clock may be wrong.
    """
    at = message.written_at
    if at is None or not by.at - _WEEK <= at <= by.at:
        return by
    return by._replace(occurred_at=max(at, earliest))


def _answered(message: IncomingMessage) -> Ticket | None:
    """The ticket of the nearest message that this one refers to and that the book knows, or else
    that of the number in its subject; None for a message that answers no ticket, or a void one.
    """
    known = _tickets_of(message.answers)
    number = next((known[each] for each in message.answers if each in known), message.ticket)
    if number is None:
        return None
    return Ticket.get_or_none((Ticket.id == number) & (Ticket.status != "void"))


def _tickets_of(ids: Sequence[str]) -> dict[str, int]:
    """The tickets of messages of ours and of theirs, by their Message-IDs."""
    if not ids:
        return {}
    sent = {f"<{each}>": each for each in ids}
    entered = {parsing.key_of(each): each for each in ids}
    rows: list[tuple[str, int]] = [
        *Outbox.select(Outbox.message_id, Outbox.ticket)
        .where(Outbox.message_id.in_(list(sent)), Outbox.ticket.is_null(False))
        .tuples(),
        *Ticket.select(Ticket.key, Ticket.id).where(Ticket.key.in_(list(entered))).tuples(),
        *FollowUp.select(FollowUp.key, FollowUp.ticket)
        .where(FollowUp.key.in_(list(entered)))
        .tuples(),
    ]
    return {(sent | entered)[known]: number for known, number in rows}


def _collaborator(address: str) -> Collaborator | None:
    if not address:
        return None
    found: Collaborator | None = (
        Collaborator.select()
        .where(_is(Collaborator.email, address), Collaborator.active)
        .order_by(Collaborator.id)
        .first()
    )
    return found


def _partner(address: str) -> tuple[Partner | None, Contact | None]:
    """The partner and the contact with this address; no contact when it is the partner's own.

    Archived partners and removed contacts do not count. Of several the oldest is taken.
    """
    if not address:
        return None, None
    contact = (
        Contact.select(Contact, Partner)
        .join(Partner)
        .where(_is(Contact.email, address), ~Contact.removed, ~Partner.archived)
        .order_by(Contact.id)
        .first()
    )
    if contact is not None:
        return contact.partner, contact
    mine = _is(Partner.email, address) & ~Partner.archived
    return Partner.select().where(mine).order_by(Partner.id).first(), None


def _is_alone(contact: Contact) -> bool:
    """Whether no other contact of the partner has the same name."""
    others = (
        (Contact.partner == contact.partner_id)
        & (Contact.name_folded == contact.name_folded)
        & ~Contact.removed
    )
    return bool(Contact.select().where(others).count() == 1)


def _is(column: Any, address: str) -> Any:
    # RFC 5321 allows addresses that differ in case only, but nobody uses them.
    return fn.LOWER(column).in_(spellings(address))


def _acting(by: Actor) -> Collaborator | None:
    found = collaborators.by_login(by.login)
    return found if found is not None and found.active else None
