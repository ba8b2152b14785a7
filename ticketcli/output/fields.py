"""Read fields of a record by their names: `label`, `partner.name`."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ticketcli.errors import AmbiguousError, UsageError
from ticketcli.i18n import _
from ticketcli.output.escapes import json_line

Record = Mapping[str, Any]

# The field that stands for a nested record in a single cell.
_SHORT = {"partner": "code", "contact": "name"}


def read(text: str, known: Sequence[str]) -> list[str]:
    """The fields that `--fields` names, by their names or by their headings in either language.

    Raises UsageError when `known` has no such field, AmbiguousError when several fields have the
    heading.
    """
    return [_named(field.strip(), known) for field in text.split(",")]


def _named(field: str, known: Sequence[str]) -> str:
    if field in known:
        return field
    from ticketcli.output.headings import headed

    found = headed(field, known)
    if len(found) > 1:
        message = _('"{value}" may mean {values}')
        raise AmbiguousError(message.format(value=field, values=", ".join(found)), names=found)
    if not found:
        raise UsageError(
            _('no field "{field}"').format(field=field),
            hint=_("the fields are: {fields}").format(fields=", ".join(known)),
            names=tuple(known),
        )
    return found[0]


def pick(record: Record, path: str) -> Any:
    """The value of a field or of a path such as `partner.name`; None when there is none."""
    if "." not in path:
        return record.get(path)
    value: Any = record
    for step in path.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(step)
    return value


def flat(path: str, value: object) -> str:
    """A value as the text of one cell. A partner becomes its code, a contact its name, None an
    empty text; other nested values become JSON.
    """
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case list() | tuple() if path == "cc":
            return " ".join(map(str, value))
        case list() | tuple() if path == "phones":
            return ", ".join(map(str, value))
        case Mapping() if path in _SHORT:
            return flat("", value.get(_SHORT[path]))
        case _:
            return json_line(value)


def select(record: Record, fields: Iterable[str]) -> dict[str, Any]:
    """A new record with these fields only, in this order. `partner.name` stays nested:
    `{"partner": {"name": ...}}`.
    """
    selected: dict[str, Any] = {}
    for field in fields:
        _put(selected, record, field.split("."))
    return selected


def _put(target: dict[str, Any], source: Record, steps: list[str]) -> None:
    step, *rest = steps
    value = source.get(step)
    if not rest or not isinstance(value, Mapping):
        # `partner` after `partner.name` adds the whole partner. `partner.name` without a partner
        # gives `"partner": null`.
        target[step] = value
        return
    inner = target.setdefault(step, {})
    if inner is not value:  # otherwise the whole nested record was selected before
        _put(inner, value, rest)
