"""New partners, contacts and collaborators that are added in one transaction with a ticket."""

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
    """The people to add with a ticket: their fields, by the code of the partner (`partners`), by
    the partner that they belong to (`contacts`), or by login (`collaborators`).
    """

    partners: dict[str, Fields] = field(default_factory=dict)
    contacts: dict[str, list[Fields]] = field(default_factory=dict)
    collaborators: dict[str, Fields] = field(default_factory=dict)

    def named_in(self, given: Mapping[str, Any]) -> "NewPeople":
        """Only those that the given fields of a ticket name. The user may have added somebody and
        then named another.
        """
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
        """The code of the new partner with this code or name; None when there is none."""
        return _named(text, self.partners)

    def contact(self, partner: str, text: str) -> str | None:
        """The name of the new contact of a partner with this name; None when there is none."""
        people = {fields["name"]: fields for fields in self.contacts.get(partner, ())}
        return _named(text, people)

    def user(self, text: str) -> str | None:
        """The login of the new collaborator with this login or name; None when there is none."""
        return _named(text, self.collaborators)


def _named(text: str, known: Mapping[str, Fields]) -> str | None:
    wanted = fold(text.strip())
    for code, fields in known.items():
        if wanted in (fold(code), fold(fields.get("name", ""))):
            return code
    return None


def with_new_people(new_people: NewPeople, write: Callable[[], T], *, by: Actor) -> T:
    """Add the new people and call `write`, in one transaction. Return the result of `write`.

    An error of either is passed on, and then nothing is saved.
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


# Checks before anything is saved ----------------------------------------------------------------


def particular(name: str, text: str) -> str:
    """The text as a field of somebody new: `name` is `name`, `email`, `phone` or `role`.

    Raises InvalidError when the text cannot be a value of the field.
    """
    value: str = profile.checked(name, text)
    return value


def checked(new_people: NewPeople) -> NewPeople:
    """The new people of a draft file, with the same checks as for typed texts. Raises InvalidError
    when a field is wrong, unknown or missing.
    """
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
