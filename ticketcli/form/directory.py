"""Find people and partners for a form: those in the book, and those to be added with the form."""

import re
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from functools import cached_property
from typing import Any, NamedTuple

from ticketcli.errors import NotFoundError, RefusedError
from ticketcli.form import new_people
from ticketcli.form.new_people import NewPeople
from ticketcli.i18n import _
from ticketcli.people import categories, collaborators, lookup, partners
from ticketcli.storage import rights
from ticketcli.storage.models import Collaborator, Contact, Partner, Ticket, database
from ticketcli.tickets import of_partner
from ticketcli.tickets.of_partner import OpenTicket
from ticketcli.values.words import ME, Choice, fold

RECENT = 50
"""The number of old labels that the arrow keys offer."""

LISTED = 5
"""Open tickets of a partner that are listed."""


class Known(NamedTuple):
    """A partner, a contact or a collaborator. `code` is what a user types to choose them."""

    code: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.code} ({self.name})" if self.name else self.code


class Directory:
    """Finds partners, contacts and collaborators by what a user types.

    `reading` opens the database for a block. It is called for each search, so that no connection
    is open while the user fills in the form. `me` is the user's login, `may_found` whether the user
    may become the first collaborator of an empty book. `may_add_collaborators` is whether the
    server lets the user add others.
    """

    def __init__(
        self, reading: Callable[[], AbstractContextManager[object]], *, me: str, may_found: bool
    ) -> None:
        self._reading = reading
        self.new_people = NewPeople()
        with reading():
            self.me = collaborators.writer_login(me, may_found=may_found)
            self.may_add_collaborators = rights.may_insert(database.obj, "collaborator", "login")

    def take_up(self, new_people: NewPeople) -> None:
        """Take over the new people of a draft, except those who are in the book by now."""
        with self._reading():
            self.new_people = NewPeople(
                {
                    code: fields
                    for code, fields in new_people.partners.items()
                    if partners.by_code(code) is None
                },
                {
                    code: [each for each in people if not _has_contact(code, each["name"])]
                    for code, people in new_people.contacts.items()
                },
                {
                    login: fields
                    for login, fields in new_people.collaborators.items()
                    if collaborators.by_login(login) is None
                },
            )

    # Partners

    def partner(self, text: str) -> str:
        """The code of the partner with this code, name or part of a name.

        Raises NotFoundError when there is none, AmbiguousError when there are several, RefusedError
        when the partner is archived.
        """
        if code := self.new_people.partner(text):
            return code
        with self._reading():
            return partners.not_archived(partners.find(text)).code

    def shown_partner(self, code: str) -> str:
        """The code and the name of a partner, as text. Raises NotFoundError when no partner has
        the code.
        """
        if code in self.new_people.partners:
            return str(Known(code, self.new_people.partners[code].get("name", "")))
        with self._reading():
            found = partners.find(code)
        return str(Known(found.code, found.name or ""))

    def partners(self) -> list[Known]:
        """All partners that are not archived, sorted by code, then the new ones."""
        with self._reading():
            rows = Partner.select(Partner.code, Partner.name).where(~Partner.archived)
            found = [
                Known(row.code, row.name or "")
                for row in rows.order_by(lookup.ordering(Partner.folded))
            ]
        new = self.new_people.partners
        return [*found, *(Known(code, fields.get("name", "")) for code, fields in new.items())]

    def free_code(self, text: str) -> str:
        """The text as the code of a new partner. Raises InvalidError when it cannot be a code,
        RefusedError when a partner has it.
        """
        if code := _taken(text, self.new_people.partners):
            raise RefusedError(_("there is a partner {code} already").format(code=code))
        with self._reading():
            return partners.free_code(text)

    def proposed_code(self, name: str) -> str:
        """A code for a new partner of this name, that nobody had."""
        with self._reading():
            return next(
                code
                for code in partners.codes_for(name)
                if not _taken(code, self.new_people.partners) and partners.by_code(code) is None
            )

    # Contacts

    def contact(self, partner: str, text: str) -> str:
        """The contact of a partner whom a text names: as a number in the book, or as a name for a
        new contact.

        Raises NotFoundError when there is none, AmbiguousError when there are several.
        """
        if name := self.new_people.contact(partner, text):
            return name
        if partner in self.new_people.partners:
            raise NotFoundError(_('{code} has no contact "{text}"').format(code=partner, text=text))
        with self._reading():
            return str(partners.find_contact(partners.find(partner), text).id)

    def shown_contact(self, contact: str) -> str:
        """The name of a contact with their telephone number or address, as text. `contact` is the
        result of the method `contact`. A removed contact is shown too.
        """
        if not re.fullmatch("[0-9]{1,18}", contact):
            return contact
        with self._reading():
            found = Contact.get_or_none(Contact.id == int(contact))
        return str(_reached(found)) if found else contact

    def contacts(self, partner: str) -> dict[str, Known]:
        """The contacts of a partner, by what the method `contact` returns for them."""
        new = [fields["name"] for fields in self.new_people.contacts.get(partner, ())]
        found = {}
        if partner not in self.new_people.partners:
            with self._reading():
                people = _people(partner)
                found = {str(row.id): _reached(row) for row in people.order_by(Contact.id)}
        return found | {name: Known(name) for name in new}

    def free_name(self, partner: str, text: str) -> str:
        """The text as the name of a new contact. Raises InvalidError when it cannot be a name,
        RefusedError when another contact of the partner has it.
        """
        name = new_people.particular("name", text)
        taken = self.new_people.contact(partner, name) is not None
        if not taken and partner not in self.new_people.partners:
            with self._reading():
                taken = _has_contact(partner, name)
        if taken:
            raise RefusedError(_("there is a contact {name} already").format(name=name))
        return name

    # Categories

    @cached_property
    def categories(self) -> Choice:
        """The categories that a ticket may get."""
        with self._reading():
            return categories.current()

    # Collaborators

    def user(self, text: str) -> str:
        """The login of the collaborator with this login, name or part of a name; `me` is the user.

        Raises NotFoundError when there is none, AmbiguousError when there are several, RefusedError
        when the collaborator is inactive.
        """
        if fold(text.strip()) in ME | {fold(self.me)}:
            return self.me
        if login := self.new_people.user(text):
            return login
        with self._reading():
            return collaborators.find(text, active=True).login

    def shown_user(self, login: str) -> str:
        """The login and the name of a collaborator, as text."""
        if login in self.new_people.collaborators:
            return str(Known(login, self.new_people.collaborators[login].get("name", "")))
        with self._reading():
            found = collaborators.by_login(login)
        return str(Known(login, (found.name if found else None) or ""))

    def users(self) -> list[Known]:
        """All active collaborators, sorted by login, then the new ones."""
        with self._reading():
            rows = Collaborator.select(Collaborator.login, Collaborator.name)
            rows = rows.where(Collaborator.active).order_by(lookup.ordering(Collaborator.folded))
            found = [Known(row.login, row.name or "") for row in rows]
        new = self.new_people.collaborators
        return [*found, *(Known(login, fields.get("name", "")) for login, fields in new.items())]

    def free_login(self, text: str) -> str:
        """The text as the login of a new collaborator. Raises InvalidError when it cannot be a
        login, RefusedError when a collaborator has it.
        """
        if login := _taken(text, [*self.new_people.collaborators, self.me]):
            raise RefusedError(_("there is a collaborator {login} already").format(login=login))
        with self._reading():
            return collaborators.free_login(text)

    # Tickets

    def labels(self) -> list[str]:
        """The labels of the newest tickets, each once, the newest last."""
        with self._reading():
            rows = Ticket.select(Ticket.label).order_by(Ticket.id.desc()).limit(RECENT)
            found = [row.label for row in rows]
        return list(dict.fromkeys(reversed(found)))

    def open_tickets(self, partner: str) -> tuple[list[OpenTicket], int]:
        """The first open tickets of a partner, and how many there are."""
        if partner in self.new_people.partners:
            return [], 0
        with self._reading():
            return of_partner.open_tickets(partners.find(partner), limit=LISTED)


def _people(partner: str) -> Any:
    return Contact.select().where((Contact.partner == partners.find(partner)) & ~Contact.removed)


def _has_contact(partner: str, name: str) -> bool:
    if partners.by_code(partner) is None:
        return False
    found: bool = _people(partner).where(Contact.name_folded == fold(name)).exists()
    return found


def _reached(contact: Contact) -> Known:
    return Known(contact.name, contact.phone or contact.email or "")


def _taken(text: str, codes: Iterable[str]) -> str | None:
    return next((code for code in codes if fold(code) == fold(text)), None)
