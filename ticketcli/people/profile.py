"""The fields that partners, contacts and collaborators share, such as name, email and phone."""

from collections.abc import Mapping
from typing import Any

from ticketcli.errors import InvalidError
from ticketcli.i18n import _
from ticketcli.people import phones
from ticketcli.storage.models import Contact, Partner
from ticketcli.values import phone_numbers, texts
from ticketcli.values.words import RESERVED, fold


def columns(given: Mapping[str, Any]) -> dict[str, Any]:
    """The database columns for the given fields, which have their JSON names. None clears a field.

    `phone`, one number or several, becomes the list `phones`: they have a table of their own.

    Raises InvalidError for a bad value.
    """
    stored: dict[str, Any] = {}
    for field, value in given.items():
        if field == "phone":
            numbers = [value] if isinstance(value, str) else value or []
            stored["phones"] = [checked("phone", number) for number in numbers]
        else:
            stored[field] = value if value is None else checked(field, value)
    if "name" in stored:
        stored["name_folded"] = fold(stored["name"] or "")
    return stored


def checked(field: str, value: Any) -> Any:
    """The value of a field as it is stored. Raises InvalidError for a bad one."""
    match field:
        case "name":
            return _name(value)
        case "email":
            return texts.email("--email", value)
        case "phone":
            return phone_numbers.line("--phone", value)
        case "role":
            return texts.line("--role", value)
        case "note":
            return texts.note(value)
        case "address":
            return texts.lines("--address", value)
        case _:
            return value


def _name(text: str) -> str:
    what = _("name")
    name = texts.line(what, text)
    if fold(name) in RESERVED:
        raise InvalidError(_('{what}: "{value}" is reserved').format(what=what, value=name))
    return name


def update(row: Any, stored: Mapping[str, Any]) -> str:
    """Update the columns of a row that differ. Returns `changed` or `unchanged`."""
    different = {name: value for name, value in stored.items() if getattr(row, name) != value}
    if not different:
        return "unchanged"
    table = type(row)
    table.update(**different).where(table.id == row.id).execute()
    for name, value in different.items():
        setattr(row, name, value)
    return "changed"


def update_reached(row: Partner | Contact, stored: Mapping[str, Any]) -> str:
    """Update the columns of a partner or a contact that differ, and the numbers in `phones`.
    Returns `changed` or `unchanged`.
    """
    numbers = stored.get("phones")
    renumbered = numbers is not None and phones.put(row, numbers)
    columns = {name: value for name, value in stored.items() if name != "phones"}
    outcome = update(row, columns)
    return "changed" if renumbered else outcome
