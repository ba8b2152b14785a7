"""The JSON Schemas of errors and warnings."""

from . import errors
from .schema_types import NAME, TEXT, Schema, array, maybe, one_of, record_of

_ERRORS: tuple[type[errors.TicketcliError], ...] = (
    errors.TicketcliError,
    *errors.TicketcliError.__subclasses__(),
)
_SAID: dict[str, Schema] = {
    "code": {"type": "string", "pattern": "^[a-z_]+$"},
    "message": NAME,
    "names": array({"type": ["string", "integer"]}),
}
_ERROR_TYPES: dict[str, Schema] = {
    **_SAID,
    "code": one_of([kind.code for kind in _ERRORS]),
    "exit": one_of(sorted({kind.exit_code for kind in _ERRORS})),
    "hint": maybe(NAME),
}
ERROR = record_of(("code", "exit", "message", "hint", "names"), _ERROR_TYPES, {"traceback": TEXT})
WARNING = record_of(("code", "message", "names"), _SAID)
