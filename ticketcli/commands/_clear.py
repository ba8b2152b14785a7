"""`--clear FIELD`, of the commands that edit."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

from typer import Option

from ticketcli.errors import InvalidError, NothingError, UsageError
from ticketcli.i18n import N_, _
from ticketcli.values.words import nearest, repeated

Clear = Annotated[
    list[str] | None,
    Option("--clear", metavar="FIELD", help=N_("empty this field; may be repeated")),
]


TICKET = ("partner", "contact", "cc", "origin", "category", "due", "note")
"""What may be empty in a ticket."""


@contextmanager
def emptying(clearable: Sequence[str], hint: str = "--clear {field}") -> Iterator[None]:
    """Where `none` is given to a field that can be empty, let the error say how to empty it."""
    try:
        yield
    except NothingError as error:
        if error.field in clearable:
            error.hint = hint.format(field=error.field)
        raise


def cleared(
    fields: Sequence[str] | None, given: Mapping[str, Any], *, clearable: Sequence[str]
) -> dict[str, None]:
    """The fields to empty. InvalidError for one that cannot be, UsageError for one that was given
    a value too.
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
