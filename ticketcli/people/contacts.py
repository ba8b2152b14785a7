"""Contacts: the people at a partner."""

from collections.abc import Mapping
from typing import Any

from ticketcli.actor import Actor
from ticketcli.errors import NotFoundError, RefusedError
from ticketcli.i18n import _
from ticketcli.people import collaborators, lookup, partners, phones, profile
from ticketcli.storage.models import Contact, database


def add(partner: str, given: Mapping[str, Any], *, by: Actor) -> dict[str, Any]:
    """Add a contact to a partner; `given` must have a `name`. Returns the record with `outcome`,
    `created`.

    Raises InvalidError for a bad value, NotFoundError or AmbiguousError if `partner` does not match
    one partner.
    """
    stored = profile.columns(given)
    with database.atomic():
        collaborators.acting(by)
        numbers = stored.pop("phones", ())
        contact = Contact.create(partner=partners.find(partner), **stored)
        phones.put(contact, numbers)
        return {**partners.contact_record(contact), "outcome": "created"}


def edit(number: int, given: Mapping[str, Any], *, by: Actor) -> dict[str, Any]:
    """Change fields of a contact; None clears a field. Returns the record with `outcome`, `changed`
    or `unchanged`.

    Raises InvalidError for a bad value, NotFoundError if there is no contact of this number,
    RefusedError if the contact was removed.
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
        outcome = profile.update_reached(contact, stored)
        return {**partners.contact_record(contact), "outcome": outcome}


def remove(number: int, *, by: Actor) -> dict[str, Any]:
    """Remove a contact. The name search does not find it afterwards, but tickets still show it.

    Returns the record with `outcome`, `changed` or `unchanged`. Raises NotFoundError if there is no
    contact of this number.
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
