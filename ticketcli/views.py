"""How each kind of record looks outside: its promised keys, and what a table shows of it."""

from collections.abc import Callable, Mapping
from datetime import tzinfo
from typing import Any, NamedTuple

from .i18n import _
from .zones import local

Record = Mapping[str, Any]

_INSTANTS = {
    "occurred_at",
    "recorded_at",
    "first_response_at",
    "closed_at",
    "updated_at",
    "retracted_at",
}
_PARTNER = ("code", "name", "type")
_CONTACT = ("id", "name", "email", "phone")


class View(NamedTuple):
    """One kind of record: `fields` in their promised order, `columns` of its table."""

    fields: tuple[str, ...]
    columns: tuple[str, ...]
    id_field: str
    nested: Mapping[str, tuple[str, ...]] = {}
    details: tuple[str, ...] = ()

    def known(self) -> tuple[str, ...]:
        """Every field that `--fields` takes, nested ones as paths."""
        paths = [f"{field}.{part}" for field in self.nested for part in self.nested[field]]
        return (*self.fields, *self.details, *paths)

    def id(self, record: Record) -> str:
        """What `-o ids` prints of a record."""
        return str(record[self.id_field])

    def cell(self, field: str, value: Any, zone: tzinfo) -> Any:
        """A value as a person reads it, in the user's language and time zone."""
        return cell(field, value, zone)

    def headings(self) -> dict[str, str]:
        """The headings of a table, in the user's language."""
        return {name: _heading(name) for name in self.known()}


def _heading(name: str) -> str:
    words = {
        "id": _("no."),
        "kind": _("kind"),
        "status": _("status"),
        "label": _("label"),
        "note": _("note"),
        "origin": _("origin"),
        "direction": _("direction"),
        "priority": _("priority"),
        "category": _("category"),
        "due": _("due"),
        "overdue": _("overdue"),
        "partner": _("partner"),
        "contact": _("contact"),
        "creator": _("creator"),
        "recipient": _("recipient"),
        "cc": _("copy"),
        "key": _("key"),
        "occurred_at": _("happened"),
        "recorded_at": _("recorded"),
        "first_response_at": _("first response"),
        "closed_at": _("closed at"),
        "closed_by": _("closed by"),
        "follow_up_count": _("follow-ups"),
        "updated_at": _("updated"),
        "version": _("version"),
        "outcome": _("outcome"),
        "code": _("code"),
        "name": _("name"),
        "type": _("type"),
        "email": _("mail"),
        "phone": _("phone"),
        "role": _("role"),
        "archived": _("archived"),
        "contacts": _("contacts"),
        "open_count": _("open"),
        "closed_count": _("closed"),
        "login": _("login"),
        "language": _("language"),
        "active": _("active"),
        "tab": _("tab"),
        "count": _("tickets"),
        "author": _("author"),
        "action": _("action"),
        "changes": _("changes"),
        "via": _("via"),
        "value": _("value"),
    }
    return words.get(name, name)


TICKET = View(
    fields=(
        *("id", "kind", "status", "label", "note", "origin", "direction", "priority", "category"),
        *("due", "overdue", "partner", "contact", "creator", "recipient", "cc", "key"),
        *("answered_at_once", "occurred_at", "recorded_at", "first_response_at", "closed_at"),
        *("closed_by", "follow_up_count", "updated_at", "version"),
    ),
    columns=("id", "priority", "due", "label", "partner", "recipient", "origin", "status"),
    id_field="id",
    nested={"partner": _PARTNER, "contact": _CONTACT},
    details=("follow_ups", "history", "outcome"),
)
FOLLOW_UP = View(
    fields=(
        *("id", "author", "note", "origin", "direction", "occurred_at", "recorded_at"),
        *("retracted_at", "key"),
    ),
    columns=("id", "occurred_at", "author", "origin", "direction", "note"),
    id_field="id",
)
CHANGE = View(
    fields=("id", "author", "via", "action", "changes", "occurred_at", "recorded_at"),
    columns=("occurred_at", "author", "action", "changes"),
    id_field="id",
)
CONTACT = View(
    fields=("id", "name", "role", "email", "phone"),
    columns=("id", "name", "role", "email", "phone"),
    id_field="id",
)
PARTNER = View(
    fields=(
        *("code", "name", "type", "email", "phone", "note", "archived", "contacts"),
        *("open_count", "closed_count"),
    ),
    columns=("code", "name", "type", "phone", "email", "open_count", "closed_count"),
    id_field="code",
    details=("tickets",),
)
COLLABORATOR = View(
    fields=("login", "name", "email", "language", "active"),
    columns=("login", "name", "email", "language", "active"),
    id_field="login",
)
TABS = View(fields=("tab", "count", "overdue"), columns=("tab", "count", "overdue"), id_field="tab")
SETTING = View(
    fields=("key", "value", "origin"), columns=("key", "value", "origin"), id_field="key"
)
DB_STATUS = View(
    fields=("engine", "database", "schema", "program_schema", "tickets", "bytes"),
    columns=("engine", "database", "schema", "program_schema", "tickets", "bytes"),
    id_field="database",
)


def cell(field: str, value: Any, zone: tzinfo) -> Any:
    """A value as a table shows it: words in the user's language, instants in the user's zone."""
    from . import words

    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else ""
    if field in _INSTANTS and isinstance(value, str):
        return local(value, zone)
    table: Callable[[str], str] | None = {
        "kind": words.KIND.label,
        "origin": words.ORIGIN.label,
        "direction": words.DIRECTION.label,
        "priority": words.PRIORITY.label,
        "category": words.CATEGORY.label,
        "status": words.STATUS.label,
        "tab": words.TAB.label,
        "type": words.PARTNER_TYPE.label,
    }.get(field)
    return table(value) if table and isinstance(value, str) else value
