"""Partners, contacts and collaborators that come with a ticket: written with it, or not at all."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ticketcli.actor import Actor
from ticketcli.errors import InvalidError
from ticketcli.i18n import _
from ticketcli.people import collaborators, contacts, partners, profile
from ticketcli.storage.models import database
from ticketcli.values import texts, words
from ticketcli.values.words import fold

T = TypeVar("T")
Fields = dict[str, str]

_REACHED = ("email", "phone")


@dataclass
class NewPeople:
    """Who is not in the book yet: fields by their names in JSON, by code, partner or login."""

    partners: dict[str, Fields] = field(default_factory=dict)
    contacts: dict[str, list[Fields]] = field(default_factory=dict)
    collaborators: dict[str, Fields] = field(default_factory=dict)

    def named_in(self, given: Mapping[str, Any]) -> "NewPeople":
        """Those that these fields of a ticket name; the others were thought better of."""
        partner = given.get("partner")
        contact = given.get("contact")
        people = {given.get("recipient"), *(given.get("cc") or ())}
        return NewPeople(
            {code: fields for code, fields in self.partners.items() if code == partner},
            {
                code: [fields for fields in everyone if fields["name"] == contact]
                for code, everyone in self.contacts.items()
                if code == partner
            },
            {login: fields for login, fields in self.collaborators.items() if login in people},
        )

    def partner(self, text: str) -> str | None:
        """The code of the new partner whose code or name this is."""
        return _named(text, self.partners)

    def contact(self, partner: str, text: str) -> str | None:
        """The name of the new person of a partner whose name this is."""
        people = {fields["name"]: fields for fields in self.contacts.get(partner, ())}
        return _named(text, people)

    def user(self, text: str) -> str | None:
        """The login of the new collaborator whose login or name this is."""
        return _named(text, self.collaborators)


def _named(text: str, known: Mapping[str, Fields]) -> str | None:
    wanted = fold(text.strip())
    for code, fields in known.items():
        if wanted in (fold(code), fold(fields.get("name", ""))):
            return code
    return None


def with_new_people(new_people: NewPeople, write: Callable[[], T], *, by: Actor) -> T:
    """Add the new people and write what names them, in one transaction; what `write` returns.

    Raises what adding and writing raise; then nothing of either is in the book.
    """
    with database.atomic():
        collaborators.acting(by)
        for code, fields in new_people.partners.items():
            partners.add(code, fields, by=by)
        for code, people in new_people.contacts.items():
            for fields in people:
                contacts.add(code, fields, by=by)
        for login, fields in new_people.collaborators.items():
            collaborators.add(login, fields, by=by)
        return write()


# What is checked of new people before anything is written --------------------------------------


def particular(name: str, text: str) -> str:
    """The name, mail address, telephone number or role of somebody new. InvalidError."""
    value: str = profile.columns({name: text})[name]
    return value


def checked(new_people: NewPeople) -> NewPeople:
    """New people whose texts come from a file, checked like what is typed. InvalidError."""
    return NewPeople(
        {
            texts.identifier(_("code"), code): _checked(fields, ("type",), ("name", *_REACHED))
            for code, fields in new_people.partners.items()
        },
        {
            code: [_checked(fields, ("name",), ("role", *_REACHED)) for fields in people]
            for code, people in new_people.contacts.items()
        },
        {
            texts.identifier(_("login"), login): _checked(fields, (), ("name", "email"))
            for login, fields in new_people.collaborators.items()
        },
    )


def _checked(fields: Fields, required: Sequence[str], optional: Sequence[str]) -> Fields:
    if not set(required) <= set(fields) <= {*required, *optional}:
        raise InvalidError(_("the draft cannot be used"))
    return {
        name: words.PARTNER_TYPE.read(text) if name == "type" else particular(name, text)
        for name, text in fields.items()
    }
