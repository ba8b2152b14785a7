"""The option `--clear FIELD` of the commands that edit."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

from ticketcli.cli.declarations import Option
from ticketcli.errors import InvalidError, NothingError, UsageError
from ticketcli.i18n import N_, _
from ticketcli.values.words import nearest, repeated

Clear = Annotated[
    list[str] | None,
    Option("--clear", metavar="FIELD", help=N_("empty this field; may be repeated")),
]


TICKET = ("partner", "contact", "cc", "origin", "category", "due", "note")
"""The fields of a ticket that may be empty."""


@contextmanager
def emptying(clearable: Sequence[str], hint: str = "--clear {field}") -> Iterator[None]:
    """When the block raises an error because a field was given `none`, and the field may be empty,
    add the hint how to empty it. `hint` may contain `{field}`.
    """
    try:
        yield
    except NothingError as error:
        if error.field in clearable:
            error.hint = hint.format(field=error.field)
        raise


def cleared(
    fields: Sequence[str] | None, given: Mapping[str, Any], *, clearable: Sequence[str]
) -> dict[str, None]:
    """The fields to empty, each with None as its new value.

    Raises InvalidError when a field is not in `clearable`, UsageError when it is also in `given`,
    the fields that the user gave a value.
    """
    for name in fields or ():
        if name not in clearable:
            raise InvalidError(
                _('--clear: "{field}" cannot be empty').format(field=name),
                hint=repeated("clear", name)
                if "," in name
                else _("the fields are: {fields}").format(fields=", ".join(clearable)),
                names=nearest(name, clearable) or clearable,
            )
        if name in given:
            raise UsageError(
                _("--{field} and --clear {field} exclude each other").format(field=name)
            )
    return dict.fromkeys(fields or ())
