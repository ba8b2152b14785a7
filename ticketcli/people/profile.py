"""The fields that partners, contacts and collaborators share, such as name, email and phone."""

from collections.abc import Mapping
from typing import Any

from ticketcli.errors import InvalidError
from ticketcli.i18n import _
from ticketcli.values import texts
from ticketcli.values.words import RESERVED, fold


def columns(given: Mapping[str, Any]) -> dict[str, Any]:
    """The database columns for the given fields, which have their JSON names. None clears a field.

    Raises InvalidError for a bad value.
    """
    stored: dict[str, Any] = {}
    for field, value in given.items():
        stored[field] = value if value is None else _checked(field, value)
    if "name" in stored:
        stored["name_folded"] = fold(stored["name"] or "")
    return stored


def _checked(field: str, value: Any) -> Any:
    match field:
        case "name":
            return _name(value)
        case "email":
            return texts.email("--email", value)
        case "phone" | "role":
            return texts.line(f"--{field}", value)
        case "note":
            return texts.note(value)
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
