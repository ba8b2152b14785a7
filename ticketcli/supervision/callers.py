"""Who calls: what the book knows of a telephone number, and whom a word of a caller may mean."""

from collections.abc import Iterator
from typing import Any

from peewee import fn

from ticketcli.people import lookup, phones
from ticketcli.storage.models import (
    Collaborator,
    Contact,
    FollowUp,
    Partner,
    Ticket,
)
from ticketcli.supervision import agenda, filtering
from ticketcli.tickets import records
from ticketcli.tickets.events import stands
from ticketcli.values import texts
from ticketcli.values.moment import Moment
from ticketcli.values.phone_numbers import Number
from ticketcli.values.words import fold
from ticketcli.values.zones import iso


def card(text: str, number: Number | None, *, moment: Moment) -> dict[str, Any]:
    """The record of a call: the number as the telephone has it (None: it is hidden), and for each
    who has it the open tickets, the callbacks still to be made and the last exchange of the
    partner.
    """
    found = phones.matches(number) if number is not None else []
    return {
        "number": text,
        "e164": number and number.e164,
        "matches": [_match(match, moment=moment) for match in found],
    }


def _match(match: phones.Match, *, moment: Moment) -> dict[str, Any]:
    partner = match.partner
    is_open = (Ticket.partner == partner.id) & (Ticket.status == "open")
    # Sorted, because the index that has this order begins with the open tickets of all partners.
    due, priority = filtering.unindexed(Ticket.due), filtering.unindexed(Ticket.priority)
    order = (due.asc(nulls="last"), priority.desc(), Ticket.id.asc())
    found = records.fetch(Ticket.select(Ticket.id).where(is_open), moment=moment, orders=[order])
    return {
        **_named(partner, match.contact),
        "open": list(found),
        "callbacks": agenda.callbacks_of(partner.id),
        "last": _last_exchange(partner),
    }


def _named(partner: Partner, contact: Contact | None) -> dict[str, Any]:
    return {
        "partner": records.partner(partner.code, partner.name, partner.type),
        "contact": contact
        and records.contact(contact.id, contact.name, contact.email, contact.phone),
    }


def _last_exchange(partner: Partner) -> dict[str, Any] | None:
    """The latest call, letter or mail with a partner: the opening of a ticket, or a follow-up."""
    author = Collaborator.alias()
    columns = (Ticket.id, Ticket.label, author.login)
    openings: Any = (
        Ticket.select(Ticket.occurred_at, Ticket.origin, Ticket.direction, Ticket.note, *columns)
        .join(author, on=(Ticket.creator == author.id))
        .where(
            (Ticket.partner == partner.id)
            & Ticket.origin.is_null(False)
            & (Ticket.status != "void")
        )
        .order_by(Ticket.occurred_at.desc(), Ticket.id.desc())
    )
    answers: Any = (
        FollowUp.select(
            FollowUp.occurred_at, FollowUp.origin, FollowUp.direction, FollowUp.note, *columns
        )
        .join(Ticket)
        .join_from(FollowUp, author, on=(FollowUp.author == author.id))
        .where(
            (Ticket.partner == partner.id) & FollowUp.direction.is_null(False) & stands(FollowUp.id)
        )
        .order_by(FollowUp.occurred_at.desc(), FollowUp.id.desc())
    )
    found = [row for query in (openings, answers) for row in query.limit(1).tuples()]
    if not found:
        return None
    # Of the same second, the follow-up came later.
    at, origin, direction, text, ticket, label, login = max(
        reversed(found), key=lambda row: int(row[0])
    )
    return {
        "at": iso(at),
        "ticket": ticket,
        "label": label,
        "origin": origin,
        "direction": direction,
        "author": login,
        "text": text,
    }


# By any word


def find(text: str, *, limit: int | None = None) -> Iterator[dict[str, Any]]:
    """The partners and living contacts with a text in their code, name or mail address, or with
    that telephone number; at most `limit`, each with the number of its open tickets.
    """
    wanted = fold(text.strip())
    if not wanted or not texts.storable(wanted):
        return
    by_number = phones.matches_of(text)
    partners = Partner.select().where(
        lookup.contains(Partner.folded, wanted)
        | lookup.contains(Partner.name_folded, wanted)
        | lookup.contains(fn.LOWER(Partner.email), wanted)
        | Partner.id.in_([each.partner.id for each in by_number if each.contact is None])
    )
    people = (
        Contact.select(Contact, Partner)
        .join(Partner)
        .where(
            ~Contact.removed
            & (
                lookup.contains(Contact.name_folded, wanted)
                | lookup.contains(fn.LOWER(Contact.email), wanted)
                | Contact.id.in_([each.contact.id for each in by_number if each.contact])
            )
        )
    )
    by_code = lookup.ordering(Partner.folded)
    found = [
        *map(phones.Match, partners.order_by(by_code).limit(limit)),
        *(
            phones.Match(person.partner, person)
            for person in people.order_by(by_code, Contact.id).limit(limit)
        ),
    ]
    for match in found[:limit]:
        yield {**_named(*match), "open_count": _open_count(match)}


def _open_count(match: phones.Match) -> int:
    """How many tickets of a partner are open; of a contact, those that name the contact."""
    whose = (
        Ticket.partner == match.partner.id
        if match.contact is None
        else Ticket.contact == match.contact.id
    )
    count: int = Ticket.select().where(whose & (Ticket.status == "open")).count()
    return count
