"""The people at partners."""

from collections.abc import Mapping
from typing import Any

from ticketcli.actor import Actor
from ticketcli.errors import NotFoundError, RefusedError
from ticketcli.i18n import _
from ticketcli.people import collaborators, lookup, partners, profile
from ticketcli.storage.models import Contact, database


def add(partner: str, given: Mapping[str, Any], *, by: Actor) -> dict[str, Any]:
    """Add a person to a partner with the fields given, `name` among them; the record, with its
    outcome. InvalidError for what no book would take.
    """
    stored = profile.columns(given)
    with database.atomic():
        collaborators.acting(by)
        contact = Contact.create(partner=partners.find(partner), **stored)
    return {**partners.contact_record(contact), "outcome": "created"}


def edit(number: int, given: Mapping[str, Any], *, by: Actor) -> dict[str, Any]:
    """Change fields of a person, None empties one; the record, with its outcome.

    RefusedError for one that was removed.
    """
    stored = profile.columns(given)
    with database.atomic():
        collaborators.acting(by)
        contact = _by_number(number)
        if contact.removed:
            raise RefusedError(
                _("contact {number} was removed").format(number=number),
                hint=f"ticketcli partner contact add {lookup.quoted(contact.partner.code)}"
                f" {lookup.quoted(contact.name)}",
                names=[number],
            )
        outcome = profile.update(contact, stored)
    return {**partners.contact_record(contact), "outcome": outcome}


def remove(number: int, *, by: Actor) -> dict[str, Any]:
    """Remove a person: no longer found, but still on the tickets that name them. The record, with
    its outcome.
    """
    with database.atomic():
        collaborators.acting(by)
        contact = _by_number(number)
        outcome = profile.update(contact, {"removed": True})
    return {**partners.contact_record(contact), "outcome": outcome}


def _by_number(number: int) -> Contact:
    found: Contact | None = Contact.get_or_none(Contact.id == number)
    if found is None:
        raise NotFoundError(
            _("no contact {number}").format(number=number),
            hint="ticketcli partner show P",
            names=[number],
        )
    return found
