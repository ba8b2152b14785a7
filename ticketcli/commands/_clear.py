"""`--clear FIELD`, of the commands that edit."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from typer import Option

from ..errors import InvalidError, UsageError
from ..i18n import N_, _
from ..words import nearest

Clear = Annotated[
    list[str] | None,
    Option("--clear", metavar="FIELD", help=N_("empty this field; may be repeated")),
]


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
                hint=_("the fields are: {fields}").format(fields=", ".join(clearable)),
                names=nearest(name, clearable) or clearable,
            )
        if name in given:
            raise UsageError(
                _("--{field} and --clear {field} exclude each other").format(field=name)
            )
    return dict.fromkeys(fields or ())
