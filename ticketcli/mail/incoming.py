"""Enter an incoming message as a follow-up of the ticket that it answers, or as a new ticket."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from peewee import fn

from ticketcli.actor import Actor
from ticketcli.errors import NotFoundError
from ticketcli.i18n import _
from ticketcli.mail import enclosures
from ticketcli.mail.parsing import IncomingMessage, message_id_of, note
from ticketcli.people import collaborators, team
from ticketcli.storage.models import Collaborator, Contact, FollowUp, Outbox, Partner, Ticket
from ticketcli.tickets import history
from ticketcli.tickets.follow import follow
from ticketcli.tickets.open import open_ticket
from ticketcli.tickets.outcome import Tell, Written
from ticketcli.values.addresses import spellings

_WEEK = 7 * 86400


def take(
    message: IncomingMessage, *, by: Actor, today: date, tell: Tell | None = None
) -> Written | None:
    """Enter a message: as a follow-up of the ticket that it answers, or as a new ticket. None for
    an automatic message, such as a bounce, which is not entered.

    A message whose Message-ID is in the book already, a copy of a reply of ours among them, changes
    nothing: the outcome is `existing`.
    The author is the collaborator with the sender's address, or else the actor, or else the team's
    `mail_recipient`. Raises NotFoundError when none of the three is an active collaborator.
    """
    if (seen := history.seen(message.key)) is not None:
        return Written(seen, "existing")
    if message.automatic:
        return None
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
    if ticket.partner_id is not None:
        # A colleague's mail to us is no exchange with the partner: it has no direction, and is no
        # response to the partner.
        given["direction"] = None if sender else "in"
    known = sender is not None or (partner is not None and partner.id == ticket.partner_id)
    with team.speaking(by):
        files, names = enclosures.kept(message, on=today)
        text = _note(message, names, known=known)
    return follow(
        ticket.id,
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
    who = f"{message.name} <{message.address}>" if message.name else f"<{message.address}>"
    head = _("From {sender}") if known else _("From {sender}, an unknown sender")
    return note(
        message,
        heads=(head.format(sender=who),),
        attached=" ".join([_("Attached:"), ", ".join(names)]) if names else "",
        before=_("Quoted:"),
    )


def _dated(by: Actor, message: IncomingMessage, *, earliest: int = 0) -> Actor:
    """The actor with the date of the message, if that is in the last week and not in the future:
    the sender's clock may be wrong.
    """
    at = message.written_at
    if at is None or not by.at - _WEEK <= at <= by.at:
        return by
    return by._replace(occurred_at=max(at, earliest))


def _answered(message: IncomingMessage) -> Ticket | None:
    """The ticket that a message answers, found by the Message-IDs that it refers to, or else by the
    number in its subject; None for a message that answers no ticket.
    """
    number = _referred(message.message_ids, message.references) or message.ticket
    return None if number is None else Ticket.get_or_none(Ticket.id == number)


def _referred(ids: Sequence[str], keys: Sequence[str]) -> int | None:
    if not ids:
        return None
    sent = Outbox.select(Outbox.ticket).where(
        Outbox.message_id.in_(ids), Outbox.ticket.is_null(False)
    )
    opened = Ticket.select(Ticket.id).where(Ticket.key.in_(keys))
    followed = FollowUp.select(FollowUp.ticket).where(FollowUp.key.in_(keys))
    numbers = (query.limit(1).scalar() for query in (sent, opened, followed))
    return next((number for number in numbers if number is not None), None)


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
