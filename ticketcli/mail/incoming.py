"""Mail that arrived becomes a follow-up of the ticket that it answers, or a ticket of its own."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from peewee import fn

from ticketcli.actor import Actor
from ticketcli.errors import NotFoundError
from ticketcli.i18n import _
from ticketcli.mail.parsing import Arrival, note
from ticketcli.people import collaborators, team
from ticketcli.storage.models import Collaborator, Contact, FollowUp, Outbox, Partner, Ticket
from ticketcli.tickets.follow import follow
from ticketcli.tickets.open import open_ticket
from ticketcli.tickets.outcome import Tell, Written
from ticketcli.values.addresses import spellings
from ticketcli.worktime.calendar import Timeline

_WEEK = 7 * 86400


def take(arrival: Arrival, *, by: Actor, today: date, tell: Tell | None = None) -> Written | None:
    """Write a message into the book; None for one that a program wrote, which opens nothing.

    One that was seen before (by its Message-ID) is `existing`. The author is the collaborator who
    has the sender's address, else who acts, else the team's `mail_recipient`. NotFoundError where
    there is nobody of these.
    """
    if (seen := _seen(arrival.key)) is not None:
        return Written(seen, "existing")
    if arrival.automatic:
        return None
    sender = _collaborator(arrival.address)
    keeper = _keeper(today)
    author = sender or _acting(by) or keeper
    if author is None:
        raise NotFoundError(
            _("{login} is no collaborator of this book").format(login=by.login),
            hint="ticketcli team set mail_recipient LOGIN",
            names=[by.login],
        )
    by = by._replace(login=author.login, may_found=False)
    partner, contact = (None, None) if sender else _partner(arrival.address)
    answered = _answered(arrival)
    if answered is not None:
        return _follow(answered, arrival, partner, sender, by=by, tell=tell)
    return _open(arrival, partner, contact, sender, keeper, by=by, tell=tell)


def _follow(
    ticket: Ticket,
    arrival: Arrival,
    partner: Partner | None,
    sender: Collaborator | None,
    *,
    by: Actor,
    tell: Tell | None,
) -> Written:
    given: dict[str, Any] = {"origin": "email"}
    if ticket.partner_id is not None:
        # A colleague who answers us has not answered the partner: no direction, no response.
        given["direction"] = None if sender else "in"
    known = sender is not None or (partner is not None and partner.id == ticket.partner_id)
    return follow(
        ticket.id,
        _note(arrival, known=known),
        given,
        by=_dated(by, arrival, earliest=ticket.occurred_at),
        key=arrival.key,
        tell=tell,
    )


def _open(
    arrival: Arrival,
    partner: Partner | None,
    contact: Contact | None,
    sender: Collaborator | None,
    keeper: Collaborator | None,
    *,
    by: Actor,
    tell: Tell | None,
) -> Written:
    given: dict[str, Any] = {"origin": "email"}
    if partner is not None:
        given |= {"partner": partner.code, "direction": "in"}
    if contact is not None and _is_alone(contact):
        given["contact"] = contact.name
    if keeper is not None:
        given["recipient"] = keeper.login
    given["note"] = _note(arrival, known=sender is not None or partner is not None)
    label = arrival.subject or _("(no subject)")
    return open_ticket(label, given, by=_dated(by, arrival), key=arrival.key, tell=tell)


def _note(arrival: Arrival, *, known: bool) -> str:
    who = f"{arrival.name} <{arrival.address}>" if arrival.name else f"<{arrival.address}>"
    head = _("From {sender}") if known else _("From {sender}, an unknown sender")
    return note(
        arrival,
        heads=(head.format(sender=who),),
        attached=_("Attached:"),
        before=_("Quoted:"),
    )


def _dated(by: Actor, arrival: Arrival, *, earliest: int = 0) -> Actor:
    """When it was written, if that can be: a sender's clock may say anything."""
    at = arrival.written_at
    if at is None or not by.at - _WEEK <= at <= by.at:
        return by
    return by._replace(occurred_at=max(at, earliest))


def _seen(key: str) -> int | None:
    found: int | None = Ticket.select(Ticket.id).where(Ticket.key == key).scalar()
    if found is None:
        found = FollowUp.select(FollowUp.ticket).where(FollowUp.key == key).scalar()
    return found


def _answered(arrival: Arrival) -> Ticket | None:
    """The ticket that a message answers: by what it refers to, else by its subject."""
    number = _referred(arrival.message_ids, arrival.references) or arrival.ticket
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
    """Whose address it is: a contact's, or a partner's own; of living ones, the oldest first."""
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
    """Whether the name of a contact means nobody else at the partner."""
    others = (
        (Contact.partner == contact.partner_id)
        & (Contact.name_folded == contact.name_folded)
        & ~Contact.removed
    )
    return bool(Contact.select().where(others).count() == 1)


def _is(column: Any, address: str) -> Any:
    # Nobody gives two people addresses that differ in case alone, whatever RFC 5321 allows.
    return fn.LOWER(column).in_(spellings(address))


def _acting(by: Actor) -> Collaborator | None:
    found = collaborators.by_login(by.login)
    return found if found is not None and found.active else None


def _keeper(today: date) -> Collaborator | None:
    """Who gets the mail of unknown senders, as the team has set it."""
    values = team.load().get("mail_recipient", [])
    login = Timeline((each.start, each.value) for each in values).on(today)
    found = collaborators.by_login(login) if login else None
    return found if found is not None and found.active else None
